"""Which stories are told, how often, and when each begins: mostly ordinary ones, and of every kind at least one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from domain.case.terms import Kind
from domain.decider import Actor
from domain.org import Org
from service.demo import roads, turns
from service.demo.diary import Diary
from service.demo.district import home, places
from service.demo.matters import Matters
from service.demo.scene import Part, Scene

SEED = 20140520
"""The day the article appeared in which all this was described."""

DAYS = timedelta(days=90)


@dataclass(frozen=True)
class Told:
    """A story, its share of all cases in percent, and how many working hours ago the first of them began.

    That one is told of the town that is shown, so that it stands at an interesting point now.
    """

    story: Callable[[Scene], Part]
    percent: float
    first_began: float
    kind: Kind = Kind.REQUEST
    always: bool = False
    """All of them began then, more or less: what they show would be over otherwise."""
    day_and_night: bool = False
    """Those hours are of any day: some people never close."""


PROGRAMME = (
    Told(roads.solved_by_the_village, 36, 9),
    Told(roads.solved_by_the_town, 21, 20),
    Told(roads.the_village_asks_the_town, 7, 30),
    Told(roads.the_village_runs_out_of_time, 5, 36),
    Told(roads.the_town_asks_the_district, 4, 60),
    Told(roads.the_town_runs_out_of_time, 2, 90),
    Told(roads.nobody_acted, 1, 300),
    Told(roads.overdue_at_the_district, 1, 250, always=True),
    Told(roads.answered_at_once, 3, 100, Kind.INQUIRY),
    Told(roads.answered_at_once, 2, 14, Kind.SUGGESTION),
    Told(roads.an_allowance, 5, 50, Kind.BENEFIT),
    Told(roads.an_emergency, 2, 3, Kind.EMERGENCY, day_and_night=True),
    Told(roads.an_emergency_too_much_for_the_town, 0.4, 60, Kind.EMERGENCY),
    Told(roads.just_reported, 0.7, 0.2, always=True, day_and_night=True),
    Told(roads.nobody_accepts, 0.3, 20, always=True),
    Told(roads.nobody_calls, 0.8, 21, always=True),
    Told(turns.the_wrong_unit, 1, 11),
    Told(turns.sent_back, 1, 26),
    Told(turns.a_missing_paper, 1.5, 18),
    Told(turns.a_paper_never_brought, 0.4, 200),
    Told(turns.more_time, 1, 40),
    Told(turns.not_this_year, 0.8, 120),
    Told(turns.together, 0.6, 22),
    Told(turns.not_for_us, 1, 30),
    Told(turns.taken_back, 0.5, 40),
    Told(turns.reported_twice, 0.8, 60),
    Told(turns.a_petition, 1, 470, Kind.PETITION),
    Told(turns.a_petition, 0.5, 150, Kind.PETITION),
    Told(turns.an_accusation, 0.3, 12, Kind.ACCUSATION),
    Told(turns.about_the_village_head, 0.5, 34, Kind.COMPLAINT),
    Told(turns.without_a_name, 0.5, 60, Kind.COMPLAINT),
    Told(turns.not_solved_twice, 0.6, 130),
    Told(turns.a_false_proof, 0.4, 120),
)


@dataclass(frozen=True)
class Cast:
    """A story with its scene: not yet told."""

    told: Told
    scene: Scene

    def begin(self) -> Part:
        return self.told.story(self.scene)


def cast(cases: int, org: Org, hotline: Actor, diary: Diary, now: datetime) -> Iterator[Cast]:
    """About so many stories of the ninety days before now; the same every time, but for the days.

    Of every kind there is one that goes on now, and one that began long enough ago to be over.
    """
    everywhere, matters = places(), Matters()
    town = home().town
    around_home = [place for place in everywhere if place.town == town]
    number = 0
    for told in PROGRAMME:
        for again in range(max(1 if told.always else 2, round(cases * told.percent / 100))):
            number += 1
            chance = Random(SEED * 10_000 + number)
            place = chance.choice(everywhere if again else around_home)
            yield Cast(
                told,
                Scene(
                    number=number,
                    place=place,
                    matter=matters.at(place, chance, told.kind),
                    begins=_begins(told, again, chance, diary, now),
                    org=org,
                    hotline=hotline,
                    diary=diary,
                    chance=chance,
                ),
            )


def _begins(told: Told, again: int, chance: Random, diary: Diary, now: datetime) -> datetime:
    if again and not told.always:
        return now - DAYS * (chance.uniform(0.5, 1) if again == 1 else chance.random())
    hours = told.first_began * (chance.uniform(1, 1.6) if again else 1)
    return now - timedelta(hours=hours) if told.day_and_night else diary.before(now, hours)
