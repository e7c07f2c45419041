"""The text index of cases: pairs of characters, so that a search works from one Chinese character on.

PostgreSQL and SQLite each have an index for the words of a text. Both are given the same words, so both name the same
cases; whether the whole text is there is then seen in what the case says. See docs/decisions/0013-searching-by-pairs.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from operator import add
from string import punctuation
from unicodedata import normalize

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, Table, Text, select
from sqlalchemy.dialects.postgresql import TSVECTOR

from domain.case import Case
from domain.case import events as e
from domain.case.correction import Field
from projections.following.bulk import FOLDING, chunks, insert, remove
from projections.following.projection import Batch, Step
from projections.following.schema import VIRTUAL, metadata, text

case_words = Table(
    "case_words",
    metadata,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("case_id", text(64), nullable=False),
    Column("words", Text, nullable=False),
    Index("case_words_by_case", "case_id", unique=True, info={FOLDING: True}),
)
"""The folded title and description of a case, by the position of the event that gave them."""

case_pairs = Table(
    "case_pairs",
    metadata,
    Column("rowid", BigInteger, primary_key=True, autoincrement=False),
    Column("pairs", Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
    Index("case_pairs_by_pair", "pairs", postgresql_using="gin").ddl_if(dialect="postgresql"),
    info={VIRTUAL: "fts5(pairs, detail=none, columnsize=0, tokenize=ascii)"},
)
"""The pairs in it, by the same position."""


class Words:
    name = "words"
    version = 1
    tables: Sequence[Table] = (case_words, case_pairs)

    def fold(self, db: Connection, batch: Batch) -> None:
        changed = {step.after.id: step for step in batch.steps if _says(step)}
        before = [(one,) for one in _positions(db, [id for id, step in changed.items() if step.before.report])]
        remove(db, case_words, before)
        remove(db, case_pairs, before)
        rows = [(step.position, id, words_of(step.after)) for id, step in changed.items()]
        insert(db, case_words, [{"position": place, "case_id": id, "words": words} for place, id, words in rows])
        insert(db, case_pairs, [{"rowid": place, "pairs": _indexed_as(words)} for place, _, words in rows])


def _says(step: Step) -> bool:
    match step.recorded.event:
        case e.Reported() | e.EntryCorrected(field=Field.TITLE | Field.DESCRIPTION):
            return True
        case _:
            return False


def _positions(db: Connection, cases: Sequence[str]) -> list[int]:
    c = case_words.c
    return [one for some in chunks(cases) for one in db.scalars(select(c.position).where(c.case_id.in_(some)))]


def words_of(case: Case) -> str:
    """The title and the description, each on a line of its own, so that no text looked for spans both."""
    return "\n".join(folded(case.entry(field) or "") for field in (Field.TITLE, Field.DESCRIPTION))


WIDE = {ord(sign): ord(sign) + ord("！") - ord("!") for sign in punctuation}
"""ASCII punctuation becomes full-width, so that no database reads it as syntax; folded text has no full-width signs."""
NARROW = {wide: sign for sign, wide in WIDE.items()}
"""All that most Chinese texts need of NFKC, at a third of the time."""


def folded(text: str) -> str:
    """Folded: case, full and half width and spacing do not count in a search."""
    return " ".join(normalize("NFKC", text.translate(NARROW)).casefold().split())


def parts(words: str) -> list[str]:
    """The parts of a text between spaces."""
    return words.translate(WIDE).split()


def pairs(part: str) -> list[str]:
    """Each character with a hint of the next one, and the last by itself, so that a search for its first character
    finds it.

    A hint and not the character itself, for there are millions of pairs, and an index with so many keys is slow to
    keep.
    """
    return [*map(add, part, map(HINTS.__getitem__, part[1:])), part[-1]]


class _Hints(dict[str, str]):
    """A hint for each character, one of sixteen. They are kept, since a text has a hundred."""

    def __missing__(self, character: str) -> str:
        hint = self[character] = f"{ord(character) % 16:x}"
        return hint


HINTS = _Hints()


def _indexed_as(words: str) -> str:
    return " ".join(dict.fromkeys(chain.from_iterable(map(pairs, parts(words)))))
