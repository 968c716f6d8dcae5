"""Reading an mbox: who wrote to whom, with counts. Ours beside the standard library and a parser in Rust.

Goals: PERFORMANCE work A as adjusted for Python 3.11: counting alone at least 4x the reference, reading and storing
at least 2.5x on one core, and 4x with a process beside that reads; the whole import as the worker does it, people
found, at least 4x too, and 3x fast-mail-parser. Ours runs as shipped, its collector calmed, into an empty store; making
its tables is left out, since an upload finds them made.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path

from fast_mail_parser import parse_email

from benchmarks import corpus
from benchmarks.import_mail import fresh, imported, proposed
from integrations import load
from integrations.base import Opening
from keepwarm.store import accounts, items
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


def ours_storing(mailbox: Path) -> float:
    """The same, each page stored with its touches in one transaction (SQLite, synchronous FULL); seconds."""
    return _stored(mailbox, beside=False)


def ours_beside(mailbox: Path) -> float:
    """The same with a process beside that reads, as `workers.sync` does it; seconds."""
    return _stored(mailbox, beside=True)


def ours_import(mailbox: Path) -> float:
    """A whole import through `workers.sync`: kept, people found, the end noted; seconds."""
    with tempfile.TemporaryDirectory(dir=mailbox.parent) as home, fresh(Path(home)) as (runtime, owner_id):
        taken = imported(runtime, owner_id, mailbox)
        assert proposed(runtime, owner_id), "nobody was found"
        return taken


def _stored(mailbox: Path, *, beside: bool) -> float:
    """Seconds from the first page to the last one's commit, into an empty store that was there before."""
    with tempfile.TemporaryDirectory(dir=mailbox.parent) as home, fresh(Path(home)) as (runtime, owner_id):
        with runtime.store.transaction(owner_id) as tx:
            batch = accounts.create_batch(tx, label="bench", paths=[str(mailbox)], uploaded=False, now=NOW)
        with runtime.store.transaction(owner_id) as tx:
            lease = accounts.lease_stream(tx, batch.stream_id, NOW)
        assert lease is not None
        stream = lease.stream

        def ready() -> Iterator[items.ReadyPage]:
            for page in load("files")(_opening(mailbox)).changes(stream):
                yield items.ready_page(owner_id, page)

        begun = time.perf_counter()
        for page in read_ahead(ready) if beside else ready():
            with runtime.store.transaction(owner_id) as tx:
                items.keep_ready(tx, lease, page, NOW)
        return time.perf_counter() - begun


def _opening(mailbox: Path) -> Opening:
    return Opening(
        account_id="a",
        owner_id="o",
        owner_addresses=tuple(corpus.own()),
        settings={"paths": [str(mailbox)], "seen": []},
        grant=Grant(),
        home=mailbox.parent,
        zone="UTC",
        now=lambda: NOW,
    )


def _stream(name: str) -> Stream:
    return Stream(id=name, owner_id="o", account_id="a", kind=StreamKind.FILES)


def _clocked(count: Callable[[Path], int]) -> Callable[[Path], float]:
    """The seconds that a count takes."""

    def clocked(mailbox: Path) -> float:
        begun = time.perf_counter()
        count(mailbox)
        return time.perf_counter() - begun

    return clocked


# name, function that tells seconds, goal as a multiple of the reference's speed (None: a peer, shown for its own sake)
CONTENDERS: list[tuple[str, Callable[[Path], float], float | None]] = [
    ("reference: compat32 + getaddresses", _clocked(reference), None),
    ("fast-mail-parser + getaddresses", _clocked(fast_mail_parser), None),
    ("ours, counting", _clocked(ours_counting), 4.0),
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
    return run(mailbox)


if __name__ == "__main__":
    print(timed(sys.argv[1], Path(sys.argv[2])))
