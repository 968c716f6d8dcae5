"""One run of the command: whose store it works on, in which language, and how it answers.

Called by every command through the decorator `command`. This and `workers.runtime` are where the command meets the
environment.
"""

from __future__ import annotations

import json
import os
import re
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import update_wrapper
from typing import Any
from unicodedata import category
from zoneinfo import ZoneInfo

import click

from keepwarm.errors import KeepwarmError
from keepwarm.foreign import HIDDEN, shown
from keepwarm.store import Tx, accounts
from keepwarm.store.accounts import Owner
from keepwarm.texts import Texts, mark
from service import newcomer
from workers.runtime import Runtime

UNFORESEEN = mark("Something went wrong that we did not foresee ({id}). What was done is kept. Details: {log}")

STEERING = frozenset({"Cc", "Cs", "Zl", "Zp"})  # Unicode's classes of control characters, lone halves and line ends

YEARS = range(1970, 2200)  # what the readers take a date from

Command = Callable[..., int | None]


class Problem(Exception):
    """What went wrong, in one line for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The owner at the keyboard. ``as_json``: print one JSON value instead of text."""

    runtime: Runtime
    owner: Owner
    texts: Texts
    as_json: bool
    now: datetime

    def reading(self) -> AbstractContextManager[Tx]:
        return self.runtime.store.reading(self.owner.id)

    def writing(self) -> AbstractContextManager[Tx]:
        return self.runtime.store.transaction(self.owner.id)

    def answer(self, value: object, text: str) -> None:
        """Print the value as JSON where that was asked for, else the text."""
        answer(value, text, as_json=self.as_json)

    def iso(self, at: datetime | None) -> str | None:
        """A moment with the offset of the owner's zone, to the second."""
        return at.astimezone(ZoneInfo(self.owner.zone)).isoformat(timespec="seconds") if at else None

    def moment(self, text: str | None, option: str = "--as-of") -> datetime:
        """The moment named by this option, now without one; without an offset it is on the owner's clock."""
        if text is None:
            return self.now
        try:
            at = datetime.fromisoformat(text)
        except ValueError as wrong:
            raise click.BadParameter("a time looks like 2026-11-24T09:30 or 2026-11-24", param_hint=option) from wrong
        if at.year not in YEARS:
            raise click.BadParameter("a year from 1970 to 2199", param_hint=option)
        return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(self.owner.zone))).astimezone(UTC)


def answer(value: object, text: str, *, as_json: bool) -> None:
    """Print one of the two. What would steer a terminal or turn its text is escaped in JSON and left out of text."""
    click.echo(HIDDEN.sub(_escaped, json.dumps(value, ensure_ascii=False, indent=2)) if as_json else shown(text))


def _escaped(hidden: re.Match[str]) -> str:
    return json.dumps(hidden[0])[1:-1]


def command(name: str, *, whose: bool = True) -> Callable[[Command], click.Command]:
    """A command that gets a `Session` first, with --json and --user added.

    ``whose=False``: --user means something else to it; whose network is said before its name.
    """

    def wrap(function: Command) -> click.Command:
        def run(*args: Any, as_json: bool, user: str | None = None, **values: Any) -> int | None:
            session = open_session(user or click.get_current_context().obj, as_json=as_json)
            try:
                return function(session, *args, **values)
            except KeepwarmError as problem:
                raise Problem(session.texts(str(problem))) from problem
            finally:
                session.runtime.store.close()

        decorated = with_json(update_wrapper(run, function))
        return click.command(name)(with_user(decorated) if whose else decorated)

    return wrap


def with_json(function: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")(function)


def with_user(function: Command) -> Command:
    text = "Whose network, where there are several users."
    return click.option("--user", metavar="EMAIL", default=None, help=text)(function)


def open_runtime() -> Runtime:
    """The runtime of this data folder, with the schema brought up to date."""
    return Runtime.build(migrate=True)


def open_session(email: str | None, *, as_json: bool) -> Session:
    """The store of the only user, or of the one named; in an empty installation a local user is made."""
    runtime = open_runtime()
    owner = _owner(runtime, email)
    return Session(runtime=runtime, owner=owner, texts=runtime.texts(owner.lang), as_json=as_json, now=runtime.now())


def _owner(runtime: Runtime, email: str | None) -> Owner:
    with runtime.store.system() as tx:
        found = accounts.owners(tx)
        if not found and email is None:
            return newcomer.local_owner(tx, now=runtime.now(), environment=os.environ)
    if email is None and len(found) > 1:
        raise click.UsageError(f"There are {len(found)} users. Say which one with --user EMAIL.")
    named = [owner for owner in found if email in {None, owner.email}]
    if not named:
        texts = Texts.load(newcomer.language_of(os.environ)[0])
        raise Problem(texts("No user has this e-mail address. Nothing was changed; keepwarm user add EMAIL adds one."))
    return named[0]


def spoken(sentence: str) -> str:
    """The sentence in the language of the environment, for when no owner is at hand; unchanged if there is no other."""
    return Texts.load(newcomer.language_of(os.environ)[0]).gettext(sentence)


def report_unexpected(error: Exception) -> str:
    """Write the traceback to the log and return the line for the person: its id, and where to look.

    The log holds file names and lines of our code and the kind of error, never its message: that may hold mail content.
    """
    name = os.urandom(4).hex()
    where = "logs/command.log"
    with suppress(Exception):  # whatever went wrong may keep us from writing too
        runtime = open_runtime()
        log = runtime.home / "logs" / "command.log"
        log.parent.mkdir(mode=0o700, exist_ok=True)
        places = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
        with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as stream:
            stream.write(f"{runtime.now().isoformat()} {name} {type(error).__name__}\n{places}")
        where = str(log)
    return spoken(UNFORESEEN).format(id=name, log=where)


def on_terminal() -> bool:
    """Whether a person watches: then a progress bar goes to stderr."""
    return sys.stderr.isatty()


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Rows as aligned text, two spaces between; the last column runs free."""
    rows = [[_printable(cell) for cell in row] for row in rows]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]) - 1)] if rows else []
    lines = ["  ".join([*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[-1]]) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def _printable(cell: str) -> str:
    """Without characters that steer a terminal or end the line; a file may be named by anybody."""
    return "".join("\ufffd" if category(each) in STEERING else each for each in cell)
