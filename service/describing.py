"""The OpenAPI document, written from the code and committed, so that a change of the contract shows in every diff."""

from __future__ import annotations

import json

from service.app import described


def document() -> str:
    return json.dumps(described().openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
