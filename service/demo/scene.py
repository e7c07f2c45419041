"""One case on its way: who is concerned with it, what time it is, how it stands, and the lines people say about it."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from domain.case import CaseCommand, Report
from domain.case.clocks import ClockKind, running
from domain.case.feedback import Feedback
from domain.case.handling import Assign, Contact, Start
from domain.case.intake import Accept
from domain.case.outcome import Resolve
from domain.case.state import Case
from domain.case.terms import (
    Channel,
    ContactOutcome,
    FeedbackResult,
    Grade,
    Outcome,
    Proof,
    Satisfaction,
    Source,
)
from domain.decider import Actor
from domain.org import Org, Role, Tier
from service.demo.diary import Diary
from service.demo.district import DISPATCH, FOLLOW_UP, Place, holder, office
from service.demo.matters import Matter, petitioner
from service.demo.playing import Line, Reply
from service.record.ids import new_id

Part = Generator[Line, Reply, None]

A_MOMENT = (0.1, 0.4)
SOON = (0.3, 2.0)
WITHIN_THE_DAY = (1.0, 6.0)
NEXT_DAY = (8.0, 13.0)
"""Working hours, from and to."""

BROUGHT = {
    Channel.HOUSEHOLD_VISIT: Source.REQUEST,
    Channel.VILLAGE_DESK: Source.REQUEST,
    Channel.PATROL: Source.OTHER,
    Channel.WALK_IN: Source.WALK_IN,
    Channel.HOTLINE: Source.REFERRED,
    Channel.WEB: Source.REQUEST,
}
BY_CADRES = (Channel.HOUSEHOLD_VISIT, Channel.VILLAGE_DESK, Channel.PATROL)


class Scene:
    """Told by stories: each part says a few lines, and leaves `at` and `case` as they are after the last of them."""

    def __init__(
        self,
        *,
        number: int,
        place: Place,
        matter: Matter,
        begins: datetime,
        org: Org,
        hotline: Actor,
        diary: Diary,
        chance: Random,
    ) -> None:
        self.number = number
        self.place = place
        self.matter = matter
        self.at = begins
        self.chance = chance
        self.id = new_id(begins)
        self.case = Case(id=self.id)
        self.around_the_clock = False
        self._org = org
        self._hotline = hotline
        self._diary = diary

    def who(self, role: Role, unit: str) -> Actor:
        actor = self._org.actor(holder(role, unit), self.at)
        assert actor is not None, f"nobody is {role} at {unit}"
        return actor

    @property
    def office(self) -> str:
        return office(self.place.town, self.matter.office)

    @property
    def clerk(self) -> Actor:
        return self.who(Role.TOWN_CLERK, self.place.town)

    @property
    def town_head(self) -> Actor:
        return self.who(Role.TOWN_HEAD, self.place.town)

    @property
    def dispatcher(self) -> Actor:
        return self.who(Role.DISPATCHER, DISPATCH)

    @property
    def follow_up(self) -> Actor:
        return self.who(Role.FOLLOW_UP, FOLLOW_UP)

    @property
    def citizen(self) -> Actor:
        """Whoever brought it, acting for himself by his query code."""
        return Actor(id=self.case.reporters[0].id)

    @property
    def holder(self) -> Actor:
        """Who works on it where it lies now."""
        stay = self.case.stays[-1]
        match stay.tier:
            case Tier.VILLAGE:
                return self.who(Role.VILLAGE_HEAD, stay.unit)
            case Tier.TOWN:
                return self.who(Role.TOWN_OFFICER, office(stay.town or stay.unit, self.matter.office))
            case Tier.DISTRICT:
                return self.who(Role.DEPARTMENT_OFFICER, stay.unit)

    def says(
        self, by: Actor, command: Report | CaseCommand, hours: tuple[float, float] = SOON, about: str | None = None
    ) -> Part:
        """A line, so many working hours after the last one; for the urgent, hours of any day."""
        wait = self.chance.uniform(*hours)
        at = self.at + timedelta(hours=wait) if self.around_the_clock else self._diary.after(self.at, wait)
        heard = yield Line(at, about or self.id, by, command)
        self.at = heard.at
        if about is None:
            self.case = heard.case

    def waits(self, until: datetime) -> Part:
        heard = yield Line(until, self.id)
        self.at, self.case = heard.at, heard.case

    def runs_out_of(self, kind: ClockKind = ClockKind.HOLD) -> Part:
        """Nobody does anything until that clock has lapsed."""
        clock = next(running(self.case.clocks, kind))
        assert clock.due_at is not None
        yield from self.waits(clock.due_at + timedelta(minutes=1))

    def reported(self, channel: Channel | None = None, **fields: Any) -> Part:
        """Mostly by a cadre who was there, at the town's service desk, or over the hotline and the web."""
        channel = channel or self.chance.choices(list(BROUGHT), weights=(30, 22, 8, 16, 18, 6))[0]
        by = self._hotline
        if channel in BY_CADRES:
            by = self.who(Role.CADRE, self.place.village)
        elif channel is Channel.WALK_IN:
            by = self.clerk
        if by is not self._hotline:
            self.at = self._diary.when_open(self.at, self.chance.uniform(0, 3))
        heard = yield Line(self.at, self.id, by, self.report(channel, **fields))
        self.at, self.case = heard.at, heard.case

    def report(self, channel: Channel, **fields: Any) -> Report:
        usual: dict[str, Any] = {
            "title": self.matter.title,
            "description": self.matter.description,
            "kind": self.matter.kind,
            "category": self.matter.category,
            "grade": self.chance.choices((Grade.ORDINARY, Grade.MAJOR), weights=(88, 12))[0],
            "village": self.place.village,
            "channel": channel,
            "source": BROUGHT.get(channel, Source.OTHER),
            "petitioner": petitioner(self.number, self.place),
        }
        return Report(**(usual | fields))

    def triaged(self, unit: str, by: Actor | None = None) -> Part:
        """Accepted, and given to a unit, within a few hours."""
        by = by or self.clerk
        yield from self.says(by, Accept())
        yield from self.says(by, Assign(unit=unit), A_MOMENT)

    def contacted(self, hours: tuple[float, float] = SOON) -> Part:
        yield from self.says(self.holder, Contact(outcome=ContactOutcome.REACHED), hours)

    def worked_on(self) -> Part:
        """Begun, and the citizen reached; not always at the first try."""
        yield from self.says(self.holder, Start())
        if self.chance.random() < 0.06:
            yield from self.says(self.holder, Contact(outcome=ContactOutcome.NO_ANSWER), A_MOMENT)
        yield from self.contacted()

    def resolved(self, hours: tuple[float, float], outcome: Outcome = Outcome.SOLVED) -> Part:
        kinds = self.chance.sample(("现场照片", "签收单", "验收记录", "会议记录"), k=self.chance.randint(1, 2))
        proof = tuple(Proof(kind=kind) for kind in kinds)
        yield from self.says(self.holder, Resolve(outcome=outcome, proof=proof, reply=self.matter.reply), hours)

    def confirmed(self, satisfaction: Satisfaction = Satisfaction.SATISFIED) -> Part:
        """The follow-up centre asks the citizen, who says that it is solved."""
        answer = Feedback(result=FeedbackResult.ANSWERED, solved=True, satisfaction=satisfaction)
        yield from self.says(self.follow_up, answer, (4.0, 20.0))

    def refuted(self, comment: str = "问题没有解决") -> Part:
        """The citizen says that it is not solved, and the case is open again."""
        answer = Feedback(
            result=FeedbackResult.ANSWERED, solved=False, satisfaction=Satisfaction.DISSATISFIED, comment=comment
        )
        yield from self.says(self.follow_up, answer, (4.0, 16.0))

    def judged(self) -> Part:
        """Mostly satisfied. Some cannot be reached, some say nothing, some find that nothing is solved."""
        verdict = self.chance.random()
        if verdict < 0.08:
            for _ in range(self.chance.randint(1, 3)):
                yield from self.says(self.follow_up, Feedback(result=FeedbackResult.NO_ANSWER), (2.0, 9.0))
        elif verdict < 0.13 and self.case.outcome is Outcome.SOLVED and self.case.reopen_count == 0:
            yield from self.refuted()
            self.around_the_clock = self.case.grade is Grade.URGENT
            yield from self.worked_on()
            yield from self.resolved((2.0, 6.0))
            self.around_the_clock = False
            yield from self.judged()
        elif verdict < 0.96:
            yield from self.confirmed(self.chance.choices(tuple(Satisfaction), weights=(72, 24, 4))[0])
