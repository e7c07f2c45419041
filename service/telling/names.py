"""What units and officials are called, for sentences: the name people know, with the id that is in the event."""

from __future__ import annotations

from collections.abc import Callable

from domain.org import Org

Naming = Callable[[str, str], str]
"""What the unit or official in a field is called in a sentence, by the field and the id."""

OFFICIALS = frozenset({"accountable", "by", "helper", "next_helper", "official", "signed_by", "visitor"})
UNITS = frozenset(
    {"by_unit", "charged_to", "lead", "parent", "successor", "suggested_unit", "to", "unit", "units", "village"}
)


def bare(_field: str, id: str) -> str:
    return id


def naming(org: Org, chinese: bool) -> Naming:
    """Names as they are today."""
    form = "{0}（{1}）" if chinese else "{0} ({1})"

    def named(field: str, id: str) -> str:
        known = org.official(id) if field in OFFICIALS else org.unit(id) if field in UNITS else None
        return form.format(known.name, id) if known and known.name != id else id

    return named
