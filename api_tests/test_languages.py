"""In which language somebody is answered: the one he would rather read, of the two that are spoken here."""

import re

from api_tests.client import Client


async def test_a_problem_speaks_chinese_to_whoever_asks_for_it(standing_api: Client) -> None:
    for address in ("/v1/cases/no-such-case", "/v1/cases?limit=0", "/v1/cases?q=%00", "/nowhere"):
        english = await standing_api.get(address, accept_language="en, zh;q=0.5")
        chinese = await standing_api.get(address, accept_language="zh-CN,zh;q=0.9,en;q=0.8")
        for word in ("title", "detail"):
            assert re.search(r"[一-鿿]", chinese.json()[word]), chinese.text
            assert not re.search(r"[一-鿿]", english.json()[word]), english.text
        same = ("type", "status", "code")
        assert [english.json()[name] for name in same] == [chinese.json()[name] for name in same]


async def test_of_all_languages_that_somebody_reads_he_is_answered_in_the_one_he_would_rather(
    standing_api: Client,
) -> None:
    for wanted, chinese in {
        "fr,zh": True,
        "en;q=0.1,zh": True,
        "en;q=0.5, zh-Hans-CN; q=0.8": True,
        "zh,en": True,
        "en,zh": False,
        "zh;q=0": False,
        "zh;q=0,en;q=0": False,
        "zh;q=0.1,en-GB": False,
        "zha": False,
        "fr": False,
        "": False,
    }.items():
        told = (await standing_api.get("/nowhere", accept_language=wanted)).json()["detail"]
        assert bool(re.search(r"[一-鿿]", told)) is chinese, wanted
