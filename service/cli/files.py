"""`keepwarm import`: read files into your network, with a bar while it runs and counts that add up."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click

from keepwarm.foreign import files_as_text, path_as_text
from keepwarm.store import accounts
from keepwarm.store.accounts import Batch, SourceCount
from keepwarm.texts import Texts
from service.cli import progress, shapes
from service.cli.session import Problem, Session, columns, command
from service.words import word


@command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--owner", "addresses", multiple=True, metavar="ADDRESS", help="An address of your own; may be repeated.")
def read_files(session: Session, paths: Sequence[str], addresses: Sequence[str]) -> int:
    """Read mailboxes, calendars, address books and exports. Nothing is ever sent by importing."""
    wrong = [address for address in addresses if not _is_address(address)]
    if wrong:
        raise click.BadParameter("an address looks like name@example.org", param_hint="--owner")
    full = [os.path.abspath(Path(path).expanduser()) for path in paths]  # noqa: PTH100 - drops ".." without following links
    with session.writing() as tx:
        for address in addresses:
            accounts.set_own_address(tx, address.strip().lower(), own=True, now=session.now)
        batch = accounts.create_batch(tx, label=files_as_text(full), paths=full, uploaded=False, now=session.now)
    done = progress.follow(session, batch)
    given = dict(zip(map(path_as_text, full), map(path_as_text, paths), strict=True))
    _report(session, done, given)
    return _status(session.texts, done, [path for path in full if not Path(path).exists()])


def _is_address(text: str) -> bool:
    local, at, domain = text.strip().rpartition("@")
    return bool(local and at and domain) and not any(mark.isspace() for mark in text.strip())


def _as_given(path: str, given: dict[str, str]) -> str:
    """The path as the person wrote it, also for a file within a folder or an archive they named."""
    for full, typed in given.items():
        if path == full or path.startswith((f"{full}/", f"{full}!")):
            return typed.rstrip("/") + path[len(full) :]
    return path


def _report(session: Session, batch: Batch, given: dict[str, str]) -> None:
    shown = [shapes.source(count) | {"path": _as_given(count.path, given)} for count in batch.sources]
    seconds = (session.runtime.now() - session.now).total_seconds()
    text = "\n".join([_table(session, batch.sources, given), *_next(session, batch.sources)])
    session.answer({"sources": shown, "seconds": round(seconds, 2)}, text)


def _table(session: Session, counts: Sequence[SourceCount], given: dict[str, str]) -> str:
    texts = session.texts
    head = (texts("file"), texts("kind"), texts("read"), texts("new"), texts("known"), texts("skipped"), texts("aside"))
    rows = [
        (
            _as_given(count.path, given),
            word(texts, "file", count.kind),
            *(str(number) for number in (count.read, count.stored, count.known, count.skipped, count.quarantined)),
        )
        for count in counts
    ]
    return columns([head, *rows])


def _next(session: Session, counts: Sequence[SourceCount]) -> list[str]:
    """What to do now, a line each."""
    texts, lines = session.texts, []
    if any(count.quarantined for count in counts):
        lines.append(texts("What could not be read is listed with: keepwarm quarantine"))
    with session.reading() as tx:
        nameless = not any(each.own for each in accounts.own_addresses(tx))
    if nameless and any(count.kind in {"mbox", "maildir", "eml"} for count in counts):
        lines.append(texts("Which address is yours could not be told. Say it: keepwarm import --owner ADDRESS PATH"))
    return [*lines, texts("Next: keepwarm contacts --state proposed, then keepwarm accept ID")]


def _status(texts: Texts, batch: Batch, absent: Sequence[str]) -> int:
    """0 if all that was named could be opened; else a Problem in one line. Single items set aside are no problem."""
    if batch.finished_at is None:
        raise Problem(texts("The import did not finish. What was read is kept; keepwarm sweep goes on with it."))
    if absent:
        names = ", ".join(path_as_text(Path(path).name) for path in absent[:3])
        said = texts("Not found: {names}. The rest was read and kept; import again with the right path.", names=names)
        raise Problem(said)
    return 0


COMMANDS = (read_files,)
