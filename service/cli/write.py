"""The commands that offer a message to send oneself: a first or second word, thanks, a request to be introduced."""

from __future__ import annotations

import click

from keepwarm.errors import NotFound
from keepwarm.introductions import SAID
from keepwarm.messages import links
from keepwarm.store import introductions, views, writing
from keepwarm.store.contacts import ContactRow
from keepwarm.store.views import World
from service.cli.session import Session, columns, command
from service.words import word


@command("write")
@click.argument("contact_id", metavar="CONTACT")
@click.option("--again", is_flag=True, help="A second word, where there was no answer.")
def write(session: Session, contact_id: str, *, again: bool) -> None:
    """A text to begin with, and how best to get in touch. You send it yourself."""
    _offer(session, contact_id, "second" if again else "first")


@command("thank")
@click.argument("contact_id", metavar="CONTACT")
def thank(session: Session, contact_id: str) -> None:
    """A text to say thanks after a talk. You send it yourself."""
    _offer(session, contact_id, "thank")


@click.group("intro")
def intro() -> None:
    """Requests to be introduced."""


@command("text")
@click.argument("via_id", metavar="CONTACT")
@click.argument("whom_id", metavar="TO")
def text(session: Session, via_id: str, whom_id: str) -> None:
    """A text that asks somebody to introduce you to another contact. You send it yourself."""
    _offer(session, via_id, "introduction", whom_id)


@command("asked")
@click.argument("via_id", metavar="CONTACT")
@click.argument("whom_id", metavar="TO")
def asked(session: Session, via_id: str, whom_id: str) -> None:
    """Note that you asked."""
    with session.writing() as tx:
        introductions.ask(tx, session.now, via_id=via_id, contact_id=whom_id)
    _introductions(session)


@command("state")
@click.argument("introduction_id", metavar="ID")
@click.argument("said", type=click.Choice(SAID))
def state(session: Session, introduction_id: str, said: str) -> None:
    """Say how a request stands."""
    with session.writing() as tx:
        introductions.say(tx, introduction_id, session.now, said)
    _introductions(session)


@command("list")
def list_(session: Session) -> None:
    """All requests, and what comes next."""
    _introductions(session)


def _introductions(session: Session) -> None:
    with session.reading() as tx:
        found = introductions.introductions(tx, views.world(tx, session.now))
    shape = [
        {
            "id": each.id,
            "via": each.via.id,
            "contact": each.whom.id,
            "state": each.standing.state,
            "step": each.standing.step,
            "due_at": session.iso(each.standing.due_at),
            "why": each.standing.why,
        }
        for each in found
    ]
    lines = [
        (each.id, word(session.texts, "introduction", each.standing.state), each.whom.name, each.standing.why)
        for each in found
    ]
    session.answer(
        shape, columns(lines) or session.texts("No requests yet. See who can help with: keepwarm path CONTACT")
    )


def _offer(session: Session, contact_id: str, kind: str, whom_id: str = "") -> None:
    with session.reading() as tx:
        at_now = views.world(tx, session.now)
        row = _known(at_now, contact_id)
        whom = _known(at_now, whom_id).name if whom_id else ""
        draft = writing.message(tx, at_now, row, kind, whom=whom)
        found, advice = writing.reach(tx, row), writing.channel(tx, at_now, row)
    shape = {
        "contact": row.id,
        "kind": kind,
        "channel": advice.channel or None,
        "why": advice.why,
        "subject": draft.subject,
        "body": draft.body,
        "mailto": links.mailto(found.mail, draft) or None,
        "whatsapp": links.whatsapp(found.phone, session.owner.country, draft) or None,
        "tel": links.tel(found.phone) or None,
        "profile": links.profile(found) or None,
    }
    head = [advice.why, ""] if kind == "first" else []
    session.answer(shape, "\n".join([*head, draft.subject, "", draft.body]))


def _known(at_now: World, contact_id: str) -> ContactRow:
    if contact_id not in at_now.people:
        raise NotFound("There is no such contact in your network.")
    return at_now.people[contact_id]


for one in (text, asked, state, list_):
    intro.add_command(one)

COMMANDS = (write, thank, intro)
