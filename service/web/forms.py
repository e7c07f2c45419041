"""What may be done, as forms: the fields of a command are the fields of its form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from datetime import date
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Le, MaxLen

from domain.case import COMMANDS
from domain.case.joint import Task
from domain.case.terms import Proof
from service.telling.words import word
from service.web.labels import FIELDS, SURE, VERBS
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
"""Fields that hold an id, each with the list from which the reader chooses by name."""
RECORDS = {Proof: "proof", Task: "tasks"}
PROOFS = ("photo", "receipt", "decision", "signed_note", "acceptance_form", "survey_record")
Choices = Sequence[tuple[str, str]]
"""Codes, and what each is called."""
Labels = Mapping[str, tuple[str, str]]
"""What a thing is called in Chinese and in English."""
LEASES = ((3600, "1小时", "1 hour"), (14_400, "半天", "half a day"), (86_400, "1天", "1 day"))


@dataclass(frozen=True, kw_only=True)
class Field:
    """One thing to fill in. `kind` is how: choice, several, text, long, number, yes, maybe, day, lines, pick, file, proof
    or tasks.

    `offers`: the list a name is picked from. `counted`: the codes of a choice are numbers. `blank`: nothing is chosen
    at first; `unsaid`: what that means, if it may stay so. `most` and `least` are of a number, `longest` of a text, in
    characters.
    """

    name: str
    label: str
    kind: str
    required: bool
    options: Choices = ()
    most: str | None = None
    least: str | None = None
    longest: int | None = None
    offers: str = ""
    counted: bool = False
    blank: bool = True
    unsaid: str = ""


@dataclass(frozen=True, kw_only=True)
class Action:
    """Something that may be done: `effect` says what will happen, `sure` asks once more where it cannot be undone.

    `fixed` are fields that are not asked for; `noted` is the one that tells when it was written without signal.
    """

    verb: str
    label: str
    fields: tuple[Field, ...]
    effect: str = ""
    sure: str = ""
    fixed: Choices = ()
    noted: str = ""


def actions(verbs: Sequence[str], say: Language) -> list[Action]:
    """The forms for what may be done, in the order given."""
    return [action(verb, say.name) for verb in verbs]


@cache
def action(verb: str, language: str) -> Action:
    say = Language(language)
    kind = next(kind for kind in COMMANDS if kind.verb == verb)
    given: dict[str, Choices] = {}
    if verb == "claim":
        given["lease_s"] = [(str(seconds), say(*words)) for seconds, *words in LEASES]
    elif verb == "attach":
        given["kind"] = [(code, say.word("kind", code)) for code in PROOFS]
    asked = fields_of(kind, say, FIELDS, given)
    if verb in ("accept", "reclassify"):
        same = say("不变", "as it is")
        asked = tuple(replace(field, unsaid=same) if field.kind == "choice" else field for field in asked)
    sure = say(*SURE[verb]) if verb in SURE else ""
    return Action(verb=verb, label=say(*VERBS[verb]), fields=asked, sure=sure)


def fields_of(
    kind: Any, say: Language, labels: Labels, given: Mapping[str, Choices], picked: Mapping[str, str] = PICKED
) -> tuple[Field, ...]:
    """The form fields of a command. `given` holds the choices of some fields; those in `picked` are searched for by name."""
    hints = get_type_hints(kind, include_extras=True)
    return tuple(
        _field(one.name, hints[one.name], one.default, say, labels, given.get(one.name), picked.get(one.name, ""))
        for one in fields(kind)
    )


def _field(
    name: str, hint: Any, default: object, say: Language, labels: Labels, given: Choices | None, offers: str
) -> Field:
    plain, bounds, optional = _taken_apart(hint)
    required = not optional and default is MISSING
    options, kind = _options(name, plain, say), _kind(name, plain, bounds, default, offers)
    if given is not None:
        options, kind = given, "several" if get_origin(plain) is tuple else "choice"
    return Field(
        name=name,
        label=say(*labels[name]),
        kind=kind,
        required=required,
        options=options,
        offers=offers if kind == "pick" else "",
        counted=plain is int,
        blank=name != "lease_s",
        most=next((str(bound.le) for bound in bounds if isinstance(bound, Le)), None),
        least=next((str(bound.ge) for bound in bounds if isinstance(bound, Ge)), None),
        longest=max((bound.max_length for bound in bounds if isinstance(bound, MaxLen)), default=None),
    )


def _options(name: str, plain: Any, say: Language) -> Choices:
    """The codes of a field in words; yes and no in words, too."""
    if isinstance(plain, type) and issubclass(plain, StrEnum):
        return tuple((code, say.word(name, code)) for code in map(str, plain))
    if plain is bool:
        labels = (word(name, True, say.chinese) or say("是", "yes"), word(name, False, say.chinese) or say("否", "no"))
        return tuple(zip(("true", "false"), labels, strict=True))
    return ()


def _kind(name: str, plain: Any, bounds: Sequence[object], default: object, offers: str) -> str:
    if get_origin(plain) is tuple:
        return RECORDS.get(get_args(plain)[0], "lines")
    if plain is bool:
        return "yes" if default is False else "maybe"
    if isinstance(plain, type) and issubclass(plain, StrEnum):
        return "choice"
    if offers:
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
