"""Every way the rules can say no.

The first line of each docstring is the title the caller reads; the detail comes in two languages.
"""

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
    """You may see this, but not do this."""


class WrongStatus(Refused):
    """This cannot be done at this stage."""


class ConflictOfInterest(Refused):
    """There is a conflict of interest.

    The person or unit named is complained about in this case, or belongs to those who are.
    """


class LimitReached(Refused):
    """This has been done as often as allowed."""


class TooLate(Refused):
    """The time for this is over."""


class AlreadyFinalised(Refused):
    """The matter is closed for good.

    It has been handled, reviewed and reviewed again.
    """


class Invalid(Refused):
    """Something in the request is not valid.

    It contradicts the rules, or refers to what does not exist.
    """
