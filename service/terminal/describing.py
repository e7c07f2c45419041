"""What the code says of itself, written down and committed, so that a change of the contract shows in every diff."""

from __future__ import annotations

import json
from collections.abc import Iterator

from domain.assessment.appeals import Appeal, DecideAppeal
from domain.assessment.findings import Exclude, Veto
from domain.case import COMMANDS
from domain.household import gate as household
from domain.rules.authority import (
    ASSESSING,
    AUTHORITY,
    IMPORT,
    READ,
    READ_ACCESS_LOG,
    READ_SCORECARDS,
    SEALED_RELATIONS,
    WEBHOOK,
    Grants,
    Relation,
)
from service.app import without_office

RELATIONS = {
    Relation.HOLDS: "the post's unit has the case, or is of one house with it, as a town and its offices are",
    Relation.ABOVE: "the post's unit stands above the one that has the case",
    Relation.HELD: "the post's unit has the case, or once had it",
    Relation.AREA: "the village of the case lies in the post's area",
    Relation.UNPLACED: "nobody has the case yet, and no village is known",
    Relation.TASKED: "the post's unit has a task in the joint handling, or once had one",
    Relation.DIVERTED: "the case was diverted to the post's unit",
    Relation.REPORTED: "he brought the case, or collected it from the one who did",
    Relation.MASS_WORK: "the post's unit has the duty of mass work",
    Relation.DISPATCH: "the post's unit has the duty of dispatching",
    Relation.FOLLOW_UP: "the post's unit has the duty of following up",
    Relation.DISCIPLINE: "the post's unit has the duty of discipline",
    Relation.REVIEW: "the post's unit has the duty of reviewing",
    Relation.FINAL_REVIEW: "the post's unit has the duty of the final review",
    Relation.ANYWHERE: "whatever the case",
}
MEANT = {
    READ: "See that the case exists, and all of it that is not sealed.",
    IMPORT: "Report many at once, from a file.",
    WEBHOOK: "Have events delivered to another system, as far as he may see them himself at that moment.",
    READ_ACCESS_LOG: "See who asked for which case.",
    READ_SCORECARDS: "See the scorecard of every unit; of the cases behind it only those he may see anyway.",
    "divert:accusation": "Send an accusation, or another sealed case, to the body the law names.",
    "remand:again": "Send the same case back a second time.",
    "decide-extension:district": "The same, where the district has the case.",
    "decide-extension:petition": "The same, for a petition.",
    **dict.fromkeys(
        (
            *("reject-resolution:instead", "feedback:instead", "confirm-withdrawal:instead"),
            "disclose-identity:instead",
            *("decide-review:instead", "decide-final-review:instead"),
        ),
        "The same, where those whose duty it is may not know of the case, or there are none.",
    ),
    "reclassify:lower": "Say that it is less urgent than it was taken to be.",
    "disclose-identity:hidden": "The same, where the reporter asked that whoever handles the case does not know him.",
    "disclose-identity:sealed": "The same, for a sealed case.",
}
PAGE = """# Who may do what

This page is written by `sanji authority` from the only table there is, `domain/rules/authority.py`; a test keeps the two
equal. Somebody has a right on a case if one of his posts stands in one of these relations to it. What is not listed is
not allowed.

Before the table is asked at all, whoever the case is about, his colleagues and everybody below them are turned away: for
them it does not exist. A sealed case is known to posts with the duties {sealed} only, to auditors, and to the citizen who
brought it. Whoever may not see a case gets the same answer as for one that does not exist.

| relation | meaning |
|---|---|
{relations}

| right | what it is | who has it |
|---|---|---|
{rights}

## Scorecards

On the card of a unit, not on a case. `holds` is whoever has a post in the unit that is judged.

| right | what it is | who has it |
|---|---|---|
{assessing}

## Households

The register has a table of its own, in `domain/household/gate.py`. *Near* is whoever has his post in the household's
village, or in its town.

| right | what it is | near | in the whole district |
|---|---|---|---|
{households}
"""
HOUSEHOLD_RIGHTS = {
    household.READ: "see the household, without who lives there; its helper may, too",
    household.WRITE: "register it, record facts, benefits, members, notices, contests",
    household.VISIT: "record a visit, and read who lives there, on record; its helper may, too",
    household.PAIR: "start, hand over and end the help",
    household.SIGN: "propose or sign for another class than the table gives",
    household.DECIDE: "decide a contest",
    household.AUDIT: "ask a household by telephone about a visit of somebody else",
    household.CHECK: "check the class of an official's relatives",
}


def document() -> str:
    """The OpenAPI document."""
    return json.dumps(without_office().openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def authority() -> str:
    """The authority table, as a page to read."""
    return PAGE.format(
        sealed=", ".join(f"`{relation}`" for relation in sorted(SEALED_RELATIONS)),
        relations="\n".join(f"| {relation} | {RELATIONS[relation]} |" for relation in Relation),
        rights="\n".join(_rights()),
        assessing="\n".join(_assessing()),
        households="\n".join(_household_rights()),
    )


def _rights() -> Iterator[str]:
    sentences = {command.verb: str(command.__doc__).partition("\n")[0] for command in COMMANDS} | MEANT
    for right, grants in AUTHORITY.items():
        yield f"| `{right}` | {sentences[right]} | {_holders(grants)} |"


def _assessing() -> Iterator[str]:
    sentences = {
        command.verb: str(command.__doc__).partition("\n")[0] for command in (Appeal, DecideAppeal, Veto, Exclude)
    }
    sentences |= {
        "read-sample": "See which cases were drawn to be asked once more; the unit itself may once nobody is asked any more.",
        "answer-sample": "Write down what a citizen who was drawn says.",
    }
    for right, grants in ASSESSING.items():
        yield f"| `{right}` | {sentences[right]} | {_holders(grants)} |"


def _household_rights() -> Iterator[str]:
    for right, sentence in HOUSEHOLD_RIGHTS.items():
        near, everywhere = (", ".join(sorted(table[right])) for table in (household.NEAR, household.EVERYWHERE))
        yield f"| {right} | {sentence} | {near} | {everywhere} |"


def _holders(grants: Grants) -> str:
    return "; ".join(f"{who}: {', '.join(sorted(relations))}" for who, relations in grants.items())
