"""Commands about what Keepwarm will do and did: what is coming, previews of mails, the outbox, the quarantine."""

from __future__ import annotations

from typing import Any

import click

from keepwarm.store import duties, outbox, views
from keepwarm.store.views import TalkRow, UpcomingFollowUp
from keepwarm.texts import LANGUAGES
from keepwarm.types import Mail
from service.cli import shapes
from service.cli.session import Problem, Session, columns, command
from service.words import sentence, word
from workers import render

DAYS = 14  # the span of the page "coming"
FORMATS = ("text", "html", "eml")


@command("upcoming")
@click.option("--days", type=click.IntRange(1, 400), default=DAYS, show_default=True)
@click.option("--as-of", "as_of", metavar="TIME", default=None, help="Evaluate at that moment instead of now.")
def upcoming(session: Session, days: int, as_of: str | None) -> None:
    """Talks ahead with people of your network, and follow-ups."""
    now = session.moment(as_of)
    with session.reading() as tx:
        found = views.upcoming(tx, now=now, days=days, stored=False)
    value = {
        "talks": [shapes.talk(session, row) for row in found.talks],
        "follow_ups": [shapes.follow_up(session, row) for row in found.follow_ups],
    }
    session.answer(value, _agenda(session, found.talks, found.follow_ups))


def _agenda(session: Session, talks: list[TalkRow], follow_ups: list[UpcomingFollowUp]) -> str:
    texts, zone = session.texts, session.owner.zone
    rows = [
        (texts.moment(row.event.start_at, zone), texts("talk"), row.event.id, row.event.title or "-") for row in talks
    ]
    rows += [(texts.moment(row.at, zone), texts("follow-up"), row.contact_name, row.reason) for row in follow_ups]
    return columns(rows) or texts("Nothing is coming in these days.")


@command("digest")
@click.option("--preview", is_flag=True, required=True, help="Show it; nothing is sent.")
@click.option("--as-of", "as_of", metavar="TIME", default=None, help="Evaluate at that moment instead of now.")
@click.option("--lang", type=click.Choice(LANGUAGES), default=None)
@click.option("--format", "shape", type=click.Choice(FORMATS), default="text", show_default=True)
def digest(session: Session, *, preview: bool, as_of: str | None, lang: str | None, shape: str) -> None:
    """The weekly digest as it would be sent at this moment."""
    assert preview
    mail = render.preview_digest(session.runtime, session.owner, session.moment(as_of), lang=lang)
    if mail is None:
        session.answer(None, session.texts("There is nothing to say this week, so no digest would be sent."))
        return
    _show(session, mail, shape)


@command("brief")
@click.argument("talk", metavar="TALK")
@click.option("--preview", is_flag=True, required=True, help="Show it; nothing is sent.")
@click.option("--as-of", "as_of", metavar="TIME", default=None, help="Evaluate at that moment instead of now.")
@click.option("--lang", type=click.Choice(LANGUAGES), default=None)
@click.option("--format", "shape", type=click.Choice(FORMATS), default="text", show_default=True)
def brief(session: Session, talk: str, *, preview: bool, as_of: str | None, lang: str | None, shape: str) -> None:
    """The question list for a talk, by the id that `keepwarm upcoming` shows."""
    assert preview
    mail = render.preview_brief(session.runtime, session.owner, talk, session.moment(as_of), lang=lang)
    if isinstance(mail, str):
        raise Problem(session.texts(mail))
    _show(session, mail, shape)


def _show(session: Session, mail: Mail, shape: str) -> None:
    value: dict[str, Any] = {"subject": mail.subject, "text": mail.text, "html": mail.html, "lang": mail.lang}
    text = {"text": f"{mail.subject}\n\n{mail.text}", "html": mail.html, "eml": ""}[shape]
    session.answer(value, (text or render.as_bytes(mail).decode("utf-8", "replace")).rstrip("\n"))


@command("quarantine")
def quarantine(session: Session) -> None:
    """What could not be read, where it stands and why."""
    with session.reading() as tx:
        rows = duties.quarantined(tx)
    lines = [(row.place, row.position, session.texts(row.reason)) for row in rows]
    session.answer(
        [shapes.quarantined(session, row) for row in rows],
        columns(lines) or session.texts("Everything could be read."),
    )


@command("outbox")
def sent(session: Session) -> None:
    """What was sent, what waits, and what was left out and why."""
    with session.reading() as tx:
        rows = outbox.rows(tx)
    texts = session.texts
    lines = [
        (
            texts.moment(row.run_at, session.owner.zone),
            word(texts, "outbox_kind", row.kind),
            word(texts, "outbox_state", row.state),
            sentence(texts, row.reason) if row.reason else "-",
        )
        for row in rows
    ]
    session.answer(
        [shapes.outbox(session, row) for row in rows],
        columns(lines) or texts("Nothing was sent yet and nothing waits."),
    )


COMMANDS = (upcoming, digest, brief, quarantine, sent)
