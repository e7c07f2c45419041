"""What rests on the master secret: sealed personal data, query codes, sessions, fingerprints, cursors."""

from __future__ import annotations

import re
import secrets
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from hashlib import blake2b, sha256
from pathlib import Path
from typing import NamedTuple

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Engine

from domain.decider import Sealed
from domain.letters import as_meant, letters
from service.secrecy.own_secret import SIZE, own_secret
from service.secrecy.person_keys import NONCE, PersonKeys, Unreadable, in_use, make_store
from service.storage.chance import chance
from service.storage.database import UnsafeSettings
from service.storage.findable import Findable

MASTER = "master.key"
NO_DIGITS = re.compile(r"\D+")

REALMS = ("case", "household")
"""Realms of sealed data. A number has another token in each, so what lies in the database does not join them."""


def realm(place: str) -> str:
    """Where something sealed belongs: to a household, or to a case."""
    return "household" if place.startswith("household:") else "case"


def household_of(place: str) -> str | None:
    """Whose household something is sealed in: its own place, a member's, or what was told there."""
    kind, _, rest = place.partition(":")
    return rest.partition("/")[0].partition(":")[0].replace(";", ":") if kind == "household" and rest else None


def _telephone(text: str) -> str:
    """The digits of a telephone number, without a prefix for calls from abroad."""
    digits = NO_DIGITS.sub("", text)
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits


def _identity_number(text: str) -> str:
    return "".join(one for one in text.upper() if one.isalnum())


FOUND_BY: dict[str, Callable[[str], str]] = {"phone": _telephone, "id_number": _identity_number, "household": str}
"""What leads to a person: his numbers, and for all that was told in a household, the household."""


class Fingerprint(NamedTuple):
    """The hash of a request, kept so that the same request is known again.

    `sealed` is keyed: without a key, telephone numbers could be tried until one fits. The oldest rows hold the `bare` one.
    """

    sealed: str
    bare: str


NO_FINGERPRINT = Fingerprint("", "")


class Seals:
    """Holds the master secret, which never lies in a database; what is sealed can be read only in its own place."""

    def __init__(self, master: bytes, store: Engine) -> None:
        self.keys = PersonKeys(store, _derived(master, b"person keys"), _derived(master, b"mark of the store").hex())
        self._receipts = _derived(master, b"query codes")
        self._index = _derived(master, b"blind index")
        self._draws = _derived(master, b"samples")
        self._sessions = AESGCM(_derived(master, b"sessions"))
        self._vouching = AESGCM(_derived(master, b"signed in by redirect"))
        self._files = AESGCM(_derived(master, b"files to import"))
        self._webhooks = _derived(master, b"webhooks")
        self._programs = _derived(master, b"keys of programs")
        self._fingerprints = _derived(master, b"marks")  # their first name: what is stored was derived under it
        self._cursors = _derived(master, b"cursors")

    @classmethod
    def in_folder(cls, folder: Path, store: Engine, *, sealed_before: bool) -> Seals:
        """The secret kept in this folder, made on first use and readable by its owner only.

        Raises UnsafeSettings where the secret or the keys are gone, or not whole: new ones would let nobody read what is sealed.
        """
        path = folder / MASTER
        make_store(store)
        if sealed_before and not in_use(store):
            raise UnsafeSettings(f"the keys of persons are missing in {store.url}: bring them back from their backup")
        if in_use(store) and not path.exists():
            raise UnsafeSettings(f"{path} is missing: bring it back from the backup, or no name can be read")
        seals = cls(own_secret(path, lambda: secrets.token_bytes(SIZE)), store)
        seals.keys.must_be_ours()
        return seals

    def vault(self) -> SealingVault:
        return SealingVault(self)

    def query_code(self, case: str) -> str:
        """What a citizen finds his case by: derived from the case, so it can be said again and need not be stored."""
        code = letters(_keyed(self._receipts, case.encode()), 12)
        return f"{code[:4]}-{code[4:8]}-{code[8:]}"

    def seed(self, stream: str) -> str:
        """What a sample is drawn with: nobody can know it before, and it is recorded, so that it can be drawn again."""
        return _keyed(self._draws, stream.encode()).hex()

    def receipt(self, query_code: str) -> str:
        """What is stored instead of the code: a commitment to it, from which nobody finds the code without the secret.

        Who has the code and its opening can check, with nobody's help, that this report is its own.
        """
        return sha256(self.opening(query_code) + as_meant(query_code).encode()).hexdigest()[:40]

    def opening(self, query_code: str) -> bytes:
        return _keyed(self._receipts, b"opening " + as_meant(query_code).encode())

    def older_receipt(self, query_code: str) -> str:
        """What the oldest reports have stored; nothing opens it."""
        return _keyed(self._receipts, b"receipt " + as_meant(query_code).encode()).hex()

    def closed(self, plain: bytes) -> bytes:
        """Encrypts what a browser keeps for us, and can neither read nor change."""
        return _locked(self._sessions, plain)

    def opened(self, box: bytes) -> bytes | None:
        """Decrypts what `closed` made; None for anything else."""
        try:
            return _unlocked(self._sessions, box)
        except (InvalidTag, ValueError):
            return None

    def vouched(self, official: str, until: int) -> str:
        """A token that vouches for an official until that second."""
        return urlsafe_b64encode(_locked(self._vouching, until.to_bytes(8) + official.encode())).decode()

    def vouched_for(self, word: str) -> tuple[str, int] | None:
        """The official whom `vouched` made a token for, and until when; None for anything else."""
        try:
            plain = _unlocked(self._vouching, urlsafe_b64decode(word))
        except (InvalidTag, ValueError):
            return None
        return plain[8:].decode(), int.from_bytes(plain[:8])

    def webhook_secret(self, webhook: str, number: int) -> bytes:
        """What a webhook signs with: derived from its id and how often it was changed, so it is stored nowhere."""
        return _derived(self._webhooks, f"{webhook} {number}".encode())

    def stamp_of_key(self, fields: bytes) -> bytes:
        """A keyed hash of an API key and what it may do: one that somebody else put in the table has a wrong one."""
        return _keyed(self._programs, fields)

    def fingerprint(self, asked: bytes) -> Fingerprint:
        """The fingerprint of a request, which may hold names and numbers."""
        bare = sha256(asked).hexdigest()
        return Fingerprint(_keyed(self._fingerprints, bare.encode()).hex(), bare)

    def proof(self, place: str) -> str:
        """A keyed hash of a place in a list, given out with the cursor, so that nobody makes up another place."""
        return _keyed(self._cursors, place.encode()).hex()[:20]

    def put_away(self, file: bytes, job: bytes) -> bytes:
        """Encrypts a file to import. It can be read only as the file of this very job."""
        return _locked(self._files, file, job)

    def taken_out(self, box: bytes, job: bytes) -> bytes:
        """Decrypts what `put_away` made. Raises Unreadable where the job was changed, or another service encrypted it."""
        try:
            return _unlocked(self._files, box, job)
        except InvalidTag:
            raise Unreadable("a file to import") from None

    def token(self, realm: str, field: str, value: str) -> str | None:
        """A keyed hash by which a number is found again in a realm; in another realm it is another, so that they cannot
        be joined.

        None where there is no number in it, or for a field that leads to nobody.
        """
        number = FOUND_BY[field](value) if field in FOUND_BY else ""
        return _keyed(self._index, f"{realm} {field} {number}".encode()).hex() if number else None

    def unseal(self, place: str, sealed: Sealed) -> dict[str, str]:
        """The personal data in a box. Raises Unreadable when its key was destroyed, or it belongs to another place."""
        try:
            plain = _unlocked(AESGCM(self.keys.secret_of(sealed.person)), b64decode(sealed.box), place.encode())
        except InvalidTag:
            raise Unreadable(sealed.person) from None
        fields: dict[str, str] = orjson.loads(plain)
        return fields


class SealingVault:
    """Seals for one transaction, and remembers who can be found again by what it stores."""

    def __init__(self, seals: Seals) -> None:
        self._seals = seals
        self.found: list[Findable] = []

    def seal(self, place: str, fields: Mapping[str, str], *, findable: bool = False) -> Sealed:
        key = self._seals.keys.take()
        box = _locked(AESGCM(key.secret), orjson.dumps(dict(fields)), place.encode())
        identifiers = [*fields.items()] if findable else []
        if (home := household_of(place)) is not None:
            identifiers.append(("household", home))
        belongs = realm(place)
        tokens = tuple(filter(None, [self._seals.token(belongs, field, value) for field, value in identifiers]))
        if tokens:
            self.found.append(Findable(key.person, place, tokens))
        return Sealed(person=key.person, box=b64encode(box).decode())

    def receipt(self, stream: str) -> str:
        return self._seals.receipt(self._seals.query_code(stream))

    def lot(self, of: str) -> int:
        return int(sha256(self.receipt(of).encode()).hexdigest()[:8], 16)


def _locked(key: AESGCM, plain: bytes, where: bytes | None = None) -> bytes:
    """A box that opens with this key, and only where it was said to be."""
    nonce = chance(NONCE)
    return nonce + key.encrypt(nonce, plain, where)


def _unlocked(key: AESGCM, box: bytes, where: bytes | None = None) -> bytes:
    """Raises InvalidTag for a box of another key or place, and ValueError for none."""
    return key.decrypt(box[:NONCE], box[NONCE:], where)


def _derived(master: bytes, purpose: bytes) -> bytes:
    return blake2b(purpose, key=master, digest_size=32).digest()


def _keyed(secret: bytes, text: bytes) -> bytes:
    """A keyed hash that keeps the interpreter lock: to give that up would cost a hundred times this microsecond's work."""
    return blake2b(text, key=secret, digest_size=20).digest()
