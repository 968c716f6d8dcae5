"""One owner with an account at a provider, connected as the page does it, and one clock for both sides.

Tests move the clock. Which provider it is says the `Side`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy import event
from werkzeug.exceptions import NotFound
from werkzeug.test import Client

from integrations.fake import World
from keepwarm.settings import Settings
from keepwarm.store import Store, accounts
from keepwarm.store.accounts import StreamState
from keepwarm.types import StreamKind
from service import create_app
from service.marker import Marker
from service.notices import Notices
from service.webhooks import Receiver
from tests import make
from tests.emulators.stand.posting import Reply
from tests.rings.consent.sides import PUBLIC, Side
from tests.rings.consent.wires import stepped
from tests.workers.conftest import NOW, Crash, House
from workers import consenting, deliver, prepare, tasks, upkeep
from workers import sync as reading
from workers.runtime import Runtime

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

LEASE = timedelta(seconds=121)  # a worker that is no more has let go by then


@dataclass(slots=True)
class Clock:
    """That of the town and of the home in it: the newest home moves it."""

    home: House | None = None

    def __call__(self) -> datetime:
        return self.home.moment if self.home else NOW


@dataclass(kw_only=True)
class Home(House):
    """A house whose account is in the town, a person's. ``ever`` are mails that were there once and are gone."""

    side: Side
    town: Any
    person: Any
    ever: list[Any] = field(default_factory=list)

    @property
    def address(self) -> str:
        """The only one that mail may go to."""
        return str(self.person.address)

    def at(self, moment: datetime) -> Home:
        self.moment = moment
        return self

    def later(self, **span: float) -> Home:
        self.moment += timedelta(**span)
        return self

    def deletes(self, mail_id: str) -> None:
        """The owner deletes a mail for good."""
        self.ever.append(self.side.mail(self.person, mail_id))
        self.person.deletes(mail_id)

    # What is done

    def deliver(self, row_id: str) -> str:
        return deliver.deliver(self.runtime, row_id)

    def prepare(self) -> None:
        prepare.prepare_owner(self.runtime, self.owner_id)

    def settle(self, rounds: int = 2) -> None:
        """The lease runs out, and everything is done that is due; again some minutes later."""
        for _ in range(rounds):
            self.moment += LEASE
            self.drain()

    def sweeps(self, runtime: Runtime | None = None, *, prepare: bool = True) -> None:
        """What beat sets off in a minute: a sweep and what it wakes, what follows from that, and what had paused."""
        at = runtime or self.runtime
        for name, row_id in upkeep.sweep(at, alarm=False).wake:
            if prepare or name != "prepare_owner":
                tasks._inline(at, name, row_id)
        for stream_id in upkeep.paused(at):
            tasks._inline(at, "sync_stream", stream_id)
        for row_id in upkeep.due_of(at, self.owner_id):
            tasks._inline(at, "deliver", row_id)

    def goes_on_reading(self) -> None:
        """Streams that wait are read, and nothing else is done."""
        for name, row_id in upkeep.sweep(self.runtime, alarm=False).wake:
            if name == "sync_stream":
                tasks._inline(self.runtime, name, row_id)

    def look(self) -> None:
        """Every stream of the account is read."""
        with self.store.transaction(self.owner_id) as tx:
            for each in accounts.accounts(tx):
                accounts.wake_account(tx, each.id, self.moment)
        self.drain()

    def streams(self, kind: StreamKind | None = None) -> list[StreamState]:
        with self.store.reading(self.owner_id) as tx:
            found = [each for each in accounts.streams(tx) if each.provider == self.side.name]
        return [each for each in found if kind in {None, each.stream.kind}]

    # Where it ends

    def points(self, row_id: str) -> list[str]:
        """Every moment at which the delivery of this row could end, in order: it is delivered."""
        seen = list[str]()
        with stepped(self.side, self.runtime, self.town, seen.append) as runtime:
            assert deliver.deliver(runtime, row_id) == "sent"
        return seen

    def reading_points(self) -> list[str]:
        """The same of reading every stream once, one after another."""
        seen = list[str]()
        with stepped(self.side, self.runtime, self.town, seen.append) as runtime:
            self._read(runtime)
        return seen

    def die_at(self, point: str, row_id: str) -> None:
        """The worker that delivers this row ends at the point."""
        self._ends(point, lambda runtime: deliver.deliver(runtime, row_id))

    def die_reading(self, point: str) -> None:
        self._ends(point, self._read)

    def _read(self, runtime: Runtime) -> None:
        for each in self.streams():
            reading.sync_stream(runtime, each.stream.id)

    def _ends(self, point: str, work: Callable[[Runtime], object]) -> None:
        def stop(name: str) -> None:
            if name == point:
                raise Crash(name)

        try:
            with stepped(self.side, self.runtime, self.town, stop) as runtime:
                work(runtime)
        except Crash:
            return
        raise AssertionError(f"it never came to {point}")


@dataclass(slots=True, kw_only=True)
class Homes:
    """Makes homes in one town, each of a person of its own."""

    side: Side
    town: Any
    clock: Clock
    folder: Path
    migrated: Path
    stack: ExitStack
    numbers: Iterator[int] = field(default_factory=count)

    def one(self) -> Home:
        """A new home at `NOW`; the clock is its own from now on. It stands until the stack ends."""
        number = next(self.numbers)
        folder = self.folder / f"home{number}"
        (folder / "data").mkdir(parents=True, mode=0o700)
        shutil.copyfile(self.migrated, folder / "keepwarm.db")
        ids = count(1)
        store = Store(f"sqlite:///{folder / 'keepwarm.db'}", lambda: f"{number:08x}{next(ids):024x}")
        event.listen(store.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
        self.stack.callback(store.close)
        self.clock.home = None
        person = self.town.person(f"robin{number}@town.example", name="Robin Owner")
        owner_id = make.owner(store, person.address, own=[person.address, make.OWNER])
        with store.transaction(owner_id) as tx:
            accounts.update_owner(tx, zone="Europe/Amsterdam", name="Robin Owner")
        runtime = Runtime(
            settings=settings(self.side, self.town, folder), home=folder / "data", store=store, secret=b"s" * 32,
            clock=self.clock, new_id=lambda: f"{number:08x}{next(ids):024x}",
        )  # fmt: skip
        home = Home(
            runtime=runtime, store=store, world=World(), owner_id=owner_id, side=self.side, town=self.town,
            person=person,
        )  # fmt: skip
        self.clock.home = home
        return home

    def connected(self) -> Home:
        home = self.one()
        connect(home)
        return home


def settings(side: Side, town: Any, folder: Path) -> Settings:
    """Those of an operator who set everything up, and whom the provider reaches."""
    return Settings(
        home=str(folder / "data"), database_url="sqlite://", broker_url="memory://", allow_hosts=("localhost",),
        public_url=PUBLIC, **side.settings(town, folder),
    )  # fmt: skip


def connect(home: Home) -> None:
    """The account as the owner connects it, allowing everything."""
    side = home.side
    journey = consenting.begin(home.runtime, side.name, side.purposes, redirect=side.redirect)
    back = home.town.consent(journey.url, home.person)
    answer = dict(parse_qsl(urlsplit(back).query))
    done = consenting.finish(home.runtime, home.owner_id, side.name, journey.kept, answer)
    assert not done.refused


class Door:
    """Our receiver, as a provider's messages meet it. ``statuses`` are its answers, in order."""

    def __init__(self, home: Home, *, whole: bool = False) -> None:
        """``whole``: within the web app as it ships; else the receiver alone, which is much quicker to make."""
        self.statuses: list[int] = []
        self._marker = Marker(home.runtime)
        app: WSGIApplication = Receiver(home.runtime, Notices(), self._marker, NotFound())
        if whole:
            made = create_app(home.runtime)
            app, self._marker = made, made.extensions["keepwarm.marker"]
        self._client = Client(app)

    def post(self, to: str, address: str, headers: Mapping[str, str], body: bytes) -> int:
        """The status of an answer to a message."""
        return self.reply(to, address, headers, body).status

    def reply(
        self, to: str, address: str, headers: Mapping[str, str], body: bytes, *, patience: float = 0.0
    ) -> Reply:  # fmt: skip
        """As `tests.emulators.stand.posting.post`, in whose place it stands."""
        del to, patience
        parts = urlsplit(address)
        found = self._client.post(parts.path, query_string=parts.query, headers=dict(headers), data=body)
        self.statuses.append(found.status_code)
        told = {name.lower(): value for name, value in found.headers}
        return Reply(status=found.status_code, headers=told, body=found.get_data())

    def settled(self) -> None:
        assert self._marker.settled()


MakeHome = Callable[[], Home]
