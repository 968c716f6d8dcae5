"""The owner's own addresses: found whatever the order of what is read, and every proposal judged by who they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations

import pytest

from keepwarm.store import Store, accounts, contacts, items
from keepwarm.types import MailMark, Message, Page, StreamKind
from tests import make

ME, ALIAS = "Sam de Jong <sam@example.org>", "Jong, Sam de <sam@work.example>"
ANN = "Ann Example <ann@example.com>"
BEN = "Ben Sample <ben@example.net>"


@pytest.fixture
def me(store: Store) -> str:
    return make.owner(store, own=[])


def detect(store: Store, me: str) -> None:
    with store.transaction(me) as tx:
        contacts.detect(tx, make.NOW)


def own(store: Store, me: str) -> list[str]:
    with store.reading(me) as tx:
        return [each.address for each in accounts.own_addresses(tx) if each.own]


def proposed(store: Store, me: str) -> list[str]:
    with store.reading(me) as tx:
        return sorted(each.name for each in contacts.contacts(tx, states=["proposed"], now=make.NOW))


def letters(sender: str, *readers: str, times: int = 4, marks: MailMark = MailMark.NONE) -> list[Message]:
    return [
        make.message(sender, readers, at=make.NOW - timedelta(days=day + len(sender)), marks=marks)
        for day in range(times)
    ]


def filed(mails: list[Message]) -> list[Message]:
    return [replace(each, marks=each.marks | MailMark.SENT) for each in mails]


def from_account(store: Store, me: str, mails: list[Message]) -> None:
    with store.transaction(me) as tx:
        account = accounts.ensure_account(tx, provider="fake", now=make.NOW)
        stream = accounts.create_stream(tx, account_id=account.id, kind=StreamKind.MAIL, now=make.NOW)
        held = accounts.lease_stream(tx, stream.id, make.NOW)
        assert held is not None
        items.keep_page(tx, held, Page(items=tuple(mails)), make.NOW)
        contacts.detect(tx, make.NOW)


COPIES = ("all", "sent", "more")


@pytest.mark.parametrize("order", list(permutations(COPIES)), ids="-".join)
def test_a_copy_in_a_sent_folder_tells_in_whatever_order(store: Store, me: str, order: tuple[str, ...]) -> None:
    mails = letters(ME, ANN)
    copies = {"all": mails, "sent": filed(mails), "more": mails}
    batches = {name: make.imported(store, me, *copies[name], path=name) for name in order}
    detect(store, me)
    assert own(store, me) == ["sam@example.org"]
    for name in ("all", "sent"):
        with store.transaction(me) as tx:
            accounts.undo_batch(tx, batches[name], make.NOW)
        assert own(store, me) == (["sam@example.org"] if name == "all" else [])


@pytest.mark.parametrize("sent_first", [True, False])
def test_two_copies_in_one_import_count_as_one_that_was_sent(store: Store, me: str, sent_first: bool) -> None:
    mails = letters(ME, ANN)
    make.imported(store, me, *(filed(mails) + mails if sent_first else mails + filed(mails)))
    detect(store, me)
    assert own(store, me) == ["sam@example.org"]


@pytest.mark.parametrize("sent", ["file", "account", "both"])
def test_an_account_and_a_file_tell_together_what_was_sent(store: Store, me: str, sent: str) -> None:
    mails = letters(ME, ANN)
    batch_id = make.imported(store, me, *(mails if sent == "account" else filed(mails)))
    from_account(store, me, mails if sent == "file" else filed(mails))
    assert own(store, me) == ["sam@example.org"]
    with store.transaction(me) as tx:
        accounts.undo_batch(tx, batch_id, make.NOW)
    assert own(store, me) == ([] if sent == "file" else ["sam@example.org"])


def test_another_address_under_the_owners_full_name_is_theirs(store: Store, me: str) -> None:
    with store.transaction(me) as tx:
        accounts.set_own_address(tx, "sam@example.org", own=True)
    make.imported(store, me, *letters(ME, ANN), *letters(ALIAS, BEN), *letters(BEN, ALIAS))
    detect(store, me)
    assert own(store, me) == ["sam@example.org", "sam@work.example"]
    assert proposed(store, me) == ["Ben Sample"]


def test_a_namesake_who_writes_to_the_owner_is_somebody_else(store: Store, me: str) -> None:
    with store.transaction(me) as tx:
        accounts.set_own_address(tx, "sam@example.org", own=True)
    make.imported(store, me, *letters(ME, ALIAS), *letters(ALIAS, ME))
    detect(store, me)
    assert own(store, me) == ["sam@example.org"]
    assert proposed(store, me) == ["Sam de Jong"]


def test_a_proposal_goes_when_the_address_turns_out_to_be_the_owners(store: Store, me: str) -> None:
    with store.transaction(me) as tx:
        accounts.set_own_address(tx, "sam@example.org", own=True)
    make.imported(store, me, *letters(ME, ALIAS), *letters(ALIAS, ME), *make.both_ways(ANN, me="sam@example.org"))
    detect(store, me)
    assert proposed(store, me) == ["Ann Example", "Sam de Jong"]
    with store.reading(me) as tx:
        [ann] = contacts.contacts(tx, states=["proposed"], now=make.NOW, search="Ann")
    make.imported(store, me, *letters(ALIAS, BEN, times=9, marks=MailMark.SENT), path="Sent")
    detect(store, me)
    assert proposed(store, me) == ["Ann Example"]
    with store.reading(me) as tx:
        assert [each.id for each in contacts.contacts(tx, states=["proposed"], now=make.NOW)] == [ann.id]


def test_a_sent_folder_outweighs_an_earlier_guess(store: Store, me: str) -> None:
    guess = [*letters(BEN, ANN, times=6), *letters(ANN, BEN, times=5), *letters(ME, BEN, times=2)]
    make.imported(store, me, *guess)
    detect(store, me)
    assert own(store, me) == ["ben@example.net"]
    make.imported(store, me, *letters(ME, ANN, BEN, times=5, marks=MailMark.SENT), path="Sent")
    detect(store, me)
    assert own(store, me) == ["sam@example.org"]
    assert proposed(store, me) == []


def test_the_owners_correction_judges_every_proposal_anew(store: Store, me: str, now: datetime) -> None:
    make.imported(store, me, *letters(ME, ANN), *letters(ANN, ME), *letters(BEN, ANN), *letters(ANN, BEN))
    with store.transaction(me) as tx:
        accounts.set_own_address(tx, "sam@example.org", own=True, now=now)
    assert proposed(store, me) == ["Ann Example"]
    with store.transaction(me) as tx:
        accounts.set_own_address(tx, "ann@example.com", own=True, now=now)
    assert proposed(store, me) == ["Ben Sample"]
    with store.transaction(me) as tx:
        accounts.set_own_address(tx, "ann@example.com", own=False, now=now)
    assert proposed(store, me) == ["Ann Example"]
