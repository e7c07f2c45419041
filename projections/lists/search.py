"""Text search: the index finds cases with all pairs of characters, then the whole text is looked for in them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, cast, exists, literal_column, select
from sqlalchemy.dialects.postgresql import TSQUERY

from projections.cases.case_file import case_file
from projections.lists.along import Way
from projections.lists.words import case_pairs, case_words, pairs, parts

c = case_file.c


def saying(cases: Select[Any], sought: str) -> Select[Any]:
    """The cases that contain a folded text; all of them for an empty one.

    OFFSET 0 keeps PostgreSQL from reading the text of all cases to find the few of these that contain it.
    """
    if not sought:
        return cases
    says = case_words.c.words.contains(sought, autoescape=True)
    return cases.where(exists(select(case_words.c.case_id).where(case_words.c.case_id == c.case_id, says).offset(0)))


def by_pairs(db: Connection, sought: str) -> Way:
    """The cases whose text has all pairs of the text looked for, and before each space the character that ends there.

    A text of one character has no pair: then the cases with a word of the index that begins with it.
    """
    sqlite = db.dialect.name == "sqlite"
    together, on = (" ", "*") if sqlite else (" & ", ":*")
    *ended, last = map(pairs, parts(sought))
    known = [pair for part in ended for pair in part] + last[:-1]
    asked = together.join(known or [last[-1] + on])
    positions = select(case_pairs.c.rowid)
    if sqlite:
        named = positions.where(literal_column(case_pairs.name).op("MATCH")(asked))
    else:
        named = positions.where(case_pairs.c.pairs.op("@@")(cast(asked, TSQUERY)))
    cases = select(case_words.c.case_id).where(case_words.c.position.in_(named))
    return Way(c.case_id, cases, saying(select(c.case_id), sought))
