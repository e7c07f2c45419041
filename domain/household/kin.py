"""Relatives of officials: declared, and checked by the district each time the household comes into need."""

from collections.abc import Iterator
from typing import Annotated

from annotated_types import MaxLen, MinLen

from domain.decider import Act, command
from domain.household import events as e
from domain.household.gate import CHECK, HouseholdCommand
from domain.household.pairing import helpers_of, let_go
from domain.household.sealing import sealed_words
from domain.household.state import Household
from domain.ids import Id
from domain.refusals import Invalid, WrongStatus


@command
class DeclareRelation(HouseholdCommand):
    """Say that somebody in the household is related to an official. He cannot be its helper from then on; if he is, that ends."""

    verb = "declare-relation"

    official: Id
    relation: Annotated[str, MinLen(1), MaxLen(200)]
    """How, in one's own words: it is kept sealed."""

    def also(self, household: Household, /) -> tuple[str, ...]:
        return helpers_of(household)

    def rule(self, household: Household, act: Act, /) -> Iterator[e.Happening]:
        if act.org.official(self.official) is None:
            raise Invalid("official is not a known official", "official 不是已登记的人员")
        if self.official in household.relatives:
            raise WrongStatus("this has been declared", "已登记该亲属关系")
        yield e.RelationDeclared(official=self.official, told=sealed_words(household, act, relation=self.relation))
        if self.official == household.helper:
            yield e.PairingEnded(helper=self.official)
            yield let_go(household)


@command
class CheckRelation(HouseholdCommand):
    """Write down, for the district, whether the class is right although an official is a relative."""

    verb = "check-relation"
    right = CHECK

    official: Id
    fair: bool
    finding: Annotated[str, MinLen(2), MaxLen(2000)]

    def rule(self, household: Household, act: Act, /) -> Iterator[e.Happening]:
        if self.official not in household.relatives:
            raise WrongStatus("no such relation was declared", "未登记该亲属关系")
        if self.official == act.by.id:
            raise Invalid("nobody checks his own relatives", "不得核查本人亲属")
        yield e.RelationChecked(
            official=self.official, fair=self.fair, told=sealed_words(household, act, finding=self.finding)
        )
