"""The shape every aggregate shares: commands decide, events are recorded, states evolve."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from domain.org import Org, Post
    from domain.rules import Rules

T = TypeVar("T")
E = TypeVar("E")
E_co = TypeVar("E_co", covariant=True)
S_contra = TypeVar("S_contra", contravariant=True)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(name: str) -> Callable[[type[T]], type[T]]:
    """Declare something that happened, under the name it keeps in storage for ever."""

    def declare(kind: type[T]) -> type[T]:
        setattr(kind, "__event__", name)
        return dataclass(frozen=True, kw_only=True)(kind)

    return declare


@dataclass_transform(frozen_default=True, kw_only_default=True)
def command(kind: type[T]) -> type[T]:
    """Declare something somebody may ask for. Fields it does not know are an error, in its parts as well."""
    setattr(kind, "__pydantic_config__", {"extra": "forbid"})
    return dataclass(frozen=True, kw_only=True)(kind)


@dataclass(frozen=True, kw_only=True)
class Recorded(Generic[E]):
    """An event as it stands in the ledger: in whose history, at which version, when, by whom.

    `at` is the instant it takes effect (a lapsed deadline: its due instant); `recorded_at` when it was stored.
    """

    stream: str
    version: int
    at: datetime
    recorded_at: datetime
    by: str
    event: E


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acts, and the posts held at that moment. A citizen holds none."""

    id: str
    posts: tuple[Post, ...] = ()


SYSTEM = Actor(id="system")


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """Personal data, readable only with the key of `person` and only in its own place."""

    person: str
    box: str


class Vault(Protocol):
    """Seals personal data under a key per person, and derives what follows from a secret alone.

    What is `findable` can be found again by telephone number or identity number, by who may ask for that.
    """

    def seal(self, place: str, fields: Mapping[str, str], *, findable: bool = False) -> Sealed: ...
    def receipt(self, stream: str) -> str:
        """What is stored to find a case by its citizen's query code."""

    def lot(self, of: str) -> int:
        """A number that nobody can predict, the same each time for the same input."""


def sealed(vault: Vault, place: str, words: Mapping[str, str | None], *, findable: bool = False) -> Sealed | None:
    """These words, sealed, without the empty ones; None if nothing is left."""
    written = {name: text for name, text in words.items() if text}
    return vault.seal(place, written, findable=findable) if written else None


@dataclass(frozen=True, kw_only=True)
class Act:
    """Who is acting, when, under which rules, in which organisation. The domain asks nobody else."""

    by: Actor
    at: datetime
    rules: Rules
    org: Org
    vault: Vault
    others: Mapping[str, Any] = field(default_factory=dict)
    """The states of the other streams that the command reads or writes, by stream name."""


@dataclass(frozen=True, kw_only=True)
class Entry(Generic[E_co]):
    """An event with its own instant, author or stream (its full name), where those of the command do not fit."""

    event: E_co
    at: datetime | None = None
    by: str | None = None
    stream: str | None = None


class State(Protocol[E]):
    """A state folded from events. `evolve` never refuses, never computes, never reads a clock."""

    @property
    def version(self) -> int: ...
    def evolve(self, recorded: Recorded[E], /) -> Self: ...


class Command(Protocol[S_contra]):
    """A request to change a stream: it looks at the state and yields events (or entries), or raises a refusal."""

    def decide(self, state: S_contra, act: Act, /) -> Iterator[Any]: ...


def altered(state: T, /, **changes: Any) -> T:
    """`dataclasses.replace` for a frozen state, five times as fast: folding a long log does little else."""
    after = object.__new__(type(state))
    vars(after).update(vars(state))
    vars(after).update(changes)
    return after
