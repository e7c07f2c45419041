"""The tables of the database other than views: both logs, the blind index, API keys, files, jobs, webhooks."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from projections.following.schema import Instant

metadata = MetaData()

events = Table(
    "events",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("stream", String(80), nullable=False),
    Column("version", Integer, nullable=False),
    Column("topic", String(64), nullable=False),
    Column("state", LargeBinary, nullable=False),
    Column("command", String(64), unique=True),
    Column("fingerprint", String(64)),
    Column("stamp", LargeBinary),
    UniqueConstraint("stream", "version"),
)

head = Table(
    "log_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("position", BigInteger, nullable=False),
)

access_log = Table(
    "access_log",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("subject", String(64), nullable=False),
    Column("by", String(80), nullable=False),
    Column("action", String(32), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("at", Instant, nullable=False),
    Column("command", String(64), index=True),
    Column("fingerprint", String(64)),
    Column("state", LargeBinary, nullable=False),
    Column("stamp", LargeBinary),
    Index("access_log_subject", "subject", "position"),
    Index("access_log_by", "by", "position"),
)

person_index = Table(
    "person_index",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("person", String(64), primary_key=True),
    Column("place", String(140), nullable=False),
    Index("person_index_by_person", "person"),
)
"""Where a telephone or identity number was told: under a keyed hash of it, which tells nobody the number."""

api_keys = Table(
    "api_keys",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("role", String(32), nullable=False),
    Column("unit", String(64), nullable=False),
    Column("official", String(64)),
    Column("made_at", Instant, nullable=False),
    Column("expires_on", Date),
    Column("revoked_at", Instant),
    Column("speaks_as", String(32)),
    Column("stamp", LargeBinary),
)

attachments = Table(
    "attachments",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("media_type", String(100), nullable=False),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
)

attachment_uploads = Table(
    "attachment_uploads",
    metadata,
    Column("sha256", String(64), ForeignKey(attachments.c.sha256), primary_key=True),
    Column("uploaded_by", String(80), primary_key=True),
    Column("at", Instant, nullable=False),
)
"""Who sent a file; the same one may come from many."""

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("command", String(64), unique=True, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("by", String(80), nullable=False),
    Column("posts", LargeBinary, nullable=False),
    Column("key", String(12)),
    Column("dry_run", Boolean, nullable=False),
    Column("form", String(8), nullable=False),
    Column("content", LargeBinary),
    Column("state", String(16), nullable=False),
    Column("begun", Integer, nullable=False),
    Column("since", BigInteger),
    Column("rows", Integer),
    Column("read", Integer, nullable=False),
    Column("imported", Integer, nullable=False),
    Column("already_there", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("faults", LargeBinary, nullable=False),
    Column("position", BigInteger),
    Column("made_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("jobs_by", "by", "id"),
    Index("jobs_state", "state", "id"),
)
"""Files that were sent to be imported. `content` is the file, sealed, and gone when the job has ended."""

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("by", String(80), nullable=False),
    Column("key", String(32)),
    Column("url", String(2000), nullable=False),
    Column("types", LargeBinary),
    Column("description", String(500), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("secret", Integer, nullable=False),
    Column("old_secret_until", Instant),
    Column("failing_since", Instant),
    Column("disabled_at", Instant),
    Column("disabled_because", String(16)),
    Index("webhooks_by", "by", "id"),
)
"""Who is told what where, with which key he came, and up to which position all is delivered or lies among these:"""

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", String(64), unique=True, nullable=False),
    Column("webhook", String(36), nullable=False),
    Column("position", BigInteger),
    Column("stream", String(80), nullable=False),
    Column("type", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_at", Instant),
    Column("last_status", Integer),
    Column("last_error", String(32)),
    Column("next_at", Instant),
    Index("webhook_deliveries_state", "webhook", "state"),
)
"""Deliveries that wait or did not succeed at once; what they tell is read from the log when they are sent."""

webhook_requests = Table(
    "webhook_requests",
    metadata,
    Column("command", String(64), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
)
"""What was asked of webhooks under which key, and the answer without its secret."""
