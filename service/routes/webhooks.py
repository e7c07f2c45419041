"""Webhooks: have another system told what happens, see what it has not received, and have that told again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from domain.org import Role
from domain.refusals import NotFound
from domain.rules.authority import WEBHOOK
from projections.following.pages import Page, paged
from service.http.answering import json_response
from service.http.bodies import StrictRoute
from service.http.desk import AtDesk, Desk
from service.http.handlers import Handler, asks
from service.http.parameters import ONCE
from service.http.writing_desk import AtWritingDesk, DeskRoute, WritingDesk
from service.office import Db
from service.routes.pages import IdCursor, Limit, PathId, page_of
from service.storage.database import writing
from service.webhooks import deliveries, hooks, requests
from service.webhooks.asking import (
    COMMANDS,
    OF_OTHERS,
    Asking,
    ChangeWebhook,
    MakeWebhook,
    Redeliver,
    SendTest,
    WebhookCommand,
    must_be_his,
)
from service.webhooks.deliveries import Delivery, DeliveryState
from service.webhooks.hooks import Because, Webhook
from service.webhooks.requests import KeptAnswer
from service.webhooks.signing import shown

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], route_class=StrictRoute)
commands = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], route_class=DeskRoute)

NO_SUCH_WEBHOOK = ("there is no such webhook", "没有这个 webhook")


@dataclass(frozen=True, kw_only=True)
class WebhookShown:
    """Up to `position` everything was delivered, or is among the deliveries; `failing_since` nothing comes through."""

    id: str
    url: str
    types: list[str] | None
    description: str
    made_by: str
    made_at: datetime
    position: int
    state: Literal["enabled", "disabled"]
    disabled_at: datetime | None
    disabled_because: Because | None
    failing_since: datetime | None
    old_secret_until: datetime | None


@dataclass(frozen=True, kw_only=True)
class WebhookWithSecret(WebhookShown):
    """`secret` is shown this once."""

    secret: str


@dataclass(frozen=True, kw_only=True)
class DeliveryShown:
    """`id` is the receiver's `webhook-id`; a test has no position. `last_error` says why there was no status."""

    id: str
    position: int | None
    type: str
    state: DeliveryState
    attempts: int
    last_at: datetime | None
    last_status: int | None
    last_error: str | None
    next_at: datetime | None


@commands.post("", status_code=201, response_model=WebhookWithSecret, openapi_extra=ONCE)
async def make(body: MakeWebhook, desk: AtWritingDesk) -> Response:
    """Have events delivered to another system, as far as one may see them oneself at that moment. For integrators."""
    desk.must_have(WEBHOOK)
    desk.office.reach.must_be_fit(body.url)
    kept = await once(desk, lambda db, asking: body.make(db, asking), secret=True)
    answer = answered(kept, desk, 201)
    answer.headers["Location"] = f"/v1/webhooks/{kept.body['id']}"
    return answer


@router.get("", response_model=Page[WebhookShown])
async def listed(desk: AtDesk, limit: Limit = 50, cursor: IdCursor = None) -> Response:
    """The webhooks one has made oneself, the newest first; for the administrator, everybody's."""
    desk.must_have(WEBHOOK)
    by = None if desk.holds(Role.ADMIN) else desk.by.id
    found = await desk.office.read(lambda db: hooks.listed(db, by, cursor, limit + 1))
    page = paged(found, limit, webhook_shown, lambda webhook: webhook.id)
    return page_of(page.items, page.next, {}, desk)


@router.get("/{webhook_id}", response_model=WebhookShown)
async def one(webhook_id: PathId, desk: AtDesk) -> Response:
    """A webhook, without its secret."""
    found = await desk.office.read(lambda db: visible(db, desk, webhook_id))
    return json_response(desk.in_zone(webhook_shown(found)))


@router.put("/{webhook_id}", response_model=WebhookShown)
async def change(webhook_id: PathId, body: ChangeWebhook, desk: AtDesk) -> Response:
    """Change one's webhook. What waits goes to the new address."""
    desk.must_have(WEBHOOK)
    desk.office.reach.must_be_fit(body.url)

    def changed() -> Webhook:
        with writing(desk.office.engine).begin() as db:
            must_be_his(visible(db, desk, webhook_id), desk.by.id)
            hooks.change(db, webhook_id, url=body.url, types=body.types, description=body.description)
            return visible(db, desk, webhook_id)

    return json_response(desk.in_zone(webhook_shown(await desk.office.in_thread(changed))))


@router.delete("/{webhook_id}", status_code=204)
async def remove(webhook_id: PathId, desk: AtDesk) -> Response:
    """Tell nothing more, and forget what waits."""

    def removed() -> None:
        with writing(desk.office.engine).begin() as db:
            webhook = visible(db, desk, webhook_id)
            deliveries.forget_all(db, webhook.id)
            hooks.remove(db, webhook.id)

    await desk.office.in_thread(removed)
    return Response(status_code=204)


@router.get("/{webhook_id}/deliveries", response_model=Page[DeliveryShown])
async def delivered(
    webhook_id: PathId,
    desk: AtDesk,
    state: DeliveryState | None = None,
    limit: Limit = 50,
    cursor: Annotated[str | None, Query(max_length=9, pattern=r"^[0-9]+$")] = None,
) -> Response:
    """What did not come through at the first attempt, the newest first: it waits, was given up, or came through later.

    Whatever else there is to tell up to the position of the webhook has been delivered.
    """
    before = int(cursor) if cursor else None
    found = await desk.office.read(
        lambda db: deliveries.listed(db, visible(db, desk, webhook_id).id, state, before, limit + 1)
    )
    page = paged(found, limit, lambda numbered: delivery_shown(numbered[1]), lambda numbered: str(numbered[0]))
    return page_of(page.items, page.next, {}, desk)


def asking(kind: type[WebhookCommand]) -> Handler:
    """The route of one command: its body is the command, its answer the webhook or the delivery after it."""

    async def ask(webhook_id: PathId, desk: AtWritingDesk, body: WebhookCommand) -> Response:
        def asked_of(db: Db, asking: Asking) -> Webhook | Delivery:
            webhook = visible(db, desk, webhook_id)
            if kind not in OF_OTHERS:
                must_be_his(webhook, desk.by.id)
            return body.ask(db, webhook, asking)

        return answered(await once(desk, asked_of, secret=kind.secret), desk, ANSWERS[kind][0])

    return asks(kind, ask, of="webhook_")


ANSWERS: dict[type[WebhookCommand], tuple[int, Any]] = {
    kind: (200, WebhookWithSecret if kind.secret else WebhookShown) for kind in COMMANDS
} | {SendTest: (202, DeliveryShown), Redeliver: (202, DeliveryShown | WebhookShown)}

for kind in COMMANDS:
    status, model = ANSWERS[kind]
    commands.add_api_route(
        f"/{{webhook_id}}/{kind.verb}",
        asking(kind),
        methods=["POST"],
        status_code=status,
        response_model=model,
        openapi_extra=ONCE,
    )


def visible(db: Db, desk: Desk, id: str) -> Webhook:
    """One's own; the administrator sees everybody's. Raises NotFound."""
    desk.must_have(WEBHOOK)
    found = hooks.found(db, id)
    if found is None or not (found.by == desk.by.id or desk.holds(Role.ADMIN)):
        raise NotFound(*NO_SUCH_WEBHOOK)
    return found


async def once(desk: WritingDesk, ask: Callable[[Db, Asking], Webhook | Delivery], *, secret: bool) -> KeptAnswer:
    """Ask under the key of the request, and keep what is answered."""
    office, now = desk.office, datetime.now(UTC)
    key = await office.identity.key_id(desk.request.headers.get("authorization", ""), office.in_thread)

    def work() -> KeptAnswer:
        asking = Asking(
            act=desk.act(),
            now=now,
            api_key=key,
            idempotency_key=desk.key,
            last=office.recorder.max_notification_id() or 0,
            ledger=office.ledger,
        )

        def answer(db: Db) -> KeptAnswer:
            found = ask(db, asking)
            if isinstance(found, Delivery):
                return KeptAnswer(body=desk.in_zone(delivery_shown(found)))
            return KeptAnswer(
                body=desk.in_zone(webhook_shown(found)), secret=(found.id, found.secret) if secret else None
            )

        return requests.once(office.engine, desk.key, desk.fingerprint, now, answer)

    return await office.in_thread(work)


def answered(kept: KeptAnswer, desk: Desk, status: int) -> Response:
    secret = {"secret": shown(desk.office.seals.webhook_secret(*kept.secret))} if kept.secret else {}
    headers = {"Cache-Control": "no-store"} | ({"Idempotency-Replayed": "true"} if kept.replayed else {})
    return json_response({**kept.body, **secret}, status, headers)


def webhook_shown(one: Webhook) -> WebhookShown:
    return WebhookShown(
        id=one.id,
        url=one.url,
        types=list(one.types) if one.types is not None else None,
        description=one.description,
        made_by=one.by,
        made_at=one.made_at,
        position=one.position,
        state="enabled" if one.disabled_at is None else "disabled",
        disabled_at=one.disabled_at,
        disabled_because=one.disabled_because,
        failing_since=one.failing_since,
        old_secret_until=one.old_secret_until,
    )


def delivery_shown(one: Delivery) -> DeliveryShown:
    return DeliveryShown(**{name: getattr(one, name) for name in DeliveryShown.__dataclass_fields__})
