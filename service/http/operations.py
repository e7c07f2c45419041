"""What clients call an operation: what is asked, then of what, as its address says; functions may be renamed."""

import re

from fastapi.routing import APIRoute

ASKED = {"GET": "get", "PUT": "set", "DELETE": "delete"}
FORM = re.compile(r"\.\{\w+\}$")
VERSION = re.compile(r"v\d")


def operation_of(route: APIRoute) -> str:
    """`POST /v1/cases/{case_id}/add-subject` is `add_case_subject`."""
    assert route.methods is not None
    [method] = route.methods
    above, _, last = FORM.sub("", route.path_format).rpartition("/")
    of = [one_of(word) for word in above.split("/") if word and word[0] != "{" and not VERSION.fullmatch(word)]
    if method == "POST" and last.endswith("s") and "-" not in last:
        words = ["create", *of, one_of(last)]
    elif method == "POST":
        verb, *what = last.split("-")
        words = [verb, *of, *what]
    else:
        words = [ASKED[method], *of, *([] if last[0] == "{" else [last])]
    return "_".join(words).replace("-", "_")


def one_of(many: str) -> str:
    return re.sub("ies$", "y", many).removesuffix("s")
