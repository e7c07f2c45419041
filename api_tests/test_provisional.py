"""A deadline in a year whose calendar nobody has published is provisional, and reckoned anew once somebody does."""

from api_tests.client import Client, done, refused
from api_tests.district import Json, instant

NOTICE = {"holidays": ["2027-01-01", "2027-01-04", "2027-01-05"], "makeup_workdays": [], "source": "an invented notice"}


async def test_a_deadline_beyond_the_known_calendars_waits_for_the_notice(api: Client) -> None:
    await api.set_clock("2026-12-28 09:00")
    case = await api.assigned()
    assert hold(case)["provisional"]
    assert instant(hold(case)["due_at"]) == instant("2027-01-07 00:00")

    published = await api.send("PUT", "/v1/calendars/cn/2027", by="admin", body=NOTICE)
    assert published.status_code == 200
    await api.set_clock("2026-12-28 09:00")

    settled = await api.case(case)
    assert not hold(settled)["provisional"]
    assert instant(hold(settled)["due_at"]) == instant("2027-01-12 00:00"), "three days of rest came in between"
    assert (await api.history(case))[-1]["type"] == "case.deadline_confirmed"


def hold(case: Json) -> Json:
    [found] = [clock for clock in case["clocks"] if clock["kind"] == "hold"]
    return dict(found)


async def test_a_calendar_published_twice_changes_nothing_the_second_time(api: Client) -> None:
    first = await api.send("PUT", "/v1/calendars/cn/2027", by="admin", body=NOTICE)
    again = await api.send("PUT", "/v1/calendars/cn/2027", by="admin", body=NOTICE)
    assert done(first) == done(again)


async def test_a_policy_goes_by_the_calendar_of_a_region_that_has_one(api: Client) -> None:
    """Otherwise a slip of the pen would make every deadline of the district provisional."""
    policy = {**done(await api.get("/v1/policies/hanbin-default-1"))["policy"], "region": "hk"}
    refused(await api.send("PUT", "/v1/policies/hanbin-default-1", by="admin", body=policy), 422, "invalid")
    done(await api.send("PUT", "/v1/calendars/hk/2027", by="admin", body=NOTICE))
    done(await api.send("PUT", "/v1/policies/hanbin-default-1", by="admin", body=policy))
