"""The browser of this machine: where it is, and how one gets it."""

from __future__ import annotations

import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
HOW_TO_GET_IT = "no Chromium here; get it: apt-get install chromium fonts-noto-cjk"


def found() -> str | None:
    """The first that is on the path."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)
