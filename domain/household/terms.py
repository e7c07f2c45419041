"""The words of the household register (民情数据库): classes, hardships, homes, benefits, and what visits find."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar

from annotated_types import Ge, Le, MaxLen, MinLen


class HouseholdClass(StrEnum):
    """放心户, 关心户, 连心户."""

    SECURE = "secure"
    ATTENTION = "attention"
    PRIORITY = "priority"

    @property
    def need(self) -> int:
        """How needy, the more the higher."""
        return list(HouseholdClass).index(self)


class HardshipKind(StrEnum):
    DISABILITY = "disability"
    ILLNESS = "illness"
    SCHOOLING = "schooling"
    DISASTER = "disaster"
    HOUSING = "housing"
    NO_LABOUR = "no_labour"
    UNEMPLOYMENT = "unemployment"
    ACCIDENT = "accident"
    ELDERLY_ALONE = "elderly_alone"


class Home(StrEnum):
    """A and B are safe; C and D are not; lost to a disaster counts for some months."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    LOST = "lost"


class Protected(StrEnum):
    NONE = "none"
    FIVE_GUARANTEES = "five_guarantees"
    UNSUPPORTED_MINOR = "unsupported_minor"


class Benefit(StrEnum):
    """低保, 医保, 五保（特困）, 残疾人补贴, 临时救助, 移民搬迁."""

    SUBSISTENCE_ALLOWANCE = "subsistence_allowance"
    MEDICAL_INSURANCE = "medical_insurance"
    FIVE_GUARANTEES = "five_guarantees"
    DISABILITY_SUBSIDY = "disability_subsidy"
    TEMPORARY_RELIEF = "temporary_relief"
    RELOCATION = "relocation"


class BenefitState(StrEnum):
    APPLIED = "applied"
    GRANTED = "granted"
    REFUSED = "refused"
    ENDED = "ended"


class ClassBasis(StrEnum):
    """What a change of class rests on."""

    FACTS = "facts"
    ASSESSMENTS = "assessments"
    OVERRIDE = "override"
    OVERRIDE_ENDED = "override_ended"
    CONTEST = "contest"
    AFTERCARE_ENDED = "aftercare_ended"
    RULESET = "ruleset"
    SPLIT = "split"
    MERGE = "merge"


@dataclass(frozen=True, kw_only=True)
class Hardship:
    """Severity 0 to 3."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    kind: HardshipKind
    severity: Annotated[int, Ge(0), Le(3)]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the class follows from. Money in yuan; income is yearly, net and per head."""

    members: int
    income_per_head: float
    debt_total: float
    hardships: tuple[Hardship, ...] = ()
    housing: Home = Home.A
    protected: Protected = Protected.NONE


@dataclass(frozen=True, kw_only=True)
class Need:
    """What somebody said on a visit that he needs. Answered on the spot, or else a case is opened for it."""

    title: Annotated[str, MinLen(1), MaxLen(200)]
    kind: Annotated[str, MaxLen(16)] = "request"
    answer: Annotated[str, MinLen(1), MaxLen(2000)] | None = None
