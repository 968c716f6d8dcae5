"""The first things that can be shown of what is being read: the next meeting with somebody from outside, and counts.

Called by the pages of the first steps, before anybody was taken into the network: people count as what they could be.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from keepwarm.contacts import is_free_mail
from keepwarm.questions import REGISTERS, Situation, propose_register
from keepwarm.store.agenda import EventPerson, EventRow, as_domain, events_between, own_in
from keepwarm.store.ahead import situation
from keepwarm.store.contacts import accept, add_contact
from keepwarm.store.database import Tx
from keepwarm.store.owners import owner
from keepwarm.store.plans import main_goal
from keepwarm.store.streams import streams
from keepwarm.store.talks import talk_choice
from keepwarm.talks import Known, NotATalk, TypeFacts, propose_type, talk_of
from keepwarm.texts import Texts
from keepwarm.types import StreamKind

AHEAD = timedelta(weeks=4)  # ours: a meeting further off is no reason to prepare now
GUESTS = 3  # PRODUCT.md section 4, "Brief scope": one to three people from outside
OUT = frozenset({"ignored", "never", "erased"})  # people about whom nothing is prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """One that could be a talk. ``guests``: those it would be with, the first decides the list; never empty.

    ``taken``: all of them are in the network, so it is a talk already.
    """

    event: EventRow
    guests: tuple[EventPerson, ...]
    taken: bool

    @property
    def names(self) -> list[str]:
        return [each.name or each.address for each in self.guests]


def next_meeting(tx: Tx, now: datetime) -> Meeting | None:
    """The first of the coming weeks with one to three people from outside; None where there is none."""
    for found in events_between(tx, now, now + AHEAD):
        if (meeting := _meeting(found, now)) is not None:
            return meeting
    return None


def meeting_of(tx: Tx, event_id: str, now: datetime) -> Meeting | None:
    """The same for one event that is among them."""
    found = (each for each in events_between(tx, now, now + AHEAD) if each.id == event_id)
    return next((meeting for each in found if (meeting := _meeting(each, now))), None)


def take_in(tx: Tx, meeting: Meeting, now: datetime) -> None:
    """Whom it is with comes into the network: only then is it a talk that mails are sent about."""
    known = [each.contact_id for each in meeting.guests if each.contact_id and each.contact_state != "active"]
    if known:
        accept(tx, known, now=now)
    for each in meeting.guests:
        if not each.contact_id:
            add_contact(tx, name=each.name or each.address, address=each.address, origins=("calendar",), now=now)


def questions_for(tx: Tx, meeting: Meeting, now: datetime) -> Situation:
    """All that its question list can use, also about somebody whom nothing else shows."""
    first = meeting.guests[0]
    if first.contact_id:
        return situation(tx, first.contact_id, now, event_id=meeting.event.id)
    whose, goal, choice = owner(tx), main_goal(tx), talk_choice(tx, meeting.event.id)
    lang = whose.lang if whose.lang in REGISTERS else "en"
    name = first.name or first.address
    kind = propose_type(TypeFacts(name=name, circle="cold", goal=goal), Texts.load(lang)).type
    return Situation(
        type=(choice.type if choice else None) or kind,
        goal=goal,
        circle="cold",
        register=propose_register("cold", lang, type_=kind),
        lang=lang,
        name=name,
        asked=tuple(choice.questions) if choice else (),
    )


def being_read(tx: Tx) -> bool:
    """Whether something is read for the first time just now: a mailbox, a calendar, an address book, files."""
    return any(
        each.stream.kind is not StreamKind.FILES and each.compared_at is None and each.revoked_at is None
        for each in streams(tx)
    )


def _meeting(found: EventRow, now: datetime) -> Meeting | None:
    guests = {each.address: each for each in found.people if _from_outside(each, found)}
    known = {key: Known(contact_id=each.contact_id or key, private=each.private) for key, each in guests.items()}
    judged = talk_of(as_domain(found), own=own_in(found), known=known, now=now)
    if isinstance(judged, NotATalk) or not 0 < len(judged.contact_ids) <= GUESTS:
        return None
    by_id = {each.contact_id or key: each for key, each in guests.items()}
    chosen = tuple(by_id[each] for each in judged.contact_ids)
    return Meeting(event=found, guests=chosen, taken=all(each.contact_state == "active" for each in chosen))


def _from_outside(each: EventPerson, found: EventRow) -> bool:
    """Neither the owner, nor a room, nor a colleague of the same house, nor anybody who stays out."""
    if each.own or each.resource or each.contact_state in OUT:
        return False
    house = each.address.rpartition("@")[2]
    colleague = any(one.own and one.address.rpartition("@")[2] == house for one in found.people)
    return not colleague or is_free_mail(house)
