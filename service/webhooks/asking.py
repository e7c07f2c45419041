"""What may be asked of a webhook: make it, enable and disable it, change its secret, test it, have it tell again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, ClassVar

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import AfterValidator, WithJsonSchema
from sqlalchemy import Connection

from domain.decider import Act, command
from domain.refusals import Invalid, LimitReached, NotFound, NotPermitted, WrongStatus
from service.record.codec import NAMES
from service.record.ids import new_id
from service.record.ledger import Ledger
from service.telling.feed import events_in
from service.webhooks import deliveries, hooks
from service.webhooks.deliveries import WAITING, Delivery
from service.webhooks.hooks import Because, Webhook

DAY, WEEK = 24 * 3600, 7 * 24 * 3600
LARGEST = 2**53


def known(type: str) -> str:
    """Nobody waits for what never happens."""
    if type not in NAMES:
        raise ValueError("there is no such event")
    return type


Type = Annotated[str, AfterValidator(known), WithJsonSchema({"type": "string", "enum": sorted(NAMES)})]
Types = Annotated[tuple[Type, ...], MinLen(1), MaxLen(200)] | None
Url = Annotated[str, MinLen(1), MaxLen(2000)]
Description = Annotated[str, MaxLen(500)]
Position = Annotated[int, Ge(0), Le(LARGEST)]


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Who asks, when by the clock of the machine, with which keys, and how far the log is."""

    act: Act
    now: datetime
    api_key: str | None
    idempotency_key: str
    last: int
    ledger: Ledger


@command
class MakeWebhook:
    """Which events are delivered where: those of these types, or all, from now on or after a position."""

    url: Url
    types: Types = None
    description: Description = ""
    after: Position | None = None

    def make(self, db: Connection, asking: Asking) -> Webhook:
        if self.after is not None and self.after > asking.last:
            raise Invalid("after lies beyond the end of the log", "after 超出日志末尾")
        id = new_id(asking.now)
        hooks.make(
            db,
            id,
            by=asking.act.by.id,
            key=asking.api_key,
            url=self.url,
            types=self.types,
            description=self.description,
            position=asking.last if self.after is None else self.after,
            now=asking.now,
        )
        return _now(db, id)


@command
class ChangeWebhook:
    """The new settings of a webhook. What was delivered is not sent again; what waits goes to the new address."""

    url: Url
    types: Types = None
    description: Description = ""


class WebhookCommand:
    """Something one may ask of one's own webhook; answers the webhook or the delivery that comes of it."""

    verb: ClassVar[str]
    secret: ClassVar[bool] = False
    """Whether the answer tells the secret."""

    def ask(self, db: Connection, webhook: Webhook, asking: Asking) -> Webhook | Delivery:
        raise NotImplementedError


@command
class Enable(WebhookCommand):
    """Go on where it stopped, in the name of the key with which this is asked; what waits is tried at once."""

    verb = "enable"

    def ask(self, db: Connection, webhook: Webhook, asking: Asking) -> Webhook:
        hooks.enable(db, webhook.id, asking.api_key)
        deliveries.try_now(db, webhook.id, asking.now)
        return _now(db, webhook.id)


@command
class Disable(WebhookCommand):
    """Tell nothing more. Where it stopped stays known."""

    verb = "disable"

    def ask(self, db: Connection, webhook: Webhook, asking: Asking) -> Webhook:
        hooks.disable(db, webhook.id, Because.ASKED, asking.now)
        return _now(db, webhook.id)


@command
class RotateSecret(WebhookCommand):
    """Sign with a new secret, and for a while with the old one, too."""

    verb = "rotate-secret"
    secret = True

    old_valid_s: Annotated[int, Ge(0), Le(WEEK)] = DAY

    def ask(self, db: Connection, webhook: Webhook, asking: Asking) -> Webhook:
        hooks.change_secret(db, webhook.id, asking.now + timedelta(seconds=self.old_valid_s))
        return _now(db, webhook.id)


@command
class SendTest(WebhookCommand):
    """Send a test event, once. Its delivery says whether it arrived."""

    verb = "test"

    def ask(self, db: Connection, webhook: Webhook, asking: Asking) -> Delivery:
        if webhook.disabled_at is not None:
            raise WrongStatus("the webhook is disabled", "该 webhook 已停用")
        _must_have_room(db, webhook)
        test = deliveries.test(webhook.id, asking.idempotency_key, asking.now)
        deliveries.put(db, [test])
        return test


@command
class Redeliver(WebhookCommand):
    """Tell one event again, or all after a position, each under the id it had."""

    verb = "redeliver"

    position: Position | None = None
    after: Position | None = None

    def ask(self, db: Connection, webhook: Webhook, asking: Asking) -> Webhook | Delivery:
        if (self.position is None) == (self.after is None):
            raise Invalid("either a position or after", "position 与 after 须且仅须提供一个")
        if self.position is not None:
            return self._one(db, webhook, asking, self.position)
        if self.after is not None and self.after >= webhook.position:
            raise Invalid("after must lie before what has been told", "after 须早于已推送的位置")
        hooks.tell_again(db, webhook.id, self.after or 0)
        return _now(db, webhook.id)

    def _one(self, db: Connection, webhook: Webhook, asking: Asking, position: int) -> Delivery:
        lines = asking.ledger.recorder.at([position])
        if not events_in(lines, asking.ledger, asking.act):
            raise NotFound("there is no such event", "没有这个事件")
        _must_have_room(db, webhook)
        [line] = lines
        again = deliveries.event(webhook.id, line, asking.now)
        deliveries.put(db, [again])
        return again


COMMANDS: tuple[type[WebhookCommand], ...] = (Enable, Disable, RotateSecret, SendTest, Redeliver)
OF_OTHERS = (Disable,)
"""What the administrator may ask of everybody's."""


def must_be_his(webhook: Webhook, who: str) -> None:
    """Whoever leads a webhook elsewhere is told what its maker may see. Raises NotPermitted."""
    if webhook.by != who:
        raise NotPermitted("only who made it may do this", "仅创建者可进行此操作")


def _must_have_room(db: Connection, webhook: Webhook) -> None:
    if len(deliveries.waiting(db, webhook.id)) >= WAITING:
        raise LimitReached(
            "too many deliveries wait; redeliver all after a position", "等待中的推送过多，请从某一位置起重推"
        )


def _now(db: Connection, id: str) -> Webhook:
    webhook = hooks.found(db, id)
    assert webhook is not None
    return webhook
