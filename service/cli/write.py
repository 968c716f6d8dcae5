"""The commands that offer a message to send oneself: a first or second word, thanks, a request to be introduced."""

from __future__ import annotations

import click

from keepwarm.errors import NotFound
from keepwarm.store import views, writing
from keepwarm.store.contacts import ContactRow
from keepwarm.store.views import World
from service import reach
from service.cli.session import Session, command


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


@command("intro")
@click.argument("via_id", metavar="CONTACT")
@click.argument("whom_id", metavar="TO")
def intro(session: Session, via_id: str, whom_id: str) -> None:
    """A text that asks somebody to introduce you to another contact. You send it yourself."""
    _offer(session, via_id, "introduction", whom_id)


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
        "mailto": reach.mailto(found.mail, draft) or None,
        "whatsapp": reach.whatsapp(found.phone, session.owner.country, draft) or None,
        "tel": reach.tel(found.phone) or None,
        "profile": reach.profile(found) or None,
    }
    head = [advice.why, ""] if kind == "first" else []
    session.answer(shape, "\n".join([*head, draft.subject, "", draft.body]))


def _known(at_now: World, contact_id: str) -> ContactRow:
    if contact_id not in at_now.people:
        raise NotFound("There is no such contact in your network.")
    return at_now.people[contact_id]


COMMANDS = (write, thank, intro)
