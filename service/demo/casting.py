"""Which stories are played, how often, and when each begins: mostly ordinary ones, and of every kind at least one."""

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
class Piece:
    """A story, its share of all cases in percent, and how many working hours ago the first case of it began.

    That one takes place in the town that is shown, so that it stands at an interesting point now.
    """

    story: Callable[[Scene], Part]
    percent: float
    first_began: float
    kind: Kind = Kind.REQUEST
    always: bool = False
    """All cases of it began about then: what they show would be over otherwise."""
    day_and_night: bool = False
    """`first_began` counts hours of any day, since some people never close."""


PROGRAMME = (
    Piece(roads.solved_by_the_village, 36, 9),
    Piece(roads.solved_by_the_town, 21, 20),
    Piece(roads.the_village_asks_the_town, 7, 30),
    Piece(roads.the_village_runs_out_of_time, 5, 36),
    Piece(roads.the_town_asks_the_district, 4, 60),
    Piece(roads.the_town_runs_out_of_time, 2, 90),
    Piece(roads.nobody_acted, 1, 300),
    Piece(roads.overdue_at_the_district, 1, 250, always=True),
    Piece(roads.answered_at_once, 3, 100, Kind.INQUIRY),
    Piece(roads.answered_at_once, 2, 14, Kind.SUGGESTION),
    Piece(roads.an_allowance, 5, 50, Kind.BENEFIT),
    Piece(roads.an_emergency, 2, 3, Kind.EMERGENCY, day_and_night=True),
    Piece(roads.an_emergency_too_much_for_the_town, 0.4, 60, Kind.EMERGENCY),
    Piece(roads.just_reported, 0.7, 0.2, always=True, day_and_night=True),
    Piece(roads.nobody_accepts, 0.3, 20, always=True),
    Piece(roads.nobody_calls, 0.8, 21, always=True),
    Piece(turns.the_wrong_unit, 1, 11),
    Piece(turns.sent_back, 1, 26),
    Piece(turns.a_missing_paper, 1.5, 18),
    Piece(turns.a_paper_never_brought, 0.4, 200),
    Piece(turns.more_time, 1, 40),
    Piece(turns.not_this_year, 0.8, 120),
    Piece(turns.together, 0.6, 22),
    Piece(turns.not_for_us, 1, 30),
    Piece(turns.taken_back, 0.5, 40),
    Piece(turns.reported_twice, 0.8, 60),
    Piece(turns.a_petition, 1, 470, Kind.PETITION),
    Piece(turns.a_petition, 0.5, 150, Kind.PETITION),
    Piece(turns.an_accusation, 0.3, 12, Kind.ACCUSATION),
    Piece(turns.about_the_village_head, 0.5, 34, Kind.COMPLAINT),
    Piece(turns.without_a_name, 0.5, 60, Kind.COMPLAINT),
    Piece(turns.not_solved_twice, 0.6, 130),
    Piece(turns.a_false_proof, 0.4, 120),
)


@dataclass(frozen=True)
class Cast:
    """A story with its scene, not yet played."""

    piece: Piece
    scene: Scene

    def begin(self) -> Part:
        return self.piece.story(self.scene)


def cast(cases: int, org: Org, hotline: Actor, diary: Diary, now: datetime) -> Iterator[Cast]:
    """About so many stories of the ninety days before now; the same every time, but for the days.

    Of every kind there is one that goes on now, and one that began long enough ago to be over.
    """
    everywhere, matters = places(), Matters()
    town = home().town
    around_home = [place for place in everywhere if place.town == town]
    number = 0
    for piece in PROGRAMME:
        for again in range(max(1 if piece.always else 2, round(cases * piece.percent / 100))):
            number += 1
            chance = Random(SEED * 10_000 + number)
            place = chance.choice(everywhere if again else around_home)
            yield Cast(
                piece,
                Scene(
                    number=number,
                    place=place,
                    matter=matters.at(place, chance, piece.kind),
                    begins=_begins(piece, again, chance, diary, now),
                    org=org,
                    hotline=hotline,
                    diary=diary,
                    chance=chance,
                ),
            )


def _begins(piece: Piece, again: int, chance: Random, diary: Diary, now: datetime) -> datetime:
    if again and not piece.always:
        return now - DAYS * (chance.uniform(0.5, 1) if again == 1 else chance.random())
    hours = piece.first_began * (chance.uniform(1, 1.6) if again else 1)
    return now - timedelta(hours=hours) if piece.day_and_night else diary.before(now, hours)
