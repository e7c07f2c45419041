"""`python -m benchmarks [name ...]`: run the named benchmarks, or all; `--list` names them."""

import argparse
import sys

from benchmarks import (
    coverage,
    first_paint,
    idle_streams,
    importing,
    lag,
    lists,
    queue,
    rebuild,
    replay,
    reporting,
    scorecards,
    sealing,
    search,
    verify,
    views,
    webhooks,
    what_if,
)

BENCHMARKS = {
    "reporting": reporting,
    "queue": queue,
    "views": views,
    "search": search,
    "lists": lists,
    "rebuild": rebuild,
    "lag": lag,
    "importing": importing,
    "replay": replay,
    "idle_streams": idle_streams,
    "scorecards": scorecards,
    "sealing": sealing,
    "verify": verify,
    "what_if": what_if,
    "coverage": coverage,
    "webhooks": webhooks,
    "first_paint": first_paint,
}


def main() -> int:
    """0, or 1 when `--check` was given and a target was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"one of: {', '.join(BENCHMARKS)}; all by default")
    parser.add_argument("--list", action="store_true", help="name the benchmarks and what each one asks")
    parser.add_argument("--rounds", type=int, default=3, help="rounds that count, for each side (default 3)")
    parser.add_argument("--seconds", type=float, default=5.0, help="length of a round (default 5)")
    parser.add_argument("--check", action="store_true", help="fail when a target is missed")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(BENCHMARKS):
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}")
    if asked.list:
        for name, benchmark in BENCHMARKS.items():
            print(f"{name:12}{benchmark.__doc__}")
        return 0
    targets = [
        target for name in asked.names or BENCHMARKS for target in BENCHMARKS[name].run(asked.seconds, asked.rounds)
    ]
    print("", *targets, sep="\n")
    return int(asked.check and not all(target.met for target in targets))


if __name__ == "__main__":
    sys.exit(main())
