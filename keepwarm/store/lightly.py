"""Everybody who may be in a picture, as lightly as can be: tuples and numbers for twenty thousand at a time.

Called by `picturing` and `histories`. Circles, strength and the last touch are those of `listing`, rhythms `rhythms`'.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Executable, FromClause, func, select, type_coerce

from keepwarm.store.database import Tx
from keepwarm.store.rows import mine
from keepwarm.store.tables import EPOCH, ERASED, address, listing
from keepwarm.store.tables import contact as table

SINCE = type_coerce(func.coalesce(table.c.accepted_at, table.c.proposed_at), BigInteger)  # when they came in


def joined() -> FromClause:
    return table.join(listing, listing.c.contact_id == table.c.id)


def shown(tx: Tx) -> tuple[ColumnElement[bool], ...]:
    """Active people who are not private."""
    return mine(tx, table), table.c.state == "active", table.c.private.is_(False)


def tuples(tx: Tx, query: Executable) -> Sequence[tuple[Any, ...]]:
    """Rows by place: a name for each value would cost more than reading it."""
    return tx.connection.execute(query).all()


def whose_addresses(tx: Tx) -> dict[int, str]:
    """Contact by the key of an address."""
    here = (mine(tx, address), address.c.contact_id.is_not(None), address.c.match != ERASED)
    return dict(tuples(tx, select(address.c.id, address.c.contact_id).where(*here)))


def moment(at: int) -> datetime:
    return EPOCH + timedelta(microseconds=at)


@cache
def origins_in(text: str) -> frozenset[str]:
    return frozenset(json.loads(text))
