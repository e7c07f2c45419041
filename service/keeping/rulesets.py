"""Brings a new ruleset to the register: first what it would change is recorded, then the households are assessed anew."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Engine

from domain.decider import SYSTEM
from domain.household.ruleset import CompareRuleset, Reassess, Way
from domain.household.terms import HouseholdClass
from domain.rules.helping import Helping
from domain.rules.policies import SHIPPED, Policies, PolicyVersion
from domain.streams import REGISTER, household_stream
from projections.register.households import assessed_under_others
from projections.register.reclassified import register_in_shadow
from service.record.clerk import Clerk
from service.record.orders import Order, Receipt

log = logging.getLogger("sanji.rulesets")

AT_ONCE = 1000
"""Households that are assessed in one step; deadlines and views have their turn between two of them."""


class Rulesets:
    """Works on the register of the views, so they must have been brought up to the log before each call."""

    def __init__(self, engine: Engine, clerk: Clerk) -> None:
        self._engine = engine
        self._clerk = clerk
        self._compared = 0
        """The version of the policies of which every coming ruleset has been compared."""
        self._applied = ""
        """The label under which the whole register has been assessed."""

    def keep(self, at: datetime) -> bool:
        """Take one step; answers whether it moved any household, so that there may be another."""
        return self._compare(at) and self._apply(at)

    def _compare(self, at: datetime) -> bool:
        """Whether every ruleset in force or to come has been told of; what has not is told now."""
        policies = self._clerk.ledger.policies
        if policies.version == self._compared:
            return True
        done = self._clerk.ledger.state(REGISTER).compared
        orders = [
            order
            for old, new in coming(policies, at)
            if new.label not in done and (order := self._announcement(old, new, at))
        ]
        if self._recorded(orders) < len(orders):
            return False
        self._compared = policies.version
        return True

    def _announcement(self, old: PolicyVersion, new: PolicyVersion, at: datetime) -> Order | None:
        with self._engine.connect() as db:
            shadow = register_in_shadow(db, at, old.policy.helping, new.policy.helping)
        if not shadow.households:
            return None
        ways = tuple(_way(*moved) for moved in shadow.moved.items())
        command = CompareRuleset(old=old.label, new=new.label, households=shadow.households, ways=ways)
        return Order(stream=REGISTER, command=command, by=SYSTEM)

    def _apply(self, at: datetime) -> bool:
        ledger = self._clerk.ledger
        rules = ledger.rules(at)
        if rules.policy_label == self._applied:
            return False
        with self._engine.connect() as db:
            households = assessed_under_others(db, labels(ledger.policies, rules.policy.helping), AT_ONCE)
        recorded = self._recorded(
            [Order(stream=household_stream(one), command=Reassess(), by=SYSTEM) for one in households]
        )
        if not recorded:
            self._applied = rules.policy_label
        return recorded > 0

    def _recorded(self, orders: list[Order]) -> int:
        """How many of these recorded something; what did not is told in the log, and tried with the next ruleset."""
        outcomes = self._clerk.settle_all(orders)
        for order, outcome in zip(orders, outcomes, strict=True):
            if isinstance(outcome, Exception):
                log.error("a ruleset was not applied", extra={"stream": order.stream, "outcome": repr(outcome)})
        return sum(isinstance(outcome, Receipt) and bool(outcome.events) for outcome in outcomes)


def _way(moved: str, households: int) -> Way:
    was, _, now = moved.partition(">")
    return Way(was=HouseholdClass(was), now=HouseholdClass(now), households=households)


def coming(policies: Policies, at: datetime) -> Iterator[tuple[PolicyVersion, PolicyVersion]]:
    """Each ruleset that is in force or to come, after the one whose place it takes, where the two differ."""
    current = policies.current(at)
    for old, new in zip(policies.order, policies.order[1:], strict=False):
        awaited = new == current or (new.effective_from is not None and new.effective_from > at)
        if awaited and new.policy.helping != old.policy.helping:
            yield old, new


def labels(policies: Policies, helping: Helping) -> set[str]:
    """The labels under which this ruleset stands: a policy may have changed in other things."""
    same = {one.label for versions in policies.versions.values() for one in versions if one.policy.helping == helping}
    return same | ({f"{SHIPPED.policy.id}.0"} if SHIPPED.policy.helping == helping else set())
