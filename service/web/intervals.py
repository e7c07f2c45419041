"""A rate drawn as what is known of it: the interval it lies in as a bar, what was counted as a tick, its peers as a line."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from service.web.language import Language

WIDTH, HIGH = 240, 22


def drawn(rate: dict[str, Any], label: str, say: Language, peers: float | None = None) -> Markup:
    """From none to all, left to right."""
    track = Markup('<path class="track" d="M0 {y}H{w}"/>').format(y=HIGH / 2, w=WIDTH)
    text = in_words(rate, label, say)
    if rate["interval"] is None:
        return _svg(text, track)
    low, high = rate["interval"]["low"], rate["interval"]["high"]
    bar = Markup('<rect class="between" x="{}" y="5" width="{}" height="{}" rx="4"><title>{}</title></rect>').format(
        _x(low), _x(max(high - low, 0.01)), HIGH - 10, text
    )
    tick = Markup('<rect class="counted" x="{}" y="1" width="3" height="{}" rx="1.5"><title>{}</title></rect>').format(
        _x(rate["raw"] * (1 - 3 / WIDTH)), HIGH - 2, text
    )
    line = Markup("")
    if peers is not None:
        mean = f"{say('同类平均', 'its peers')}: {peers:.0%}"
        line = Markup('<path class="peers" d="M{} 0V{}"><title>{}</title></path>').format(_x(peers), HIGH, mean)
    return _svg(text, track + bar + line + tick)


def in_words(rate: dict[str, Any], label: str, say: Language) -> str:
    """The same in words."""
    if rate["interval"] is None:
        return f"{label}: {say('无数据', 'no data')}"
    low, high = rate["interval"]["low"], rate["interval"]["high"]
    between = say(f"区间 {low:.0%}–{high:.0%}", f"between {low:.0%} and {high:.0%}")
    return f"{label}: {rate['raw']:.0%} ({rate['hits']:g}/{rate['n']}), {between}"


def _svg(text: str, inside: Markup) -> Markup:
    return Markup('<svg class="rate" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HIGH, text, inside
    )


def _x(share: float) -> str:
    return f"{share * WIDTH:.1f}"
