"""A form is read before anybody knows whose it is: a stranger fills neither the memory nor the disk with one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from fastapi.routing import APIRoute

from api_tests.client import Client, refused
from api_tests.inprocess import the_service
from service.web.session import PROGRAMS

PIECE = b"&" * 2**13
FORMS = [
    route.path.format(policy="hanbin-default-1", region="cn", year="2025", unit="T01")
    for route in the_service().routes
    if isinstance(route, APIRoute) and route.body_field and not route.path.startswith(PROGRAMS)
]
WRITTEN = {
    "application/x-www-form-urlencoded": b"key=",
    "multipart/form-data; boundary=x": b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n',
}


def test_the_pages_that_take_a_form_are_known() -> None:
    assert {"/sign-in", "/track", "/persons"} < set(FORMS)


@pytest.mark.parametrize("form", WRITTEN)
@pytest.mark.parametrize("path", FORMS)
async def test_a_form_that_goes_on_and_on_is_refused_before_it_is_read(api: Client, path: str, form: str) -> None:
    taken = 0

    async def eight_megabytes() -> AsyncIterator[bytes]:
        nonlocal taken
        yield WRITTEN[form]
        for _ in range(1000):
            taken += 1
            yield PIECE

    kind = {"Content-Type": form}
    refused(await api.http.post(path, content=eight_megabytes(), headers=kind), 401, "unauthenticated")
    assert taken <= 2, "no more is read than a form may hold"
    page = await api.http.post(path, content=eight_megabytes(), headers={**kind, "Accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, f"/sign-in?next={path}"), "his session may be over"
