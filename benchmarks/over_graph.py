"""H. A mailbox of Microsoft's, read for the first time, where each request takes a tenth of a second.

Goals (PERFORMANCE.md H2): at most messages / page size + 5 % requests, never over four at a time, at least three
times as quick as one page after the other where there are four folders. The emulator of the tests plays Graph, in a
process of its own, and checks every request and answer against the contract, which costs it more than reading costs
us: so pages are small, and what is measured is mostly waiting, as over a real line. Four processes read, as four
workers do.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.rows import Extent, Figures, Row, against, bounded, in_turns
from integrations.base import Opening
from integrations.microsoft import rounds
from integrations.microsoft.calls import AT_ONCE, Calls
from integrations.microsoft.mail import Mailbox
from integrations.wire import net
from keepwarm.store import Store
from keepwarm.types import Stream, StreamKind
from tests.emulators.microsoft import Person
from tests.integrations.microsoft import sides
from workers.budgets import Purses

FOLDERS, PAGES, SIZE = 4, 25, 20
LATENCY = 0.1  # seconds
MAILS = FOLDERS * PAGES * SIZE
FORKED = get_context("fork")


def moment() -> datetime:
    return datetime.now(UTC)


def run(extent: Extent) -> list[Row]:
    """One reader who takes folder after folder, and four beside each other."""
    with tempfile.TemporaryDirectory() as folder, beside(Path(folder)) as (line, opening, folders):
        os.environ["SSL_CERT_FILE"] = str(next(Path(folder).rglob("*.pem")))
        net.tls_context.cache_clear()
        database = f"sqlite:///{folder}/keepwarm.db"
        store = Store(database, lambda: "")
        store.migrate()
        store.close()
        with ProcessPoolExecutor(FOLDERS, mp_context=FORKED) as workers:

            def timed(jobs: Sequence[Sequence[str]]) -> dict[str, float]:
                line.send("anew")
                line.recv()
                begun = time.monotonic()
                read = sum(workers.map(reads, [(database, opening, each) for each in jobs]))
                took = time.monotonic() - begun
                assert read == MAILS
                line.send("tell")
                told: dict[str, float] = line.recv()
                return {"seconds": took} | told

            cases = {"alone": [folders], "beside": [[each] for each in folders]}
            found = in_turns(extent.rounds, {name: partial(timed, jobs) for name, jobs in cases.items()})
        line.send("end")
    alone, four = found["alone"], found["beside"]
    return [
        Row(name="one page after the other", figure=speed(alone), unit="mails/s"),
        against("four folders at once", speed(four), "mails/s", base=speed(alone), least=3, of="that"),
        against("requests", four["requests"], "", base=MAILS / SIZE, most=1.05, of="pages"),
        bounded("requests of one mailbox at once", four["peak"], "", AT_ONCE),
        bounded("refused", four["refused"], "", 0),
    ]


def speed(found: Figures) -> float:
    return MAILS / found["seconds"]


def reads(job: tuple[str, Opening, Sequence[str]]) -> int:
    """How many mails these folders hold, read to their end in a process of its own."""
    database, opening, folders = job
    rounds.SMALLER = (SIZE, 1)
    store = Store(database, lambda: "")
    opened = replace(opening, now=moment, budget=Purses(store=store, now=moment))
    mailbox, read = Mailbox(Calls(opened), opened), 0
    for each in folders:
        stream = Stream(id="s", owner_id="o", account_id="a", kind=StreamKind.MAIL, place_ref=each, cursor="")
        read += sum(len(page.items) for page in mailbox.changes(stream))
    store.close()
    return read


@contextmanager
def beside(folder: Path) -> Iterator[tuple[Connection, Opening, list[str]]]:
    """Microsoft in a process of its own: a line to it, an account there, and the folders of its mailbox."""
    ours, theirs = FORKED.Pipe()
    town = FORKED.Process(target=_town, args=(theirs, folder))
    town.start()
    try:
        opening, folders = ours.recv()
        yield ours, opening, folders
    finally:
        town.join(timeout=10)
        town.kill()


def _town(line: Connection, folder: Path) -> None:
    with sides.towns(folder, moment) as town:
        robin = town.person("robin@example.org")
        folders = [robin.add_folder(f"Folder {number}") for number in range(FOLDERS)]
        for number, each in enumerate(folders):
            _filled(robin, each, number)
        line.send((replace(sides.opening(town, robin, "mail", home=folder), now=moment), folders))
        town.latency = LATENCY
        while (asked := line.recv()) != "end":
            if asked == "anew":
                town.limits.peak.clear()
                town.requests.clear()
                town.refused.clear()
                line.send("")
            else:
                line.send(_figures(town, robin))


def _filled(person: Person, folder: str, number: int) -> None:
    for each in range(PAGES * SIZE):
        sender = f"p{number}-{each}@example.com"
        headers = {"From": f"P <{sender}>", "To": person.address, "Message-ID": f"<{sender}>"}
        person.receives(headers, at=moment() - timedelta(minutes=each), folder=folder, silent=True)


def _figures(town: Any, person: Person) -> dict[str, float]:
    return {
        "requests": town.requests.total(), "refused": town.refused.total(), "peak": town.limits.peak[person],
    }  # fmt: skip
