"""The desk somebody writes at: the same key asks for the same thing, once, and on the version he has seen."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any

import orjson
from fastapi import Depends, Request, Response

from domain.case import CaseCommand
from domain.decider import SYSTEM, Actor, Command
from domain.ids import is_id
from domain.org import Role
from domain.refusals import (
    AlreadyFinalised,
    ConflictOfInterest,
    LimitReached,
    NotFound,
    NotPermitted,
    TooLate,
    WrongStatus,
)
from projections.lists import resembling
from service.audit.access_log import LookOutcome
from service.http.aggregates import CASE, Aggregate, S
from service.http.answering import answered, case_answer
from service.http.bodies import CommandRoute
from service.http.desk import Desk
from service.http.problems import KeyMissing
from service.http.requests import office_of
from service.incoming.refusals import Malformed
from service.keeping.timekeeper import Tick
from service.office import Office
from service.record.orders import Order, Receipt, VersionConflict
from service.secrecy.seals import Fingerprint
from service.telling.case_view import next_actions

VISIBLE = re.compile(r"[\x21-\x7e]{1,255}")
ETAG = re.compile(r'"(\d{1,9})"')
INSTEAD = (WrongStatus, LimitReached, TooLate, AlreadyFinalised, ConflictOfInterest, NotPermitted, VersionConflict)
"""Refusals of what cannot be done to a case now, or not by him: something else may."""


@dataclass(frozen=True)
class WritingDesk(Desk):
    """Somebody who asks for something to happen: under `key`, for what `fingerprint` tells, on the version he `expected`."""

    key: str
    fingerprint: Fingerprint
    expected: int | None

    async def settle(self, stream: str, command: Command[Any], *, fresh: bool = False) -> Receipt:
        order = Order(
            stream=stream,
            command=command,
            by=self.by,
            key=self.key,
            fingerprint=self.fingerprint,
            expected=self.expected,
            fresh=fresh,
        )
        return await settled(self.office, order)

    async def possible_duplicates(self, receipt: Receipt) -> list[resembling.Alike]:
        """Cases alike that were there before, of those this actor may see; a citizen sees none but his own.

        Nobody waits for the view: one that came in a moment before may be missing until the report is sent again.
        """
        if not any(post.role is not Role.INTEGRATOR for post in self.by.posts):
            return []
        recall = self.office.earlier.recall
        return await self.office.read(
            lambda db: resembling.alike(db, receipt.act, receipt.state, receipt.position, recall)
        )

    @asynccontextmanager
    async def asking(self, kind: Aggregate[S], id: str, verb: str) -> AsyncIterator[str]:
        """Around what is asked of one of a kind, by its stream.

        On record: what is not found, and what an auditor is told of it instead.
        """
        try:
            if not is_id(id):
                raise NotFound(*kind.missing)
            yield kind.stream(id)
        except NotFound as unseen:
            await self.on_record(kind.action(verb), unseen.subject or id, LookOutcome.NOT_FOUND, kind.of)
            raise
        except VersionConflict:
            if self.holds(Role.AUDITOR):
                await self.on_record(kind.action("history"), id, LookOutcome.SHOWN, kind.of)
            raise

    async def ask(self, case_id: str, command: CaseCommand) -> Receipt:
        async with self.asking(CASE, case_id, command.verb) as stream:
            return await self.settle(stream, command)

    async def on_case(self, case_id: str, command: CaseCommand) -> Response:
        """Ask it; answers the case after it."""
        async with self.told_instead(case_id):
            receipt = await self.ask(case_id, command)
        return answered(receipt, case_answer(receipt))

    @asynccontextmanager
    async def told_instead(self, case_id: str) -> AsyncIterator[None]:
        """Around what is asked of a case: a refusal of what he may see says what he may ask instead."""
        try:
            yield
        except INSTEAD as refusal:
            refusal.more["next_actions"] = await self._may_ask(case_id)
            raise

    async def _may_ask(self, case_id: str) -> list[str]:
        act, cases = self.act(), await self.cases([case_id])
        return [verb for case in cases.values() for verb in next_actions(case, act)]


async def settled(office: Office, order: Order) -> Receipt:
    """Have an order settled; who builds on an older version is told what has happened since."""
    try:
        return await office.clerk.settle(order)
    except VersionConflict as conflict:
        conflict.more["events"] = await since(office, conflict)
        raise


async def since(office: Office, conflict: VersionConflict) -> list[dict[str, str | int]]:
    """What happened after the version this was built on. A deadline that passed is written down first."""
    await office.clerk.settle(Order(stream=conflict.stream, command=Tick(), by=SYSTEM))
    events = await office.in_thread(lambda: office.recorder.select_events(conflict.stream, gt=conflict.expected))
    return [{"type": event.topic, "version": event.originator_version} for event in events]


async def open_writing_desk(request: Request) -> WritingDesk:
    office = office_of(request)
    by = await office.actor(request.headers.get("authorization", ""))
    return writing_desk(request, by, place=request.scope["path"])


def writing_desk(request: Request, by: Actor, *, place: str, key: str = "") -> WritingDesk:
    """The desk of somebody known by now, who writes at this place; under this key, or else the one he sends."""
    office = office_of(request)
    headers = request.headers
    key = key or headers.get("idempotency-key", "")
    if not key:
        raise KeyMissing("send an Idempotency-Key header", "请提供 Idempotency-Key")
    if not VISIBLE.fullmatch(key):
        raise Malformed("Idempotency-Key is 1 to 255 visible ASCII characters", "Idempotency-Key 须为1至255个可见字符")
    body = orjson.dumps(request.scope.get("sanji_body"), option=orjson.OPT_SORT_KEYS)
    return WritingDesk(
        office,
        by,
        0,
        request,
        key=sha256(f"{by.id}\0{key}".encode()).hexdigest(),
        fingerprint=office.seals.fingerprint(place.encode() + b"\0" + body),
        expected=version_seen(request),
    )


def version_seen(request: Request) -> int | None:
    """The version that somebody builds on, if he says it. Raises Malformed."""
    if_match = request.headers.get("if-match", "")
    etag = ETAG.fullmatch(if_match)
    if if_match and etag is None:
        raise Malformed('If-Match is a version in quotes, such as "3"', "If-Match 须为带引号的版本号")
    return int(etag[1]) if etag else None


AtWritingDesk = Annotated[WritingDesk, Depends(open_writing_desk)]


class DeskRoute(CommandRoute):
    """A route whose command is settled at a writing desk."""

    desk = staticmethod(open_writing_desk)
