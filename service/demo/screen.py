"""What the demonstration says on the terminal: how far it is, then addresses, keys, and three lines to paste."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from domain.org import Role
from service.demo.district import HOME
from service.demo.filling import Facts
from service.demo.keyring import around

REPORT = f'{{"title": "Street light out at the school gate 校门口路灯不亮", "kind": "request", "village": "{HOME}"}}'
WRITING = f"""-H "Idempotency-Key: $(date +%s)" -H 'Content-Type: application/json' -d '{REPORT}'"""
READABLE = " | python3 -m json.tool --no-ensure-ascii"

console = Console(highlight=False, soft_wrap=True)


@contextmanager
def filling_up(cases: int) -> Iterator[Callable[[float], object]]:
    """A bar that moves while the days go by."""
    title = f"Playing 90 days of Hanbin 汉滨区: about {cases:,} invented cases"
    if not console.is_terminal:
        console.print(title)
        yield lambda _done: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task(title, total=1.0)
        yield lambda done: progress.update(bar, completed=done)


def opened(facts: Facts, address: str, folder: Path) -> None:
    """Everything needed for the first five minutes, on one screen."""
    console.print(
        f"\n[bold]Sanji 三级[/]  Hanbin 汉滨区: 28 towns, 529 villages, {facts.cases:,} cases, all invented\n"
    )
    console.print(f"  [cyan]{address}/[/]         the pages 页面: sign in with a click as any of the roles below")
    console.print(f"  [cyan]{address}/docs[/]     every request, to be tried out")
    console.print(f"  [cyan]{address}/healthz[/]  is it well\n")
    console.print("[bold]Keys[/], to be sent as  Authorization: Bearer <key>\n")
    for name, key in named_keys(facts):
        console.print(f"  {name}{' ' * (34 - cell_len(name))}[green]{key}[/]")
    for caption, line in to_paste(facts, address):
        console.print(f"\n[bold]{caption}[/]")
        console.print(line + READABLE, markup=False)
    console.print(f"\nStop it with Ctrl-C. Everything lies in {folder}; --fresh begins anew.")


def named_keys(facts: Facts) -> Iterator[tuple[str, str]]:
    for ready in around(facts.place):
        yield f"{ready.english} {ready.chinese}", facts.keys[ready.role]


def to_paste(facts: Facts, address: str) -> tuple[tuple[str, str], ...]:
    """One line for each of the three users: other systems, town heads, auditors."""
    return (
        ("Another system reports a problem 上报问题", f"{_curl(facts, Role.INTEGRATOR)} {WRITING} {address}/v1/cases"),
        (
            "The town head sees what waits for him 镇办一把手的待办",
            f"{_curl(facts, Role.TOWN_HEAD)} '{address}/v1/me/queue?limit=5'",
        ),
        (
            "The auditor replays a case on which nobody acted in time 审计员回放一件超期上升的事项",
            f"{_curl(facts, Role.AUDITOR)} -H 'Accept-Language: zh' {address}/v1/cases/{facts.case}/history",
        ),
    )


def _curl(facts: Facts, role: Role) -> str:
    return f"curl -s -H 'Authorization: Bearer {facts.keys[role]}'"
