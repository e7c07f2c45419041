"""Letters and digits that people can read to each other on the telephone: no I, L, O or U (Crockford's base 32)."""

from unicodedata import normalize

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
DASHES = "-\N{HYPHEN}\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}"
MISREAD = str.maketrans("ILOabcdefghijklmnopqrstuvwxyz", "110ABCDEFGH1JK1MN0PQRSTUVWXYZ", DASHES + " ")


def letters(digest: bytes, count: int) -> str:
    """The first `count` letters (an even number, at most 12) of a digest: five bits each."""
    bits = int.from_bytes(digest[:8], "big") >> (64 - 5 * count)
    return "".join([PAIRS[bits >> shift & 1023] for shift in range(5 * count - 10, -1, -10)])


def as_meant(written: str) -> str:
    """What somebody wrote down, as it was meant: without spaces and dashes, O for zero and wide letters understood."""
    return normalize("NFKC", written).translate(MISREAD)
