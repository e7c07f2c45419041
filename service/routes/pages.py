"""What routes share: parameters for ids, limits, cursors and periods, and lists answered in pages with a Link."""

from collections.abc import Sequence
from datetime import datetime
from hmac import compare_digest
from typing import Annotated, Any, Protocol
from urllib.parse import quote

from fastapi import Depends, Path, Query, Request, Response

from domain.refusals import Invalid
from projections.times.selection import Period
from service.http.answering import in_zone, json_response
from service.http.moments import Moment
from service.http.requests import office_of
from service.office import Office

BEFORE = "`next` of the page before"

Limit = Annotated[int, Query(ge=1, le=200, description="how many on a page")]
Cursor = Annotated[str | None, Query(max_length=500, description=BEFORE)]
VersionCursor = Annotated[str | None, Query(max_length=20, pattern=r"^[0-9]{1,9}$", description=BEFORE)]
"""The version after which a history goes on."""
IdCursor = Annotated[str | None, Query(max_length=36, pattern=r"^[0-9a-f-]{36}$", description=BEFORE)]
"""The id after which a list by ids goes on."""


async def signed_cursor(request: Request, cursor: Cursor = None) -> str | None:
    """Raises Invalid for a cursor that we did not sign: one made up could make us work through all that ever moved."""
    if cursor is None:
        return None
    text, _, proof = cursor.rpartition(".")
    if not compare_digest(proof.encode(), office_of(request).seals.proof(text).encode()):
        raise Invalid("cursor is not one of this list", "cursor 无效")
    return text


SignedCursor = Annotated[str | None, Depends(signed_cursor)]
"""For lists that keep the order they had at the first page; `signed` makes it."""
PathId = Annotated[str, Path(max_length=64)]
"""An id in the path."""
OfId = Annotated[str | None, Query(min_length=1, max_length=64)]
"""An id in the query that narrows the answer; without it, everything."""


async def period(
    start: Annotated[Moment | None, Query(alias="from", description="from this instant on")] = None,
    end: Annotated[Moment | None, Query(alias="to", description="before this instant")] = None,
) -> Period:
    must_be_in_order(start, end)
    return Period(start=start, end=end)


def must_be_in_order(start: datetime | None, end: datetime | None, names: tuple[str, str] = ("from", "to")) -> None:
    """Raises Invalid: an empty answer would look as if nothing had happened in that period."""
    if start and end and start > end:
        raise Invalid("{} must not lie after {}".format(*names), "{} 不得晚于 {}".format(*names))


Within = Annotated[Period, Depends(period)]
"""From when to when; each route says what it takes if an end is missing."""


class AnyDesk(Protocol):
    """A desk or a window: one request, and the office that answers it."""

    @property
    def request(self) -> Request: ...
    @property
    def office(self) -> Office: ...


def page_of(items: Sequence[Any], following: str | None, headers: dict[str, str], desk: AnyDesk) -> Response:
    body = {"items": in_zone(list(items), desk.office.zone), "next": following}
    return json_response(body, 200, {**headers, **link_to(following, desk)})


def signed(following: str | None, desk: AnyDesk) -> str | None:
    """A cursor as `SignedCursor` accepts it."""
    return following and f"{following}.{desk.office.seals.proof(following)}"


def link_to(following: str | None, desk: AnyDesk) -> dict[str, str]:
    """The `Link` header to the next page, if there is one."""
    if following is None:
        return {}
    address = desk.request.url.include_query_params(cursor=following)
    link = quote(str(address.path) + "?" + str(address.query), safe="/?&=%:+-._~")
    return {"Link": f'<{link}>; rel="next"'}
