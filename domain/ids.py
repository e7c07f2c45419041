"""What an id is, whatever it names: 1 to 64 of A-Z, a-z, 0-9 and : . _ -"""

import re
from typing import Annotated

from annotated_types import MaxLen, MinLen, Predicate

ID = re.compile(r"[A-Za-z0-9:._-]{1,64}")


def is_id(text: str) -> bool:
    return ID.fullmatch(text) is not None


Id = Annotated[str, MinLen(1), MaxLen(64), Predicate(is_id)]
