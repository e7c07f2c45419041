"""Another system on a port of this machine: keeps what it is sent, and answers as a test wants it to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from api_tests.district import Json

SOON = 10.0
"""Seconds that a busy machine may take."""


@dataclass(frozen=True)
class Sent:
    """One request, as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> Json:
        event: Json = json.loads(self.body)
        return event

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def signed_with(self, secret: str) -> bool:
        """What Standard Webhooks asks of a receiver."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        told = f"{self.id}.{self.headers['webhook-timestamp']}.".encode() + self.body
        signature = "v1," + base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()
        fresh = abs(time.time() - int(self.headers["webhook-timestamp"])) < 60
        return fresh and signature in self.headers["webhook-signature"].split(" ")


def certified(name: str, folder: Path) -> ssl.SSLContext:
    """What a receiver shows that calls itself so; the certificate lies in the folder, for those who shall trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made, now = x509.CertificateBuilder().subject_name(called).issuer_name(called), datetime.now(UTC)
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    shown = made.public_key(key.public_key()).serial_number(1).sign(key, SHA256()).public_bytes(Encoding.PEM)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / f"{name}.pem").write_bytes(shown)
    (folder / f"{name}.key").write_bytes(secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    return context


class Receiver:
    """`answer` is asked for the status of each request, in the thread of that request."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.sent: list[Sent] = []
        self.answer: Callable[[Sent], int] = lambda _: 204
        self.location = ""
        self._came = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        if tls is not None:
            self.url = f"https://localhost:{self._server.server_port}/hook"
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(length := int(self.headers["content-length"]))
                if len(body) < length:
                    return
                sent = Sent({name.lower(): value for name, value in self.headers.items()}, body)
                with receiver._came:
                    receiver.sent.append(sent)
                    receiver._came.notify_all()
                self.send_response(receiver.answer(sent))
                self.send_header("Content-Length", "0")
                if receiver.location:
                    self.send_header("Location", receiver.location)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def got(self, wanted: Callable[[list[Sent]], bool]) -> list[Sent]:
        """All that has come, once it is what is wanted."""
        with self._came:
            assert self._came.wait_for(lambda: wanted(self.sent), SOON), [one.event for one in self.sent]
            return list(self.sent)

    @contextmanager
    def at_work(self) -> Iterator[Receiver]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()
