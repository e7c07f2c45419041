"""Cases as an event log that process-mining tools read (XES, IEEE 1849): a case is a trace, each of its events an event."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from xml.sax.saxutils import quoteattr

from domain.case import Case
from service.record.codec import Line, to_line, to_recorded
from service.telling.history import Telling

UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML may contain."""

HEAD = b"""<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2023" xes.features="" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<global scope="trace"><string key="concept:name" value=""/></global>
<global scope="event"><string key="concept:name" value=""/><date key="time:timestamp" value="1970-01-01T00:00:00Z"/>\
<string key="lifecycle:transition" value="complete"/></global>
<classifier name="Activity" keys="concept:name"/>
"""
TAIL = b"</log>\n"


def trace(case: Case, lines: Iterable[bytes], telling: Telling) -> bytes:
    """One case with all its events, as the reader may see them."""
    parts = ["<trace>", _string("concept:name", case.id), _string("sanji:number", case.number)]
    parts += [_string("sanji:kind", case.kind), _string("sanji:grade", case.grade)]
    state = Case(id=case.id)
    for stored in lines:
        state = state.evolve(to_recorded(stored))
        parts += _event(to_line(stored), state, telling)
    parts.append("</trace>\n")
    return "".join(parts).encode()


def _event(line: Line, after: Case, telling: Telling) -> Iterator[str]:
    """What happened, when it took effect, by whom, and where the case was and how it stood afterwards."""
    yield "<event>"
    yield _string("concept:name", line.type.partition(".")[2])
    yield _date("time:timestamp", line.at)
    yield _string("lifecycle:transition", "complete")
    yield _string("org:resource", telling.who(line.by))
    if after.unit:
        yield _string("org:group", after.unit)
        yield _string("sanji:tier", after.tier or "")
    yield _string("sanji:status", after.status)
    yield _date("sanji:recorded_at", line.recorded_at)
    yield "</event>"


def _string(key: str, value: str) -> str:
    return f'<string key="{key}" value={quoteattr(UNFIT.sub("", value))}/>'


def _date(key: str, at: datetime) -> str:
    return f'<date key="{key}" value="{at.isoformat(timespec="milliseconds")}"/>'
