"""The engine over a real store, with the fake provider on the other side and a clock that tests move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from integrations.fake import WORLDS, World
from keepwarm.settings import Settings
from keepwarm.store import Store, accounts, contacts, follow_ups, outbox
from keepwarm.store.follow_ups import FollowUp
from keepwarm.store.outbox import OutboxRow
from keepwarm.types import CalendarEvent, Item, StreamKind
from tests import make
from tests.rings.points import watched
from workers import tasks
from workers.runtime import Runtime

NOW = make.NOW  # Monday 23 November 2026, 09:00 UTC
NOOR = "Noor Jansen <noor@lantern.example>"


class Crash(BaseException):
    """The process ends here: no guard catches it, as none catches a kill."""


@dataclass
class House:
    """One owner with a fake account, and what a test does to them."""

    runtime: Runtime
    store: Store
    world: World
    owner_id: str
    moment: datetime = NOW
    steps: list[str] = field(default_factory=list)

    def at(self, moment: datetime) -> House:
        self.moment = moment
        return self

    def later(self, **span: float) -> House:
        self.moment += timedelta(**span)
        return self

    def drain(self) -> int:
        return tasks.drain(self.runtime)

    def stream(self, kind: StreamKind = StreamKind.MAIL) -> str:
        with self.store.transaction(self.owner_id) as tx:
            account = accounts.accounts(tx)[0]
            return accounts.create_stream(tx, account_id=account.id, kind=kind, now=self.moment).id

    def knows(self, *people: str, days_ago: int = 30, private: bool = False) -> list[str]:
        """Accepted contacts, with a mail each way that many days ago; their ids."""
        at = NOW - timedelta(days=days_ago)
        make.imported(self.store, self.owner_id, *(m for who in people for m in make.both_ways(who, at=at)))
        with self.store.transaction(self.owner_id) as tx:
            contacts.detect(tx, self.moment)
            wanted = {make.person(who).address for who in people}
            found = contacts.contacts(tx, states=["proposed"], now=self.moment)
            ids = [row.id for row in found if wanted.intersection(row.addresses)]
            contacts.accept(tx, ids, private=private, now=self.moment)
        return ids

    def reads(self, *items: Item) -> None:
        make.imported(self.store, self.owner_id, *items, path="later.ics", now=self.moment)

    def talk(self, start: datetime = NOW + timedelta(days=3), *, who: str = NOOR, **fields: object) -> CalendarEvent:
        """A talk booked in good time."""
        found = make.event([who], start=start, **fields)  # type: ignore[arg-type]  # any field of an event
        make.imported(self.store, self.owner_id, found, path="calendar.ics", now=NOW - timedelta(days=30))
        return found

    def rows(self, kind: str = "") -> list[OutboxRow]:
        with self.store.reading(self.owner_id) as tx:
            return [row for row in outbox.rows(tx, limit=1000) if kind in {"", row.kind}]

    def states(self, kind: str = "") -> list[str]:
        return sorted(row.state for row in self.rows(kind))

    def follow_ups(self) -> list[FollowUp]:
        with self.store.reading(self.owner_id) as tx:
            return follow_ups.follow_ups(tx)

    def mails(self) -> list[str]:
        """Subjects of all that was sent, every copy."""
        return [mail.subject for copies in self.world.mails.values() for mail in copies]

    def crash_at(self, point: str) -> House:
        """The same house whose process dies at a point (`tests.rings.points`), the first time it gets there."""
        left = [point]

        def stop(name: str) -> None:
            if left and name == left[0]:
                left.clear()
                raise Crash(name)

        return replace(self, runtime=watched(self.runtime, stop))


@pytest.fixture
def house(store: Store, tmp_path: Path) -> Iterator[House]:
    """A house on each database; every call of the provider asserts that no transaction is open."""
    yield from _house(store, tmp_path)


@pytest.fixture
def quick_house(sqlite_store: Store, tmp_path: Path) -> Iterator[House]:
    """The same on SQLite alone."""
    yield from _house(sqlite_store, tmp_path)


@pytest.fixture
def plain_house(store: Store, tmp_path: Path) -> Iterator[House]:
    """A house without an account: mails land in the local mailbox."""
    yield from _house(store, tmp_path, connected=False)


@pytest.fixture
def quick_plain_house(sqlite_store: Store, tmp_path: Path) -> Iterator[House]:
    """The same on SQLite alone."""
    yield from _house(sqlite_store, tmp_path, connected=False)


def _house(store: Store, tmp_path: Path, *, connected: bool = True) -> Iterator[House]:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    owner_id = make.owner(store)
    world = WORLDS["here"] = World(before_call=lambda _: _refuse_inside(store))
    with store.transaction(owner_id) as tx:
        accounts.update_owner(tx, zone="Europe/Amsterdam", name="Robin Owner")
        if connected:
            accounts.ensure_account(tx, provider="fake", settings={"world": "here"}, now=NOW)
    clock: list[House] = []
    runtime = Runtime(
        settings=Settings(home=str(home), database_url="sqlite://", broker_url="memory://"),
        home=home,
        store=store,
        secret=b"s" * 32,
        clock=lambda: clock[0].moment,
    )
    house = House(runtime=runtime, store=store, world=world, owner_id=owner_id)
    clock.append(house)
    yield house
    WORLDS.clear()


def _refuse_inside(store: Store) -> None:
    assert not store.in_transaction(), "a provider was called inside a transaction"
