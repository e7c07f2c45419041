"""Charts, drawn here as SVG: they print, scale, need no script, and every mark says in words what it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
    label: str
    value: int
    told: str


@dataclass(frozen=True, kw_only=True)
class Flow:
    """So many moved from one place of the left column to one of the right."""

    source: str
    target: str
    n: int
    told: str


def lines(title: str, steps: Sequence[str], rows: Sequence[Line], unit: str) -> Markup:
    """Lines over equal steps. `unit` says what the values are."""
    top = max((value for row in rows for value in row.values if value is not None), default=0) or 1
    across = (WIDTH - LEFT - RIGHT) / max(len(steps) - 1, 1)

    def at(n: int, value: float) -> tuple[float, float]:
        return LEFT + n * across, HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)

    drawn = [_axis(top, unit)]
    every = max(len(steps) // 6, 1)
    drawn += [_text(at(n, 0)[0], HEIGHT - 8, step, "middle") for n, step in enumerate(steps) if n % every == 0]
    for row in rows:
        known = [(n, value) for n, value in enumerate(row.values) if value is not None]
        path = "".join(
            f"{'L' if before == n - 1 else 'M'}{_xy(*at(n, value))}" for before, (n, value) in _followed(known)
        )
        drawn.append(Markup('<path class="line {}" d="{}"/>').format(row.css, Markup(path)))
        for n, value in known:
            x, y = at(n, value)
            said = f"{row.label}, {steps[n]}: {value:.1f} {unit}"
            drawn.append(
                Markup('<circle class="{}" cx="{}" cy="{}" r="3.5"><title>{}</title></circle>').format(
                    row.css, _r(x), _r(y), said
                )
            )
    return _chart(title, HEIGHT, drawn)


def bars(title: str, columns: Sequence[Bar], limit: tuple[int, str] | None = None) -> Markup:
    """Columns side by side; `limit` draws a line before the column of that number, with its words."""
    top = max((bar.value for bar in columns), default=0) or 1
    width = (WIDTH - LEFT - RIGHT) / max(len(columns), 1)
    drawn = [_axis(top, "")]
    for n, bar in enumerate(columns):
        high = bar.value / top * (HEIGHT - TOP - BOTTOM)
        x, y = LEFT + n * width, HEIGHT - BOTTOM - high
        drawn.append(
            Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="3"><title>{}</title></rect>').format(
                bar.css, _r(x + width * 0.14), _r(y), _r(width * 0.72), _r(high), bar.told
            )
        )
        drawn.append(_text(x + width / 2, HEIGHT - 8, bar.label, "middle"))
        drawn.append(_text(x + width / 2, y - 5, str(bar.value), "middle", "strong"))
    if limit:
        edge = LEFT + limit[0] * width
        drawn.append(Markup('<path class="limit" d="M{} {}V{}"/>').format(_r(edge), TOP, HEIGHT - BOTTOM))
        drawn.append(_text(edge + 4, TOP + 4, limit[1], "start"))
    return _chart(title, HEIGHT, drawn)


def sankey(title: str, sources: Mapping[str, str], targets: Mapping[str, str], flows: Sequence[Flow]) -> Markup:
    """Streams from a left column to a right one, as wide as they are many. A place's key is also its colour."""
    out = {place: sum(flow.n for flow in flows if flow.source == place) for place in sources}
    into = {place: sum(flow.n for flow in flows if flow.target == place) for place in targets}
    gap, room = 18, HEIGHT - 2 * TOP
    scale = min((room - gap * (len(column) - 1)) / max(sum(column.values()), 1) for column in (out, into))
    at = {"out": _stacked(out, scale, gap), "into": _stacked(into, scale, gap)}
    left, right, thick = 92, WIDTH - 104, 12
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
        drawn.append(
            Markup('<path class="flow {}" d="{}"><title>{}</title></path>').format(flow.source, path, flow.told)
        )
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


def _axis(top: float, unit: str) -> Markup:
    high = HEIGHT - TOP - BOTTOM
    drawn = [
        Markup('<path class="axis" d="M{} {}H{}"/>').format(LEFT, _r(HEIGHT - BOTTOM - part * high), WIDTH - RIGHT)
        + _text(LEFT - 6, HEIGHT - BOTTOM - part * high + 4, f"{top * part:.0f}", "end")
        for part in (0, 0.5, 1)
    ]
    return Markup("").join(drawn) + (_text(LEFT - 6, TOP - 4, unit, "end") if unit else Markup(""))


def _chart(title: str, height: int, drawn: Sequence[Markup]) -> Markup:
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, height, title, Markup("").join(drawn)
    )


def _text(x: float, y: float, said: str, anchor: str, css: str = "") -> Markup:
    return Markup('<text x="{}" y="{}" text-anchor="{}" class="{}">{}</text>').format(
        _r(x), _r(y), anchor, css, escape(said)
    )


def _xy(x: float, y: float) -> str:
    return f"{_r(x)} {_r(y)}"


def _r(number: float) -> str:
    return f"{number:.1f}".rstrip("0").rstrip(".")
