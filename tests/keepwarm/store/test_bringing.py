"""People whom the owner thought of come in once, as one change, whoever knows them already."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from keepwarm.store import Store, changes, contacts
from keepwarm.store.bringing import Brought, bring
from tests import make

ANN = "Ann Example <ann@example.com>"


def brought(name: str, *, origin: str = "friends", address: str = "", about: str = "") -> Brought:
    return Brought(name=name, origin=origin, circle="warm", address=address, about=about)


@pytest.fixture
def owner_id(store: Store, now: datetime) -> str:
    """Somebody whose mails show Ann, and who chose nobody yet."""
    made = make.owner(store)
    make.imported(store, made, *make.both_ways(ANN))
    with store.transaction(made) as tx:
        contacts.detect(tx, now)
    return made


@pytest.mark.parametrize(
    ("who", "name", "state"),
    [
        (brought("ann EXAMPLE"), "Ann Example", "proposed"),  # by her name
        (brought("Annie", address="ann@example.com"), "Ann Example", "proposed"),  # by her address
        (brought("Bob Sample", about="Lantern"), "Bob Sample", ""),
        (brought("Me", address=make.OWNER), "Me", ""),
    ],
)
def test_somebody_known_is_taken_in_and_anybody_else_is_new(
    store: Store, now: datetime, owner_id: str, who: Brought, name: str, state: str
) -> None:
    with store.transaction(owner_id) as tx:
        assert bring(tx, [who], now) == 1
        (row,) = contacts.contacts(tx, states=["active"], now=now)
        assert (row.name, row.circle, "friends" in row.origins) == (name, "warm", True)
        assert make.OWNER not in row.addresses
        assert bring(tx, [replace(who, name=name, address="")], now) == 0
    with store.transaction(owner_id) as tx:
        changes.undo(tx, now)
        changes.undo(tx, now)
        assert contacts.contacts(tx, states=["active"], now=now) == []
        assert len(contacts.contacts(tx, states=["proposed"], now=now)) == 1


def test_many_are_one_change(store: Store, now: datetime, owner_id: str) -> None:
    people = [brought("Ann Example"), brought("Bob Sample"), brought("Cleo Sample", origin="family")]
    with store.transaction(owner_id) as tx:
        before = len(changes.changes(tx))
        assert bring(tx, people, now) == 3
        assert len(changes.changes(tx)) == before + 1
        changes.undo(tx, now)
        assert contacts.contacts(tx, states=["active"], now=now) == []


def test_who_is_never_to_come_up_is_somebody_else(store: Store, now: datetime, owner_id: str) -> None:
    """A name says too little to bring back somebody who was sent away for good."""
    with store.transaction(owner_id) as tx:
        (ann,) = contacts.contacts(tx, states=["proposed"], now=now)
        contacts.never(tx, [ann.id], now)
        bring(tx, [brought("Ann Example")], now)
        (row,) = contacts.contacts(tx, states=["active"], now=now)
        assert row.id != ann.id
        assert contacts.contact(tx, ann.id, now).state == "never"
