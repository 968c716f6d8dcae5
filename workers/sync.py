"""One stream of one account: pages → rows. The heart; everything learned from outside enters here.

Called by `workers.tasks` and by `keepwarm import`. A stream is leased, its provider yields pages with no transaction
open, each page and its cursor are kept in one transaction while the fence holds. An import has no effects of its own:
what it finds is proposed, and only people whom the owner accepted are acted upon.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from keepwarm.errors import (
    AccessRevoked,
    CursorExpired,
    LeaseLost,
    MisconfiguredError,
    OutOfBudget,
    Rejected,
    TryAgainLater,
)
from keepwarm.store import accounts, contacts, duties, items
from keepwarm.store.accounts import Lease
from keepwarm.store.items import Kept, ReadyPage
from keepwarm.texts import mark
from keepwarm.types import Page, StreamKind
from workers import aliases, anew, logs
from workers.ahead import may_fork, pays, read_ahead
from workers.runtime import Runtime
from workers.schedule import RESUME_SECONDS

SLICE = 20.0  # seconds of reading in one task; what is left goes on in the next, far below its limit
ATTEMPTS = 5  # RELIABILITY.md A4
SHORTEST_WAIT = timedelta(seconds=30)  # ours; doubles with every try
LONGEST_WAIT = timedelta(hours=1)  # ours: at most ten calls in an hour of refusals (C14)

# What is shown of a stream that cannot be read.
WAITING = mark("The other side asked us to wait; we go on by ourselves.")
REVOKED = mark("Access was withdrawn. Connect it again; what was read is kept.")
GIVEN_UP = mark("Reading failed five times. What was read is kept; it stands among what was set aside.")
FAILED = mark("Reading failed; we try again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """``outcome``: done, news (done, and told of more meanwhile), more (goes on in a next slice), paused (so it does
    when the provider's budget allows), held (by somebody else, or nothing to do), later, failed.
    """

    outcome: str
    owner_id: str = ""
    pages: int = 0
    items: int = 0


@dataclass(slots=True)
class Tally:
    """Counts while one slice runs. ``brought``: of the pages those that held anything."""

    pages: int = 0
    items: int = 0
    brought: int = 0


def sync_stream(
    runtime: Runtime, stream_id: str, *, progress: Callable[[], None] | None = None, seconds: float | None = None
) -> Synced:
    """Read what is new in this stream; ``seconds`` limits this slice, ``progress`` is called after every page.

    Raises LeaseLost if another worker took over: nothing of the page at hand is stored then.
    """
    if not accounts.waits(runtime.store, stream_id, runtime.now()):
        return Synced(outcome="held")
    with runtime.store.system() as tx:
        lease = accounts.lease_stream(tx, stream_id, runtime.now())
    if lease is None:
        return Synced(outcome="held")
    tally, owner_id = Tally(), lease.stream.owner_id
    if lease.attempts > ATTEMPTS:
        _fail(runtime, lease, GIVEN_UP, give_up=True, aside="attempts")
        return Synced(outcome="failed", owner_id=owner_id)
    try:
        outcome = _read(runtime, lease, tally, progress, seconds)
    except LeaseLost:
        raise
    except OutOfBudget as empty:
        outcome = _wait(runtime, lease, tally, empty.after)
    except Exception as error:  # noqa: BLE001 - answered by remedy; unknown kinds are counted, shown and logged
        outcome = _answer(runtime, lease, error, tally)
    return Synced(outcome=outcome, owner_id=owner_id, pages=tally.pages, items=tally.items)


def _read(
    runtime: Runtime, lease: Lease, tally: Tally, progress: Callable[[], None] | None, seconds: float | None
) -> str:
    """Pages until the last, or until the slice is over. Finding the people has a slice of its own if there was much."""
    began = runtime.ticks()

    def over() -> bool:
        return seconds is not None and runtime.ticks() - began > seconds

    if not _read_before(runtime, lease):
        with closing(_pages(runtime, lease)) as pages:
            for page in pages:
                tally.pages += 1
                kept = _keep(runtime, lease, page)
                tally.items += page.read
                tally.brought += _brings(page)
                if progress:
                    progress()
                if not kept.believed:  # a page behind it would move the cursor past what is to be looked at twice
                    break
                if not page.page.last and over():
                    return _pause(runtime, lease)
    return _pause(runtime, lease) if tally.items and over() else _finish(runtime, lease)


def _pause(runtime: Runtime, lease: Lease) -> str:
    with runtime.store.transaction(lease.stream.owner_id) as tx:
        accounts.pause_stream(tx, lease)
    return "more"


def _wait(runtime: Runtime, lease: Lease, tally: Tally, after: timedelta) -> str:
    """The provider's budget is used up for the moment. A first pass may go on like this for half an hour.

    People are found meanwhile, once a minute: of the pauses it is the one in a minute's first seconds.
    """
    now = runtime.now()
    if tally.items and now.second < RESUME_SECONDS:
        _find_people(runtime, lease)
    with runtime.store.transaction(lease.stream.owner_id) as tx:
        accounts.pause_stream(tx, lease, until=now + after)
    return "paused"


def _pages(runtime: Runtime, lease: Lease) -> Generator[ReadyPage, None, None]:
    """What the provider has, made ready to be kept; much at once is read by a process beside this one."""
    settings = _settings(runtime, lease)
    source: Any = runtime.open(
        lease.stream.owner_id, provider=lease.provider, account_id=lease.stream.account_id, settings=settings
    )

    def ready() -> Generator[ReadyPage, None, None]:
        for page in _changes(runtime, lease, source):
            yield items.ready_page(lease.stream.owner_id, page)

    return read_ahead(ready) if _worth_a_process(lease, source, settings) else ready()


def _worth_a_process(lease: Lease, source: Any, settings: dict[str, Any]) -> bool:
    """A large import, and a mailbox that is read for the first time."""
    if lease.stream.kind is StreamKind.FILES:
        return pays(settings["paths"])
    first = lease.stream.kind is StreamKind.MAIL and not lease.stream.cursor
    return first and getattr(source, "reads_ahead", False) and may_fork()


def _changes(runtime: Runtime, lease: Lease, source: Any) -> Iterator[Page]:
    """From the beginning once, if the resume point is dead."""
    try:
        yield from source.changes(lease.stream)
    except CursorExpired:
        pages = iter(source.changes(replace(lease.stream, cursor="", since=lease.compared_at)))
        first = next(pages, None)
        anew.begins(runtime, lease)  # not before it does: what is refused until then begins once more
        if first is not None:
            yield first
        yield from pages


def _settings(runtime: Runtime, lease: Lease) -> dict[str, Any]:
    """The account's own; an import's are its paths and what was read earlier."""
    if lease.stream.kind is not StreamKind.FILES:
        return lease.account_settings
    with runtime.store.reading(lease.stream.owner_id) as tx:
        paths = accounts.batch(tx, lease.stream.place_ref).paths
        return {"paths": paths, "seen": accounts.seen_sources(tx)}


def _read_before(runtime: Runtime, lease: Lease) -> bool:
    """Whether there is nothing to read in an import: it was read to its end, or undone."""
    if lease.stream.kind is not StreamKind.FILES:
        return False
    with runtime.store.reading(lease.stream.owner_id) as tx:
        batch = accounts.batch(tx, lease.stream.place_ref)
        return batch.undone_at is not None or batch.finished_at is not None


def _keep(runtime: Runtime, lease: Lease, page: ReadyPage) -> Kept:
    """One page and its cursor, in one transaction."""
    assert not runtime.store.in_transaction()
    with runtime.store.transaction(lease.stream.owner_id) as tx:
        kept = items.keep_ready(tx, lease, page, runtime.now())
        accounts.extend_lease(tx, lease, runtime.now())
    return kept


def _brings(page: ReadyPage) -> bool:
    """Whether a page tells anything: an adapter may yield one that only says how far it is."""
    told = page.page
    return bool(page.read or told.skipped or told.broken or told.whole or told.gone or told.known or told.last)


def _finish(runtime: Runtime, lease: Lease) -> str:
    """Find the people, note the end, and let go. Killed before the end, all of this simply happens again."""
    owner_id = lease.stream.owner_id
    aliases.ask_again(runtime, lease)
    _find_people(runtime, lease)
    if lease.stream.kind is StreamKind.FILES:
        _finish_import(runtime, lease)
    with runtime.store.transaction(owner_id) as tx:
        seen_all = accounts.finish_stream(tx, lease, runtime.now())
    return "done" if seen_all else "news"


def _find_people(runtime: Runtime, lease: Lease) -> None:
    now = runtime.now()
    with runtime.store.transaction(lease.stream.owner_id) as tx:
        accounts.extend_lease(tx, lease, now)
        if contacts.has_news(tx, now):
            contacts.detect(tx, now)


def _finish_import(runtime: Runtime, lease: Lease) -> None:
    """Note that an import was read, then remove what was uploaded for it.

    Killed in between, the stream still waits, and whoever takes it next comes straight here: nothing is left lying.
    """
    owner_id, now = lease.stream.owner_id, runtime.now()
    with runtime.store.transaction(owner_id) as tx:
        accounts.extend_lease(tx, lease, now)
        accounts.finish_batch(tx, lease.stream.place_ref, now)
        batch = accounts.batch(tx, lease.stream.place_ref)
    if batch.uploaded:
        _remove_uploads(runtime.owner_home(owner_id) / "uploads", batch.paths)


def _remove_uploads(folder: Path, paths: list[str]) -> None:
    """Files that the owner uploaded are read once; only what lies in our own folder is ever removed."""
    for path in map(Path, paths):
        if folder in path.parents and ".." not in path.parts:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
            if path.parent != folder and path.parent.is_dir() and not any(path.parent.iterdir()):
                path.parent.rmdir()


# --- errors, by remedy --------------------------------------------------------------------------------------


def _answer(runtime: Runtime, lease: Lease, error: Exception, tally: Tally) -> str:
    logs.line("stream not read", stream=lease.stream.id, error=type(error).__name__, where=logs.where(error))
    if isinstance(error, TryAgainLater):
        _fail(
            runtime,
            lease,
            error.says or WAITING,
            wait=_patience(lease, tally, error.after, runtime.now()),
            forgive=True,
        )
        return "later"
    if isinstance(error, AccessRevoked):
        _fail(runtime, lease, REVOKED, give_up=True, revoked=True)
    elif isinstance(error, MisconfiguredError):  # only the operator can mend it; the message names the setting
        _fail(runtime, lease, str(error), wait=LONGEST_WAIT, forgive=True)
    elif isinstance(error, Rejected):
        _fail(runtime, lease, error.reason, wait=LONGEST_WAIT, give_up=True, aside=error.reason)
    elif lease.attempts >= ATTEMPTS:
        _fail(runtime, lease, GIVEN_UP, give_up=True, aside=type(error).__name__)
    else:
        _fail(runtime, lease, FAILED, wait=min(LONGEST_WAIT, SHORTEST_WAIT * 2 ** (lease.attempts - 1)))
    return "failed"


def _patience(lease: Lease, tally: Tally, asked: timedelta, now: datetime) -> timedelta:
    """What was asked for, or as long again as we have waited: the pauses double without counting tries.

    Where something was read before the refusal, we have not waited in vain; a page of nothing is no progress.
    """
    waited = now - (lease.stale_since or now) if not tally.brought else SHORTEST_WAIT
    return max(asked, min(LONGEST_WAIT, max(SHORTEST_WAIT, waited)))


def _fail(  # noqa: PLR0913 - what to note, each by name
    runtime: Runtime, lease: Lease, says: str, *, wait: timedelta | None = None, give_up: bool = False,
    forgive: bool = False, revoked: bool = False, aside: str = "",
) -> None:  # fmt: skip
    now = runtime.now()
    retry_at = now + wait if wait else None
    with runtime.store.transaction(lease.stream.owner_id) as tx:
        accounts.fail_stream(
            tx, lease, now, error=says, retry_at=retry_at, give_up=give_up, forgive=forgive, revoked=revoked
        )
        if aside:
            place = {"place": "stream", "position": lease.stream.id}
            reason = says if aside == says else f"{says} ({aside})"
            duties.quarantine(tx, **place, digest="", reason=reason, now=now, stream_id=lease.stream.id)
