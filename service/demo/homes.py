"""The households of the town that is shown: registered and classed, paired with helpers, visited month by month."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle
from random import Random

from domain.duties import PLACES, FlagTarget, TargetKind, VisitDuty, VisitTarget
from domain.household import GrantBenefit, Household, RecordFacts, RecordVisit, RegisterHousehold, StartPairing
from domain.household.terms import Benefit, Hardship, HardshipKind, HouseholdClass, Need
from domain.org import Role
from domain.streams import household_stream, target_stream
from service.demo.district import DEPARTMENTS, DISTRICT, MASS_WORK, Place, holder, places
from service.demo.playing import Asked, settle
from service.http.visiting import Visiting
from service.office import Office

IN_A_VILLAGE = 8
UNHELPED = 5
"""So many households of key support still wait for a helper."""
NEEDS = (
    "洪水后土坯房墙体开裂，不敢居住",
    "房后山体滑坡，担心再次垮塌",
    "屋顶漏雨，雨天无法住人",
    "沟口便道被冲毁，老人出门要绕行",
)
"""What is found on visits; most of it after a flood."""
MET = ("户主", "老人", "配偶")


@dataclass(frozen=True)
class Home:
    id: str
    place: Place
    facts: RecordFacts

    @property
    def cadre(self) -> str:
        return holder(Role.CADRE, self.place.village)


class Homes:
    """Everything about them is invented, and the same at every filling."""

    def __init__(self, office: Office, home: Place, chance: Random) -> None:
        self._office = office
        self._chance = chance
        self.town = home.town
        near = [place for place in places() if place.town == home.town]
        self._places = near
        self._homes = [
            Home(f"HH-{place.village[6:]}-{number:02}", place, self._facts())
            for place in near
            for number in range(1, IN_A_VILLAGE + 1)
        ]
        self.helped: dict[str, str] = {}
        self.poor: list[Home] = []
        """Those of key support when the register was begun."""

    def register(self) -> None:
        """On the first day: the register, the facts, the pairs, and whom one must visit."""
        clerk = holder(Role.TOWN_CLERK, self.town)
        self.settle(
            [(self.stream(one), RegisterHousehold(village=one.place.village), one.cadre) for one in self._homes]
        )
        self.settle([(self.stream(one), one.facts, one.cadre) for one in self._homes])
        self.poor = poor = [one for one in self._homes if self._class(one) is HouseholdClass.PRIORITY]
        helpers = cycle(self._helpers())
        self.helped = {one.id: next(helpers) for one in poor[UNHELPED:]}
        organiser = holder(Role.ORGANISATION_OFFICER, DISTRICT)
        pairs = [one for one in poor if one.id in self.helped]
        self.settle([(self.stream(one), StartPairing(helper=self.helped[one.id]), organiser) for one in pairs])
        benefit = GrantBenefit(benefit=Benefit.SUBSISTENCE_ALLOWANCE)
        self.settle([(self.stream(one), benefit, clerk) for one in poor[::3]])
        kinds = cycle(sorted(PLACES - {TargetKind.PETITION_INTENSIVE, TargetKind.DISASTER_AFFECTED}))
        flags = [FlagTarget(target=place.village, kind=next(kinds)) for place in self._places[::2]]
        flags += [FlagTarget(target=one.id, kind=TargetKind.POOR_HOUSEHOLD, village=one.place.village) for one in poor]
        self.settle([(target_stream(flag.target), flag, clerk) for flag in flags])

    def visits(self, *, needs: int = 0) -> None:
        """A month's visits: most helpers come, not all; some of what is needed opens a case."""
        asked: list[Asked] = []
        each_need = iter([Need(title=NEEDS[number % len(NEEDS)]) for number in range(needs)])
        for one in self._homes:
            visitor = self.helped.get(one.id, one.cadre)
            if self._chance.random() < (0.85 if one.id in self.helped else 0.3):
                need = next(each_need, None)
                visit = RecordVisit(
                    met=(self._chance.choice(MET),),
                    needs=(need,) if need else (),
                    countersigned=self._chance.random() < 0.9,
                )
                asked.append((self.stream(one), Visiting(visit), visitor))
        head = holder(Role.TOWN_HEAD, self.town)
        gone = [place for place in self._places[::2] if self._chance.random() < 0.5]
        asked += [
            (target_stream(one.village), VisitTarget(target=one.village, duty=VisitDuty.MUST_GO), head) for one in gone
        ]
        self.settle(asked)

    def _facts(self) -> RecordFacts:
        chance = self._chance
        ill = [Hardship(kind=chance.choice(list(HardshipKind)), severity=chance.choice((1, 1, 2, 3)))]
        return RecordFacts(
            members=chance.randint(1, 6),
            income_per_head=chance.choice((2800, 4200, 5600, 7800, 9600, 11000, 14000, 18000, 22000)),
            debt_total=chance.choice((0, 0, 0, 5000, 20000, 60000)),
            hardships=tuple(ill) if chance.random() < 0.4 else (),
        )

    def _helpers(self) -> Iterator[str]:
        yield holder(Role.DISTRICT_LEADER, MASS_WORK)
        yield holder(Role.TOWN_HEAD, self.town)
        yield from (holder(Role.DEPARTMENT_OFFICER, one) for one in DEPARTMENTS)
        yield from (holder(Role.VILLAGE_HEAD, place.village) for place in self._places)

    def _class(self, home: Home) -> HouseholdClass:
        return self.household(home.id).klass

    def stream(self, home: Home) -> str:
        return household_stream(home.id)

    def household(self, id: str) -> Household:
        found: Household = self._office.ledger.state(household_stream(id))
        return found

    def opened(self) -> list[str]:
        """The cases that the last visits opened."""
        visited = [visits[-1] for one in self._homes if (visits := self.household(one.id).visits)]
        return [case for visit in visited for case in visit.cases]

    @property
    def now(self) -> datetime:
        return self._office.clock.now()

    @property
    def villages(self) -> list[str]:
        return [place.village for place in self._places]

    def settle(self, asked: list[Asked]) -> None:
        settle(self._office, asked)
