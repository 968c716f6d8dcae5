"""Work "pages": every page of a very large network: p95 at the server, as a ratio to an empty page, and bytes sent.

Goals (issue of the web app): p95 <= 200 ms and <= 100 kB sent for each page, with 20,000 contacts and 200,000 mails and
meetings; once with 2,000 of them in the network and 18,000 waiting or left out, once with all 20,000 in it. SQLite and
PostgreSQL. Bytes are those after gzip, as browsers get them; the kilobytes of the page itself stand beside them. Of a
page that is slow the least processor time stands there too: what a busy machine makes of it is another matter.
"""

from __future__ import annotations

import logging
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from benchmarks import network
from benchmarks.network import NOW, Network
from benchmarks.rows import Extent, Row, bounded, missing
from keepwarm.settings import Settings
from keepwarm.store import Store, access, accounts
from service import create_app, wsgi
from tests import postgres
from workers.runtime import Runtime

SLOWEST = 200.0  # ms
LARGEST = 100.0  # kB
ASKED = 20  # times each page in a round, at most
SECONDS = 1.0  # or so long: some eighty pages, four times
FEW = 2_000  # in the network of the other variant

# Pages that a bench cannot ask: they end something, answer a provider, or need a link of their own.
LEFT_OUT = frozenset(
    {"static", "auth.start", "auth.sign_in", "feed.calendar", "reply.show", "health.live", "health.ready",
     "health.sync_state", "house.overview"}
)  # fmt: skip
# Parts of addresses: whose id stands there, where the page has its own idea of it.
PARTS: Mapping[tuple[str, str], str] = {("talks.after", "event_id"): "held_id"}
KNOWN = {"kind": "keep_up", "key": "water museum"}
# The same pages once more, as they are asked for something.
QUERIES: Mapping[str, Sequence[str]] = {
    "ways.into_organisation": ("?at=Water+Museum",),
    "introductions.overview": ("?q=museum", "?at=Water+Museum"),
    "organisations.overview": ("?q=museum",),
    "contacts.everybody": ("?q=vermeer", "?fresh=due&sort=due", "?tab=new"),
    "pictures.overview": ("?due=yes", "?ring=warm"),
    "pictures.warmth": ("?by=weeks",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one page takes. ``p95`` and ``processor`` (the least) in ms, bytes in kB: ``sent`` over the wire, ``whole``
    before compression."""

    name: str
    p95: float
    processor: float
    sent: float
    whole: float


def run(extent: Extent) -> list[Row]:
    found = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kwp")))
        found += _over("SQLite", f"sqlite:///{folder}/p.db", folder, extent)
        programs = postgres.installed()
        if programs is None:
            return [*found, missing("PostgreSQL")]
        url = stack.enter_context(postgres.server(programs)).format(database="postgres")
        return found + _over("PostgreSQL", url, folder, extent)


def _over(base: str, url: str, folder: Path, extent: Extent) -> list[Row]:
    store = Store(url, lambda: uuid.uuid4().hex)
    store.migrate()
    try:
        with store.system() as tx:
            empty = accounts.create_owner(tx, email="empty@example.org", now=NOW).id
        made = network.make(store, active=network.PEOPLE)
        rows = [*_bare(extent), *_apart(f"{base}, {network.PEOPLE:,} active", url, folder, made, empty, extent)]
        few = network.set_aside(store, made, active=FEW)
        return rows + _apart(f"{base}, {FEW:,} active", url, folder, few, empty, extent)
    finally:
        store.close()


def _apart(where: str, *what: Any) -> list[Row]:
    """In a process of its own, as a server is: in the one that made the network pages took three times as long."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measured, where, *what).result()


def _measured(where: str, url: str, folder: Path, made: Network, empty: str, extent: Extent) -> list[Row]:
    logging.disable(logging.WARNING)
    print(f"{where}: its pages are asked", flush=True)
    store = Store(url, lambda: uuid.uuid4().hex)
    try:
        settings = Settings.from_mapping({}, home=str(folder))
        app = create_app(Runtime(settings=settings, home=folder, store=store, secret=b"s" * 32, clock=lambda: NOW))
        wsgi.collect_rarely()
        return _table(where, _pages(app, made, empty, extent))
    finally:
        store.close()


def _table(where: str, pages: list[tuple[Page, float]]) -> list[Row]:
    rows = []
    for page, empty in pages:
        title = f"{where}: {page.name}"
        told = bounded(title, page.p95, "ms p95", SLOWEST)
        rows.append(
            Row(name=title, figure=page.p95, unit="ms p95", ratio=page.p95 / empty, goal=told.goal, met=told.met)
        )
        if page.p95 > SLOWEST:
            rows.append(Row(name="  processor time, least", figure=page.processor, unit="ms"))
        if page.whole > LARGEST / 4:
            rows.append(bounded(f"  sent, of {page.whole:.0f} kB", page.sent, "kB", LARGEST))
    return rows


def _pages(app: Flask, made: Network, empty_owner: str, extent: Extent) -> list[tuple[Page, float]]:
    """Each page with the p95 of the emptiest page of the same app, the same round."""
    client, stranger = signed_in(app, made.owner_id), signed_in(app, empty_owner)
    rounds = []
    empty = _asked(stranger, "", "/changes").p95
    for name, path in addresses(app, made):
        page = _asked(client, name, path, extent.rounds)
        if page.p95 > SLOWEST:  # so that a run that is broken off tells something
            print(f"  {page.name}: {page.p95:.0f} ms, processor {page.processor:.0f} ms", flush=True)
        rounds.append((page, empty))
    return rounds


def addresses(app: Flask, made: Network) -> Iterator[tuple[str, str]]:
    """Every page that only shows something, with ids filled in; a page whose parts are unknown here is told."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda each: each.rule):
        if "GET" not in (rule.methods or ()) or rule.endpoint in LEFT_OUT:
            continue
        known = made.ids | KNOWN
        parts = {each: known.get(PARTS.get((rule.endpoint, each), each), "") for each in rule.arguments}
        if not all(parts.values()):
            print(f"not asked, for want of an id: {rule.rule}")
            continue
        path = rule.rule
        for each, found in parts.items():
            path = path.replace(f"<{each}>", found)
        yield rule.rule, path
        for query in QUERIES.get(rule.endpoint, ()):
            yield f"{rule.rule}{query}", path + query


def signed_in(app: Flask, owner_id: str) -> FlaskClient:
    client, runtime = app.test_client(), app.extensions["keepwarm"]
    with runtime.store.system() as tx:
        token = access.new_session(tx, owner_id, runtime.now())
    with client.session_transaction() as session:
        session["token"] = token
    return client


def _asked(client: FlaskClient, name: str, path: str, rounds: int = 3) -> Page:
    """Ask until it was enough; the first answer, which warms up, does not count."""
    whole = len(client.get(path).get_data())
    answer = client.get(path, headers={"Accept-Encoding": "gzip"})
    sent, status = len(answer.get_data()), answer.status_code
    if status != 200:
        name = f"{name} ({status})"
    taken: list[float] = []
    busy: list[float] = []
    until = time.perf_counter() + SECONDS * rounds / 3
    while len(taken) < 3 or (len(taken) < ASKED * rounds / 3 and time.perf_counter() < until):
        begun, worked = time.perf_counter(), time.process_time()
        client.get(path, headers={"Accept-Encoding": "gzip"}).get_data()
        taken.append((time.perf_counter() - begun) * 1_000)
        busy.append((time.process_time() - worked) * 1_000)
    return Page(name=name, p95=p95(taken), processor=min(busy), sent=sent / 1_000, whole=whole / 1_000)


def p95(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=20, method="inclusive")[-1]


def _bare(extent: Extent) -> list[Row]:
    """A page of Flask that says one word."""
    app = Flask("bare")
    app.add_url_rule("/", view_func=lambda: "ok")
    page = _asked(app.test_client(), "a bare Flask page", "/", extent.rounds)
    return [Row(name=page.name, figure=page.p95, unit="ms p95")]
