"""What may be done with a case, as forms: the fields of a command are the fields of its form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import date
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Le, MaxLen

from domain.case import COMMANDS
from domain.case.joint import Task
from domain.case.terms import Proof
from service.web.labels import FIELDS, VERBS
from service.web.language import Language

LONG = 500
"""Characters from which a text gets more than one line."""

PICKED = {
    **dict.fromkeys(("unit", "to", "lead", "village", "suggested_unit"), "units"),
    "official": "people",
    "household": "households",
    "into": "cases",
    "task": "tasks",
    "reporter": "reporters",
}
"""Fields that hold the id of something that has a name: from which list it is chosen by that."""
RECORDS = {Proof: "proof", Task: "tasks"}
PROOFS = ("photo", "receipt", "decision", "signed_note", "acceptance_form", "survey_record")
LEASES = ((3600, "1小时", "1 hour"), (14_400, "半天", "half a day"), (86_400, "1天", "1 day"))


@dataclass(frozen=True, kw_only=True)
class Field:
    """One thing to fill in. `kind` is how: choice, text, long, number, yes, maybe, day, lines, pick, file, proof or tasks.

    `offers` is the list that a name is picked from; `counted` says that the codes of a choice are numbers.
    """

    name: str
    label: str
    kind: str
    required: bool
    options: tuple[tuple[str, str], ...] = ()
    most: str | None = None
    least: str | None = None
    offers: str = ""
    counted: bool = False


@dataclass(frozen=True, kw_only=True)
class Action:
    verb: str
    label: str
    fields: tuple[Field, ...]


def actions(verbs: Sequence[str], say: Language) -> list[Action]:
    """The forms for what may be done, in the order given."""
    return [action(verb, say.name) for verb in verbs]


@cache
def action(verb: str, language: str) -> Action:
    say = Language(language)
    kind = next(kind for kind in COMMANDS if kind.verb == verb)
    return Action(verb=verb, label=say(*VERBS[verb]), fields=tuple(_fields(kind, say)))


def _fields(kind: Any, say: Language) -> Iterator[Field]:
    verb: str = kind.verb
    hints = get_type_hints(kind, include_extras=True)
    for one in fields(kind):
        plain, bounds, optional = _taken_apart(hints[one.name])
        chosen = [str(code) for code in plain] if isinstance(plain, type) and issubclass(plain, StrEnum) else []
        options = tuple((code, say.word(one.name, code)) for code in chosen)
        if one.name == "lease_s":
            options = tuple((str(seconds), say(*words)) for seconds, *words in LEASES)
        elif (verb, one.name) == ("attach", "kind"):
            options = tuple((code, say.word("kind", code)) for code in PROOFS)
        yield Field(
            name=one.name,
            label=say(*FIELDS[one.name]),
            kind="choice" if options else _kind(one.name, plain, bounds, one.default),
            required=not optional and one.default is MISSING,
            options=options,
            offers=PICKED.get(one.name, ""),
            counted=one.name == "lease_s",
            most=next((str(bound.le) for bound in bounds if isinstance(bound, Le)), None),
            least=next((str(bound.ge) for bound in bounds if isinstance(bound, Ge)), None),
        )


def _kind(name: str, plain: Any, bounds: Sequence[object], default: object) -> str:
    if get_origin(plain) is tuple:
        return RECORDS.get(get_args(plain)[0], "lines")
    if plain is bool:
        return "yes" if default is False else "maybe"
    if isinstance(plain, type) and issubclass(plain, StrEnum):
        return "choice"
    if name in PICKED:
        return "pick"
    if name == "sha256":
        return "file"
    longest = max((bound.max_length for bound in bounds if isinstance(bound, MaxLen)), default=0)
    return {int: "number", date: "day"}.get(plain) or ("long" if longest > LONG else "text")


def _taken_apart(hint: Any) -> tuple[Any, tuple[object, ...], bool]:
    """A type without its bounds and its None, the bounds, and whether None was one of its values."""
    optional = get_origin(hint) in (Union, UnionType) and NoneType in get_args(hint)
    if optional:
        [hint] = [one for one in get_args(hint) if one is not NoneType]
    bounds = getattr(hint, "__metadata__", ())
    return (hint.__origin__ if bounds else hint), bounds, optional
