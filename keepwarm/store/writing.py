"""What a message to a contact can use, and how to reach them. Called by the command and the pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from zlib import crc32

from sqlalchemy import select

from keepwarm.messages import WEEKS, Advice, Draft, Facts, Help, Reach, advise, draft, free_moments
from keepwarm.questions import REGISTERS
from keepwarm.store.agenda import away, busy
from keepwarm.store.ahead import inside, register_of, sector_for
from keepwarm.store.database import Tx
from keepwarm.store.people import ContactRow
from keepwarm.store.plans import PlanEntry
from keepwarm.store.rows import all_rows, mine
from keepwarm.store.tables import card
from keepwarm.store.world import World
from keepwarm.texts import Texts
from keepwarm.zones import local

NONE: Mapping[str, str] = {}
LATELY = timedelta(days=60)  # ours: somebody met since is somebody one sees


def message(  # noqa: PLR0913 - what a message can be about, each by name
    tx: Tx, at_now: World, row: ContactRow, kind: str, *, whom: str = "", news: Mapping[str, str] = NONE,
    help: Help | None = None, talked_on: date | None = None,  # noqa: A002 - the word for it
) -> Draft:  # fmt: skip
    """A message to this contact, of a kind of `keepwarm.messages`.

    ``whom``: who is to be met, for an introduction. ``news`` by language and ``help``: for a round; news that is not
    there in the contact's language is given in the owner's. ``talked_on``: for thanks, else the day of the last note.
    """
    entry = at_now.plan.get(row.id)
    texts = Texts.load(row.lang if row.lang in REGISTERS else at_now.owner.lang)
    said = news.get(texts.lang) or next((each for each in news.values() if each), "")
    facts = replace(_facts(tx, at_now, row, entry, texts.lang, whom), news=said, help=help)
    facts = replace(facts, talked_on=talked_on) if talked_on else facts
    return draft(kind, facts, at_now.now, texts)


def reach(tx: Tx, row: ContactRow) -> Reach:
    query = select(card.c.phone).where(mine(tx, card), card.c.contact_id == row.id, card.c.phone != "")
    phones = [each["phone"] for each in all_rows(tx, query.order_by(card.c.id))]
    return Reach(mail=next(iter(row.addresses), ""), phone=next(iter(phones), ""), profile=next(iter(row.profiles), ""))


def channel(tx: Tx, at_now: World, row: ContactRow) -> Advice:
    """How to get in touch with this contact, and why so."""
    entry, found = at_now.plan.get(row.id), reach(tx, row)
    met = row.meetings > 0 and row.last_at is not None and at_now.now - row.last_at < LATELY
    return advise(
        name=row.name,
        circle=row.circle,
        chosen=entry.channel if entry else "",
        mail=bool(found.mail),
        phone=bool(found.phone),
        profile=bool(found.profile),
        seen_lately=met,
        texts=at_now.texts,
    )


def _facts(tx: Tx, at_now: World, row: ContactRow, entry: PlanEntry | None, lang: str, whom: str) -> Facts:
    via = at_now.people.get((entry.introducer_id if entry else None) or "")
    said = at_now.notes.get(row.id)
    return Facts(
        name=row.name,
        circle=row.circle,
        register=register_of(row, lang, "keep_up"),
        goal=row.goal or at_now.goal,
        sector=sector_for(at_now, row),
        inside=inside(at_now, row),
        organisation=row.organisation,
        owner_name=at_now.owner.name,
        written=at_now.profile.written.get(lang, ""),
        shared=via.name if via else "",
        find_out=entry.find_out if entry else "",
        last_at=row.last_at,
        talked_on=local(said.at, at_now.owner.zone).date() if said else None,
        moments=_moments(tx, at_now, row),
        zone=at_now.owner.zone,
        whom=whom,
    )


def _moments(tx: Tx, at_now: World, row: ContactRow) -> tuple[datetime, ...]:
    """Two free moments for this contact, the same each time they are asked for."""
    until = at_now.now + timedelta(weeks=WEEKS)
    taken, gone = busy(tx, at_now.now, until), away(tx, at_now.now, until)
    return free_moments(at_now.now, at_now.pace, taken, gone, _turn(at_now, row))


def _turn(at_now: World, row: ContactRow) -> int:
    """The contact's place among those of the plan, in the order in which they came in; outside it some number."""
    planned = sorted(at_now.plan.values(), key=lambda each: (each.created_at, each.id))
    places = {each.contact_id: place for place, each in enumerate(planned)}
    return places.get(row.id, crc32(row.id.encode()))
