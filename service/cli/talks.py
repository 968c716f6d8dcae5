"""Commands about talks: settle what one is for, write down what came of it, read the log back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any

import click

from keepwarm.aftertalk import PROMISE_LONGEST, TEXT_LONGEST, moment_of, new_names
from keepwarm.bounds import day_within
from keepwarm.errors import NotFound
from keepwarm.foreign import one_line, shown
from keepwarm.plan import FINDINGS
from keepwarm.questions import FOR_ONE_TALK, LONGEST
from keepwarm.store import contacts, held, notes, talks, views
from keepwarm.store.notes import Note
from keepwarm.talks import NotATalk
from keepwarm.zones import local, to_utc
from service.cli import booking, promises
from service.cli.promises import DAY
from service.cli.session import Session, columns, command
from service.words import GOALS, TALK_TYPES


@click.group("talk")
def talk() -> None:
    """Talks: what a coming one is for, and what was written down about those that were held."""


@command("list")
@click.option("--search", default="", help="Words in what was said, or in a name.")
@click.option("--since", type=DAY, help="From that day on.")
def list_(session: Session, search: str, since: datetime | None) -> None:
    """The log of talks, the newest first."""
    begin = to_utc(since.date(), time(), session.owner.zone) if since else None
    with session.reading() as tx:
        found = notes.all_notes(tx, search, begin)
        names = contacts.contact_rows(tx, sorted({each.contact_id for each in found}), session.now)
    lines = [
        (str(_day(session, each.at)), names[each.contact_id].name, one_line(f"{each.said} {each.tips}", 300))
        for each in found
    ]
    nothing = session.texts("Nothing written down yet. After a talk, two lines are enough.")
    session.answer([_shape(session, each) for each in found], columns(lines) or nothing)


@command("open")
def open_(session: Session) -> None:
    """Talks of the last two weeks about which nothing was written down."""
    with session.reading() as tx:
        at_now = views.world(tx, session.now)
        found = [each for each in held.held_talks(tx, at_now) if not each.noted]
    shape = [
        {"id": each.event.id, "start_at": session.iso(each.event.start_at), "contacts": list(each.contacts)}
        for each in found
    ]
    lines = [
        (each.event.id, session.texts.moment(each.event.start_at, session.owner.zone), each.event.title or "-")
        for each in found
    ]
    session.answer(shape, columns(lines) or session.texts("All talks of the last two weeks are written down."))


@command("set")
@click.argument("event_id", metavar="TALK")
@click.option("--type", "kind", type=click.Choice(TALK_TYPES), help="The type of question list.")
@click.option("--goal", type=click.Choice([each for each in GOALS if each]), help="What you would like of it.")
@click.option("--reading", help="What to read first; an empty text takes it away.")
@click.option("--ask", multiple=True, help="A question for this talk alone; may be given again.")
@click.option("--no-list", is_flag=True, help="No question list for this talk.")
def set_(  # noqa: PLR0913 - a form, each field by name
    session: Session, event_id: str, *, kind: str | None, goal: str | None, reading: str | None, ask: Sequence[str],
    no_list: bool,
) -> None:  # fmt: skip
    """Settle what a coming talk is for, by the id that `keepwarm upcoming` shows."""
    given: dict[str, Any] = {"type": kind, "goal": goal, "reading": reading}
    fields = {name: each for name, each in given.items() if each is not None} | {"no_brief": no_list}
    with session.writing() as tx:
        found = views.talk(tx, event_id, session.now)
        if isinstance(found, NotATalk):
            raise NotFound("This event is not a talk.")
        asked = list(found.choice.questions) if found.choice else []
        new = [line for each in ask if (line := one_line(each, LONGEST)) and line not in asked]
        talks.settle(tx, event_id, session.now, **fields, questions=[*asked, *new][:FOR_ONE_TALK])
    session.answer({"settled": event_id}, session.texts("Saved. The question list follows it."))


@command("note")
@click.argument("contact_ids", metavar="CONTACT...", nargs=-1, required=True)
@click.option("--said", default="", help="What it was about.")
@click.option("--tips", default="", help="Tips you got.")
@click.option("--name", "names", multiple=True, help='Somebody who came up: "Guus Gijs, Lantern"; may be given again.')
@click.option("--promised", "mine", help="What you promised.")
@click.option("--by", "mine_on", type=DAY, help="By when.")
@click.option("--they-promised", "theirs", help="What they promised.")
@click.option("--they-by", "theirs_on", type=DAY, help="By when.")
@click.option("--showed", "finding", type=click.Choice([*FINDINGS]), help="What it showed about work there.")
@click.option("--on", type=DAY, help="The day of the talk; today without.")
@click.option("--talk", "event_id", metavar="TALK", help="The talk in the calendar, by the id of: keepwarm talk open")
def note(  # noqa: PLR0913 - a form, each field by name
    session: Session, contact_ids: Sequence[str], *, said: str, tips: str, names: Sequence[str], mine: str | None,
    mine_on: datetime | None, theirs: str | None, theirs_on: datetime | None, finding: str | None, on: datetime | None,
    event_id: str | None,
) -> None:  # fmt: skip
    """Write down what came of a talk. Names become contacts, with the first CONTACT as the one who introduces."""
    promises = [
        (whose, one_line(text, PROMISE_LONGEST), day_within(by.date()) if by else None)
        for whose, text, by in ((True, mine, mine_on), (False, theirs, theirs_on))
        if text
    ]
    texts: dict[str, Any] = {"said": shown(said).strip()[:TEXT_LONGEST], "tips": shown(tips).strip()[:TEXT_LONGEST]}
    if not (texts["said"] or texts["tips"] or names or promises or finding):
        raise click.UsageError("Say something: --said, --tips, --name, --promised, --they-promised or --showed.")
    at = moment_of(day_within(on.date()), session.now, session.owner.zone) if on else session.now
    with session.writing() as tx:
        if event_id:
            held.held_talk(tx, event_id, session.now)
        notes.add_note(
            tx, contact_ids[0], session.now, event_id=event_id, at=at, promises=promises, finding=finding or "",
            names=new_names("\n".join(names)), others=contact_ids[1:], **texts,
        )  # fmt: skip
    hint = session.texts("Take it back with: keepwarm undo")
    session.answer({"noted": list(contact_ids)}, f"{session.texts('Noted.')} {hint}")


def _day(session: Session, at: datetime) -> date:
    return local(at.astimezone(UTC), session.owner.zone).date()


def _shape(session: Session, each: Note) -> dict[str, object]:
    return {
        "id": each.id,
        "contact": each.contact_id,
        "talk": str(each.event_id) if each.event_id is not None else None,
        "at": session.iso(each.at),
        "said": each.said or None,
        "tips": each.tips or None,
    }


for one in (list_, open_, set_, *booking.OF_TALKS, *promises.OF_TALKS):
    talk.add_command(one)

COMMANDS = (talk, note)
