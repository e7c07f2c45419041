"""Assessing a household: into need at once, out of need only by the slow way (docs/rules.md)."""

from collections.abc import Iterator
from datetime import datetime

from domain.decider import Act
from domain.household import events as e
from domain.household.classification import Finding, classify
from domain.household.parts import Assessment
from domain.household.protection import NOTHING_KNOWN, protected
from domain.household.state import Household
from domain.household.terms import ClassBasis, Facts, HouseholdClass
from domain.zone import months_later


def assessed(
    household: Household,
    facts: Facts,
    version: int,
    lost: datetime | None,
    act: Act,
    basis: ClassBasis = ClassBasis.FACTS,
) -> Iterator[e.Happening]:
    """Assess a household. A needier class follows at once; a less needy one only by notice, after all conditions for
    it.

    What people decided (the village meeting, or the town head on a contest) stands until something is found that they
    did not know of.
    """
    found = finding(household, facts, lost, act)
    label = act.rules.policy_label
    yield e.Assessed(ruleset=label, facts_version=version, result=found.gives, rules=found.rules)
    if household.notice is not None and found.gives.need > household.notice.to.need:
        yield e.NoticeEnded(withdrawn=True)
    if needier(household, found, act) or borne_out(household, found):
        if household.override is not None:
            yield e.OverrideEnded()
        yield classified(household, found, basis, act)


def reassessed(household: Household, act: Act, basis: ClassBasis = ClassBasis.FACTS) -> Iterator[e.Happening]:
    """Assess it on the facts that are known."""
    facts = household.facts or NOTHING_KNOWN
    yield from assessed(household, facts, household.facts_version, household.lost_since, act, basis)


def finding(household: Household, facts: Facts, lost: datetime | None, act: Act) -> Finding:
    helping = act.rules.policy.helping
    facts = protected(household, facts)
    return classify(facts, helping, act.at, lost_since=lost, left_priority_at=household.left_priority_at)


def needier(household: Household, found: Finding, act: Act) -> bool:
    """Whether this finding brings it into a needier class."""
    return found.gives.need > household.klass.need and news(household, found, act)


def borne_out(household: Household, found: Finding) -> bool:
    """Whether the facts give by now what the meeting gave it: on those it rests then, and is left the slow way."""
    knew = household.decided_on if household.override is not None else None
    return knew is not None and knew.result.need < found.gives.need == household.klass.need


def news(household: Household, found: Finding, act: Act) -> bool:
    """Whether a finding is needier than what people knew when they decided, or rests on a rule they did not know of. That
    it had left key support they knew.
    """
    knew, rules = household.decided_on, set(found.rules) - set(aftercare(act))
    if knew is None:
        return True
    return bool(rules) and (found.gives.need > knew.result.need or not rules <= set(knew.rules))


def agreeing_since(household: Household) -> datetime | None:
    """Since when every assessment found it less needy than its class; None if the last did not."""
    since: datetime | None = None
    for one in own_assessments(household):
        since = (since or one.at) if one.result.need < household.klass.need else None
    return since


def verified_at_home(household: Household) -> bool:
    """Whether a visit that counts was paid since assessments agree."""
    since = agreeing_since(household)
    return since is not None and any(visit.counts and visit.seen_at >= since for visit in household.visits)


def own_assessments(household: Household) -> list[Assessment]:
    """The assessments since it came into its class, or since another household joined it."""
    return [
        one for one in household.assessments if household.weighed_since is None or one.at >= household.weighed_since
    ]


def classified(household: Household, found: Finding, basis: ClassBasis, act: Act) -> e.Classified:
    """Whoever leaves the class of key support by assessments is looked after for some months."""
    leaves = basis is ClassBasis.ASSESSMENTS and household.klass is HouseholdClass.PRIORITY
    if leaves:
        rules = dict.fromkeys((*found.rules, *aftercare(act)))
        found = Finding(gives=HouseholdClass.ATTENTION, rules=tuple(rules))
    left = act.at if leaves else household.left_priority_at
    until = months_later(left, act.rules.policy.helping.aftercare_months) if left else None
    cared = until is not None and until > act.at and found.gives is HouseholdClass.ATTENTION
    return e.Classified(
        was=household.klass,
        now=found.gives,
        rules=found.rules,
        basis=basis,
        aftercare_until=until if cared else None,
    )


def aftercare(act: Act) -> tuple[str, ...]:
    """The rules by which it is looked after, because it has left the class of key support."""
    return tuple(row.rule for row in act.rules.policy.helping.table if row.left_priority)


def ended(household: Household, act: Act) -> Iterator[e.Happening]:
    """What ends at this instant: a notice, an override, the aftercare, or what a lost home counts; the first of them
    only.
    """
    if household.notice is not None and household.notice.ends <= act.at:
        yield e.NoticeEnded(withdrawn=False)
        last = household.assessments[-1]
        if last.result.need < household.klass.need:
            found = Finding(gives=last.result, rules=last.rules)
            yield classified(household, found, ClassBasis.ASSESSMENTS, act)
    elif household.override is not None and household.override.until <= act.at:
        yield e.OverrideEnded()
        yield classified(household, as_found(household, act), ClassBasis.OVERRIDE_ENDED, act)
    elif household.aftercare_until is not None and household.aftercare_until <= act.at:
        yield classified(household, _after_care(household, act), ClassBasis.AFTERCARE_ENDED, act)
    elif household.lost_until is not None and household.lost_until <= act.at and household.facts is not None:
        yield e.LostHomeCounts(counts_until=None)
        yield from reassessed(household, act)


def as_found(household: Household, act: Act) -> Finding:
    """The class that the facts give by themselves; without facts, that of a household of which nothing is known."""
    return finding(household, household.facts or NOTHING_KNOWN, household.lost_since, act)


def _after_care(household: Household, act: Act) -> Finding:
    """Only what rested on aftercare alone ends with it; another reason goes the slow way like any other."""
    if household.decided_on is not None:
        return Finding(gives=household.klass, rules=household.rules)
    found = as_found(household, act)
    cared = aftercare(act)
    if found.gives.need < household.klass.need and set(household.rules) <= set(cared):
        return found
    rules = found.rules if found.gives is household.klass else household.rules
    return Finding(gives=household.klass, rules=tuple(rule for rule in rules if rule not in cared))
