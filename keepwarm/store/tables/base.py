"""What all tables share: the metadata, keys that are computed, and how moments are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy import BigInteger, Column, MetaData, String
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(at: datetime) -> int:
    """The moment as it is stored. Refuses naive values."""
    if at.tzinfo is None:
        raise ValueError("a naive time reached the store")
    return (at - EPOCH) // timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware datetime kept as microseconds since 1970, UTC. Refuses naive values."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:  # noqa: ARG002 - SQLAlchemy's form
        if value is None:
            return None
        return microseconds(value)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        return None if value is None else EPOCH + timedelta(microseconds=value)


def identity(owner_id: str, *parts: str) -> int:
    """The key of a bulk row: 63 bits, from the owner and what identifies the thing outside."""
    digest = blake2b("\x1f".join((owner_id, *parts)).encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "big") >> 1


metadata = MetaData()


def own_id() -> Column[str]:
    return Column("id", String(32), primary_key=True)


def owner_column() -> Column[str]:
    return Column("owner_id", String(32), nullable=False, index=True)
