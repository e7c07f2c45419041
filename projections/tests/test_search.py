"""Looking for what cases say: any part of a title or a description, the same on every database and by every way."""

from itertools import islice
from random import Random

import pytest
from sqlalchemy import Engine, select

from domain.case import sees
from domain.case.correction import Correct, Field
from projections.cases.case_file import CaseFile
from projections.lists import along
from projections.lists.case_filter import CaseFilter
from projections.lists.cases import listed
from projections.lists.words import Words, case_pairs, folded
from projections.tests.logs import NOTHING, Written, act, following, told
from projections.tests.test_cases import ids, reported

followed = following(CaseFile(), Words())


@pytest.fixture(autouse=True, params=["along the list", "by pairs"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists of tests are short: so that cases are found by their pairs, nearly nothing of a list is looked at before."""
    if request.param == "by pairs":
        monkeypatch.setattr(along, "FIRST", 1)


WATER = ("水", "管", "裂", "爆裂", "村口的水管", "3号pvc", "ＰＶＣ管")
BRIDGE = ("BRIDGE", "the bridge", "r", "ÉTÉ", "100%", "%")
NOWHERE = ("管昨", "口水", "_", "\\", "n' | b:*", "nowhere")


def test_a_search_finds_any_part_of_title_and_description_from_one_character_on(engine: Engine) -> None:
    water = reported("water", title="村口的水管", description="昨夜3号PVC管爆裂")
    followed(engine, told(water, reported("bridge", title="The  bridge", description="100% broken since été")))
    for expected, asked in ((["water"], WATER), (["bridge"], BRIDGE), ([], NOWHERE), (["bridge", "water"], ("　",))):
        for q in asked:
            assert sorted(ids(engine, q=q)) == expected, q


def test_whatever_is_written_is_found_by_whatever_part_of_it_in_the_order_of_the_list(engine: Engine) -> None:
    random = Random(3)

    def text(longest: int) -> str:
        return "".join(random.choices("水管路aB1 ，%_\\'\"*:&|!()<-é☂𠮷", k=random.randrange(1, longest)))

    texts = {f"case-{n}": (text(9).strip() or "x", text(40)) for n in range(12)}
    written = [
        reported(name, f"03-{4 + number:02} 09:00", title=title, description=description)
        for number, (name, (title, description)) in enumerate(texts.items())
    ]
    followed(engine, told(*written))
    latest_first = [(name, *map(folded, both)) for name, both in reversed(texts.items())]
    for q in islice(filter(folded, iter(lambda: text(4), None)), 40):
        saying = [name for name, title, description in latest_first if folded(q) in title or folded(q) in description]
        assert ids(engine, q=q, limit=3) == saying, q


def test_a_search_finds_nobody_what_he_does_not_see(engine: Engine, many_lives: Written) -> None:
    followed(engine, many_lives)
    cases = many_lives.states({stream for *_, stream in many_lives.lines}, len(many_lives.lines)).values()
    for who in ("head:T01", "cadre:V0101", "follow-up", "discipline", "citizen:1", "auditor"):
        saying = [case for case in cases if "Matter 2" in str(case.entry("title"))]
        assert sorted(ids(engine, who, q="matter 2")) == sorted(case.id for case in saying if sees(case, act(who)))


def test_what_was_corrected_is_found_by_what_it_says_now_and_leaves_no_trace_in_the_index(engine: Engine) -> None:
    heard = reported("case-1", title="王小明")
    put_right = heard.step_by("03-03 10:00", "dispatcher", Correct(field=Field.TITLE, value="The well", reason="no"))
    log = told(heard, reported("case-2"))
    follower = followed(engine, log)
    log.goes_on(Written(put_right.history[1:]))
    follower.catch_up()
    assert (ids(engine, q="well"), ids(engine, q="小明"), ids(engine, q="明")) == (["case-1"], [], [])
    with engine.connect() as db:
        assert not [pairs for pairs in db.scalars(select(case_pairs.c.pairs)) if "小" in pairs]


def test_a_page_of_what_was_found_goes_on_where_the_one_before_ended(engine: Engine) -> None:
    log = told(*(reported(f"case-{hour}", f"03-03 {hour:02}:00") for hour in range(9, 15)))
    follower = followed(engine, log)
    with engine.connect() as db:
        first = listed(db, act("dispatcher"), CaseFilter(q="pi"), limit=3, recall=NOTHING)
    log.goes_on(told(reported("new", "03-04 09:00"), reported("late entry", "03-03 08:30")))
    follower.catch_up()
    with engine.connect() as db:
        rest = listed(db, act("dispatcher"), CaseFilter(q="pi"), limit=9, after=first.next, recall=log.recall)
    assert [one.id for one in (*first.items, *rest.items)] == [f"case-{n}" for n in range(14, 8, -1)] + ["late entry"]
