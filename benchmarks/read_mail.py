"""Reading an mbox: who wrote to whom, with counts. Ours beside the standard library and a parser in Rust.

Goals: PERFORMANCE work A as adjusted for Python 3.11: counting alone at least 4x the reference, reading and storing
at least 2.5x on one core, and 4x with a process beside that reads; the whole import as the worker does it, people
found, at least 4x too, and 3x fast-mail-parser. Ours runs as shipped, its collector calmed.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path

from fast_mail_parser import parse_email

from benchmarks.import_mail import fresh, imported
from integrations import load
from integrations.base import Opening
from keepwarm.store import Store, accounts, items
from keepwarm.types import Grant, Message, Stream, StreamKind
from workers.ahead import read_ahead
from workers.runtime import calm_collector

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
SEPARATOR = re.compile(rb"(?m)^From .*\n")
FIELDS = ("from", "to", "cc")


def reference(mailbox: Path) -> int:
    """BytesHeaderParser(compat32) on the header block, then getaddresses and the date; returns correspondents."""
    found: Counter[str] = Counter()
    parser = BytesHeaderParser(policy=compat32)
    for part in SEPARATOR.split(mailbox.read_bytes()):
        if part:
            parsed = parser.parsebytes(part.partition(b"\n\n")[0])
            found.update(_addresses([str(value) for name in FIELDS for value in parsed.get_all(name, [])]))
            _date(parsed["date"])
    return len(found)


def fast_mail_parser(mailbox: Path) -> int:
    """The whole mail in Rust, then getaddresses and the date."""
    found: Counter[str] = Counter()
    for part in SEPARATOR.split(mailbox.read_bytes()):
        if part:
            headers = {name.lower(): value for name, value in parse_email(part).headers.items()}
            found.update(_addresses([value for name in FIELDS for value in headers.get(name, [])]))
            _date(next(iter(headers.get("date", [])), ""))
    return len(found)


def _addresses(values: list[str]) -> list[str]:
    return [address.lower() for _, address in getaddresses(values) if "@" in address]


def _date(value: object) -> datetime | None:
    try:
        return parsedate_to_datetime(str(value))
    except (ValueError, TypeError):
        return None


def ours_counting(mailbox: Path) -> int:
    """Our reader through the provider `files`, counting alone."""
    found: Counter[str] = Counter()
    files = load("files")(_opening(mailbox))
    for page in files.changes(_stream("s")):
        for item in page.items:
            if isinstance(item, Message):
                found.update(each.address.address for each in item.participants)
    return len(found)


def ours_storing(mailbox: Path) -> int:
    """The same, each page stored with its touches in one transaction (SQLite, synchronous FULL); returns mails."""
    with tempfile.TemporaryDirectory(dir=mailbox.parent) as folder:
        store = Store(f"sqlite:///{folder}/keepwarm.db", lambda: uuid.uuid4().hex)
        store.migrate()
        try:
            return _stored(store, mailbox)
        finally:
            store.close()


def ours_beside(mailbox: Path) -> int:
    """The same with a process beside that reads, as `workers.sync` does it."""
    with tempfile.TemporaryDirectory(dir=mailbox.parent) as folder:
        store = Store(f"sqlite:///{folder}/keepwarm.db", lambda: uuid.uuid4().hex)
        store.migrate()
        try:
            return _stored(store, mailbox, beside=True)
        finally:
            store.close()


def ours_import(mailbox: Path) -> float:
    """A whole import into a fresh SQLite store, through `workers.sync`: kept, people found, the end noted; seconds."""
    with tempfile.TemporaryDirectory(dir=mailbox.parent) as home, fresh(Path(home)) as (runtime, owner_id):
        return imported(runtime, owner_id, mailbox)


def _stored(store: Store, mailbox: Path, *, beside: bool = False) -> int:
    with store.system() as tx:
        owner = accounts.create_owner(tx, email="anna@example.org", now=NOW)
    with store.transaction(owner.id) as tx:
        batch = accounts.create_batch(tx, label="bench", paths=[str(mailbox)], uploaded=False, now=NOW)
    with store.transaction(owner.id) as tx:
        lease = accounts.lease_stream(tx, batch.stream_id, NOW)
    assert lease is not None
    stream, stored = lease.stream, 0

    def ready() -> Iterator[items.ReadyPage]:
        for page in load("files")(_opening(mailbox)).changes(stream):
            yield items.ready_page(owner.id, page)

    for page in read_ahead(ready) if beside else ready():
        with store.transaction(owner.id) as tx:
            stored += items.keep_ready(tx, lease, page, NOW).stored
    return stored


def _opening(mailbox: Path) -> Opening:
    return Opening(
        account_id="a",
        owner_id="o",
        owner_addresses=("anna@example.org",),
        settings={"paths": [str(mailbox)], "seen": []},
        grant=Grant(),
        home=mailbox.parent,
        zone="UTC",
        now=lambda: NOW,
    )


def _stream(name: str) -> Stream:
    return Stream(id=name, owner_id="o", account_id="a", kind=StreamKind.FILES)


# name, function, goal as a multiple of the reference's speed (None: a peer, shown for its own sake)
CONTENDERS: list[tuple[str, Callable[[Path], float], float | None]] = [
    ("reference: compat32 + getaddresses", reference, None),
    ("fast-mail-parser + getaddresses", fast_mail_parser, None),
    ("ours, counting", ours_counting, 4.0),
    ("ours, storing in SQLite", ours_storing, 2.5),
    ("ours, storing, a process beside reads", ours_beside, 4.0),
    ("ours, the whole import, people found", ours_import, 4.0),
]


def timed(name: str, mailbox: Path) -> float:
    """Seconds that one contender takes, everything imported beforehand."""
    run = {each: function for each, function, _ in CONTENDERS}[name]
    load("files")
    if name.startswith("ours"):
        calm_collector()
    begun = time.perf_counter()
    run(mailbox)
    return time.perf_counter() - begun


if __name__ == "__main__":
    print(timed(sys.argv[1], Path(sys.argv[2])))
