"""Commands of `sanji`, each in a process of its own, forked from one that has read the service: that takes the longest.

So is the keeper of each that serves.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from multiprocessing import forkserver, get_context
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

WARM = get_context("forkserver")
WARM.set_forkserver_preload([__name__, "service.serving", "service.demo.opening", "service.terminal.replaying"])


def sanji(*asked: str, environment: Mapping[str, str], out: Path, err: Path | None = None) -> BaseProcess:
    """Begins that command. What it says goes to the end of these files."""
    forkserver.ensure_running()
    process = WARM.Process(target=_obey, args=(_where(), asked, environment, out, err or out))
    process.start()
    return process


def _obey(where: str, asked: tuple[str, ...], environment: Mapping[str, str], out: Path, err: Path) -> None:
    from service import keeper
    from service.cli import main

    setattr(keeper, "PROCESSES", _joined(where))
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["sanji", *asked]
    for number, path in ((1, out), (2, err)):
        with path.open("ab") as file:
            os.dup2(file.fileno(), number)
    main()


def _where() -> str:
    """Where the process that forks is reached. Only a private name of the standard library tells."""
    address: str = vars(forkserver._forkserver)["_forkserver_address"]
    return address


def _joined(where: str) -> ForkServerContext:
    """Has the keeper forked by the process that forked this one; left alone, each server would begin another of its own."""
    vars(forkserver._forkserver).update(_forkserver_address=where, ensure_running=lambda: None)
    return WARM
