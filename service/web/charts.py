"""Charts, drawn here as SVG: they print, scale, need no script, and every shape says in words what it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from markupsafe import Markup, escape

WIDTH, HEIGHT = 420, 250
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 14, 30


@dataclass(frozen=True, kw_only=True)
class Line:
    """A row of values along the same steps; where there is none, the line has a gap. `css` says how it looks."""

    css: str
    label: str
    values: Sequence[float | None]


@dataclass(frozen=True, kw_only=True)
class Bar:
    css: str
    value: int
    tooltip: str
    leads_to: str


@dataclass(frozen=True, kw_only=True)
class Column:
    """Bars side by side under one label."""

    label: str
    bars: Sequence[Bar]


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A line across the columns, so many of them from the left."""

    css: str
    at: float
    label: str


@dataclass(frozen=True, kw_only=True)
class Flow:
    """So many moved from one place of the left column to one of the right."""

    source: str
    target: str
    n: int
    tooltip: str
    leads_to: str


def lines(title: str, steps: Sequence[str], rows: Sequence[Line], unit: str, limit: tuple[float, str]) -> Markup:
    """Lines over equal steps, each with its name at its end. `unit` says what the values are; the limit is drawn, too."""
    height, right = 170, 40
    allowed, said_of_it = limit
    most = max((value for row in rows for value in row.values if value is not None), default=0)
    top = _top(max(most, allowed * 1.15))
    across = (WIDTH - LEFT - right) / max(len(steps) - 1, 1)

    def at(n: int, value: float) -> tuple[float, float]:
        return LEFT + n * across, height - BOTTOM - value / top * (height - TOP - BOTTOM)

    drawn = [_axis(top, height, right)]
    every = max(len(steps) // 5, 1)
    drawn += [_text(at(n, 0)[0], height - 8, step, "middle") for n, step in enumerate(steps) if n % every == 0]
    _, line = at(0, allowed)
    drawn.append(Markup('<path class="limit" d="M{} {}H{}"/>').format(LEFT, _r(line), WIDTH - right))
    ends: list[float] = []
    for row in rows:
        known = [(n, value) for n, value in enumerate(row.values) if value is not None]
        path = "".join(
            f"{'L' if before == n - 1 else 'M'}{_xy(*at(n, value))}" for before, (n, value) in _followed(known)
        )
        drawn.append(Markup('<path class="line {}" d="{}"/>').format(row.css, Markup(path)))
        for n, value in known:
            x, y = at(n, value)
            tooltip = f"{row.label}, {steps[n]}: {value:.1f} {unit}"
            drawn.append(
                Markup('<circle class="{}" cx="{}" cy="{}" r="3.5"><title>{}</title></circle>').format(
                    row.css, _r(x), _r(y), tooltip
                )
            )
        if known:
            x, y = at(*known[-1])
            y = y if all(abs(y - other) > 13 for other in ends) else min(ends) - 13
            ends.append(y)
            drawn.append(_text(x + 7, y + 4, row.label, "start", "strong"))
    drawn.append(_text(LEFT + 4, line - 4, said_of_it, "start", "limit-label"))
    return _chart(title, height, drawn)


def bars(
    title: str, columns: Sequence[Column], limits: Sequence[Limit], key: Sequence[tuple[str, str]], unit: str
) -> Markup:
    """Groups of bars, each leading to what it counts; what the colours mean, and the limits as lines with their words."""
    head = 56
    top = _top(max((bar.value for column in columns for bar in column.bars), default=0))
    width = (WIDTH - LEFT - RIGHT) / max(len(columns), 1)
    room = HEIGHT - head - BOTTOM
    drawn = [_axis(top, HEIGHT, RIGHT, head)]
    for n, (css, label) in enumerate(key):
        beside = LEFT + n * 76
        drawn.append(Markup('<rect class="{}" x="{}" y="2" width="10" height="10" rx="2"/>').format(css, beside))
        drawn.append(_text(beside + 14, 11, label, "start"))
    drawn.append(_text(LEFT - 6, HEIGHT - 8, unit, "end"))
    for number, limit in enumerate(limits):
        x = LEFT + limit.at * width
        drawn.append(
            Markup('<path class="limit {}" d="M{} {}V{}"/>').format(limit.css, _r(x), head - 36, HEIGHT - BOTTOM)
        )
        drawn.append(_text(x + 3, head - 28 + 11 * (number % 2), limit.label, "start", "limit-label"))
    for n, column in enumerate(columns):
        thin = width * 0.8 / max(len(column.bars), 1)
        for place, bar in enumerate(column.bars):
            if not bar.value:
                continue
            high = bar.value / top * room
            x, y = LEFT + n * width + width * 0.1 + place * thin, HEIGHT - BOTTOM - high
            rect = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="2"><title>{}</title></rect>')
            drawn.append(
                _leading(
                    rect.format(bar.css, _r(x), _r(y), _r(thin * 0.9), _r(high), bar.tooltip)
                    + _text(x + thin / 2, y - 4, str(bar.value), "middle", "strong"),
                    bar.tooltip,
                    bar.leads_to,
                )
            )
        drawn.append(_text(LEFT + (n + 0.5) * width, HEIGHT - 8, column.label, "middle"))
    return _chart(title, HEIGHT, drawn)


def _leading(drawn: Markup, label: str, leads_to: str) -> Markup:
    return Markup('<a href="{}" aria-label="{}">{}</a>').format(leads_to, label, drawn)


def sankey(title: str, sources: Mapping[str, str], targets: Mapping[str, str], flows: Sequence[Flow]) -> Markup:
    """Streams from a left column to a right one, as wide as they are many. A place's key is also its colour."""
    out = {place: sum(flow.n for flow in flows if flow.source == place) for place in sources}
    into = {place: sum(flow.n for flow in flows if flow.target == place) for place in targets}
    gap, room = 18, HEIGHT - 2 * TOP
    scale = min((room - gap * (len(column) - 1)) / max(sum(column.values()), 1) for column in (out, into))
    at = {"out": _stacked(out, scale, gap), "into": _stacked(into, scale, gap)}
    left, right, thick = 92, WIDTH - 118, 12
    drawn: list[Markup] = []
    for flow in sorted(flows, key=lambda one: (list(sources).index(one.source), list(targets).index(one.target))):
        wide = flow.n * scale
        y0, y1 = at["out"][flow.source], at["into"][flow.target]
        at["out"][flow.source] += wide
        at["into"][flow.target] += wide
        mid = (left + thick + right) / 2
        path = (
            f"M{_xy(left + thick, y0)}C{_xy(mid, y0)} {_xy(mid, y1)} {_xy(right, y1)}"
            f"V{_r(y1 + wide)}C{_xy(mid, y1 + wide)} {_xy(mid, y0 + wide)} {_xy(left + thick, y0 + wide)}Z"
        )
        stream = Markup('<path class="flow {}" d="{}"><title>{}</title></path>').format(flow.source, path, flow.tooltip)
        drawn.append(_leading(stream, flow.tooltip, flow.leads_to))
    for names, sums, starts, x, anchor, beside in (
        (sources, out, _stacked(out, scale, gap), left, "end", -8),
        (targets, into, _stacked(into, scale, gap), right, "start", thick + 8),
    ):
        for place, label in names.items():
            if not sums[place]:
                continue
            high = max(sums[place] * scale, 1)
            drawn.append(
                Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>').format(
                    place, x, _r(starts[place]), thick, _r(high), f"{label}: {sums[place]}"
                )
            )
            drawn.append(_text(x + beside, starts[place] + high / 2 + 4, f"{label} {sums[place]}", anchor, "strong"))
    return _chart(title, HEIGHT, drawn)


def _stacked(sums: Mapping[str, int], scale: float, gap: float) -> dict[str, float]:
    """Where each place of a column begins."""
    tops: dict[str, float] = {}
    y = float(TOP)
    for place, n in sums.items():
        tops[place] = y
        y += n * scale + (gap if n else 0)
    return tops


def _followed(known: Sequence[tuple[int, float]]) -> list[tuple[int, tuple[int, float]]]:
    return list(zip([-2, *(n for n, _ in known)], known, strict=False))


def _top(most: float) -> int:
    """Where an axis ends: two figures that hold the most, and whose half is a whole number, too."""
    step: int = 2 * 10 ** max(len(str(ceil(most))) - 2, 0)
    return max(ceil(most / step), 1) * step


def _axis(top: int, height: int, right: int, head: int = TOP) -> Markup:
    """Three lines across, at nothing, half and all."""
    high = height - head - BOTTOM
    return Markup("").join(
        Markup('<path class="axis" d="M{} {}H{}"/>').format(LEFT, _r(height - BOTTOM - part / 2 * high), WIDTH - right)
        + _text(LEFT - 6, height - BOTTOM - part / 2 * high + 4, str(top * part // 2), "end")
        for part in range(3)
    )


def _chart(title: str, height: int, drawn: Sequence[Markup]) -> Markup:
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="group" aria-label="{}">{}</svg>').format(
        WIDTH, height, title, Markup("").join(drawn)
    )


def _text(x: float, y: float, text: str, anchor: str, css: str = "") -> Markup:
    return Markup('<text x="{}" y="{}" text-anchor="{}" class="{}">{}</text>').format(
        _r(x), _r(y), anchor, css, escape(text)
    )


def _xy(x: float, y: float) -> str:
    return f"{_r(x)} {_r(y)}"


def _r(number: float) -> str:
    return f"{number:.1f}".rstrip("0").rstrip(".")
