"""Lists in pages: items, a cursor to the next ones, and the same as a Link header."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from fastapi import Response

from service.desk import Desk, json_response


def page_of(items: Sequence[Any], following: str | None, headers: dict[str, str], desk: Desk) -> Response:
    if following is not None:
        address = desk.url.include_query_params(cursor=following)
        link = quote(str(address.path) + "?" + str(address.query), safe="/?&=%:+-._~")
        headers = {**headers, "Link": f'<{link}>; rel="next"'}
    return json_response({"items": desk.in_zone(list(items)), "next": following}, 200, headers)
