"""Commands that put right what was written down: notes about talks (`keepwarm talk`), and promises."""

from __future__ import annotations

from datetime import datetime

import click

from keepwarm.aftertalk import NOON, PROMISE_LONGEST, TEXT_LONGEST
from keepwarm.bounds import day_within
from keepwarm.foreign import one_line, shown
from keepwarm.store import contacts, corrections, notes
from keepwarm.store.notes import Promise
from keepwarm.zones import local, to_utc
from service.cli.session import Session, columns, command
from workers import nextsteps

DAY = click.DateTime(["%Y-%m-%d"])


@command("correct")
@click.argument("note_id", metavar="NOTE")
@click.option("--said", help="What it was about.")
@click.option("--tips", help="Tips you got.")
@click.option("--on", type=DAY, help="The day of the talk.")
def correct_note(session: Session, note_id: str, *, said: str | None, tips: str | None, on: datetime | None) -> None:
    """Put a note right; its id is shown by: keepwarm talk list --json. What is not named stays."""
    today = local(session.now, session.owner.zone).date()
    at = to_utc(day_within(on.date()), NOON, session.owner.zone) if on else None
    with session.writing() as tx:
        held = corrections.note(tx, note_id)
        wishes = {"said": _lines(said, held.said), "tips": _lines(tips, held.tips)}
        moment = session.now if on and on.date() == today else at
        corrections.correct_note(tx, note_id, session.now, at=moment, **wishes)
        nextsteps.tell_anew(session.runtime, tx, held.contact_id)
    _saved(session, {"note": note_id})


@command("delete")
@click.argument("note_id", metavar="NOTE")
def delete_note(session: Session, note_id: str) -> None:
    """Delete a note; people and promises that came up in the same talk stay."""
    with session.writing() as tx:
        held = corrections.note(tx, note_id)
        corrections.delete_note(tx, note_id, session.now)
        nextsteps.tell_anew(session.runtime, tx, held.contact_id)
    _deleted(session, {"note": note_id})


@click.group("promise")
def promise() -> None:
    """Promises, yours and theirs, that are not kept yet."""


@command("list")
@click.argument("contact_id", metavar="CONTACT", required=False)
def list_(session: Session, contact_id: str | None) -> None:
    """Promises that are open, of everybody or of one."""
    with session.reading() as tx:
        found = [
            each for some in notes.open_promises(tx, [contact_id] if contact_id else None).values() for each in some
        ]
        names = contacts.contact_rows(tx, sorted({each.contact_id for each in found}), session.now)
    texts = session.texts
    lines = [
        (
            each.id,
            names[each.contact_id].name,
            texts("I promised:") if each.mine else texts("They promised:"),
            each.text,
            str(each.due_on or ""),
        )
        for each in found
    ]
    session.answer([_shape(each) for each in found], columns(lines) or texts("No promise is open."))


@command("kept")
@click.argument("promise_id", metavar="PROMISE")
def kept(session: Session, promise_id: str) -> None:
    """Say that a promise was kept."""
    with session.writing() as tx:
        notes.keep_promise(tx, notes.promise(tx, promise_id).id, session.now)
    _saved(session, {"promise": promise_id})


@command("correct")
@click.argument("promise_id", metavar="PROMISE")
@click.option("--text", help="What was promised.")
@click.option("--by", "due_on", type=DAY, help="By when.")
@click.option("--no-day", is_flag=True, help="By no day.")
@click.option("--mine/--theirs", "mine", default=None, help="Whose promise it is.")
def correct(
    session: Session, promise_id: str, *, text: str | None, due_on: datetime | None, no_day: bool, mine: bool | None
) -> None:
    """Put a promise right; what is not named stays."""
    with session.writing() as tx:
        held = corrections.any_promise(tx, promise_id)
        corrections.correct_promise(
            tx, promise_id, session.now, mine=held.mine if mine is None else mine,
            text=held.text if text is None else one_line(text, PROMISE_LONGEST),
            due_on=None if no_day else day_within(due_on.date()) if due_on else held.due_on,
        )  # fmt: skip
        nextsteps.tell_anew(session.runtime, tx, held.contact_id)
    _saved(session, {"promise": promise_id})


@command("delete")
@click.argument("promise_id", metavar="PROMISE")
def delete(session: Session, promise_id: str) -> None:
    """Delete a promise, as if it had never been made."""
    with session.writing() as tx:
        held = corrections.any_promise(tx, promise_id)
        corrections.delete_promise(tx, promise_id, session.now)
        nextsteps.tell_anew(session.runtime, tx, held.contact_id)
    _deleted(session, {"promise": promise_id})


def _lines(given: str | None, held: str) -> str:
    return held if given is None else shown(given).strip()[:TEXT_LONGEST]


def _saved(session: Session, what: dict[str, str]) -> None:
    session.answer({"saved": what}, f"{session.texts('Saved.')} {session.texts('Take it back with: keepwarm undo')}")


def _deleted(session: Session, what: dict[str, str]) -> None:
    session.answer(
        {"deleted": what}, f"{session.texts('Deleted.')} {session.texts('Take it back with: keepwarm undo')}"
    )


def _shape(each: Promise) -> dict[str, object]:
    return {
        "id": each.id,
        "contact": each.contact_id,
        "mine": each.mine,
        "text": each.text,
        "by": each.due_on.isoformat() if each.due_on else None,
    }


for one in (list_, kept, correct, delete):
    promise.add_command(one)

OF_TALKS = (correct_note, delete_note)  # `keepwarm talk`
COMMANDS = (promise,)
