"""The dossier of a case: a zip that can be read, and checked, on a machine that knows nothing of this service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined

from domain.case import Case
from domain.decider import Act, Actor
from domain.streams import CALENDARS, POLICIES, case_stream
from service.audit import verifier
from service.http.problems import ViewBehind
from service.office import Office
from service.record.aggregates import blank
from service.record.codec import to_line, to_recorded
from service.telling.case_view import case_fields
from service.telling.explaining import explanation
from service.telling.history import Telling, history_of
from service.telling.words import word

PRETTY = orjson.OPT_INDENT_2
PAGE = Environment(
    loader=PackageLoader("service.exporting", ""),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
).get_template("dossier.html")


@dataclass(frozen=True)
class Published:
    """A version of a policy or of a year's calendar, and where it lies in the log."""

    label: str
    position: int
    line: bytes


def dossier(office: Office, case: Case, by: Actor, act: Act) -> bytes:
    """Everything that this reader may know of a case, with proofs. Raises ViewBehind until all of it has been signed.

    A manifest of the hashes of all its files is signed, so that none of them can be changed, cut or left out. Stored
    lines name everybody. They are in it only for a reader from whom the history hides nobody; for others their hashes are.
    """
    stream = case_stream(case.id)
    lines = office.recorder.select_streams([stream])[stream][: case.version]
    places = dict(zip(office.recorder.positions(stream), lines, strict=False))
    decided = [one for one in published(office) if one.label in labels(lines)]
    stories = {name: history_of(office.recorder, case, act, name == "zh", 0, case.version)[0] for name in ("zh", "en")}
    whole = not Telling.of(case, act, False).hidden
    log = office.notary.events
    note, signed = within = log.latest()
    if signed.size < max(places):
        raise ViewBehind
    shown = (places if whole else {}) | {one.position: one.line for one in decided}
    proofs = [proof for position in sorted(places.keys() | shown.keys()) if (proof := log.proof(position, within))]
    why = explanation(office.ledger, case, act, True), explanation(office.ledger, case, act, False)
    files = {
        "dossier.json": orjson.dumps(
            {
                "case": case.id,
                "version": case.version,
                "number": case.number,
                "checkpoint": note,
                "key": str(log.key),
                "lines": whole,
                "entries": [proof.in_hexadecimal() for proof in proofs],
                "history": stories["en"],
            },
            option=PRETTY,
        ),
        "history.zh.json": orjson.dumps(stories["zh"], option=PRETTY),
        "states.json": orjson.dumps(list(states(office, by, case, lines)), option=PRETTY),
        "rules.json": orjson.dumps({one.label: to_line(one.line).data for one in decided}, option=PRETTY),
        "events.log": b"".join(b"%d\t%s\n" % one for one in sorted(shown.items())),
        "checkpoint": note.encode(),
        "key": f"{log.key}\n".encode(),
        "verifier.py": Path(verifier.__file__).read_bytes(),
        "index.html": page(case, act, stories, signed.size, whole, why, decided).encode(),
    }
    return zipped(files | {"manifest": manifest(office, case, files).encode()})


def manifest(office: Office, case: Case, files: dict[str, bytes]) -> str:
    """The hash of each file, signed; in the form of `sha256sum`."""
    hashes = (f"{sha256(content).hexdigest()}  {name}" for name, content in sorted(files.items()))
    signer, log = office.notary.signer, office.notary.events
    return signer.signed(log.key.signing("dossier"), f"{case.id} {case.version}", *hashes)


def states(office: Office, by: Actor, case: Case, lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """How the case stood after each event, in the shape of `GET /v1/cases/{id}?version=`."""
    state = blank(case_stream(case.id))
    for line in lines:
        state = state.evolve(to_recorded(line))
        yield case_fields(state, office.act(by, state.updated_at))


def labels(lines: Iterable[bytes]) -> set[str]:
    """The versions of policies and calendars that decided anything in these events."""
    found: set[str] = set()

    def look(value: Any) -> None:
        if isinstance(value, dict):
            for name in ("policy", "calendar"):
                if isinstance(label := value.get(name), str):
                    found.update(label.split("+"))
        for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            look(one)

    for line in lines:
        look(to_line(line).data)
    return found


def published(office: Office) -> Iterator[Published]:
    """Every version of a policy and of a year's calendar."""
    times: dict[str, int] = {}
    for stream in (POLICIES, CALENDARS):
        lines = office.recorder.select_streams([stream])[stream]
        for position, line in zip(office.recorder.positions(stream), lines, strict=False):
            data = to_line(line).data
            if stream == POLICIES:
                yield Published(f"{data['policy']['id']}.{data['policy_version']}", position, line)
            else:
                year = f"{data['region']}-{data['year']}"
                times[year] = times.get(year, 0) + 1
                yield Published(f"{year}.{times[year]}", position, line)


def page(
    case: Case, act: Act, stories: dict[str, Any], size: int, whole: bool, why: Any, decided: Iterable[Published]
) -> str:
    """A page without a script, to be read where nothing else is."""
    return PAGE.render(
        case=case_fields(case, act),
        status=[word("status", case.status, chinese) for chinese in (True, False)],
        history=list(zip(stories["zh"], stories["en"], strict=True)),
        size=size,
        whole=whole,
        why=why,
        decided=[one.label for one in decided],
    )


def zipped(files: dict[str, bytes]) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as folder:
        for name, content in files.items():
            folder.writestr(name, content)
    return made.getvalue()
