"""Where it comes from: accounts, what is read of them, and imports."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint

from keepwarm.store.tables.base import Moment, metadata, own_id, owner_column

account = Table(
    "account",
    metadata,
    own_id(),
    owner_column(),
    Column("provider", String(32), nullable=False),
    Column("name", Text, nullable=False, default=""),
    Column("settings", JSON, nullable=False, default=dict),
    Column("connected_at", Moment, nullable=False),
    Column("disconnected_at", Moment),
    Column("read_back_at", Moment),  # when to look again for what the owner did with our entries; none: now
    Column("revoked_at", Moment),  # a mail could not go out because access was withdrawn
)

grant = Table(
    "grant_",
    metadata,
    Column("account_id", String(32), primary_key=True),
    owner_column(),
    Column("sealed", Text, nullable=False),
    Column("key_id", String(16), nullable=False),
    Column("lease_until", Moment),
    Column("renewed_at", Moment),  # a grant that is never renewed dies of it (Microsoft: after 90 days)
)

stream = Table(
    "stream",
    metadata,
    own_id(),
    owner_column(),
    Column("account_id", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("place_ref", Text, nullable=False, default=""),
    Column("cursor", Text, nullable=False, default=""),
    Column("stale_since", Moment),
    Column("generation", Integer, nullable=False, default=0),  # raised by every mark: news during a sync is seen
    Column("lease_until", Moment),
    Column("fence", Integer, nullable=False, default=0),
    Column("compared_at", Moment),
    Column("retry_at", Moment),
    Column("attempts", Integer, nullable=False, default=0),
    Column("last_error", Text, nullable=False, default=""),
    Column("held_since", Moment),  # so much had disappeared at once that a second look is waited for (C5)
    Column("revoked_at", Moment),  # access was withdrawn: only the owner can mend it
    Column("progress_at", Moment),  # when the cursor last moved
    Column("notices", Text, nullable=False, default=""),  # how we hear of news: push, pull, or "" where we look
    Column("polled_why", Text, nullable=False, default=""),  # why there are none, in a marked sentence
    Column("subscribe_at", Moment),  # when to ask for notices, or for longer; none: now
    UniqueConstraint("owner_id", "account_id", "kind", "place_ref"),
    Index("stream_stale", "stale_since", "retry_at"),
)

subscription = Table(
    "subscription",
    metadata,
    own_id(),
    owner_column(),
    Column("stream_id", String(32), nullable=False),
    Column("remote_ref", Text, nullable=False),
    Column("sealed_secret", Text, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("pulled", Boolean, nullable=False, default=False),  # we fetch the notices; else they are sent to us
    Index("subscription_remote", "remote_ref"),
)

purse = Table(  # what was spent of a budget within the last minute: [[second since 1970, units], ...]
    "purse",
    metadata,
    Column("name", Text, primary_key=True),
    Column("spent", JSON, nullable=False),
)

place = Table(  # at a provider that takes only so many requests at once: until when each is held
    "place",
    metadata,
    Column("name", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("until", Moment),
)

batch = Table(  # one import: its stream is of kind "files" with the batch id as place_ref
    "batch",
    metadata,
    own_id(),
    owner_column(),
    Column("stream_id", String(32), nullable=False),
    Column("label", Text, nullable=False),
    Column("paths", JSON, nullable=False),
    Column("uploaded", Boolean, nullable=False, default=False),  # paths lie in our own upload folder: remove when done
    Column("created_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("undone_at", Moment),
    Column("read_bytes", BigInteger, nullable=False, default=0),
    Column("total_bytes", BigInteger, nullable=False, default=0),
    Column("seconds", Integer, nullable=False, default=0),
)

source = Table(  # one file, Maildir or archive entry of a batch, with its counts: read = the four others
    "source",
    metadata,
    own_id(),
    owner_column(),
    Column("batch_id", String(32), nullable=False, index=True),
    Column("path", Text, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("fingerprint", Text, nullable=False, default=""),
    Column("size", BigInteger, nullable=False, default=0),
    Column("stored", Integer, nullable=False, default=0),
    Column("known", Integer, nullable=False, default=0),
    Column("skipped", Integer, nullable=False, default=0),
    Column("quarantined", Integer, nullable=False, default=0),
    Column("reasons", JSON, nullable=False, default=dict),
    Column("done", Boolean, nullable=False, default=False),
    Column("position", Integer, nullable=False, default=0),  # order within the batch
    UniqueConstraint("batch_id", "path"),
)

brought = Table(  # what an import of our own export put in or changed, so that undoing it takes it away again
    "brought",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    owner_column(),
    Column("batch_id", String(32), nullable=False, index=True),
    Column("section", String(24), nullable=False),
    Column("ref", String(32), nullable=False),  # the id in the document
    Column("key", String(320), nullable=False),  # of the row here
    Column("table_name", String(32), nullable=False, default=""),  # empty: it was there before, nothing was changed
    Column("before", JSON(none_as_null=True)),  # the columns as they were; None: the row was made
)
