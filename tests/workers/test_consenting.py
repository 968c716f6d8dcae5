"""What comes of a visit to a page of consent: which account it is, what is read then, and what stays as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest

from integrations.base import Consent, House, Journey, Opening
from keepwarm.errors import MisconfiguredError, NotFound, NotPossible, Rejected, TryAgainLater
from keepwarm.settings import Settings
from keepwarm.store import Store, accounts
from keepwarm.store.accounts import Account, StreamState
from keepwarm.types import Check, Grant, Place, StreamKind
from tests import make
from workers import connecting, consenting
from workers.runtime import Runtime

ME, SUB = "robin@town.example", "1001"
OFFICE = Place(ref="office", name="Office", kind=StreamKind.CALENDAR)
HOME = Place(ref="home", name="At home", kind=StreamKind.CALENDAR)
HOLIDAYS = Place(ref="holidays", name="Holidays", kind=StreamKind.CALENDAR, usual=False)
OURS = Place(ref="ours", name="Keepwarm", kind=StreamKind.CALENDAR, ours=True)
BOOK = Place(ref="book", name="Contacts", kind=StreamKind.CONTACTS)
INBOX = Place(ref="", name="Mail", kind=StreamKind.MAIL)


@dataclass(slots=True)
class Town:
    """What the provider says next, and what it was asked."""

    consent: Consent | Exception = field(default_factory=lambda: allowed("calendar", "contacts"))
    places: Exception | None = None
    ready: str = ""
    own: Sequence[str] | None = ()
    asked: list[tuple[Sequence[str], str, str]] = field(default_factory=list)


def allowed(
    *purposes: str, sub: str = SUB, address: str = ME, refused: Sequence[str] = (), token: str = "t"
) -> Consent:
    settings = {each: each in purposes for each in Bank.purposes} | {"address": address, "sub": sub}
    grant = Grant(values={"refresh_token": token})
    return Consent(identity=sub, address=address, grant=grant, settings=settings, refused=frozenset(refused))


class Bank:
    """A provider with a page of consent, without a network."""

    name: ClassVar[str] = "bank"
    purposes: ClassVar[Mapping[str, tuple[str, ...]]] = {
        each: (f"scope-{each}",) for each in ("calendar", "contacts", "mail", "send")
    }
    town: ClassVar[Town]

    def __init__(self, opening: Opening) -> None:
        self.settings = opening.settings

    @classmethod
    def ready(cls, house: House) -> str:
        del house
        return cls.town.ready

    @classmethod
    def begin(cls, house: House, purposes: Sequence[str], *, redirect: str, address: str = "") -> Journey:
        del house
        if cls.town.ready:
            raise MisconfiguredError(cls.town.ready)
        cls.town.asked.append((purposes, redirect, address))
        return Journey(url="https://consent.example:8443/page?state=x", kept={"state": "x"})

    @classmethod
    def finish(cls, house: House, kept: Mapping[str, str], answer: Mapping[str, str]) -> Consent:
        del house, kept, answer
        if isinstance(cls.town.consent, Exception):
            raise cls.town.consent
        return cls.town.consent

    @classmethod
    def operator_checks(cls, house: House, opened: Sequence[Bank] = ()) -> list[Check]:
        del house
        if cls.town.ready:
            raise MisconfiguredError(cls.town.ready)
        return [Check(name="set-up", ok=True, where=f"{len(opened)}")]

    def own_addresses(self) -> list[str]:
        if self.town.own is None:
            raise TryAgainLater(timedelta(minutes=1))
        return [ME, *self.town.own]

    def places(self) -> list[Place]:
        if self.town.places:
            raise self.town.places
        kinds = {kind for kind in StreamKind if self.settings.get(str(kind))}
        return [each for each in (INBOX, OFFICE, HOME, HOLIDAYS, OURS, BOOK) if each.kind in kinds]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """An owner who connects."""

    runtime: Runtime
    owner_id: str
    town: Town

    def finish(self, consent: Consent | Exception | None = None, *, account_id: str = "") -> consenting.Finished:
        self.town.consent = consent or self.town.consent
        return consenting.finish(self.runtime, self.owner_id, "bank", {}, {}, account_id=account_id)

    def accounts(self) -> list[Account]:
        with self.runtime.store.reading(self.owner_id) as tx:
            return accounts.accounts(tx)

    def streams(self) -> list[StreamState]:
        with self.runtime.store.reading(self.owner_id) as tx:
            return accounts.streams(tx)

    def reads(self) -> list[str]:
        return [f"{each.stream.kind}:{each.stream.place_ref}" for each in self.streams()]

    def grant(self, account_id: str) -> Mapping[str, str]:
        with self.runtime.store.reading(self.owner_id) as tx:
            sealed = accounts.grant(tx, account_id)
        assert sealed
        return self.runtime.keys.open(sealed).values


@pytest.fixture
def desk(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    monkeypatch.setattr(Bank, "town", Town(), raising=False)
    runtime = Runtime(
        settings=Settings(home=str(home), broker_url="memory://"), home=home, store=store, secret=b"s" * 32,
        clock=lambda: make.NOW, load=lambda name: {"bank": Bank}[name],
    )  # fmt: skip
    return Desk(runtime=runtime, owner_id=make.owner(store), town=Bank.town)


def test_what_was_allowed_is_saved_sealed_and_read(desk: Desk) -> None:
    done = desk.finish()
    assert (done.account.name, done.again, done.refused) == (ME, False, frozenset())
    assert desk.reads() == ["calendar:home", "calendar:office", "contacts:book"]
    assert all(each.stale_since for each in desk.streams())
    assert desk.grant(done.account.id) == {"refresh_token": "t"}
    assert done.account.settings["names"]["office"] == "Office"
    with desk.runtime.store.reading(desk.owner_id) as tx:
        assert ME in {each.address for each in accounts.own_addresses(tx) if each.own}


def test_the_other_addresses_of_an_account_are_the_owners(desk: Desk) -> None:
    with desk.runtime.store.transaction(desk.owner_id) as tx:
        accounts.set_own_address(tx, "info@town.example", own=False)
    desk.town.own = ("r.owner@alias.example", "info@town.example")
    desk.finish()
    with desk.runtime.store.reading(desk.owner_id) as tx:
        found = {each.address: (each.own, each.origin) for each in accounts.own_addresses(tx)}
    assert found["r.owner@alias.example"] == (True, "provider")
    assert found["info@town.example"] == (False, "given")  # the owner's word stands


def test_an_account_that_does_not_name_them_is_connected_all_the_same(desk: Desk) -> None:
    desk.town.own = None
    assert "own_asked_at" not in desk.finish().account.settings


def test_allowing_more_keeps_streams_cursors_and_choices(desk: Desk) -> None:
    first = desk.finish().account
    with desk.runtime.store.transaction(desk.owner_id) as tx:
        accounts.set_places(tx, first.id, [OFFICE], make.NOW)  # the others are not wanted
        (office,) = [each.stream.id for each in accounts.streams(tx)]
        lease = accounts.lease_stream(tx, office, make.NOW)
        assert lease
        accounts.advance(tx, lease, "far along", make.NOW)
        accounts.finish_stream(tx, lease, make.NOW)
    done = desk.finish(allowed("calendar", "contacts", "mail", "send", token="new"))
    assert done.again
    assert done.account.id == first.id
    assert desk.reads() == ["calendar:office", "mail:"]
    assert [each.stream.cursor for each in desk.streams()] == ["far along", ""]
    assert desk.grant(first.id) == {"refresh_token": "new"}


def test_who_allows_it_anew_is_asked_about_news_anew(desk: Desk) -> None:
    """Orders ended with what was allowed before, though nobody has noticed yet."""
    account = desk.finish().account

    def asked() -> int:
        with desk.runtime.store.system(write=False) as tx:
            return len(accounts.without_notices(tx, ("bank",), make.NOW))

    assert asked() == 3
    with desk.runtime.store.transaction(desk.owner_id) as tx:
        for each in desk.streams():
            accounts.note_notices(tx, each.stream.id, "push", "", make.NOW + timedelta(days=3))
    connecting.look_now(desk.runtime, desk.owner_id, account.id)
    assert asked() == 0
    desk.finish()
    assert asked() == 3


def test_what_is_no_longer_allowed_is_no_longer_read(desk: Desk) -> None:
    desk.finish()
    done = desk.finish(allowed("contacts", refused=["calendar"]))
    assert desk.reads() == ["contacts:book"]
    assert done.account.settings["refused"] == ["calendar"]
    done = desk.finish(allowed("calendar", "contacts"))
    assert desk.reads() == ["calendar:home", "calendar:office", "contacts:book"]
    assert done.account.settings["refused"] == []


def test_what_was_set_before_stays(desk: Desk) -> None:
    account = desk.finish().account
    with desk.runtime.store.transaction(desk.owner_id) as tx:
        accounts.set_account(tx, account.id, drafts=True)
    assert desk.finish(allowed("calendar")).account.settings["drafts"] is True


def test_a_withdrawn_grant_is_given_anew_without_asking_the_provider_for_places(desk: Desk) -> None:
    """Connecting anew never depends on whether reading works just now."""
    account = desk.finish().account
    with desk.runtime.store.transaction(desk.owner_id) as tx:
        for each in accounts.streams(tx):
            lease = accounts.lease_stream(tx, each.stream.id, make.NOW)
            assert lease
            accounts.fail_stream(tx, lease, make.NOW, error="x", retry_at=None, give_up=True, revoked=True)
    desk.town.places = Rejected("closed")
    done = desk.finish(allowed("calendar", "contacts", token="anew"), account_id=account.id)
    assert (done.again, done.account.id) == (True, account.id)
    assert {(each.revoked_at, each.stale_since) for each in desk.streams()} == {(None, make.NOW)}
    assert desk.grant(account.id) == {"refresh_token": "anew"}


def test_an_account_is_known_by_who_it_is_not_by_its_address(desk: Desk) -> None:
    first = desk.finish().account
    renamed = desk.finish(allowed("calendar", "contacts", address="robin@new.example")).account
    assert (renamed.id, renamed.name) == (first.id, "robin@new.example")
    heir = desk.finish(allowed("calendar", sub="2002", address="robin@new.example"))
    assert heir.account.id != first.id
    assert not heir.again
    assert [each.name for each in desk.accounts()] == ["robin@new.example"] * 2


def test_another_identity_is_refused_where_one_was_meant(desk: Desk) -> None:
    account = desk.finish().account
    with pytest.raises(NotPossible, match="another account"):
        desk.finish(allowed("calendar", sub="2002", token="theirs"), account_id=account.id)
    assert [each.id for each in desk.accounts()] == [account.id]
    assert desk.grant(account.id) == {"refresh_token": "t"}


def test_an_account_that_was_let_go_meanwhile_is_not_there(desk: Desk) -> None:
    account = desk.finish().account
    with desk.runtime.store.transaction(desk.owner_id) as tx:
        accounts.disconnect(tx, account.id, make.NOW)
    with pytest.raises(NotFound):
        desk.finish(account_id=account.id)
    assert desk.accounts() == []


@pytest.mark.parametrize("wrong", [Rejected("no"), TryAgainLater(make.NOW - make.NOW), NotPossible("no")])
def test_nothing_is_saved_where_the_provider_does_not_agree(desk: Desk, wrong: Exception) -> None:
    with pytest.raises(type(wrong)):
        desk.finish(wrong)
    assert (desk.accounts(), desk.streams()) == ([], [])


def test_nothing_is_saved_where_it_cannot_be_read(desk: Desk) -> None:
    desk.town.places = Rejected("not switched on")
    with pytest.raises(consenting.NotRead, match="not switched on"):
        desk.finish()
    assert desk.accounts() == []


def test_nothing_is_saved_where_nothing_was_allowed(desk: Desk) -> None:
    with pytest.raises(NotPossible, match="nothing"):
        desk.finish(allowed(refused=["calendar", "contacts"]))
    assert desk.accounts() == []


def test_two_owners_have_an_account_each(desk: Desk) -> None:
    other = replace(desk, owner_id=make.owner(desk.runtime.store, "kim@example.org"))
    ours, theirs = desk.finish().account, other.finish().account
    assert ours.id != theirs.id
    assert [each.id for each in desk.accounts()] == [ours.id]
    with pytest.raises(NotFound):
        other.finish(account_id=ours.id)


def test_purposes_are_asked_in_their_order_and_unknown_ones_never(desk: Desk) -> None:
    found = consenting.begin(desk.runtime, "bank", ["mail", "everything", "calendar"], redirect="r", address=ME)
    assert desk.town.asked == [(["calendar", "mail"], "r", ME)]
    assert found.kept == {"state": "x"}
    with pytest.raises(NotPossible):
        consenting.begin(desk.runtime, "bank", ["everything"], redirect="r")


def test_where_the_page_of_consent_is(desk: Desk) -> None:
    assert consenting.origin(desk.runtime, "bank") == "https://consent.example:8443"
    desk.town.ready = "not set up"
    assert consenting.origin(desk.runtime, "bank") == ""
    assert consenting.ready(desk.runtime, "bank") == "not set up"


def test_the_set_up_is_tried_through_accounts_and_told_if_it_is_missing(desk: Desk) -> None:
    desk.finish()
    found = list(consenting.operator_checks(desk.runtime, "bank", [desk.owner_id]))
    assert [(each.name, each.ok, each.absent, each.where) for each in found] == [
        ("set-up", True, False, "1"),
        ("public address", True, True, ""),
    ]
    desk.town.ready = "not set up"
    told = next(iter(consenting.operator_checks(desk.runtime, "bank", [desk.owner_id])))
    assert (told.ok, told.says) == (False, "not set up")


def test_choosing_what_is_read_leaves_what_was_allowed(desk: Desk) -> None:
    account = desk.finish().account
    connecting.choose(desk.runtime, desk.owner_id, account.id, [("calendar", "office")])
    (kept,) = desk.accounts()
    assert kept.settings["calendar"] is True
    assert desk.reads() == ["calendar:office"]
