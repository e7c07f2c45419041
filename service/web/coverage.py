"""Coverage (五必去五必访): each kind in each place of a quarter, and who still waits, as far as the reader may know."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from service.http.requests import now_at, office_of
from service.web.asking import ask
from service.web.drawing import draw
from service.web.units import choices, district

router = APIRouter(include_in_schema=False)

SHADES = ((1.0, "h0"), (0.9, "h1"), (0.75, "h2"), (0.5, "h3"), (0.25, "h4"))
"""From which share on it is coloured how; below the last it is darkest."""
QUARTERS = 5


@router.get("/coverage")
async def coverage(request: Request, unit: str | None = None, quarter: str | None = None) -> Response:
    now, org = now_at(request), office_of(request).org
    if unit is None:
        _, own = await choices(request)
        unit = own.id if own else district(request)
    whole = await ask(request, "/v1/coverage", unit=unit, quarter=quarter, each_place="true")
    owed = [one["kind"] for one in whole["duties"] if one["required"]]
    rows = [(place["unit"], {share["kind"]: share for share in place["duties"]}) for place in whole["places"]]
    return draw(
        request,
        "coverage.html",
        place=unit,
        above=org.units[unit].parent if unit in org.units else None,
        whole=whole,
        owed=owed,
        rows=[(place, shares) for place, shares in rows if shares],
        resting=sum(not shares for _, shares in rows),
        shade=shade,
        quarters=quarters(now.year, (now.month - 1) // 3 + 1),
    )


def shade(share: float) -> str:
    return next((css for least, css in SHADES if share >= least), "h5")


def quarters(year: int, number: int) -> list[str]:
    """The last ones, the one that runs first."""
    ends = [4 * year + number - 1 - back for back in range(QUARTERS)]
    return [f"{end // 4}-Q{end % 4 + 1}" for end in ends]
