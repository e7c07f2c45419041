"""Every way the rules can say no. Each docstring is the title the caller reads; the detail comes in two languages."""

from typing import Any


class Refused(Exception):
    """The rules do not allow this."""

    def __init__(self, english: str = "", chinese: str = "") -> None:
        super().__init__(english)
        self.english = english
        self.chinese = chinese or english
        self.more: dict[str, Any] = {}
        """What else the caller is told, by name."""


class NotFound(Refused):
    """There is nothing here that you may see."""

    def __init__(self, english: str = "", chinese: str = "", *, subject: str = "") -> None:
        super().__init__(english, chinese)
        self.subject = subject
        """What was asked for, where a command asks for more than one thing."""


class NotPermitted(Refused):
    """You may see this, but you may not do this to it."""


class WrongStatus(Refused):
    """It is not at a stage where this can be done."""


class ConflictOfInterest(Refused):
    """The person or unit named is complained about in this case, or belongs to those who are."""


class LimitReached(Refused):
    """This has been done as often, or for as long, as the policy allows."""


class TooLate(Refused):
    """The time in which this could be done is over."""


class AlreadyFinalised(Refused):
    """The matter has been handled, reviewed and reviewed again; it is closed for good."""


class Invalid(Refused):
    """Something in the request contradicts the rules or refers to what does not exist."""
