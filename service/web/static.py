"""The files every page needs: read once, packed once, and kept by browsers until they change."""

from __future__ import annotations

import gzip
from functools import cache
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

FOLDER = Path(__file__).parent / "static"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
FOR_EVER = "public, max-age=31536000, immutable"

router = APIRouter(include_in_schema=False)


@cache
def files() -> dict[str, tuple[bytes, bytes, str]]:
    """Each file: as it is, packed, and a mark of its content."""
    read = {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.suffix in TYPES}
    return {name: (body, gzip.compress(body, 9, mtime=0), sha256(body).hexdigest()[:12]) for name, body in read.items()}


def address_of(name: str) -> str:
    """Where a file lies; another content has another address."""
    return f"/static/{files()[name][2]}/{name}"


@router.get("/static/{mark}/{name}")
async def static(mark: str, name: str, request: Request) -> Response:
    return sent(name, request, FOR_EVER if files().get(name, ("", "", ""))[2] == mark else "no-cache")


@router.get("/sw.js")
async def service_worker(request: Request) -> Response:
    """It must lie at the top to keep the pages below it."""
    return sent("sw.js", request, "no-cache")


def sent(name: str, request: Request, keep: str) -> Response:
    if name not in files():
        raise HTTPException(404)
    plain, small, _ = files()[name]
    headers = {
        "Content-Type": TYPES[Path(name).suffix],
        "Cache-Control": keep,
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept-Encoding",
    }
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(small, 200, {**headers, "Content-Encoding": "gzip"})
    return Response(plain, 200, headers)
