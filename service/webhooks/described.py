"""What a receiver is sent, as the OpenAPI document tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.webhooks.deliveries import TEST

MEDIA = "application/cloudevents+json"

SIGNED: Mapping[str, str] = {
    "webhook-id": "The same at each attempt: drop what comes twice.",
    "webhook-timestamp": "The second of this attempt, since 1970: refuse what is older than some minutes.",
    "webhook-signature": "`v1,` and in Base64 the HMAC-SHA256 over id, second and body with points between them; after a "
    "change of the secret another one by the old secret, with a space between them.",
}
TESTED = {
    "title": "Test",
    "description": "What `POST /v1/webhooks/{webhook_id}/test` asks for: a test, without a position in the log.",
    "type": "object",
    "properties": {
        "type": {"const": TEST},
        "id": {"type": "string"},
        "time": {"type": "string", "format": "date-time"},
    },
    "required": ["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "data"],
}
DELIVERY: Mapping[str, Any] = {
    "tags": ["receivers"],
    "operationId": "receive_event",
    "summary": "An event of the feed",
    "description": "What happened, as far as the maker of the webhook may see it at that moment; what happened to one case "
    "in order. Sent to its `url`, signed as Standard Webhooks has it.",
    "parameters": [
        {"name": name, "in": "header", "required": True, "description": meaning, "schema": {"type": "string"}}
        for name, meaning in SIGNED.items()
    ],
    "requestBody": {
        "required": True,
        "content": {MEDIA: {"schema": {"oneOf": [{"$ref": "#/components/schemas/CloudEvent"}, TESTED]}}},
    },
    "responses": {
        "2XX": {"description": "It was received. Answer within ten seconds, and do the work afterwards."},
        "410": {"description": "Nothing more is to be sent: the webhook is disabled."},
        "default": {"description": "It is sent again: ten times in about a day."},
    },
}
WEBHOOKS = {"event": {"post": DELIVERY}}
