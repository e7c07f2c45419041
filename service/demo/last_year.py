"""A quarter of the year before: short cases of a few towns, enough to be judged by, their visits, and one appeal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from domain.assessment.appeals import Against, Appeal, DecideAppeal
from domain.assessment.sample import AnswerSample
from domain.case.feedback import RejectResolution
from domain.case.terms import Channel, Satisfaction
from domain.decider import Actor
from domain.duties import FlagTarget, Quarter, TargetKind, VisitDuty, VisitTarget
from domain.org import Role
from domain.streams import assessment_stream, sample_stream, target_stream
from projections.cards.given import standing
from projections.cards.marks import Figure
from projections.following.days import year_of
from service.demo.casting import DAYS, SEED
from service.demo.diary import Diary
from service.demo.district import DISTRICT, FOLLOW_UP, MASS_WORK, Place, holder, home, places
from service.demo.matters import Matters
from service.demo.playing import Asked, Stage, settle
from service.demo.scene import WITHIN_THE_DAY, Part, Scene
from service.office import Office
from service.record.clock import ManualClock

GRACE = timedelta(days=3)
TOWNS = ((40, 0.85), (50, 0.97), (45, 0.4), (40, 0.8), (12, 0.9))
"""Of the town that is shown and four others, how many citizens answer, and the share that finds it solved."""
ASKED_AGAIN = 12
FULL = 500
"""With fewer cases in the ninety days, there are fewer here, too."""


@dataclass(frozen=True)
class Chapter:
    """The last quarter of the year before that was closed when the ninety days begin."""

    quarter: Quarter
    begins: datetime
    ends: datetime
    closes: datetime

    @classmethod
    def before(cls, now: datetime) -> Chapter:
        year = year_of(now) - 1
        quarters = [Quarter(year=year, number=number) for number in (4, 3, 2)]
        quarter = next(one for one in quarters if one.ends() + 2 * GRACE < now - DAYS)
        ends = quarter.ends().astimezone(UTC)
        return cls(quarter, ends - timedelta(days=70), ends, ends + GRACE)


class LastYear:
    def __init__(self, office: Office, clock: ManualClock, stage: Stage, chapter: Chapter) -> None:
        self._office = office
        self._clock = clock
        self._stage = stage
        self._chapter = chapter
        everywhere = places()
        towns = [home().town, *sorted({place.town for place in everywhere} - {home().town})][: len(TOWNS)]
        self._places = {town: [place for place in everywhere if place.town == town] for town in towns}

    def play(self, hotline: Actor, diary: Diary, cases: int, on_progress: Callable[[datetime], object]) -> None:
        """From the first flag to the decision of the panel."""
        chapter = self._chapter
        self._clock.set(chapter.begins)
        self._flag()
        stories = list(self._stories(hotline, diary, min(1, cases / FULL)))
        self._stage.play(stories, chapter.ends - timedelta(days=20), on_progress)
        self._visit()
        self._stage.play([], chapter.closes, on_progress)
        self._office.background.settle(chapter.closes)
        self._clock.set(chapter.closes + timedelta(hours=10))
        self._flag(flagged=False)
        self._ask_again()
        self._appeal()

    def _stories(self, hotline: Actor, diary: Diary, part: float) -> Iterator[Part]:
        matters, number = Matters(), 0
        for (answers, share), here in zip(TOWNS, self._places.values(), strict=True):
            for again in range(max(2, round(answers * part))):
                number += 1
                chance = Random(SEED * 20_000 + number)
                place, false_proof = chance.choice(here), number == 1
                # what is found to be false is found late enough for an appeal when the quarter is closed
                ago = timedelta(days=4) if false_proof else timedelta(days=chance.uniform(22, 66))
                scene = Scene(
                    number=number,
                    place=place,
                    matter=matters.at(place, chance),
                    begins=diary.before(self._chapter.ends - ago, 0.5),
                    org=self._office.org,
                    hotline=hotline,
                    diary=diary,
                    chance=chance,
                )
                solved = again < round(answers * part * share)
                yield a_false_closure(scene) if false_proof else settled(scene, solved=solved)

    def _flag(self, *, flagged: bool = True) -> None:
        flags: list[Asked] = []
        for town, here in self._places.items():
            for place, kind in zip(here[1::2], (TargetKind.REMOTE, TargetKind.WORK_DIFFICULTY), strict=False):
                flag = FlagTarget(target=place.village, kind=kind, flagged=flagged)
                flags.append((target_stream(place.village), flag, holder(Role.TOWN_CLERK, town)))
        settle(self._office, flags)

    def _visit(self) -> None:
        """The heads of all these towns but the third went where they must, in the third to one place of two."""
        visits: list[Asked] = []
        for number, (town, here) in enumerate(self._places.items()):
            gone: list[Place] = here[1::2][: 1 if number == 2 else 2]
            for place in gone:
                visit = VisitTarget(target=place.village, duty=VisitDuty.MUST_GO)
                visits.append((target_stream(place.village), visit, holder(Role.TOWN_HEAD, town)))
        settle(self._office, visits)

    def _ask_again(self) -> None:
        """The follow-up centre asks some of those who were drawn."""
        stream, who = sample_stream(home().town, str(self._chapter.quarter)), holder(Role.FOLLOW_UP, FOLLOW_UP)
        drawn = self._office.ledger.state(stream).drawn
        cases = drawn.cases[: min(ASKED_AGAIN, len(drawn.cases) // 2)] if drawn else ()
        settle(
            self._office,
            [
                (stream, AnswerSample(case=case, solved=number % 6 != 5, satisfaction=Satisfaction.SATISFIED), who)
                for number, case in enumerate(cases)
            ],
        )

    def _appeal(self) -> None:
        """The town says that its proof was no false one, and the panel agrees."""
        town, year = home().town, self._chapter.quarter.year
        with self._office.engine.connect() as db:
            marks = [mark for case in self._stage.cases for mark in standing(db, case)]
        mark = next(one for one in marks if (one["unit"], one["figure"]) == (town, Figure.FALSE_CLOSURE))
        grounds = "现场照片编号填错，实物已修复，附照片原件"
        appeal = Appeal(figure=mark["figure"], mark=mark["mark"], event=mark["position"], grounds=grounds)
        against = Against(appeal=appeal, case=mark["source"], given_at=mark["at"])
        stream = assessment_stream(town, year)
        found = DecideAppeal(appeal=1, upheld=True, reason="经核对照片原件，办结属实")
        settle(self._office, [(stream, against, holder(Role.TOWN_HEAD, town))])
        self._clock.set(self._clock.now() + timedelta(days=1))
        panel = (holder(Role.ORGANISATION_OFFICER, DISTRICT), holder(Role.DISTRICT_LEADER, MASS_WORK))
        settle(self._office, [(stream, found, member) for member in panel])


def settled(scene: Scene, *, solved: bool) -> Part:
    """A short case. Where the citizen says that nothing is solved, it is done once more, and nobody asks again."""
    yield from scene.reported(Channel.VILLAGE_DESK)
    yield from scene.triaged(scene.office)
    yield from scene.worked_on()
    yield from scene.resolved((2.0, 20.0))
    if solved:
        yield from scene.confirmed()
    else:
        yield from scene.refuted()
        yield from scene.worked_on()
        yield from scene.resolved((2.0, 8.0))


def a_false_closure(scene: Scene) -> Part:
    """The follow-up centre finds the proof wrong; the town appeals against that later."""
    yield from scene.reported(Channel.VILLAGE_DESK)
    yield from scene.triaged(scene.office)
    yield from scene.worked_on()
    yield from scene.resolved((1.0, 3.0))
    yield from scene.says(scene.follow_up, RejectResolution(finding="照片与事项地点不符"), WITHIN_THE_DAY)
    yield from scene.worked_on()
    yield from scene.resolved((2.0, 6.0))
    yield from scene.confirmed()
