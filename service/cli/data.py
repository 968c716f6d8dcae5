"""`keepwarm export` and `keepwarm erase`: take everything along, and leave."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from keepwarm.store import leaving
from service.cli.session import Problem, Session, command
from workers import exporting
from workers.leaving import leave


@command("export")
@click.argument("path", type=click.Path(allow_dash=True, path_type=Path))
@click.option("--as", "form", type=click.Choice([*exporting.FORMATS]), default="json", show_default=True)
def export(session: Session, path: Path, form: str) -> int:
    """Write everything of yours to a file: json for another Keepwarm, or vcard, csv, ical; - is standard output."""
    if str(path) == "-":
        exporting.write(session.runtime, session.owner.id, form, sys.stdout.buffer)
        return 0
    full = path.expanduser().absolute()
    beside = full.with_name(f".{full.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            exporting.write(session.runtime, session.owner.id, form, out)
        size = beside.stat().st_size
        beside.replace(full)
    except OSError as error:
        said = session.texts("The file cannot be written there. Nothing was changed; give another path.")
        raise Problem(said) from error
    finally:
        beside.unlink(missing_ok=True)
    session.answer({"path": str(full), "as": form, "bytes": size}, session.texts("Written: {path}", path=str(full)))
    return 0


@command("erase")
@click.option("--all", "everything", is_flag=True, help="Everything of yours on this installation.")
@click.option("--yes", "sure", is_flag=True, help="Do not ask.")
@click.option("--keep-events", is_flag=True, help="Leave what Keepwarm wrote into your calendars.")
def erase(session: Session, *, everything: bool, sure: bool, keep_events: bool) -> int:
    """Erase everything of yours for good. There is no undo; export first."""
    if not everything:
        raise click.UsageError("Say --all: everything of yours goes. One person is erased on their page.")
    with session.reading() as tx:
        kept = leaving.kept(tx)
    if not sure:
        said = session.texts(
            "Erase {people} people, {notes} notes and all else of {email} for good?",
            people=kept.people, notes=kept.notes, email=session.owner.email,
        )  # fmt: skip
        click.confirm(said, abort=True, err=True)
    troubles = leave(session.runtime, session.owner.id, remove_events=not keep_events)
    lines = [session.texts("Everything is erased."), *(session.texts(each) for each in troubles)]
    session.answer({"erased": session.owner.email, "left": troubles}, "\n".join(lines))
    return 0


COMMANDS = (export, erase)
