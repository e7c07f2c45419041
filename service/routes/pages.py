"""What an address asks for: which thing, of what, when; and lists in pages: how many, items, a cursor to the next ones and a Link to them."""

from collections.abc import Sequence
from typing import Annotated, Any, Protocol
from urllib.parse import quote

from fastapi import Path, Query, Response
from starlette.datastructures import URL

from service.front.answering import json_response
from service.front.moments import Moment

Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(max_length=500)]
PathId = Annotated[str, Path(max_length=64)]
"""Which one, in the address."""
OfId = Annotated[str | None, Query(max_length=64)]
"""Whose or of what; without it, of all."""
From = Annotated[Moment | None, Query(alias="from")]
To = Annotated[Moment | None, Query(alias="to")]


class Place(Protocol):
    """Where somebody reads: at which address, by which clock."""

    @property
    def url(self) -> URL: ...
    def in_zone(self, value: Any) -> Any: ...


def page_of(items: Sequence[Any], following: str | None, headers: dict[str, str], desk: Place) -> Response:
    body = {"items": desk.in_zone(list(items)), "next": following}
    return json_response(body, 200, {**headers, **link_to(following, desk)})


def link_to(following: str | None, desk: Place) -> dict[str, str]:
    """The header that leads to the next page, if there is one."""
    if following is None:
        return {}
    address = desk.url.include_query_params(cursor=following)
    link = quote(str(address.path) + "?" + str(address.query), safe="/?&=%:+-._~")
    return {"Link": f'<{link}>; rel="next"'}
