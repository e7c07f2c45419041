"""Webhooks (推送): which other systems are told what happens, whether that comes through, and what did not."""

from __future__ import annotations

from asyncio import gather

from fastapi import APIRouter, Request, Response

from service.web.asking import ask
from service.web.drawing import draw
from service.web.links import following

router = APIRouter(prefix="/webhooks", include_in_schema=False)


@router.get("")
async def webhooks(request: Request, cursor: str | None = None) -> Response:
    found = await ask(request, "/v1/webhooks", limit=20, cursor=cursor)
    return draw(request, "webhooks.html", items=found["items"], more=following(request, found["next"]))


@router.get("/{webhook}")
async def webhook(webhook: str, request: Request, cursor: str | None = None) -> Response:
    """One of them, with the deliveries that did not come through at once, the newest first."""
    path = f"/v1/webhooks/{webhook}"
    one, found = await gather(ask(request, path), ask(request, f"{path}/deliveries", limit=50, cursor=cursor))
    return draw(request, "webhook.html", one=one, items=found["items"], more=following(request, found["next"]))
