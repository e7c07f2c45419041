"""What a command caused: its events by name, each with the version it made."""

from __future__ import annotations

from typing_extensions import TypedDict

from service.record.orders import Receipt


class EventName(TypedDict):
    type: str
    version: int


def caused(receipt: Receipt) -> list[EventName]:
    return [{"type": name, "version": version} for name, version in receipt.events]
