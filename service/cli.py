"""The command line: serve, fill a demonstration, make keys, look after the log."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from domain.org import Role
from domain.zone import day_at
from service.settings import Settings
from service.terminal.ending import in_one_line

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
keys = typer.Typer(no_args_is_help=True, help="API keys.")
cli.add_typer(keys, name="key")
exports = typer.Typer(no_args_is_help=True, help="Write down what is stored.")
cli.add_typer(exports, name="export")

OPENAPI = Path(__file__).parent.parent / "openapi" / "openapi.json"
AUTHORITY = Path(__file__).parent.parent / "docs" / "authority.md"


def main() -> None:
    """The entry point; settings that make no sense, or a database that does not answer, end in one line.

    What is written here is for this user and his group alone: cases lie in the files in plain words.
    """
    os.umask(os.umask(0o077) | 0o007)
    with in_one_line():
        cli()


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="address to listen on")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="port to listen on")] = None,
    workers: Annotated[int, typer.Option(min=1, help="processes")] = 1,
) -> None:
    """Serve the database that SANJI_DATABASE_URL names."""
    from service.serving import run

    run(_settings(host, port), workers)


@cli.command()
def demo(
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="port to listen on; if it is taken, the next free one")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="throw the demonstration away and begin anew")] = False,
    cases: Annotated[int, typer.Option(min=1, help="about how many cases to invent, the first time")] = 1200,
) -> None:
    """Fill 90 days of a district with invented cases, and serve them."""
    from service.demo.opening import open_demo

    open_demo(_settings(None, port), fresh=fresh, cases=cases)


@cli.command()
def doctor(
    last: Annotated[int, typer.Option(min=1, help="how many of the last events and files to check")] = 10_000,
) -> None:
    """Look at settings, database, secret, calendar, log, files and views, and say what to do. Changes nothing."""
    from service.terminal.doctor import examine

    well = True
    for finding in examine(_settings(), last, day_at(datetime.now(UTC))):
        typer.echo(f"{'ok' if finding.well else '!!'}  {finding.what:<9} {finding.said}")
        well = well and finding.well
    raise typer.Exit(0 if well else 1)


@cli.command()
def replay(
    case: Annotated[str, typer.Argument(help="the id or the number of the case")],
    version: Annotated[int | None, typer.Option(min=1, help="as it stood at this version")] = None,
    at: Annotated[str | None, typer.Option(help="as it stood at this instant, with its offset")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,
    chinese: Annotated[bool, typer.Option("--zh", help="in Chinese")] = False,
) -> None:
    """Tell the life of a case from the log: what happened, where it stands, and how each clock was counted."""
    from rich.console import Console

    from service.terminal.replaying import Nothing, replayed

    try:
        life = replayed(_settings(), case, version, _instant(at) if at else None, chinese)
    except Nothing:
        sys.exit("sanji: there is no such case, or it had no such version, or not yet")
    if as_json:
        typer.echo(life.as_json())
    else:
        life.show(Console())


def _instant(text: str) -> datetime:
    try:
        if (at := datetime.fromisoformat(text)).tzinfo is not None:
            return at
    except ValueError:
        pass
    sys.exit("sanji: --at is an instant with its offset, such as 2025-03-03T09:10:00+08:00")


@cli.command()
def verify(
    file: Annotated[
        Path | None, typer.Argument(exists=True, dir_okay=False, help="an exported log; else the database")
    ] = None,
    log: Annotated[Literal["log", "access-log"] | None, typer.Option(help="of the database, both")] = None,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(exists=True, dir_okay=False, help="signed earlier and kept elsewhere")
    ] = None,
    key: Annotated[str | None, typer.Option(help="the key it must be signed with, as text or in a file")] = None,
) -> None:
    """Check that nothing in the log was changed, with no server running; name the first position where it was."""
    from service.terminal.verifying import verdicts

    true = True
    for verdict in verdicts(_settings(), file, log, checkpoint or [], key):
        typer.echo(f"{'ok' if verdict.true else '!!'}  {verdict.log:<10} {verdict.said}")
        true = true and verdict.true
    raise typer.Exit(0 if true else 1)


@exports.command("log")
def export_log(file: Annotated[Path, typer.Argument(dir_okay=False, help="where to")]) -> None:
    """Write the log down as it is stored, a line for each event: `sanji verify FILE` checks it anywhere."""
    _export("log", file)


@exports.command("access-log")
def export_access_log(file: Annotated[Path, typer.Argument(dir_okay=False, help="where to")]) -> None:
    """The same for the log of readings."""
    _export("access-log", file)


def _export(log: str, file: Path) -> None:
    from service.audit.verifier import Untrue
    from service.audit.verifying import LOGS, export

    try:
        typer.echo(f"{export(_settings(), LOGS[log], file):,} lines in {file}")
    except Untrue as untrue:
        sys.exit(f"sanji: {untrue}")


@cli.command()
def erase(
    person: Annotated[str | None, typer.Argument(help="the id that GET /v1/persons answers")] = None,
    case: Annotated[
        str | None, typer.Option(help="everybody of whom something is sealed in this case, and its files")
    ] = None,
    household: Annotated[
        str | None, typer.Option(help="everybody of whom something is sealed there, and who lives in no other")
    ] = None,
    file: Annotated[str | None, typer.Option(help="this file alone, by its sha256, whatever quotes it")] = None,
    reason: Annotated[str, typer.Option(help="why a person is erased; it stays on record")] = "requested",
) -> None:
    """Erase a person or a file for good: what was sealed, nobody can read again. Proofs and figures stay."""
    from service.audit.erasing import Unknown
    from service.storage.wiping import StillRead
    from service.terminal.erasing import erase

    if len([one for one in (person, case, household, file) if one]) != 1:
        sys.exit("sanji: name a person, or --case, or --household, or --file")
    try:
        erase(_settings(), person, case, household, file, reason)
    except Unknown:
        sys.exit("sanji: nobody, or nothing, is known under this id")
    except StillRead as still:
        sys.exit(f"sanji: {still}; until then it may still lie in the file")
    typer.echo("erased; keys/erased and keys/erased-files in the data folder belong into every backup of the keys")


@cli.command()
def rebuild(
    projections: Annotated[list[str] | None, typer.Argument(help="which views; all by default")] = None,
    parked: Annotated[bool, typer.Option("--parked", help="those that have set events aside")] = False,
) -> None:
    """Build views anew beside those that serve, then switch. What was set aside is tried again."""
    from service.terminal.rebuilding import rebuild

    raise typer.Exit(rebuild(_settings(), projections or [], parked=parked))


@cli.command()
def parked() -> None:
    """List the events that a view could not apply and has set aside, and why."""
    from service.terminal.rebuilding import list_parked

    raise typer.Exit(list_parked(_settings()))


@cli.command("import")
def import_reports(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, XLSX or JSON lines")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="change nothing, only say what would be imported")] = False,
) -> None:
    """Report every row of a file. Doing it again adds what is missing, and nothing else."""
    from service.terminal.importing_reports import import_reports as reported

    raise typer.Exit(reported(_settings(), file, dry_run=dry_run))


@cli.command("import-log")
def import_log(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="an event log: .xes, .csv, or one of them .gz")
    ],
    mapping: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="what its attributes mean (TOML)")],
) -> None:
    """Write down a log of another system as history. Doing it again adds what is missing, and nothing else."""
    from service.terminal.importing_log import import_from

    raise typer.Exit(import_from(_settings(), file, mapping))


@cli.command()
def openapi(check: Annotated[bool, typer.Option("--check", help="only say whether it is up to date")] = False) -> None:
    """Write openapi/openapi.json from the code."""
    from service.terminal.describing import document

    written(OPENAPI, document(), check, "sanji openapi")


@cli.command()
def authority(
    check: Annotated[bool, typer.Option("--check", help="only say whether it is up to date")] = False,
) -> None:
    """Write docs/authority.md from the code: who may do what."""
    from service.terminal.describing import authority

    written(AUTHORITY, authority(), check, "sanji authority")


def written(path: Path, now: str, check: bool, command: str) -> None:
    if not check:
        path.parent.mkdir(exist_ok=True)
        path.write_text(now, "utf-8")
    elif not path.exists() or path.read_text("utf-8") != now:
        sys.exit(f"{path.parent.name}/{path.name} is not what the code says; run: {command}")


@keys.command("new")
def new_key(
    role: Annotated[Role | None, typer.Option(help="what the key may do")] = None,
    unit: Annotated[str, typer.Option(help="the unit it acts for")] = "",
    official: Annotated[str | None, typer.Option(help="the official it speaks for, with the posts of the day")] = None,
    replaces: Annotated[
        str | None, typer.Option(help="the id of a key: the new one may do the same, as the same")
    ] = None,
    expires: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="the day it ends")] = None,
    plain: Annotated[bool, typer.Option("--plain", help="print the key and nothing else")] = False,
) -> None:
    """Make a key and print it: this once, since only its hash is kept."""
    from service.terminal.keys import doubts, new, succeed

    ends = expires.date() if expires else None
    if replaces and not (role or unit or official):
        key = succeed(_settings(), replaces, ends)
        if key is None:
            sys.exit("sanji: no key is called so; sanji key list names them")
    elif role and not replaces:
        key = new(_settings(), role, unit, official, ends)
    else:
        sys.exit("sanji: say --role, or --replaces alone: the key that is replaced says what the new one may do")
    for why in doubts(_settings(), unit, official, ends):
        typer.echo(f"sanji: this key opens nothing: {why}", err=True)
    typer.echo(key if plain else f"{key}\n\nSend it as  Authorization: Bearer {key}")


@keys.command("list")
def list_keys() -> None:
    """List the keys by their ids: for whom each was made, when it ends, when it was taken back."""
    from rich.console import Console

    from service.terminal.keys import listed

    Console().print(listed(_settings()))


@keys.command("revoke")
def revoke_key(key: Annotated[str, typer.Argument(help="its id, or the key itself")]) -> None:
    """Take a key back. Whoever uses it is refused within five seconds."""
    from service.terminal.keys import revoke

    if not revoke(_settings(), key):
        sys.exit("sanji: no key that stands is called so; sanji key list names them")
    typer.echo("revoked")


def _settings(host: str | None = None, port: int | None = None) -> Settings:
    settings = Settings()
    address = {"host": host or settings.host, "port": port or settings.port}
    return Settings.model_validate(settings.model_dump() | address)


if __name__ == "__main__":
    main()
