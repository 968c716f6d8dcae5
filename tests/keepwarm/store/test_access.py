"""Sessions, links to a new password, identities elsewhere, invitations, tries: on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from keepwarm.errors import NotPossible
from keepwarm.store import Store, access, accounts, identities, invitations, password_links, pruning, tries


def owner(store: Store, now: datetime, email: str = "ann@example.org") -> str:
    with store.system() as tx:
        return accounts.create_owner(tx, email=email, now=now).id


# --- sessions


@pytest.mark.parametrize(
    ("idle", "age", "alive"),
    [(0, 0, True), (14, 14, True), (15, 15, False), (1, 29, True), (1, 30, False), (0, 31, False)],
)
def test_a_session_ends_after_fourteen_idle_days_and_after_thirty_in_all(
    store: Store, now: datetime, idle: int, age: int, alive: bool
) -> None:
    who = owner(store, now)
    with store.system() as tx:
        token = access.new_session(tx, who, now, device="Firefox, Linux")
        access.see(tx, token, now + timedelta(days=age - idle))
        found = access.session(tx, token, now + timedelta(days=age))
    assert (found is not None) is alive
    if found:
        assert (found.owner_id, found.device, found.seen_at.hour, found.seen_at.minute) == (who, "Firefox, Linux", 0, 0)


def test_a_rotated_session_is_the_same_device_under_another_token(store: Store, now: datetime) -> None:
    who = owner(store, now)
    with store.system() as tx:
        old = access.new_session(tx, who, now, device="Safari, iPhone")
        new = access.rotate(tx, old, now + timedelta(days=1))
        assert new
        assert access.session(tx, old, now) is None
        found = access.session(tx, new, now)
        assert access.rotate(tx, old, now) is None
    assert found
    assert (found.device, found.created_at) == ("Safari, iPhone", now)


def test_nobody_ends_the_device_of_another(store: Store, now: datetime) -> None:
    ann, bram = owner(store, now), owner(store, now, "bram@example.org")
    with store.system() as tx:
        tokens = [access.new_session(tx, who, now) for who in (ann, ann, bram)]
        theirs = access.session(tx, tokens[2], now)
    assert theirs
    with store.transaction(ann) as tx:
        assert not access.end_device(tx, theirs.id)
        assert access.end_others(tx, tokens[0]) == 1
        assert [each.owner_id for each in access.sessions(tx, now)] == [ann]
    with store.system() as tx:
        assert [access.session(tx, each, now) is not None for each in tokens] == [True, False, True]


# --- links to a new password


def test_a_link_works_once_within_an_hour_and_ends_all_others(store: Store, now: datetime) -> None:
    ann = owner(store, now)
    with store.transaction(ann) as tx:
        first, second = password_links.make(tx, now), password_links.make(tx, now)
        assert password_links.whose(tx, first, now + timedelta(minutes=61)) is None
        assert password_links.whose(tx, first, now + timedelta(minutes=59)) == ann
        assert password_links.use(tx, first, now)
        assert not password_links.use(tx, first, now)
        assert not password_links.use(tx, second, now)


def test_asking_is_the_same_for_everybody_and_opens_nothing_before_it_is_given(store: Store, now: datetime) -> None:
    ann = owner(store, now)
    with store.system() as tx:
        known, unknown = (password_links.ask(tx, each, now) for each in ("Ann@Example.org", "x@example.net"))
        assert password_links.waiting(tx, now) == sorted([known, unknown])
        assert password_links.whose(tx, known, now) is None
        assert password_links.take(tx, known, now) == "ann@example.org"
        assert password_links.take(tx, known, now) is None  # another worker
        password_links.give(replace(tx, owner_id=ann), known)
        assert password_links.whose(tx, known, now) == ann
        assert password_links.take(tx, unknown, now + timedelta(hours=2)) is None
        password_links.take(tx, unknown, now)
        password_links.drop(tx, unknown)
        assert password_links.waiting(tx, now) == []


def test_the_link_of_another_owner_is_not_used(store: Store, now: datetime) -> None:
    ann, bram = owner(store, now), owner(store, now, "bram@example.org")
    with store.transaction(ann) as tx:
        link = password_links.make(tx, now)
    with store.transaction(bram) as tx:
        assert not password_links.use(tx, link, now)
        password_links.end_all(tx, now)
    with store.transaction(ann) as tx:
        assert password_links.use(tx, link, now)


# --- identities


def test_an_identity_is_one_owners_and_a_provider_has_one_each(store: Store, now: datetime) -> None:
    ann, bram = owner(store, now), owner(store, now, "bram@example.org")
    issuer = "https://accounts.example.org"

    def bind(who: str, sub: str) -> None:
        with store.transaction(who) as tx:
            identities.bind(tx, provider="google", issuer=issuer, subject=sub, label="", now=now)

    bind(ann, "1")
    bind(ann, "1")
    with pytest.raises(NotPossible):
        bind(bram, "1")
    bind(ann, "2")
    bind(bram, "1")
    with store.system() as tx:
        assert identities.owner_of(tx, issuer, "2") == ann
        assert identities.owner_of(tx, issuer, "1") == bram
        assert identities.owner_of(tx, "https://evil.example", "1") is None
    with store.transaction(bram) as tx:
        assert identities.let_go(tx, "google")
        assert not identities.let_go(tx, "google")
        assert identities.bound(tx) == []


# --- invitations


def test_an_invitation_works_once_and_a_later_one_ends_it(store: Store, now: datetime) -> None:
    with store.system() as tx:
        first = invitations.invite(tx, "Kim@Example.org", now)
        second = invitations.invite(tx, "kim@example.org", now)
        assert not invitations.use(tx, first.id, now)
        assert invitations.invitation(tx, second.id, now + timedelta(days=15)) is None
        assert invitations.use(tx, second.id, now)
        assert not invitations.use(tx, second.id, now)
        assert not invitations.revoke(tx, second.id, now)
        third = invitations.invite(tx, "lea@example.org", now)
        assert invitations.revoke(tx, third.id, now)
        assert not invitations.use(tx, third.id, now)
        later = now + timedelta(days=20)
        states = {each.email: each.state(later) for each in invitations.invitations(tx) if each.id != first.id}
    assert states == {"kim@example.org": "taken", "lea@example.org": "revoked"}


# --- who runs it


def test_the_first_owner_is_the_operator_and_nobody_else(store: Store, now: datetime) -> None:
    ann, bram = owner(store, now), owner(store, now, "bram@example.org")
    with store.system() as tx:
        found = accounts.operator(tx)
        assert [each.operator for each in accounts.owners(tx)] == [True, False]
    assert found
    assert (found.id, found.id == bram) == (ann, False)


# --- tries


def test_tries_are_counted_within_their_window_and_forgotten_by_key(store: Store, now: datetime) -> None:
    minutes = [now + timedelta(minutes=each) for each in range(3)]
    with store.system() as tx:
        ids = [tries.note(tx, ["a", "b"], at) for at in minutes]
        assert tries.nth_latest(tx, "a", 3, now - timedelta(minutes=1)) == now
        assert tries.nth_latest(tx, "a", 3, now) is None
        tries.forget(tx, ids[2], ["a"])
        assert tries.nth_latest(tx, "a", 1, now - timedelta(minutes=1)) is None
        assert tries.nth_latest(tx, "b", 1, now - timedelta(minutes=1)) == minutes[1]


def test_what_is_over_is_tidied_away(store: Store, now: datetime) -> None:
    ann = owner(store, now)
    with store.system() as tx:
        password_links.ask(tx, "x@example.net", now)
        invitations.invite(tx, "kim@example.org", now)
        tries.note(tx, ["a"], now)
        access.new_session(tx, ann, now)
        assert pruning.prune(tx, now + timedelta(days=50)) == 4
        assert (password_links.waiting(tx, now), invitations.invitations(tx)) == ([], [])
