"""The desk somebody reads at: one request's identity, moment and language, in front of the ledger and the views."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import unquote

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import Field, TypeAdapter, ValidationError
from sqlalchemy import Connection

from domain.case import Case, sees
from domain.decider import Act, Actor
from domain.duties import in_office
from domain.ids import is_id
from domain.org import Role
from domain.refusals import Invalid, NotFound, NotPermitted
from domain.rules.authority import everywhere
from domain.streams import case_stream
from projections.cases.then import Then
from service.audit.access_log import Access, LookOutcome, Of
from service.http.aggregates import CASE, Aggregate, S
from service.http.answering import in_zone
from service.http.looking import LOOK
from service.http.parameters import FURTHEST
from service.http.problems import ViewBehind
from service.http.requests import office_of, reads_chinese
from service.office import Office, view_position

T = TypeVar("T")

PURPOSE = 500
"""Letters of a purpose that are kept."""
RECORDED_BY_ITSELF = frozenset({"case_id", "household_id", "service_request_id", "sha256", "form"})
"""In the path of what is about one thing, or is put on record for every reader."""
WHERE = frozenset({"cursor", "limit", "after", "wait", "min_position"})
"""Parameters that only say where one goes on."""
UNTOLD = WHERE | {"api_key", "case", "id_number", "phone", "q", "service_request_id"}
"""Parameters that are not told of a look. The others may be a key, name a person, or name a case that does not exist for all
who read of the look.
"""
AS_POSITION = TypeAdapter(Annotated[int, Field(ge=0, le=FURTHEST)])


@dataclass(frozen=True)
class Desk:
    """Somebody who asks."""

    office: Office
    by: Actor
    min_position: int
    request: Request

    @property
    def chinese(self) -> bool:
        return reads_chinese(self.request)

    def in_zone(self, value: Any) -> Any:
        """The same answer with every instant on the district's clock."""
        return in_zone(value, self.office.zone)

    def act(self) -> Act:
        return self.office.act(self.by)

    async def view(self, question: Callable[[Connection, Act], T], *, long: bool = False) -> tuple[T, dict[str, str]]:
        """Ask a view, once it has reached the position asked for; with the position it answers for."""
        return await viewed(
            self.office, self.min_position, lambda db: question(db, self.act()), self.by.id if long else ""
        )

    async def view_then(
        self, at: datetime | None, question: Callable[[Connection, Act, Then | None], T], known: int | None = None
    ) -> tuple[T, dict[str, str]]:
        """Ask a view as it stands, or as it stood at an instant, as far as that was known at a position.

        Raises Invalid for an instant that has not come yet.
        """
        self.must_have_come(at)

        def ask(db: Connection, act: Act) -> T:
            if at is None:
                return question(db, act, None)
            return question(db, act, self.office.earlier.as_it_stood(db, at, view_position(db), known))

        return await self.view(ask, long=at is not None)

    async def cases(self, ids: Collection[str], at: datetime | None = None) -> dict[str, Case]:
        """Cases that a view has shown him, as they stand or stood; without those he may not see any more."""
        return await self.office.in_thread(lambda: self._recall(ids, at))

    def _recall(self, cases: Collection[str], at: datetime | None) -> dict[str, Case]:
        streams = {case_stream(one): one for one in cases}
        ledger, act = self.office.ledger, self.act()
        today = ledger.states(streams)
        seen = [stream for stream in streams if sees(today[stream], act)]
        found = today if at is None else ledger.as_they_stood(seen, at)
        return {streams[stream]: found[stream] for stream in seen}

    async def case(
        self, case_id: str, *, verb: str = "read", version: int | None = None, at: datetime | None = None
    ) -> tuple[Case, Act]:
        """A case as he may see it, now or as it stood."""
        [found] = await self.as_it_stood(CASE, case_id, verb, (version, at))
        return found

    async def as_it_stood(
        self, kind: Aggregate[S], id: str, verb: str, *moments: tuple[int | None, datetime | None]
    ) -> list[tuple[S, Act]]:
        """One of a kind at versions or instants. On record: what is not found, and what an auditor is shown."""
        try:
            found = [await self.found(kind, id, version, at) for version, at in moments]
        except NotFound:
            await self.on_record(kind.action(verb), id, LookOutcome.NOT_FOUND, kind.of)
            raise
        if self.holds(Role.AUDITOR):
            await self.on_record(kind.action(verb), id, LookOutcome.SHOWN, kind.of)
        return found

    async def found(
        self, kind: Aggregate[S], id: str, version: int | None = None, at: datetime | None = None
    ) -> tuple[S, Act]:
        """Whether he may see it is decided by how it stands today.

        Raises NotFound, and Invalid for an instant that has not come yet.
        """
        office, act, stream = self.office, self.act(), kind.stream(id)
        if not is_id(id):
            raise NotFound(*kind.missing)
        today: S = await office.state(stream)
        if not kind.sees(today, act):
            raise NotFound(*kind.missing)
        self.must_have_come(at)
        if version is None and at is None:
            return today, act
        then: S = await office.in_thread(lambda: office.ledger.as_of(stream, version=version, at=at))
        if then.version == 0 or (version is not None and then.version != version):
            raise NotFound(*kind.unversioned)
        return then, office.act(self.by, at or then.updated_at)

    async def on_record(self, action: str, subject: str, outcome: LookOutcome, of: Of = Of.CASE, **more: str) -> None:
        """Have an access recorded before it is answered, with the purpose that the reader gave for it."""
        await self.office.access_log.record(self._access(action, subject, outcome, of, more))

    def _access(self, action: str, subject: str, outcome: LookOutcome, of: Of, more: dict[str, str]) -> Access:
        now, details = self.office.clock.now(), {"purpose": self.purpose, **more}
        return Access(at=now, by=self.by.id, action=action, subject=subject, outcome=outcome, of=of, **details)

    async def look(self, outcome: LookOutcome) -> None:
        """An auditor's look at a view is on record, too, by its address and filters; a page is one look, and shown also
        where something is missing in it.

        What is about one case, household or file is put on record where it is found.
        """
        scope = self.request.scope
        if not self.holds(Role.AUDITOR) or not RECORDED_BY_ITSELF.isdisjoint(scope["path_params"]):
            return
        page, seen = scope.get("sanji_page", ("", set()))
        if page in seen:
            return
        if "sanji_if_there" in scope and outcome is LookOutcome.NOT_FOUND:
            outcome = LookOutcome.SHOWN
        if page:
            seen.add(page)
        asked = {name: value for name, value in self.request.query_params.items() if name not in UNTOLD}
        detail = "" if page else "&".join(f"{name}={value}" for name, value in sorted(asked.items()))[:PURPOSE]
        access = self._access("view", page or self.request.url.path, outcome, Of.VIEW, {"detail": detail})
        await self.office.access_log.look(access)

    @property
    def purpose(self) -> str:
        """Why he reads, in his own words: percent-encoded, since a header holds no Chinese."""
        return "".join(filter(str.isprintable, unquote(self.request.headers.get("sanji-purpose", ""))))[:PURPOSE]

    def holds(self, *roles: Role) -> bool:
        return any(post.role in roles for post in self.by.posts)

    def must_have_come(self, at: datetime | None) -> None:
        """Nobody knows how anything will stand: a deadline may lapse before."""
        if at is not None and at > self.office.clock.now():
            raise Invalid("at has not come yet", "at 尚未到来")

    def must_have(self, right: str) -> None:
        """A right that needs no case."""
        self.must_be(*(role for role in Role if everywhere(role, right)))

    def must_be_in_office(self) -> None:
        """Counts are for whoever has a post, and not for citizens or the systems that report for them."""
        if not in_office(self.act()):
            raise NotPermitted("this needs a post", "您的岗位无权进行此操作")

    def must_be(self, *roles: Role) -> None:
        if not self.holds(*roles):
            raise NotPermitted("this needs another post", "您的岗位无权进行此操作")


async def viewed(
    office: Office, position: int, question: Callable[[Connection], T], long: str = ""
) -> tuple[T, dict[str, str]]:
    """What a view answers once it has reached a position, with the one it answers for. Raises ViewBehind."""
    if position and not await office.viewed_up_to(position):
        raise ViewBehind

    def ask(db: Connection) -> tuple[T, dict[str, str]]:
        if not office.views_are_built(db):
            raise ViewBehind
        return question(db), {"Sanji-Position": str(view_position(db))}

    return await office.read(ask, long=long)


async def open_desk(request: Request) -> Desk:
    """Raises RequestValidationError for a position that no log has."""
    headers, query = request.headers, request.query_params
    position = max(
        position_of(headers.get("sanji-min-position"), "header", "sanji-min-position"),
        position_of(query.get("min_position"), "query", "min_position"),
    )
    return await desk_of(request, position=position)


def position_of(asked: str | None, *place: str) -> int:
    """Raises RequestValidationError for a position that no log has."""
    if asked is None:
        return 0
    try:
        return AS_POSITION.validate_python(asked)
    except ValidationError as error:
        raise RequestValidationError([one | {"loc": place} for one in error.errors(include_url=False)]) from error


async def desk_of(request: Request, authorization: str = "", position: int = 0) -> Desk:
    """The desk of whoever has this authorization, or sends it as a header. Raises Unauthenticated."""
    office = office_of(request)
    authorization = authorization or request.headers.get("authorization", "")
    desk = Desk(office, await office.actor(authorization), position, request)
    request.scope[LOOK] = desk.look
    return desk


AtDesk = Annotated[Desk, Depends(open_desk)]
