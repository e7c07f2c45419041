"""The posts of an official, as clients see them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from typing_extensions import TypedDict

from domain.org import Post, Role

PostView = TypedDict("PostView", {"unit": str, "role": Role, "from": date, "to": date | None})


def post_views(posts: Iterable[Post]) -> list[PostView]:
    return [{"unit": post.unit, "role": post.role, "from": post.since, "to": post.until} for post in posts]
