"""Households in the policy: the decision table of their classes, how often each is visited, how many one may help.

Criteria are income, debt and degree of difficulty; thresholds, quotas and rhythms are our proposal until a district
sets its own. The published policy is the ruleset: its label stands in every assessment.
"""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line of the table: it hits when all that it states holds. Lines of one rule are its alternatives."""

    rule: str
    gives: Literal["priority", "attention"]
    income_below_pct: int | None = None
    """Yearly net income per head, in percent of the line."""
    debt_at_least_pct: int | None = None
    """Debts in percent of the household's yearly income."""
    severity_at_least: int | None = None
    items: int = 1
    """How many hardships of that severity."""
    protected: bool = False
    unsafe_home: bool = False
    left_priority: bool = False
    """It left the class of key support within the months of aftercare."""


TABLE = (
    Row(rule="R0", gives="priority", protected=True),
    Row(rule="R1", gives="priority", income_below_pct=100),
    Row(rule="R2", gives="priority", income_below_pct=200, severity_at_least=3),
    Row(rule="R3", gives="priority", income_below_pct=150, debt_at_least_pct=100),
    Row(rule="R3", gives="priority", income_below_pct=150, severity_at_least=2, items=2),
    Row(rule="R4", gives="priority", unsafe_home=True),
    Row(rule="A1", gives="attention", income_below_pct=150),
    Row(rule="A2", gives="attention", debt_at_least_pct=100),
    Row(rule="A3", gives="attention", severity_at_least=2),
    Row(rule="A4", gives="attention", left_priority=True),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Quotas:
    """How many key-support households one official may help, by rank."""

    district_leader: int = 5
    section_head: int = 4
    deputy: int = 3
    ordinary: int = 2
    soft_cap_pct: int = 150
    """Beyond this share of his quota nobody is given another one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rhythm:
    """Within how many months each class is visited."""

    priority: int = 1
    attention: int = 3
    secure: int = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Helping:
    """Everything about households that a district may set for itself. Months are calendar months, `_nd` natural days."""

    line_yuan: int = 6000
    """The poverty line: yearly net income per head."""
    table: tuple[Row, ...] = TABLE
    lost_home_months: int = 6
    """How long a home lost to a disaster counts by itself."""
    aftercare_months: int = 12
    override_months: int = 12
    assessments_apart_nd: int = 90
    """Out of need lead two assessments that agree, at least so far apart."""
    notice_out_nd: int = 7
    notice_in_nd: int = 5
    """No rule reads it: into need a household comes at once, and the village is told of nothing but benefits and leaving."""
    notice_benefit_nd: int = 7
    """How long at least the village is told of an application for a benefit."""
    unpaired_nd: int = 15
    """After so long without a helper a key-support household is overdue on the board."""
    late_visit_nd: int = 30
    """How old a note from the door may be when it reaches the register."""
    audited_pct: int = 5
    """So many visits of a hundred are asked about by telephone."""
    quotas: Quotas = field(default=Quotas())
    visits: Rhythm = field(default=Rhythm())
