"""The handlers of commands: each kind has an address of its own, and its body is the command."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Body, Response

Handler = Callable[..., Awaitable[Response]]


def asks(kind: type[Any], ask: Handler, of: str = "") -> Handler:
    """The handler of one command: its body is the command, and may be missing where it says nothing."""
    ask.__annotations__["body"] = Annotated[kind, Body()]
    ask.__defaults__ = None if required(kind) else (kind(),)
    ask.__name__ = of + kind.verb.replace("-", "_")
    ask.__doc__ = kind.__doc__
    return ask


def required(kind: type[Any]) -> bool:
    """Whether a command says nothing without a body."""
    try:
        kind()
    except TypeError:
        return True
    return False
