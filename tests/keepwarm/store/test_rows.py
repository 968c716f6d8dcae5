"""Rows by the thousand are written as single ones are: PostgreSQL takes them by another way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from keepwarm.store import Store, Tx
from keepwarm.store.rows import COPIED, Row, all_rows, insert_new, insert_tuples, upsert
from keepwarm.store.tables import address, card, microseconds, touch
from tests import make

TEXTS = ("", "\\N", "\\.", "tab\there\r\nand there", "back\\slash, \"quoted\", 'once'", "Zoë 陈 🙂", "NULL", "{1,2}")


@pytest.fixture
def me(store: Store) -> str:
    return make.owner(store)


def cards(me: str, now: datetime, number: int) -> list[dict[str, Any]]:
    """Cards that name every column of their table, with all that could go astray on the way."""
    return [
        {
            "id": each,
            "owner_id": me,
            "source": "vcard",
            "ref": str(each),
            "name": TEXTS[each % len(TEXTS)],
            "organisation": "",
            "role": "",
            "phone": "",
            "url": "",
            "connected_on": date(2020, 2, 29) if each % 2 else None,
            "birthday": "",
            "origins": [TEXTS[each % len(TEXTS)]] if each % 3 else [],
            "was": {"role": TEXTS[each % len(TEXTS)]} if each % 2 else None,
            "changed_at": now if each % 2 else None,
            "fingerprint": "f" * 32,
            "contact_id": None,
            "stream_id": "s",
            "batch_id": None,
            "resource_ref": "",
        }
        for each in range(number)
    ]


def stored(tx: Tx) -> list[Row]:
    return [dict(row) for row in all_rows(tx, select(card).order_by(card.c.id))]


def touches(me: str, now: datetime, numbers: Sequence[int]) -> list[tuple[Any, ...]]:
    return [(me, each, 1, "s", microseconds(now)) for each in numbers]


def test_what_is_written_is_read(store: Store, me: str, now: datetime) -> None:
    told = cards(me, now, COPIED)
    assert len(told[0]) == len(card.columns)
    with store.transaction(me) as tx:
        insert_new(tx, card, told)
        assert stored(tx) == told


def test_a_row_in_the_way_stays_as_it_is(store: Store, me: str, now: datetime) -> None:
    told = cards(me, now, COPIED + 1)
    with store.transaction(me) as tx:
        insert_new(tx, card, [told[1] | {"name": "was there"}])
        insert_new(tx, card, [*told, told[2] | {"name": "comes twice"}])
        assert stored(tx) == [told[0], told[1] | {"name": "was there"}, *told[2:]]


def test_of_a_row_in_the_way_the_named_columns_change(store: Store, me: str, now: datetime) -> None:
    told = cards(me, now, COPIED)
    with store.transaction(me) as tx:
        upsert(tx, card, told, ["name"])
        again = [each | {"name": "anew", "role": "not asked for"} for each in told]
        upsert(tx, card, [*again, again[0] | {"name": "twice: the last stands"}], ["name"])
        changed = [each | {"name": "anew"} for each in told]
        assert stored(tx) == [changed[0] | {"name": "twice: the last stands"}, *changed[1:]]


def test_columns_that_are_not_named_begin_as_the_table_says(store: Store, me: str) -> None:
    told = [{"id": each, "owner_id": me, "source": "", "ref": "", "fingerprint": ""} for each in range(COPIED)]
    with store.transaction(me) as tx:
        insert_new(tx, card, told)
        assert {(row["name"], *row["origins"], row["was"]) for row in stored(tx)} == {("", None)}


def test_tuples_are_counted_and_come_twice_in_one_transaction(store: Store, me: str, now: datetime) -> None:
    names = ("owner_id", "address_id", "item_id", "kind", "at")
    with store.transaction(me) as tx:
        assert insert_tuples(tx, touch, names, touches(me, now, range(COPIED))) == COPIED
        assert insert_tuples(tx, touch, names, touches(me, now, range(2 * COPIED))) == 2 * COPIED
        people = ((each, me, f"{each}@example.org", f"{each}@example.org") for each in range(COPIED))
        insert_tuples(tx, address, ("id", "owner_id", "address", "match"), people)
        found = all_rows(tx, select(touch.c.address_id, touch.c.at).order_by(touch.c.address_id))
    assert [(row["address_id"], row["at"]) for row in found] == [(each, now) for each in range(2 * COPIED)]
