"""The commands that note a talk ahead which stands in no calendar, and call it off again."""

from __future__ import annotations

from collections.abc import Sequence

import click

from keepwarm.foreign import one_line
from keepwarm.store import booking
from service.cli.session import Session, command

SPAN = click.IntRange(booking.MINUTES[0], booking.MINUTES[-1])


@command("ahead")
@click.argument("contact_ids", metavar="CONTACT...", nargs=-1, required=True)
@click.option("--at", "at", metavar="TIME", required=True, help="When, on your clock: 2026-12-03T10:00.")
@click.option("--minutes", type=SPAN, default=booking.USUAL, show_default=True, help="How long.")
@click.option("--where", "place", default="", help="A place, a number or a link.")
@click.option("--title", default="", help="What to call it.")
def ahead(session: Session, contact_ids: Sequence[str], *, at: str, minutes: int, place: str, title: str) -> None:
    """Note a talk ahead that stands in no calendar: its questions come as for any other."""
    named, where = (one_line(each, booking.TITLE_LONGEST) for each in (title, place))
    moment = session.moment(at, "--at")
    with session.writing() as tx:
        kept = booking.book(tx, contact_ids, session.now, at=moment, minutes=minutes, title=named, location=where)
    hint = session.texts("Take it back with: keepwarm undo")
    session.answer({"talk": kept}, f"{session.texts('Noted.')} {hint}")


@command("call-off")
@click.argument("event_id", metavar="TALK")
def call_off(session: Session, event_id: str) -> None:
    """A talk that you noted yourself does not take place; the id is that of: keepwarm upcoming"""
    with session.writing() as tx:
        booking.call_off(tx, event_id, session.now)
    said = session.texts("Called off here. Tell them too, if you have not.")
    session.answer({"called_off": event_id}, f"{said} {session.texts('Take it back with: keepwarm undo')}")


OF_TALKS = (ahead, call_off)
