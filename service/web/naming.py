"""Names of people and machines on pages: the name, or else what they are; never a code."""

from __future__ import annotations

import re

from domain.org import Org
from service.web.language import Language

NOBODY: dict[str, tuple[str, str]] = {
    "system": ("系统", "the system"),
    "admin": ("管理员", "the administrator"),
    "key:": ("对接系统", "a connected system"),
    "p-": ("反映人", "the citizen"),
    "citizen": ("反映人", "the citizen"),
    "hidden-": ("反映人（隐去身份）", "a reporter who stays unknown"),
}
"""Names by the prefix of the id."""
CODES = re.compile(r" ?[（(]([A-Za-z0-9:._-]{1,64})[）)]")
KEY = re.compile(r"key:[\w-]+")
CASE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def called(org: Org, official: str | None, say: Language) -> str:
    """What somebody is called."""
    if not official:
        return ""
    known = org.official(official)
    if known is not None:
        return known.name
    return next((say(*words) for start, words in NOBODY.items() if official.startswith(start)), official)


def in_words(org: Org, sentence: str, say: Language) -> str:
    """A sentence without the ids that stand behind names for auditors of the log."""

    def without(found: re.Match[str]) -> str:
        return "" if org.unit(found[1]) or org.official(found[1]) else found[0]

    text = CASE.sub(say("另一件事项", "another case"), KEY.sub(say(*NOBODY["key:"]), CODES.sub(without, sentence)))
    return text[:1].upper() + text[1:]
