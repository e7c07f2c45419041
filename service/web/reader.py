"""Who reads a page: what he is called, the post he acts in, and what stands in his menu."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from fastapi import Request

from domain.decider import Act, Actor
from domain.household.gate import EVERYWHERE, NEAR
from domain.household.gate import READ as HOME
from domain.org import Role
from domain.rules.authority import AUTHORITY, READ
from service.http.requests import office_of
from service.web.language import Language
from service.web.session import READER

WATCHING = frozenset({Role.AUDITOR, Role.PRIVACY_OFFICER, Role.ORGANISATION_OFFICER, Role.INTEGRATOR, Role.ADMIN})
"""Roles that only look on: nothing waits for them."""


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Somebody who is signed in. `id` marks what waits in his browser as his."""

    id: str
    name: str
    post: str


def actor_of(request: Request) -> Actor | None:
    """The actor of this session; None for a stranger."""
    actor: Actor | None = request.scope.get(READER)
    return actor


def lets(request: Request, rule: Callable[[Act], bool]) -> bool:
    """Whether a rule allows the reader something now, so that its form is shown. The route checks it again."""
    actor = actor_of(request)
    return actor is not None and rule(office_of(request).act(actor))


def reader(request: Request, actor: Actor, say: Language) -> Reader:
    org = office_of(request).org
    official = org.official(actor.id)
    posts = [(org.unit(post.unit), say.word("role", post.role)) for post in actor.posts]
    titles = [f"{unit.name} {role}" if unit else role for unit, role in posts]
    name = official.name if official else titles[0] if titles else say("群众", "citizen")
    return Reader(id=actor.id, name=name, post=titles[0] if titles and official else "")


Who = Callable[[Actor], bool]


def anybody(_actor: Actor) -> bool:
    return True


def at_work(actor: Actor) -> bool:
    """Who holds a post in the district, and is no machine."""
    return any(post.role is not Role.INTEGRATOR for post in actor.posts)


def handles(actor: Actor) -> bool:
    """For whom cases wait."""
    return any(post.role not in WATCHING for post in actor.posts)


def reads_cases(actor: Actor) -> bool:
    """Whether his posts show him cases; whoever holds none reads what he brought in himself."""
    return not at_work(actor) or any(post.role in AUTHORITY[READ] for post in actor.posts)


def reads_register(request: Request) -> bool:
    """Whether a post of his reads the register, beyond the households he helps himself."""
    actor = actor_of(request)
    return actor is not None and any(post.role in NEAR[HOME] | EVERYWHERE[HOME] for post in actor.posts)


def holding(roles: Collection[str]) -> Who:
    """Who holds a post of one of these roles."""
    return lambda actor: any(post.role in roles for post in actor.posts)


def having(right: str) -> Who:
    """Who has a right that needs no case."""
    return holding(AUTHORITY[right])


def has(request: Request, right: str) -> bool:
    actor = actor_of(request)
    return actor is not None and having(right)(actor)


NAV: tuple[tuple[str, str, str, Who], ...] = (
    ("/", "总览", "Overview", at_work),
    ("/queue", "待办", "Queue", handles),
    ("/cases", "事项", "Cases", reads_cases),
    ("/households", "民情", "Households", at_work),
    ("/report", "上报", "Report", lambda actor: handles(actor) or not at_work(actor)),
    ("/track", "查询", "Track", anybody),
    ("/more", "更多", "More", at_work),
)
"""The entries of the menu: address, Chinese and English name, and who has it."""
FOR_STRANGERS = ("/track",)


def menu(actor: Actor | None, *, signed_in: bool) -> list[tuple[str, str, str]]:
    """What one may open; where nobody knows yet who one is, everything or, to a stranger, what is for everybody."""
    if actor is None:
        return [entry[:3] for entry in NAV if signed_in or entry[0] in FOR_STRANGERS]
    return [entry[:3] for entry in NAV if entry[3](actor)]
