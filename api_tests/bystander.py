"""What a bystander reckons from a log of incidents with nothing but the standard library: he has never seen the service.

The log is read as its publisher describes it: the state between two lines is the earlier one's, the line's group has
the case, what is open at the end ends with the log.
"""

import gzip
import xml.etree.ElementTree as ET
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

OVER = {"Resolved", "Closed", "In Call", "Cancelled"}
PAUSED = {"Wait - User", "Wait - Customer"}
NAMESPACE = "{http://www.xes-standard.org/}"


@dataclass
class Spell:
    """One stay in a tier, in seconds since the epoch."""

    case: str
    tier: str
    start: int
    end: int | None = None
    paused: int = 0
    resolved: bool = False
    reopened: bool = False


@dataclass
class Tier:
    cases: set[str] = field(default_factory=set)
    spells: list[Spell] = field(default_factory=list)

    def figures(self) -> dict[str, int | None]:
        lasted = sorted((spell.end or 0) - spell.start for spell in self.spells)
        net = sorted((spell.end or 0) - spell.start - spell.paused for spell in self.spells)
        return {
            "cases": len(self.cases),
            "entries": len(self.spells),
            "total_s": sum(lasted),
            "net_total_s": sum(net),
            "p50_s": at_least(lasted, 0.5),
            "p90_s": at_least(lasted, 0.9),
            "net_p50_s": at_least(net, 0.5),
            "reopened": sum(spell.reopened for spell in self.spells),
        }


def at_least(ordered: list[int], share: float) -> int | None:
    """The first value up to which there is at least this share of all."""
    return next((value for n, value in enumerate(ordered, 1) if n >= share * len(ordered) - 1e-9), None)


def reckoned(path: Path) -> dict[str, dict[str, int | None]]:
    """The figures of each tier."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        traces = list(ET.parse(file).getroot().iter(NAMESPACE + "trace"))
    cases = {values(trace)["concept:name"]: lines(trace) for trace in traces}
    last = max(at for told in cases.values() for at, _, _ in told)
    tiers: dict[str, Tier] = defaultdict(Tier)
    for case, told in cases.items():
        for spell in spells(case, told, last):
            tiers[spell.tier].cases.add(case)
            tiers[spell.tier].spells.append(spell)
    return {name: tier.figures() for name, tier in tiers.items()}


def lines(trace: ET.Element) -> list[tuple[int, str, str]]:
    """When, in which tier, in which state."""
    told = []
    for event in trace.iter(NAMESPACE + "event"):
        said = values(event)
        group = said["org:group"]
        tier = "district" if group.endswith(" 3rd") else "town" if group.endswith(" 2nd") else "village"
        at = int(datetime.fromisoformat(said["time:timestamp"]).timestamp())
        told.append((at, tier, said["lifecycle:transition"]))
    return told


def values(element: ET.Element) -> dict[str, str]:
    return {child.attrib["key"]: child.attrib["value"] for child in element if "value" in child.attrib}


def spells(case: str, told: list[tuple[int, str, str]], last: int) -> list[Spell]:
    found: list[Spell] = []
    current: Spell | None = None
    paused_since: int | None = None

    def leave(at: int) -> None:
        nonlocal paused_since
        assert current is not None
        current.end = at
        current.paused += at - paused_since if paused_since is not None else 0
        paused_since = None

    for at, tier, state in told:
        if state in OVER:
            if current is None and not found:
                current = Spell(case, tier, at)
                found.append(current)
            if current is not None:
                leave(at)
                current.resolved, current = True, None
            continue
        if current is None or current.tier != tier:
            if current is not None:
                leave(at)
            elif found:
                found[-1].reopened = True
            current = Spell(case, tier, at)
            found.append(current)
        if state in PAUSED and paused_since is None:
            paused_since = at
        elif state not in PAUSED and paused_since is not None:
            current.paused += at - paused_since
            paused_since = None
    if current is not None:
        leave(last)
    return found
