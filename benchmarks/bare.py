"""The ceiling: the bare framework reading the same body and answering it, with nothing stored at all."""

from typing import Any

from fastapi import FastAPI

from benchmarks.crud import NewCase

app = FastAPI()


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/v1/cases", status_code=201, response_model=None)
async def report(body: NewCase) -> dict[str, Any]:
    """Answer what was asked, and forget it."""
    return {"id": 1, "status": "reported", "title": body.title, "description": body.description, "kind": body.kind}
