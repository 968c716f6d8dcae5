"""What a mail speaks of, read from the store when it is sent or previewed. Called by `effects` and `render`.

Nothing here writes. Mails are made from these values at delivery, after the world was read again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from keepwarm.digests import Digest, Entry, digest, owed_entry
from keepwarm.followups import OWED
from keepwarm.messages.links import mailto
from keepwarm.owed import pressing
from keepwarm.questions import REGISTERS, QuestionList, Situation, load_lists, prepare, short_list
from keepwarm.questions import Question as Asked
from keepwarm.store import Tx, booking, contacts, follow_ups, held, notes, views, writing
from keepwarm.store.accounts import Owner
from keepwarm.store.contacts import ContactRow
from keepwarm.store.owed import owed
from keepwarm.store.views import World
from keepwarm.store.watched import all_well, watched
from keepwarm.talks import NOT_A_TALK, NotATalk
from keepwarm.zones import local


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefFacts:
    """One coming talk. ``people``: those it is prepared for, the first decides the list. ``type``: in words."""

    event_id: str
    title: str
    by_hand: bool
    location: str
    start_at: datetime
    end_at: datetime
    zone_guessed: bool
    no_brief: bool
    people: tuple[ContactRow, ...]
    type: str
    type_reason: str
    reading: str
    situation: Situation
    questions: QuestionList
    short: tuple[Asked, ...]
    promises_mine: tuple[str, ...]
    promises_theirs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterFacts:
    """One talk that is over. ``noted``: something was written down; ``thanks``: a text for the first of ``people``."""

    event_id: str
    start_at: datetime
    end_at: datetime
    people: tuple[ContactRow, ...]
    noted: bool
    thanks: str
    mailto: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WellFacts:
    """``watched``: a sentence; ``fine``: it says that all is well."""

    watched: str
    fine: bool


def brief_facts(tx: Tx, owner: Owner, event_id: str, now: datetime, *, lang: str | None = None) -> BriefFacts | str:
    """The talk behind an event; else why it is none, as a sentence of ``keepwarm.talks``. Raises NotFound.

    ``lang``: speak this language instead of the owner's (a contact's own language still rules the questions).
    """
    found = views.talk(tx, event_id, now, lang)
    if isinstance(found, NotATalk):
        return NOT_A_TALK[found.reason]
    rows = {row.id: row for row in contacts.contacts(tx, states=["active"], now=now, ids=found.contacts)}
    situation = views.situation(tx, found.contacts[0], now, event_id=found.event.id, lang=lang)
    titles = load_lists(lang or owner.lang if (lang or owner.lang) in REGISTERS else "en")
    promises = [each for contact_id in found.contacts for each in notes.promises(tx, contact_id)]
    return BriefFacts(
        event_id=found.event.id,
        title=found.event.title,
        by_hand=booking.by_hand(found.event),
        location=found.event.location,
        start_at=found.event.start_at,
        end_at=found.event.end_at,
        zone_guessed=found.event.zone_guessed,
        no_brief=bool(found.choice and found.choice.no_brief),
        people=tuple(rows[each] for each in found.contacts if each in rows),
        type=titles[found.type].title,
        type_reason=found.type_reason,
        reading=found.choice.reading if found.choice else "",
        situation=situation,
        questions=prepare(situation),
        short=short_list(situation),
        promises_mine=tuple(each.text for each in promises if each.mine),
        promises_theirs=tuple(each.text for each in promises if not each.mine),
    )


def digest_of(tx: Tx, at_now: World) -> Digest | None:
    """The digest in words; None when there is nothing to say."""
    return digest(views.digest_facts(tx, at_now), at_now.texts)


def after_facts(tx: Tx, event_id: str, now: datetime) -> AfterFacts | None:
    """A talk that was held; None where there was nobody to network with. Raises NotFound."""
    found, at_now = held.held_talk(tx, event_id, now), views.world(tx, now)
    people = tuple(at_now.people[each] for each in found.contacts if each in at_now.people)
    if not people:
        return None
    on = local(found.event.start_at, at_now.owner.zone).date()
    draft = writing.message(tx, at_now, people[0], "thank", talked_on=on)
    return AfterFacts(
        event_id=found.event.id,
        start_at=found.event.start_at,
        end_at=found.event.end_at,
        people=people,
        noted=found.noted,
        thanks=draft.body,
        mailto=mailto(writing.reach(tx, people[0]).mail, draft),
    )


def owed_entries(tx: Tx, at_now: World, *, without: frozenset[str] = frozenset()) -> dict[str, Entry]:
    """What is due today, by key, the most pressing first; ``without`` what was named before."""
    entered = {each.cycle for each in follow_ups.follow_ups(tx)}  # what has its entry in the calendar needs no mail
    found = [
        each
        for each in pressing(owed(tx, at_now), at_now.now)
        if each.key not in without and f"{OWED}{each.kind}:{each.ref}" not in entered
    ]
    return {each.key: owed_entry(each, at_now.now, at_now.owner.zone, at_now.texts) for each in found}


def well_facts(tx: Tx, now: datetime) -> WellFacts:
    at_now = views.world(tx, now)
    return WellFacts(watched=watched(tx, at_now), fine=all_well(tx, now))
