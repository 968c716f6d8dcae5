"""How much Keepwarm says and when: which mails come, a pause, and what the owner says of somebody in one word."""

from __future__ import annotations

from datetime import datetime

import click

from keepwarm import snooze
from keepwarm.mails import KINDS, STOPPABLE
from keepwarm.owed import pressing, says
from keepwarm.store import accounts, contacts, occasions, views
from keepwarm.store.owed import owed
from keepwarm.zones import local
from service import answers
from service.cli.session import Session, columns, command

DAY = click.DateTime(["%Y-%m-%d"])
WEEK = 7  # days


@command("mails")
@click.option("--stop", type=click.Choice(STOPPABLE), multiple=True, help="No more of this kind; may be given again.")
@click.option("--again", type=click.Choice(STOPPABLE), multiple=True, help="This kind again.")
def mails(session: Session, stop: tuple[str, ...], again: tuple[str, ...]) -> None:
    """The kinds of mail there are, and which of them you get."""
    with session.writing() as tx:
        stopped = (accounts.owner(tx).stopped | set(stop)) - set(again)
        if stop or again:
            accounts.update_owner(tx, settings={"stopped": sorted(stopped) or None})
    texts = session.texts
    rows = [(kind, texts("no") if kind in stopped else texts("yes"), texts(says)) for kind, says in KINDS.items()]
    session.answer([{"kind": kind, "comes": kind not in stopped} for kind in KINDS], columns(rows))


@command("pause")
@click.option("--until", type=DAY, help="The day on which it begins again by itself; without, when you resume.")
def pause(session: Session, until: datetime | None) -> None:
    """Hold everything: no mail and no calendar entry goes out."""
    day = until.date() if until else None
    if day and day <= local(session.now, session.owner.zone).date():
        raise click.BadParameter("choose a day that is still ahead", param_hint="--until")
    with session.writing() as tx:
        accounts.update_owner(tx, held=day is None, settings={"held_until": day.isoformat() if day else None})
    texts = session.texts
    said = texts("Everything is held until {date}.", date=texts.date(day)) if day else texts("Everything is held.")
    session.answer({"held": True, "until": day.isoformat() if day else None}, said)


@command("resume")
def resume(session: Session) -> None:
    """Let everything go out again."""
    with session.writing() as tx:
        accounts.update_owner(tx, held=False, settings={"held_until": None})
    session.answer({"held": False}, session.texts("Keepwarm is at work again."))


@command("due")
def due(session: Session) -> None:
    """What you owe whom, thanks and promises, and who gives you a reason to write this week."""
    with session.reading() as tx:
        at_now = views.world(tx, session.now)
        owes = pressing(owed(tx, at_now), session.now)
        birthdays, news = occasions.birthdays(tx, at_now, WEEK), occasions.new_roles(tx, at_now)
    texts = session.texts
    lines = [(each.name, says(each, session.now, session.owner.zone, texts)) for each in owes]
    lines += [(one.contact.name, texts("Birthday on {date}.", date=texts.day_and_date(one.on))) for one in birthdays]
    lines += [
        (new.contact.name, texts("Now: {after}. Before: {before}.", after=new.after, before=new.before)) for new in news
    ]
    shape = {
        "owed": [
            {
                "kind": each.kind,
                "contact": each.contact_id,
                "about": each.about or None,
                "due": session.iso(each.due_at),
            }
            for each in owes
        ],
        "birthdays": [{"contact": one.contact.id, "on": one.on.isoformat()} for one in birthdays],
        "new_roles": [{"contact": new.contact.id, "before": new.before, "after": new.after} for new in news],
    }
    session.answer(shape, columns(lines) or texts("Nothing is due."))


def _answer(session: Session, do: str, contact_id: str, *, said: str = "", until: str = "digest") -> None:
    with session.writing() as tx:
        name = contacts.contact(tx, contact_id, session.now).name
        answer = answers.Answer(tx=tx, contact_id=contact_id, now=session.now, said=said, until=until)
        answers.carry_out(answer, do)
    hint = session.texts("Take it back with: keepwarm undo")
    session.answer({"contact": contact_id, "said": do}, f"{answers.says(session.texts, do, name)} {hint}")


@command("in-touch")
@click.argument("contact_id", metavar="CONTACT")
@click.option("--said", default="", help="What was said: then it was a talk.")
def in_touch(session: Session, contact_id: str, said: str) -> None:
    """Say that you two were in touch, or talked, where no file shows it."""
    _answer(session, "elsewhere" if said else "done", contact_id, said=said)


@command("later")
@click.argument("contact_id", metavar="CONTACT")
@click.option("--until", type=click.Choice([*snooze.CHOICES]), default="two_weeks", show_default=True)
def later(session: Session, contact_id: str, until: str) -> None:
    """Leave somebody in peace for a while."""
    _answer(session, "later", contact_id, until=until)


@command("let-go")
@click.argument("contact_id", metavar="CONTACT")
def let_go(session: Session, contact_id: str) -> None:
    """Let somebody go: they stay in your network, and nothing reminds you any more."""
    _answer(session, "let_go", contact_id)


@command("died")
@click.argument("contact_id", metavar="CONTACT")
def died(session: Session, contact_id: str) -> None:
    """Lay somebody to rest: what you noted stays, and nothing ever suggests them."""
    _answer(session, "died", contact_id)


COMMANDS = (due, in_touch, later, let_go, died, mails, pause, resume)
