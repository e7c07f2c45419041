"""How others watch over a case and mark it: urge, supervise, claim, note, attach, link."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

from annotated_types import Ge, Le, MaxLen, MinLen

from domain.case import events as e
from domain.case.gate import CaseCommand
from domain.case.homes import homes, raised_to_fit, registered
from domain.case.state import Case
from domain.case.terms import ANY, OPEN, Note, Text, Words
from domain.decider import Act, command
from domain.ids import Id
from domain.refusals import Invalid, LimitReached, NotPermitted, WrongStatus

FULL = 1_000
"""Events after which no more notes, files and claims are taken: each reading of the case reads all of its events."""


class Addition(CaseCommand):
    """A command that changes no status and no clock, and could therefore be repeated without end."""

    @classmethod
    def sensible(cls, case: Case, _act: Act, /) -> None:
        if case.version >= FULL:
            raise LimitReached(f"{FULL} things have happened to it; write down no more", "该事项记录已满，不能再添加")


@command
class Urge(CaseCommand):
    """Remind the unit (催办). No clock moves."""

    verb = "urge"
    when = OPEN

    note: Note | None = None

    def rule(self, _case: Case, _act: Act, /) -> Iterator[e.Urged]:
        yield e.Urged(note=self.note)


@command
class Supervise(CaseCommand):
    """Step in from above (督办). No clock moves."""

    verb = "supervise"
    when = OPEN

    note: Note | None = None

    def rule(self, _case: Case, _act: Act, /) -> Iterator[e.Supervised]:
        yield e.Supervised(reason="by_hand", note=self.note)


@command
class Claim(Addition):
    """Say that one is on it oneself, for a while, so that nobody does it twice. Claiming again renews."""

    verb = "claim"
    when = OPEN

    lease_s: Annotated[int, Ge(60), Le(86_400)]

    @classmethod
    def sensible(cls, case: Case, act: Act, /) -> None:
        super().sensible(case, act)
        if claimant(case, act) not in (None, act.by.id):
            raise WrongStatus("somebody else is on it", "该事项已被他人领取")

    def rule(self, _case: Case, act: Act, /) -> Iterator[e.Claimed]:
        yield e.Claimed(until=act.at + timedelta(seconds=self.lease_s))


@command
class Release(CaseCommand):
    """Give up one's claim before its time."""

    verb = "release"
    when = OPEN

    @classmethod
    def sensible(cls, case: Case, act: Act, /) -> None:
        by = claimant(case, act)
        if by is None:
            raise WrongStatus("nobody has claimed it", "该事项未被领取")
        if by != act.by.id:
            raise NotPermitted("the claim is somebody else's", "该事项由他人领取")

    def rule(self, _case: Case, _act: Act, /) -> Iterator[e.Released]:
        yield e.Released()


def claimant(case: Case, act: Act) -> str | None:
    """Who is on it now; a claim ends by itself."""
    running = case.claimed_until is not None and act.at < case.claimed_until
    return case.claimed_by if running else None


@command
class TakeNote(Addition):
    """Write something down. It changes nothing, least of all a clock."""

    verb = "note"
    when = ANY

    text: Text

    def rule(self, _case: Case, _act: Act, /) -> Iterator[e.Noted]:
        yield e.Noted(text=self.text)


@command
class Attach(Addition):
    """Add something that shows what happened: a photo, a receipt, a letter."""

    verb = "attach"
    when = ANY

    kind: Words
    ref: Words | None = None
    sha256: Annotated[str, MinLen(64), MaxLen(64)] | None = None

    def rule(self, _case: Case, _act: Act, /) -> Iterator[e.EvidenceAttached]:
        if not self.ref and not self.sha256:
            raise Invalid("ref or sha256 says what is attached", "请填写 ref 或 sha256, 说明所附材料")
        yield e.EvidenceAttached(kind=self.kind, ref=self.ref, sha256=self.sha256)


@command
class LinkHousehold(CaseCommand):
    """Say which household the matter is about."""

    verb = "link-household"
    when = ANY

    household: Id

    def also(self, _case: Case, /) -> tuple[str, ...]:
        return homes(self.household)

    def rule(self, case: Case, act: Act, /) -> Iterator[e.HouseholdLinked | e.Reclassified]:
        home = registered(self.household, act)
        yield e.HouseholdLinked(household=self.household)
        yield from raised_to_fit(case, case.category, home)
