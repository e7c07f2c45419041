"""Pages sent in parts: the head and the first screen go out while the rest is still being asked."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Any

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from service.web.asking import NotAnswered
from service.web.drawing import answered, framed, templates
from service.web.language import speaking
from service.web.static import packs

PAUSE = "\0"
templates.globals["pause"] = PAUSE

Question = Callable[[], Awaitable[Mapping[str, Any]]]


def draw_as_told(request: Request, template: str, /, *questions: Question, **context: Any) -> Response:
    """The page of a template: at each `{{ pause }}` the next question is asked, and its answers are in `found` from there on.

    Ask what may be refused before calling this: afterwards the answer has begun with 200.
    """
    found: dict[str, Any] = {}
    pieces = templates.get_template(template).generate(framed(request, context), found=found)
    parts = in_parts(request, pieces, questions, found)
    return answered(request, StreamingResponse(squeezed(parts) if packs(request) else parts), packed=packs(request))


async def in_parts(
    request: Request, pieces: Iterator[str], questions: tuple[Question, ...], found: dict[str, Any]
) -> AsyncIterator[bytes]:
    """What stands before each pause, and what stands after the last."""
    asked = iter(questions)
    part: list[str] = []
    try:
        for piece in pieces:
            if piece == PAUSE:
                yield "".join(part).encode()
                part.clear()
                found.update(await next(asked)())
            else:
                part.append(piece)
    except NotAnswered as gone:
        part.append(templates.get_template("refused.html").render(say=speaking(request), refused=gone.problem))
    yield "".join(part).encode()


async def squeezed(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same in fewer bytes, each part readable as soon as it is there."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    async for part in parts:
        yield packer.compress(part) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.flush()
