"""What is read out on the telephone and typed in by whoever heard it."""

import pytest

from domain.letters import as_meant


@pytest.mark.parametrize(
    "written", ["e6wk-v31z-iryt", "E6WK V31Z 1RYT", "Ｅ６ＷＫ－Ｖ３１Ｚ－１ＲＹＴ", "e6wk–v3lz—1ryt", "E6WK　V31Z‐1RYT"]
)
def test_a_code_is_understood_from_whichever_keyboard(written: str) -> None:
    assert as_meant(written) == "E6WKV31Z1RYT"
