"""Flows are counted by whole days: a period that ends at midnight does not count the day that begins then."""

from urllib.parse import urlencode

import pytest

from api_tests.client import Client, done
from api_tests.district import Json, instant


async def flows(api: Client, **period: str) -> Json:
    told: Json = done(await api.get(f"/v1/flows?{urlencode({name: at + '+08:00' for name, at in period.items()})}"))
    return told


@pytest.mark.parametrize("hour", ["00:00", "12:00"])
async def test_a_day_belongs_to_a_period_that_begins_in_it_or_ends_after_its_beginning(api: Client, hour: str) -> None:
    await api.set_clock("2025-03-05 10:00")
    case = await api.report(village="V0101")
    await api.ask(case, "accept", by="clerk:T01")
    await api.ask(case, "assign", by="clerk:T01", unit="T01")
    await api.set_clock("2025-03-06 00:00")
    before = await flows(api, **{"from": "2025-03-04T00:00", "to": f"2025-03-05T{hour}"})
    after = await flows(api, **{"from": f"2025-03-05T{hour}"})
    assert sum(one["n"] for one in before["items"]) == (hour != "00:00")
    assert [instant(before[end]) for end in ("from", "to")] == [
        instant("2025-03-04 00:00"),
        instant("2025-03-05 00:00" if hour == "00:00" else "2025-03-06 00:00"),
    ], "it tells which days it has counted"
    assert sum(one["n"] for one in after["items"]) == 1
    assert [instant(after[end]) for end in ("from", "to")] == [instant("2025-03-05 00:00"), instant("2025-03-07 00:00")]
