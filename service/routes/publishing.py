"""Publishing with PUT: for administrators, on the version they have read; sent twice, it changes nothing."""

from typing import Any

from domain.decider import Command
from domain.org import Role
from service.http.desk import Desk
from service.http.writing_desk import settled, version_seen
from service.record.orders import Order, Receipt


async def publish(desk: Desk, stream: str, command: Command[Any], read_at: int | None = None) -> Receipt:
    """A PUT says how things shall be: said twice, it changes nothing, so it needs no key."""
    desk.must_be(Role.ADMIN)
    seen = version_seen(desk.request)
    order = Order(stream=stream, command=command, by=desk.by, expected=read_at if seen is None else seen)
    return await settled(desk.office, order)


def at_version(reference: Any) -> dict[str, str]:
    """What a PUT may build on: the version of everything that is published in one place, not of this one item."""
    return {"ETag": f'"{reference.version}"'}
