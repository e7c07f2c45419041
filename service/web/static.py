"""The files every page needs: read once, packed once, and kept by browsers until they change."""

from __future__ import annotations

import gzip
import re
from functools import cache
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, Request, Response
from markupsafe import Markup
from starlette.exceptions import HTTPException

FOLDER = Path(__file__).parent / "static"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
FOR_EVER = "public, max-age=31536000, immutable"
COMMENT = re.compile(rb"^/\*.*\*/\n", re.MULTILINE)
"""A line that is a comment. Those are for us, and do not travel to a telephone."""

router = APIRouter(include_in_schema=False)


@cache
def files() -> dict[str, tuple[bytes, bytes]]:
    """Each file without its comments: plain, and packed."""
    read = {path.name: COMMENT.sub(b"", path.read_bytes()) for path in sorted(FOLDER.iterdir()) if path.suffix in TYPES}
    return {name: (body, gzip.compress(body, 9, mtime=0)) for name, body in read.items()}


@cache
def edition() -> str:
    """A hash of all files, in the address of each: modules find each other beside them, and a change of one renews all."""
    return sha256(b"".join(name.encode() + body for name, (body, _) in files().items())).hexdigest()[:12]


def address_of(name: str) -> str:
    """Where a file lies; another content has another address."""
    assert name in files(), name
    return f"/static/{edition()}/{name}"


@cache
def module(name: str) -> Markup:
    """A script and all that it imports: asked for at once, and not each when the one before it has come."""
    ahead = Markup("").join(
        Markup('<link rel="modulepreload" href="{}">').format(address_of(one)) for one in imported(name)
    )
    return Markup('<script type="module" src="{}"></script>').format(address_of(name)) + ahead


def imported(name: str) -> list[str]:
    """What a module imports, and what that imports."""
    near: list[str] = re.findall(r'(?:from|import) "\./([\w.]+)"', files()[name][0].decode())
    return list(dict.fromkeys([*near, *(far for one in near for far in imported(one))]))


def packs(request: Request) -> bool:
    """Whether a browser takes what is packed."""
    return "gzip" in request.headers.get("accept-encoding", "")


@router.get("/static/{edition_asked}/{name}")
async def static(edition_asked: str, name: str, request: Request) -> Response:
    return sent(name, request, FOR_EVER if edition_asked == edition() else "no-cache")


@router.get("/sw.js")
async def service_worker(request: Request) -> Response:
    """It must lie at the top to keep the pages below it."""
    return sent("sw.js", request, "no-cache")


def sent(name: str, request: Request, keep: str) -> Response:
    if name not in files():
        raise HTTPException(404)
    plain, small = files()[name]
    headers = {
        "Content-Type": TYPES[Path(name).suffix],
        "Cache-Control": keep,
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept-Encoding",
    }
    if packs(request):
        return Response(small, 200, {**headers, "Content-Encoding": "gzip"})
    return Response(plain, 200, headers)
