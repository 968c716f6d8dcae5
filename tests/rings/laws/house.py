"""The engine on a real store, and its workers: one that does its work, one that dies at a point, one that stalls there.

A stalled worker lives in a thread, and the others work while it waits; only one of them runs at any moment, so that a
run can be repeated. It never stalls inside a writing transaction: what holds a database's lock is killed with it.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from integrations.fake import WORLDS
from keepwarm.settings import Settings
from keepwarm.store import Store, Tx, accounts
from keepwarm.types import StreamKind
from tests import make
from tests.rings.laws.town import WORKER, Post, Town
from tests.rings.laws.truth import Known
from tests.rings.points import At, WatchedStore, watched
from tests.workers.conftest import Crash
from workers import tasks
from workers.runtime import Runtime

Work = Callable[[Runtime], object]
Point = int | str  # the n-th one a worker passes, or the first whose name begins so (names: `tests.rings.points`)
PATIENCE = 60  # seconds until a thread that neither ends nor stalls is our own mistake


class Violation(AssertionError):
    """A law was broken."""


class Attentive(WatchedStore):
    """A watched store that tells the end of every reading too: what was read may be old by the time it is used."""

    @contextmanager
    def _open(self, owner_id: str, *, write: bool) -> Iterator[Tx]:
        with super()._open(owner_id, write=write) as tx:
            yield tx
        if not write:
            self._at("after read")


@dataclass
class House:
    """One owner with two accounts: the first sends and holds mails and cards, the second holds the talks."""

    runtime: Runtime
    store: Store
    owner_id: str
    towns: dict[str, Town]  # by the name of what they tell: post, agenda
    streams: dict[str, str]
    moment: datetime = make.NOW
    stalled: list[Stalled] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)  # what must never happen, seen from inside a worker
    happened: Counter[str] = field(default_factory=Counter)  # deaths and stalls that came about

    @property
    def post(self) -> Town:
        return self.towns["post"]

    def works(self, work: Work, known: Known, at: At = lambda _: None) -> None:
        """A worker of this process; one that dies leaves what it left."""
        WORKER.known = known
        try:
            work(self.watched(at))
        except Crash:
            self.happened["deaths"] += 1
        except Exception as error:  # noqa: BLE001 - whatever leaves a worker but a crash is a fault of the engine
            self.faults.append(f"{type(error).__name__} left a worker")

    def watched(self, at: At) -> Runtime:
        seen = watched(self.runtime, at)
        return replace(seen, store=Attentive(self.store, at))

    def stall(self, work: Work, known: Known, point: Point) -> None:
        """A worker that stops at a point until it is let go on; one that never gets there just does its work."""
        worker = Stalled(point)
        worker.start(lambda: self.works(work, known, worker.at))
        if not worker.ended:
            self.stalled.append(worker)
            self.happened["stalls"] += 1

    def close(self) -> None:
        for each in self.stalled:
            each.go_on(die=True)
        self.store.close()
        for name in self.towns:
            WORLDS.pop(name, None)


class Stalled:
    """One worker in a thread. ``at`` is called at every point; it waits at the one that was chosen."""

    def __init__(self, point: Point) -> None:
        self._reached = reached(point)
        self._gate, self._news = threading.Event(), threading.Event()
        self._dies = False
        self.ended = False

    def start(self, work: Callable[[], None]) -> None:
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()
        self._wait()

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            self.ended = True
            self._news.set()

    def at(self, name: str) -> None:
        if not self._reached(name) or self._gate.is_set() or name.startswith("before commit"):
            return
        self._news.set()
        assert self._gate.wait(PATIENCE * 20)
        if self._dies:
            raise Crash(name)

    def go_on(self, *, die: bool = False) -> None:
        self._dies = die
        self._news.clear()
        self._gate.set()
        self._wait()
        self._thread.join(PATIENCE)

    def _wait(self) -> None:
        assert self._news.wait(PATIENCE), "a worker neither ended nor stalled"


def reached(point: Point) -> Callable[[str], bool]:
    """Whether a worker has come as far as this: told the name of every point it passes."""
    passed = itertools.count(1)
    if isinstance(point, str):
        return lambda name: name.startswith(point)
    return lambda _: 0 < point <= next(passed)


def death_at(point: Point) -> At:
    """The process ends there; 0: never."""
    there = reached(point)

    def at(name: str) -> None:
        if there(name):
            raise Crash(name)

    return at


def built(store: Store, home: Path) -> House:
    """A house in which nothing has happened yet."""
    house: list[House] = []
    owner_id = make.owner(store)
    towns, streams = {name: Town(page_size=2) for name in ("post", "agenda")}, {}
    with store.transaction(owner_id) as tx:
        accounts.update_owner(tx, zone="Europe/Amsterdam", name="Robin Owner")
        for name, kind in (("post", StreamKind.MAIL), ("agenda", StreamKind.CALENDAR)):
            account = accounts.ensure_account(tx, provider="fake", name=name, settings={"world": name}, now=make.NOW)
            streams[name] = accounts.create_stream(tx, account_id=account.id, kind=kind, now=make.NOW).id
    home.mkdir(mode=0o700, exist_ok=True)
    runtime = Runtime(
        settings=Settings(home=str(home), database_url="sqlite://", broker_url="memory://"),
        home=home, store=store, secret=b"s" * 32, clock=lambda: house[0].moment, load=lambda _: Post,
    )  # fmt: skip
    house.append(House(runtime=runtime, store=store, owner_id=owner_id, towns=towns, streams=streams))
    for name, town in towns.items():
        WORLDS[name] = town
        town.before_call = lambda verb: _note_inside(house[0], verb)
    return house[0]


def _note_inside(house: House, verb: str) -> None:
    if house.store.in_transaction():
        house.faults.append(f"{verb} was called inside a transaction")


class Loud(logging.Handler):
    """Errors of our own that a worker met: those that the town did not make."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._faults = faults

    def emit(self, record: logging.LogRecord) -> None:
        said = record.getMessage()
        if not any(kind in said for kind in ("ConnectionResetError", "Hiccup")):
            self._faults.append(said)


def drain(runtime: Runtime) -> Any:
    return tasks.drain(runtime)
