"""Commands about people: see them, judge them, join two that are one, take a change back."""

from __future__ import annotations

from collections.abc import Sequence

import click

from keepwarm.store import contacts as store
from keepwarm.store import views
from service import people
from service.cli import shapes
from service.cli.session import Session, columns, command
from service.words import word
from workers import undoing

SHOWN = {"all": ["proposed", "active", "ignored", "never"], "": ["proposed", "active"]}


@command("contacts")
@click.option("--state", type=click.Choice(["proposed", "active", "ignored", "never", "all"]), default=None)
@click.option("--as-of", "as_of", metavar="TIME", default=None, help="Evaluate at that moment instead of now.")
def contacts(session: Session, state: str | None, as_of: str | None) -> None:
    """People to judge and people in your network, with the evidence."""
    now = session.moment(as_of)
    with session.reading() as tx:
        rows = store.contacts(tx, states=SHOWN.get(state or "", [state or ""]), now=now)
        at_now, known = views.world(tx, now, only=[row.id for row in rows]), views.known_people(tx)
    found = [(row, people.person(row, at_now, known)) for row in rows]
    lines = [
        (
            row.id,
            word(session.texts, "state", row.state),
            row.name or "-",
            next(iter(row.addresses), "-"),
            row.organisation or "-",
            f"{each.evidence} {each.doubt}".rstrip(),
        )
        for row, each in found
    ]
    session.answer(
        [shapes.contact(session, row, each) for row, each in found],
        columns(lines) or session.texts("Nobody here yet. Add files with: keepwarm import PATH"),
    )


def _wanted(ids: Sequence[str], everybody: bool) -> list[str] | None:
    if bool(ids) == everybody:
        raise click.UsageError("Name one or more ids, or --all.")
    return None if everybody else list(ids)


@command("accept")
@click.argument("ids", nargs=-1, metavar="ID...")
@click.option("--all", "everybody", is_flag=True, help="Everybody who is proposed.")
@click.option(
    "--as",
    "circle_of_life",
    type=click.Choice(["network", "private"]),
    default="network",
    help="private: kept, but no talk with them is prepared and nothing is planned.",
)
def accept(session: Session, ids: Sequence[str], *, everybody: bool, circle_of_life: str) -> None:
    """Take proposed people into your network."""
    wanted = _wanted(ids, everybody)
    with session.writing() as tx:
        number = store.accept(tx, wanted, private=circle_of_life == "private", now=session.now)
    said = session.texts.ngettext("{number} person accepted.", "{number} people accepted.", number)
    _changed(session, "accepted", number, said)


@command("ignore")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
def ignore(session: Session, ids: Sequence[str]) -> None:
    """Leave people out; they are not proposed again."""
    with session.writing() as tx:
        number = store.ignore(tx, list(ids), session.now)
    said = session.texts.ngettext("{number} person left out.", "{number} people left out.", number)
    _changed(session, "ignored", number, said)


@command("never")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
def never(session: Session, ids: Sequence[str]) -> None:
    """Never contact these people, and never propose them again from any source."""
    with session.writing() as tx:
        number = store.never(tx, list(ids), session.now)
    said = session.texts.ngettext(
        "{number} person will never be proposed again.", "{number} people will never be proposed again.", number
    )
    _changed(session, "never", number, said)


@command("join")
@click.argument("keep", metavar="ID")
@click.argument("other", metavar="ID")
def join(session: Session, keep: str, other: str) -> None:
    """Say that two are one person; the first id stays."""
    if keep == other:
        raise click.UsageError("These are twice the same id.")
    with session.writing() as tx:
        store.join(tx, keep, other, session.now)
    _changed(session, "joined", 1, session.texts("Joined into one person."))


@command("undo")
def undo(session: Session) -> None:
    """Take back your last change."""
    change = undoing.undo(session.runtime, session.owner.id)
    what = word(session.texts, "change", change.what)
    session.answer(
        {"undone": change.what, "label": change.label or None}, session.texts("Taken back: {what}", what=what)
    )


def _changed(session: Session, what: str, number: int, said: str) -> None:
    hint = session.texts("Take it back with: keepwarm undo")
    session.answer({what: number}, f"{said} {hint}" if number else said)


COMMANDS = (contacts, accept, ignore, never, join, undo)
