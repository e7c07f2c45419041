"""Who waits for an answer is answered as he stands when it comes."""

from __future__ import annotations

import asyncio

from api_tests.client import Client, done
from api_tests.district import followed
from api_tests.inprocess import the_service
from service.office import Office


async def test_whose_post_ends_while_he_waits_is_told_nothing_of_what_comes_then(api: Client, office: Office) -> None:
    await api.set_clock("2025-03-03 17:00")
    done(await api.send("PUT", "/v1/org", by="admin", body=followed("clerk:T01", "2025-03-04")))
    last = str(office.recorder.max_notification_id())
    queue = await api.get("/v1/me/queue", "clerk:T01", sanji_min_position=last)
    known = queue.headers["etag"]
    events = asyncio.create_task(api.get(f"/v1/events?after={last}&wait=30", "clerk:T01"))
    mine = asyncio.create_task(api.get("/v1/me/queue?wait=30", "clerk:T01", if_none_match=known))
    of_the_unit = asyncio.create_task(api.get("/v1/units/T01/queue?wait=30", "clerk:T01", if_none_match=known))
    await asyncio.sleep(0.5)
    await api.set_clock("2025-03-04 09:00")
    await api.report(village="V0101")
    assert (await of_the_unit).status_code == 403
    assert not mine.done(), "no unit is his any more, and for nobody nothing waits"
    assert not events.done(), "nor does anything happen that he may see"
    the_service().state.hub.close()
    assert ((await events).status_code, (await events).json()) == (200, []), "who waits is let go when the service ends"
    assert (await mine).status_code == 304
    assert done(await api.get(f"/v1/events?after={last}", "next")), "control: his successor is told"
