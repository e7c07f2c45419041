"""Verifying an exported log takes at most five times as long as hashing its lines once; its hashing does 200,000 a second."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from benchmarks.measured import Measured, Target, in_turn, median_rate, print_table
from benchmarks.rebuild import timed
from service.audit.transparency import Signer
from service.audit.verifier import Tree, check, leaf_hash, lines_of, opened

EVENTS = 500_000
HELD = 100_000
"""Lines held in memory, to hash them without reading them."""
STREAM = 10
"""Events of a case."""
TEXT = 300
"""Letters in an event besides its head; with them it weighs as much as those of the demonstration."""


def run(_seconds: float, rounds: int) -> list[Target]:
    """The same file verified with a checkpoint and the kept leaf hashes, made into a tree, and hashed line by line."""
    with TemporaryDirectory(prefix="bench-") as folder:
        file = Path(folder) / "log"
        leaves = write(file)
        signer = Signer(Path(folder))
        tree = check(lines_of(file))
        note = signer.note(signer.key("log"), tree.size, tree.root())

        def verify() -> int:
            signed = opened(note, signer.key("log"))
            return check(lines_of(file), [signed], leaves).size

        def once() -> int:
            return sum(1 for _, line, _ in lines_of(file) if sha256(line).digest())

        some = [line for _, line, _ in islice(lines_of(file), HELD)]

        def hashing() -> int:
            """All that a verifier hashes: a leaf, what the next line of the stream names, and the tree above."""
            tree = Tree()
            for line in some:
                tree.add(leaf_hash(line))
                sha256(line).hexdigest()
            return tree.size

        sides: dict[str, Callable[[], Measured]] = {
            "verifying all of it": lambda: timed(verify),
            "only its hashing": lambda: timed(hashing),
            "reading and hashing once": lambda: timed(once),
        }
        taken = in_turn(sides, rounds)
    print_table(f"events a second, {EVENTS:,} events in {EVENTS // STREAM:,} streams", taken)
    verifying, hashed, read = (median_rate(side) for side in taken.values())
    return [
        Target(what="verifying / reading and hashing once", figure=verifying / read, at_least=1 / 5),
        Target(what="events a second of hashing", figure=hashed, at_least=200_000),
    ]


def write(file: Path) -> bytes:
    """A log of cases that go on side by side; answers its leaf hashes."""
    chance, at, leaves = Random(1), datetime(2025, 3, 3, tzinfo=UTC), bytearray()
    ends: dict[int, tuple[int, str]] = {}
    with file.open("wb") as written:
        for position in range(1, EVENTS + 1):
            case = chance.randrange(EVENTS // STREAM)
            version, previous = ends.get(case, (0, ""))
            now = (at + timedelta(seconds=position)).isoformat()
            line = json.dumps(
                {
                    "stream": f"case:{case:026}",
                    "version": version + 1,
                    "type": "case.noted",
                    "at": now,
                    "recorded_at": now,
                    "by": f"official-{case % 500}",
                    "command": sha256(b"%d" % position).hexdigest(),
                    "previous": previous,
                    "data": {"text": "x" * TEXT},
                },
                separators=(",", ":"),
            ).encode()
            ends[case] = version + 1, sha256(line).hexdigest()
            leaves += leaf_hash(line)
            written.write(b"%d\t%s\n" % (position, line))
    return bytes(leaves)
