"""Publishing policies: versions with a date from which they are in force. One stream holds them all."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from domain.decider import Act, Recorded, command, event
from domain.ids import is_id
from domain.refusals import Invalid, NotFound
from domain.rules.calendars import must_be_a_region
from domain.rules.policy import Policy
from domain.rules.working_time import Hours, seconds_since_midnight
from domain.zone import DISTRICT

LONGEST = 10_000
"""No figure in a policy is larger; in days, that is 27 years."""

MOST = {"assessment.confidence_pct": 99, "assessment.basically_satisfied_pct": 100}
"""Shares with which nothing can be reckoned beyond this."""

CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")


@event("policy.published")
class PolicyPublished:
    """A version of a policy was written down. Without a date it is a draft, to be tried on the past."""

    policy: Policy
    policy_version: int
    effective_from: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class PolicyVersion:
    policy: Policy
    version: int
    effective_from: datetime | None

    @property
    def label(self) -> str:
        return f"{self.policy.id}.{self.version}"


@dataclass(frozen=True, kw_only=True)
class Policies:
    """Every version ever published, and in which order they come into force."""

    version: int = 0
    versions: Mapping[str, tuple[PolicyVersion, ...]] = field(default_factory=dict)
    order: tuple[PolicyVersion, ...] = ()

    def in_force(self, at: datetime) -> tuple[Policy, str]:
        """The policy in force at an instant, and its label. Of two from the same instant, the one published later."""
        current = self.current(at)
        if current is None:
            raise Invalid("no policy was in force then", "当时没有生效的规则")
        return current.policy, current.label

    def current(self, at: datetime) -> PolicyVersion | None:
        later = bisect_right(self.order, at, key=_coming_into_force)
        return self.order[later - 1] if later else None

    def hours_before(self, at: datetime) -> tuple[tuple[datetime, Hours], ...]:
        """The office hours before those in force at an instant, each with the instant until which they were."""
        so_far = self.order[: bisect_right(self.order, at, key=_coming_into_force)]
        return tuple(
            (_coming_into_force(after), before.policy.hours)
            for before, after in pairwise(so_far)
            if before.policy.hours != after.policy.hours
        )

    def get(self, id: str, version: int | None = None) -> PolicyVersion:
        """A version of a policy, the latest if not said otherwise."""
        versions = self.versions.get(id, ())
        number = len(versions) if version is None else version
        if not 0 < number <= len(versions):
            raise NotFound("there is no such policy, or no such version of it", "没有这项规则或这个版本")
        return versions[number - 1]

    def evolve(self, recorded: Recorded[PolicyPublished], /) -> Policies:
        published = recorded.event
        id = published.policy.id
        new = PolicyVersion(
            policy=published.policy, version=published.policy_version, effective_from=published.effective_from
        )
        order = self.order if new.effective_from is None else tuple(sorted((*self.order, new), key=_coming_into_force))
        versions = {**self.versions, id: (*self.versions.get(id, ()), new)}
        return replace(self, version=recorded.version, versions=versions, order=order)


def _coming_into_force(version: PolicyVersion) -> datetime:
    assert version.effective_from is not None
    return version.effective_from


@command
class PublishPolicy:
    """Write down a version of a policy, and from when on it is in force.

    Rules do not reach back: once there are rules in force, a date in the past means from now on. Clocks that run
    already keep what the rules said when they started. Publishing what is in force, or planned, changes nothing.
    """

    policy: Policy
    effective_from: datetime | None = None

    def decide(self, policies: Policies, act: Act, /) -> Iterator[PolicyPublished]:
        must_make_sense(self.policy)
        current = policies.current(act.at)
        since = instant(self.effective_from)
        if since is not None and current is not None:
            since = max(since, act.at)
        earlier = policies.versions.get(self.policy.id, ())
        if earlier and earlier[-1].policy == self.policy:
            in_force_already = earlier[-1] == current and since == act.at
            if in_force_already or earlier[-1].effective_from in (since, self.effective_from):
                return
        yield PolicyPublished(policy=self.policy, policy_version=len(earlier) + 1, effective_from=since)


SHIPPED = PublishPolicy(policy=Policy(id="hanbin-default-1"), effective_from=datetime(1970, 1, 1, tzinfo=UTC))
"""What a new system starts with."""


def instant(at: datetime | None) -> datetime | None:
    """The same instant in UTC; refused if it does not say which instant it is."""
    if at is None:
        return None
    if at.utcoffset() is None or not 1970 <= at.year <= 2200:
        raise Invalid(
            "effective_from is an instant with its offset, from 1970 to 2200", "生效时间须带时区，在1970年至2200年之间"
        )
    return at.astimezone(UTC)


def must_make_sense(policy: Policy) -> None:
    """Refuse a policy no office could live by."""
    if not is_id(policy.id):
        raise Invalid("a policy's id is 1 to 64 of A-Za-z0-9:._-", "规则编号须为1至64个字符：A-Za-z0-9:._-")
    must_be_a_region(policy.region)
    if policy.tz != DISTRICT.key:
        raise Invalid(f"tz is {DISTRICT.key}, the district's clock", f"tz 须为全区统一的时区 {DISTRICT.key}")
    if not in_order(policy.hours):
        raise Invalid(
            "hours are pairs such as 08:00 to 12:00, in order and apart from each other",
            "办公时间须成对（如08:00至12:00），先后有序，互不重叠",
        )
    for name, figure in figures(asdict(policy)):
        least = 0 if name.startswith(("limits.", "assessment.")) else 1
        most = MOST.get(name, LONGEST)
        if not least <= figure <= most:
            raise Invalid(f"{name} must be from {least} to {most}", f"{name}须在{least}至{most}之间")
    for row in policy.helping.table:
        if not is_id(row.rule) or not all(0 <= figure <= LONGEST for _, figure in figures(asdict(row))):
            raise Invalid("a rule has an id, and figures from 0 to 10000", "分类规则须有编号，数值须在0至10000之间")
    if not any(asdict(policy.assessment.weights).values()):
        raise Invalid("some part of an assessment must weigh something", "考核各项权重不能全为零")


def in_order(hours: Hours) -> bool:
    """Whether these are opening hours of one day: each opens after the one before has closed, and then closes."""
    clocks = [clock for slot in hours for clock in slot]
    if not clocks or not all(map(CLOCK.fullmatch, clocks)):
        return False
    times = [seconds_since_midnight(clock) for clock in clocks]
    return times == sorted(times) and all(opens < closes for opens, closes in hours)


def figures(values: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, int]]:
    """Every figure in a policy, with its name."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from figures(value, f"{path}{name}.")
        elif isinstance(value, int):
            yield path + name, value
