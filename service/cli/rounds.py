"""The command for a round: say once what changed, and see whom to tell."""

from __future__ import annotations

import click

from keepwarm.foreign import shown
from keepwarm.store import rounds, views, writing
from keepwarm.store.rounds import Told
from keepwarm.texts import LANGUAGES
from service.cli.session import Session, columns, command
from service.words import word


@click.group("progress")
def progress() -> None:
    """Tell those who helped you how it goes, a few a week. You send each text yourself."""


@command("begin")
@click.argument("news")
@click.option("--in", "lang", type=click.Choice(LANGUAGES), help="The language of it; yours without.")
@click.option("--closing", is_flag=True, help="You found what you looked for: thank everybody, let plans rest.")
def begin(session: Session, news: str, lang: str | None, *, closing: bool) -> None:
    """Say what changed; a text is prepared for everybody who helped."""
    with session.writing() as tx:
        kind = "closing" if closing else "progress"
        rounds.begin(tx, session.now, kind, {lang or session.owner.lang: shown(news).strip()[:2_000]})
    _show(session)


@command("show")
def show(session: Session) -> None:
    """Whose turn it is, with the text for each."""
    _show(session)


@command("end")
def end(session: Session) -> None:
    """End the round."""
    with session.writing() as tx:
        rounds.end(tx, session.now)
    _show(session)


def _show(session: Session) -> None:
    with session.reading() as tx:
        at_now = views.world(tx, session.now)
        found = rounds.current(tx, at_now)
        if found is None:
            session.answer(None, session.texts("No round is going on. Begin one with: keepwarm progress begin NEWS"))
            return
        texts = {
            each.contact.id: writing.message(tx, at_now, each.contact, found.kind, news=found.news, help=each.help)
            for each in found.turn
        }
    shape = {
        "id": found.id,
        "kind": found.kind,
        "begun_at": session.iso(found.begun_at),
        "told": [each.contact.id for each in found.told],
        "turn": [{"contact": key, "subject": draft.subject, "body": draft.body} for key, draft in texts.items()],
        "waiting": [each.contact.id for each in found.waiting],
    }
    lines = [_line(session, each) for each in (*found.turn, *found.waiting, *found.told)]
    session.answer(shape, columns(lines) or session.texts("Everybody has been told."))


def _line(session: Session, each: Told) -> tuple[str, str, str]:
    told = session.texts.date(each.told_at.date()) if each.told_at else "-"
    return each.contact.name, word(session.texts, "help", each.help.kind), told


for one in (begin, show, end):
    progress.add_command(one)

COMMANDS = (progress,)
