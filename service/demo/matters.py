"""What people bring: invented matters of many kinds, and who in a town and in the district sees to each kind."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from random import Random

from domain.case.terms import Kind, Petitioner
from service.demo.district import Place

MATTERS = Path(__file__).with_name("matters.toml")

SEEN_TO_BY = {
    "饮水": ("rural", "dept-water"),
    "道路": ("building", "dept-transport"),
    "住房": ("building", "dept-housing"),
    "救助": ("civil", "dept-civil-affairs"),
    "土地": ("building", "dept-land"),
    "环境": ("building", "dept-ecology"),
    "农业": ("rural", "dept-agriculture"),
    "劳动": ("civil", "dept-human-resources"),
    "医疗": ("civil", "dept-health"),
    "教育": ("civil", "dept-education"),
    "用电": ("rural", "dept-development"),
}
"""For each category the office of a town, and the department of the district."""


@dataclass(frozen=True, kw_only=True)
class Matter:
    category: str
    title: str
    description: str
    reply: str
    kind: Kind

    @property
    def office(self) -> str:
        return SEEN_TO_BY[self.category][0]

    @property
    def department(self) -> str:
        return SEEN_TO_BY[self.category][1]


class Matters:
    def __init__(self) -> None:
        self._matters = tomllib.loads(MATTERS.read_text("utf-8"))

    def at(self, place: Place, chance: Random, kind: Kind = Kind.REQUEST) -> Matter:
        """Something that happens in this village: a benefit asked for, or any other matter, told as that kind."""
        asked = kind is Kind.BENEFIT
        matters = [
            (category, matter)
            for category, of_it in self._matters.items()
            for matter in of_it
            if ("kind" in matter) is asked
        ]
        category, matter = chance.choice(matters)
        words = {"place": place.short, "group": "一二三四五六"[chance.randrange(6)], "n": chance.randint(2, 38)}
        title, description, reply = (matter[field].format(**words) for field in ("title", "description", "reply"))
        return Matter(category=category, title=title, description=description, reply=reply, kind=kind)


def petitioner(number: int, place: Place) -> Petitioner:
    """Somebody who plainly does not exist: no telephone number begins like this."""
    return Petitioner(
        name=f"示例群众{number:04d}", phone=f"000-0000-{number % 10_000:04d}", address=f"{place.town_name}{place.short}"
    )
