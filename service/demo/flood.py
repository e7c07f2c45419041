"""A flood in two villages and what followed, and a road that gives way.

Who came in time, what was applied for and decided, one remedy for many; for the road there is none yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from domain.case import Report
from domain.case.terms import Channel, Kind
from domain.duties import FlagTarget, TargetKind, VisitDuty, VisitTarget
from domain.household import (
    ApplyBenefit,
    Contest,
    DecideContest,
    GrantBenefit,
    HandOver,
    PostNotice,
    RefuseBenefit,
)
from domain.household.terms import Benefit
from domain.org import Role
from domain.programme import ApproveProgramme, JoinCase, JoinHousehold, ProposeProgramme, Remedy
from domain.streams import case_stream, programme_stream, target_stream
from service.demo.district import DISPATCH, DISTRICT, MASS_WORK, holder, office
from service.demo.homes import Home, Homes
from service.keeping.timekeeper import Tick
from service.record.ids import new_id

Moment = tuple[timedelta, timedelta, Callable[[], None]]
"""So long ago, so much after ten in the morning: this."""

RELIEF, ALLOWANCE = Benefit.TEMPORARY_RELIEF, Benefit.SUBSISTENCE_ALLOWANCE
RELOCATION, CENTRE = "programme-relocation", "programme-service-centre"


class Flood:
    """Everything in it is invented, as the households are."""

    def __init__(self, homes: Homes) -> None:
        self._homes = homes
        self._clerk = holder(Role.TOWN_CLERK, homes.town)
        self._head = holder(Role.TOWN_HEAD, homes.town)
        self._leader = holder(Role.DISTRICT_LEADER, MASS_WORK)

    def moments(self) -> Iterator[Moment]:
        """The flood is forty days ago."""
        for days, hours, happens in (
            (80, 0, self.forgotten),
            (40, 0, self.strikes),
            (40, 6, self.head_comes),
            (38, 0, self.leader_comes),
            (32, 0, self.decided),
            (2, 0, self.posted),
            (1, 1, self.many_cases),
            (1, 2, self.road_gives_way),
        ):
            yield timedelta(days=days), timedelta(hours=hours), happens

    def forgotten(self) -> None:
        """An application that nobody will decide in time."""
        one = self._homes.poor[4]
        self._homes.settle([(self._homes.stream(one), ApplyBenefit(benefit=ALLOWANCE), one.cadre)])

    def strikes(self) -> None:
        """Two villages are flagged; who lost something applies for relief."""
        dispatcher = holder(Role.DISPATCHER, DISPATCH)
        flags = [FlagTarget(target=village, kind=TargetKind.DISASTER_AFFECTED) for village in self._flooded]
        self._homes.settle([(target_stream(flag.target), flag, dispatcher) for flag in flags])
        first, second = self._homes.poor[1:3]
        self._homes.settle(
            [(self._homes.stream(one), ApplyBenefit(benefit=RELIEF), one.cadre) for one in (first, second)]
        )
        self._posts(first, RELIEF)

    def head_comes(self) -> None:
        """To one village within a day, to the other he does not."""
        self._visits(self._head, self._flooded[0])

    def leader_comes(self) -> None:
        """Within three days; and the town proposes that people move out of the ravine."""
        self._visits(self._leader, self._flooded[0])
        self._visits(self._head, self._flooded[1])
        title, plan = "沟口避灾移民搬迁", "在集镇安置点新建住房，沟口两村受灾户自愿搬迁。"
        move = ProposeProgramme(remedy=Remedy.RELOCATION, title=title, plan=plan, villages=self._flooded)
        joins = [JoinHousehold(household=one.id) for one in self._homes.poor[1:3]]
        self._homes.settle([(programme_stream(RELOCATION), one, self._clerk) for one in (move, *joins)])

    def decided(self) -> None:
        """Relief is granted and refused; a class is contested, a helper hands over, the programme is approved."""
        granted, refused, forgotten, contested = (self._homes.poor[number] for number in (1, 2, 4, 5))
        organiser = holder(Role.ORGANISATION_OFFICER, DISTRICT)
        successor = holder(Role.TOWN_OFFICER, office(self._homes.town, "civil"))
        stream = self._homes.stream
        self._homes.settle(
            [
                (stream(granted), GrantBenefit(benefit=RELIEF), self._clerk),
                (stream(refused), RefuseBenefit(benefit=RELIEF, reason="已由保险足额赔付"), self._clerk),
                (stream(forgotten), Tick(), self._clerk),
                (stream(contested), Contest(reason="邻居反映该户已购买商品房"), contested.cadre),
                (stream(contested), DecideContest(upheld=False, reason="经核实系借住亲属房屋"), self._head),
                (stream(self._homes.poor[-1]), HandOver(helper=successor), organiser),
                (programme_stream(RELOCATION), ApproveProgramme(), self._leader),
            ]
        )
        self._homes.helped[self._homes.poor[-1].id] = successor

    def posted(self) -> None:
        """An application that hangs on the village's notice board, and that the town has still time to decide."""
        one = self._homes.poor[7]
        self._homes.settle([(self._homes.stream(one), ApplyBenefit(benefit=ALLOWANCE), one.cadre)])
        self._posts(one, ALLOWANCE)

    def many_cases(self) -> None:
        """What was found on visits joins the programme; another one is proposed, and nobody has approved it yet."""
        found = self._homes.opened()
        plan = "在村级便民服务中心设代办点，低保、医保、救助申请不出村办理。"
        centre = ProposeProgramme(
            remedy=Remedy.VILLAGE_SERVICE_CENTRE,
            title="村级便民服务中心",
            plan=plan,
            villages=(self._homes.villages[2],),
        )
        self._homes.settle(
            [
                *((programme_stream(RELOCATION), JoinCase(case=case), self._clerk) for case in found),
                (programme_stream(CENTRE), centre, self._head),
            ]
        )

    def road_gives_way(self) -> None:
        """Each group of a village reports the same road: a hotspot, for which nobody has proposed anything yet."""
        village = self._homes.villages[3]
        reports = [
            Report(
                title=f"{group}组通村公路路基塌陷",
                kind=Kind.REQUEST,
                category="道路",
                village=village,
                channel=Channel.HOUSEHOLD_VISIT,
            )
            for group in "一二三四五六"
        ]
        cadre = holder(Role.CADRE, village)
        self._homes.settle([(case_stream(new_id(self._homes.now)), one, cadre) for one in reports])

    @property
    def _flooded(self) -> tuple[str, str]:
        first, second = self._homes.villages[:2]
        return first, second

    def _posts(self, one: Home, benefit: Benefit) -> None:
        notice = PostNotice(benefit=benefit, ends=self._homes.now + timedelta(days=7))
        self._homes.settle([(self._homes.stream(one), notice, one.cadre)])

    def _visits(self, who: str, village: str) -> None:
        visit = VisitTarget(target=village, duty=VisitDuty.MUST_GO)
        self._homes.settle([(target_stream(village), visit, who)])
