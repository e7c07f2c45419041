"""What the code says of itself is what is written down."""

from service.cli import AUTHORITY
from service.terminal.describing import authority


def test_the_page_of_who_may_do_what_is_the_authority_table() -> None:
    assert AUTHORITY.read_text("utf-8") == authority(), "run: sanji authority"
