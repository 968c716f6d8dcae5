"""One owner with an account over real servers, a door before the calendar, and a clock that tests move."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from integrations.base import Opening
from integrations.fake import World
from integrations.open import Open
from integrations.open.dav import Dav
from integrations.wire.http import Answer, Client
from keepwarm.settings import Settings
from keepwarm.store import Store, accounts
from keepwarm.store.accounts import StreamState
from keepwarm.store.tables import event, message
from keepwarm.types import Grant, StreamKind
from tests import make
from tests.integrations.open.sides import Town, resident
from tests.rings.accounts.answers import through
from tests.rings.accounts.history import Diary, Post
from tests.rings.points import At, watched
from tests.servers.dav import PASSWORD, Alter, Asked, Given, Onwards, door
from tests.workers.conftest import NOW, Crash, House
from workers import deliver, prepare, sync
from workers.runtime import Runtime

LEASE = timedelta(seconds=121)  # a worker that is no more has let go by then


@dataclass(slots=True)
class Door:
    """Before the calendar: each request goes by ``alter``. ``asked`` are the verbs that came, in order."""

    alter: Alter = through
    asked: list[str] = field(default_factory=list)

    def __call__(self, asked: Asked, onwards: Onwards) -> Given:
        self.asked.append(asked.method)
        return self.alter(asked, onwards)


@dataclass(kw_only=True)
class Home(House):
    """A house whose account is real. ``address`` is the only one that mail may go to."""

    address: str
    door: Door
    diary: Diary
    post: Post

    def deliver(self, row_id: str) -> str:
        return deliver.deliver(self.runtime, row_id)

    def prepare(self) -> None:
        prepare.prepare_owner(self.runtime, self.owner_id)

    def points(self, row_id: str) -> list[str]:
        """Every moment at which the delivery of this row could end, in order: it is delivered."""
        seen = list[str]()
        assert deliver.deliver(stepped(self.runtime, seen.append), row_id) == "sent"
        return seen

    def die_at(self, point: str, row_id: str) -> None:
        """The worker that delivers this row ends at the point."""

        self._ends(point, lambda runtime: deliver.deliver(runtime, row_id))

    def reading_points(self) -> list[str]:
        """The same of reading every stream once, one after another."""
        seen = list[str]()
        self._read(stepped(self.runtime, seen.append))
        return seen

    def die_reading(self, point: str) -> None:
        self._ends(point, self._read)

    def _read(self, runtime: Runtime) -> None:
        for each in self.streams():
            sync.sync_stream(runtime, each.stream.id)

    def _ends(self, point: str, work: Callable[[Runtime], object]) -> None:
        def stop(name: str) -> None:
            if name == point:
                raise Crash(name)

        try:
            work(stepped(self.runtime, stop))
        except Crash:
            return
        raise AssertionError(f"it never came to {point}")

    def settle(self, rounds: int = 2) -> None:
        """The lease runs out, and everything is done that is due; again some minutes later."""
        for _ in range(rounds):
            self.moment += LEASE
            self.drain()

    def streams(self, kind: StreamKind | None = None) -> list[StreamState]:
        with self.store.reading(self.owner_id) as tx:
            return [each for each in accounts.streams(tx) if kind in {None, each.stream.kind} and each.stream.place_ref]

    def look(self) -> None:
        """Every stream of the account is read."""
        self.wake()
        self.drain()

    def wake(self) -> None:
        """Every stream of the account is to be read."""
        with self.store.transaction(self.owner_id) as tx:
            for each in accounts.accounts(tx):
                accounts.wake_account(tx, each.id, self.moment)

    def held(self) -> tuple[int, int, int]:
        """Mails, events that stand, and events that are gone, in the store."""
        with self.store.engine.connect() as connection:
            mails = connection.execute(select(func.count()).select_from(message)).scalar_one()
            gone = connection.execute(select(func.count(event.c.gone_at))).scalar_one()
            events = connection.execute(select(func.count()).select_from(event)).scalar_one()
        return mails, events - gone, gone

    def contents(self) -> tuple[set[str], set[tuple[str, datetime, bool]]]:
        """The mails, and the events with whether they are gone, as the store has them."""
        with self.store.engine.connect() as connection:
            mails = {row.ref for row in connection.execute(select(message.c.ref))}
            rows = connection.execute(select(event.c.uid, event.c.start_at, event.c.gone_at))
            return mails, {(row.uid, row.start_at, row.gone_at is not None) for row in rows}


def stepped(runtime: Runtime, at: At) -> Runtime:
    """`watched`, and inside the provider too: around every request to the calendar, and before a mail's copy is kept.

    Names end with the how-manieth time it is.
    """
    times = Counter[str]()

    def numbered(name: str) -> None:
        times[name] += 1
        at(f"{name} #{times[name]}")

    class Stepped(Open):
        def _dav(self, url: str) -> Dav:
            dav = super()._dav(url)
            dav._client = Told(dav._client, numbered)  # type: ignore[assignment]  # it only calls
            return dav

        def _keep_copy(self, message_id: str, data: bytes) -> None:
            numbered("before copy")
            super()._keep_copy(message_id, data)

    def load(name: str) -> Any:
        return Stepped if name == "open" else runtime.load(name)

    return watched(replace(runtime, load=load), numbered)


@dataclass(frozen=True, slots=True)
class Told:
    """A client that tells of its requests."""

    client: Client
    at: At

    def call(self, method: str, url: str, **named: Any) -> Answer:
        self.at(f"before {method}")
        found = self.client.call(method, url, **named)
        self.at(f"after {method}")
        return found


@dataclass(slots=True)
class Homes:
    """Makes homes at the servers of one town: each with users, a store and a door of its own."""

    town: Town
    folder: Path
    migrated: Path
    numbers: Iterator[int] = field(default_factory=count)

    @contextmanager
    def one(self) -> Iterator[Home]:
        number = next(self.numbers)
        folder = self.folder / f"home{number}"
        (folder / "data").mkdir(parents=True, mode=0o700)
        shutil.copyfile(self.migrated, folder / "keepwarm.db")
        ids = count(1)
        store = Store(f"sqlite:///{folder / 'keepwarm.db'}", lambda: f"{number:08x}{next(ids):024x}")
        with ExitStack() as stack:
            stack.callback(store.close)
            yield self._home(store, folder, stack)

    def _home(self, store: Store, folder: Path, stack: ExitStack) -> Home:
        opened = Opening(
            account_id="", owner_id="", owner_addresses=(make.OWNER,), settings={}, grant=Grant(), home=folder,
            zone="Europe/Amsterdam", now=lambda: NOW,
        )  # fmt: skip
        side = resident(self.town, opened)
        address = f"{side.user}@example.org"
        with (self.town.folder / "radicale" / "users").open("a") as users:
            users.write(f"{side.user}:{PASSWORD}\n")
        before = Door()
        port = int(side.dav.rstrip("/").rpartition(":")[2])
        url = stack.enter_context(door(self.town.authority, to=port, tls=True, alter=before))
        settings = {**side.opened.settings, "address": address, "caldav": url, "carddav": url, "dav_user": side.user}
        owner_id = make.owner(store, address, own=[address, make.OWNER])
        clock: list[Home] = []
        runtime = Runtime(
            settings=Settings(
                home=str(folder / "data"), database_url="sqlite://", broker_url="memory://", allow_hosts=("localhost",)
            ),
            home=folder / "data",
            store=store,
            secret=b"s" * 32,
            clock=lambda: clock[0].moment,
        )
        home = Home(
            runtime=runtime, store=store, world=World(), owner_id=owner_id, address=address, door=before,
            diary=Diary(side.dav, side.user),
            post=Post(self.town.sink, self.town.dovecot, side.user, address),
        )  # fmt: skip
        clock.append(home)
        _connect(home, settings, side.opened.grant)
        return home


def _connect(home: Home, settings: dict[str, Any], grant: Grant) -> None:
    """The account as the page would save it, with a calendar of the owner's own."""
    body = (
        '<D:mkcol xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop><D:resourcetype><D:collection/>'
        "<C:calendar/></D:resourcetype></D:prop></D:set></D:mkcol>"
    )
    home.diary.ask("PROPFIND", f"/{home.diary.user}/", Depth="0")  # the first visit makes the user's home
    status, _ = home.diary.ask("MKCOL", own_calendar(home), body, Content_Type="application/xml")
    assert status == 201, status
    runtime, owner_id = home.runtime, home.owner_id
    with home.store.transaction(owner_id) as tx:
        accounts.update_owner(tx, zone="Europe/Amsterdam", name="Robin Owner")
        account = accounts.ensure_account(tx, provider="open", name=home.address, settings=settings, now=NOW)
        accounts.keep_grant(tx, account.id, runtime.keys.seal(owner_id, account.id, grant), runtime.keys.id)
    places = [each for each in runtime.open_account(owner_id, account.id).places() if each.usual and not each.ours]
    with home.store.transaction(owner_id) as tx:
        accounts.set_places(tx, account.id, places, NOW)


def own_calendar(home: Home) -> str:
    return f"/{home.diary.user}/own/"


MakeHome = Callable[[], Home]
