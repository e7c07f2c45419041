"""The rules by which a household is found to be of its class, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.rules.helping import Row
from service.web.language import Language

SEVERITY = {1: ("轻度", "slight"), 2: ("中度", "serious"), 3: ("重度", "grave")}


def rule_in_words(table: Sequence[Row], rule: str, say: Language) -> str:
    """What a rule asks for; its alternatives one after another. The code itself for a rule of another policy."""
    sentences = [row_in_words(row, say) for row in table if row.rule == rule]
    return say("；或", "; or ").join(dict.fromkeys(sentences)) or rule


def row_in_words(row: Row, say: Language) -> str:
    """What one line of the table asks for."""
    return say("且", " and ").join(_parts(row, say))


def _parts(row: Row, say: Language) -> Iterator[str]:
    if row.protected:
        yield say("属特困供养或有无人抚养的未成年人", "under the five guarantees, or with an unsupported minor")
    if row.unsafe_home:
        yield say("住房不安全或因灾失去", "an unsafe home, or one lost to a disaster")
    if row.left_priority:
        yield say("退出连心户仍在巩固期", "left key support within the aftercare")
    if (pct := row.income_below_pct) is not None:
        line = (
            say("标准线", "the line")
            if pct == 100
            else say(f"标准线的{pct / 100:g}倍", f"{pct / 100:g} times the line")
        )
        yield say(f"人均收入低于{line}", f"income a head below {line}")
    if (pct := row.debt_at_least_pct) is not None:
        income = say("一年收入", "a year's income")
        many = income if pct == 100 else say(f"{income}的{pct / 100:g}倍", f"{pct / 100:g} times {income}")
        yield say(f"负债达到{many}", f"debts of at least {many}")
    if row.severity_at_least is not None:
        kind = say(*SEVERITY.get(row.severity_at_least, ("", "")))
        if row.items == 1:
            yield say(f"有{kind}困难", f"a {kind} hardship")
        else:
            yield say(f"有{row.items}项{kind}困难", f"{row.items} {kind} hardships")
