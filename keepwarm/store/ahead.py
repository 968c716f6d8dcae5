"""Talks ahead: which events are one, of which type, what a question list for it can use. Called through `views`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from keepwarm.pace import BriefTimes, brief_times
from keepwarm.plan import in_field
from keepwarm.questions import REGISTERS, OwnTalk, Situation, propose_register
from keepwarm.questions import Note as SaidNote
from keepwarm.store.agenda import EventRow, as_domain, away, event, events_between, known_in, own_in
from keepwarm.store.database import Tx
from keepwarm.store.people import ContactRow, contact
from keepwarm.store.talks import TalkChoice
from keepwarm.store.world import World, meet, world
from keepwarm.talks import NotATalk, Talk, TypeFacts, propose_type, talk_of
from keepwarm.zones import local

SOON = timedelta(weeks=4)  # ours: a talk this near makes a reminder needless


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkRow:
    """A talk ahead. ``type_reason`` is a sentence, empty where the owner chose the type. None: no mail then."""

    event: EventRow
    type: str
    type_reason: str
    contacts: list[str]
    brief_at: datetime | None
    note_at: datetime | None
    choice: TalkChoice | None


def talk(tx: Tx, event_id: str, now: datetime, lang: str | None = None) -> TalkRow | NotATalk:
    """One event as a talk at ``now``, or why it is none. Raises NotFound."""
    return talk_in(world(tx, now, lang), event(tx, event_id), away(tx, now, now + timedelta(days=60)))


def met_soon(tx: Tx, at_now: World) -> dict[str, datetime]:
    """Contacts with a talk in the coming weeks, and when: they need no reminder until it was held."""
    if "soon" not in at_now.reckoned:
        found: dict[str, datetime] = {}
        for each in events_between(tx, at_now.now, at_now.now + SOON):
            judged = talk_of(as_domain(each), own=own_in(each), known=known_in(each), now=at_now.now)
            for who in judged.contact_ids if isinstance(judged, Talk) else ():
                found.setdefault(who, each.start_at)
        at_now.reckoned["soon"] = found
    return dict(at_now.reckoned["soon"])


def talks_until(tx: Tx, at_now: World, until: datetime) -> list[TalkRow]:
    spans = away(tx, at_now.now, until)
    found = events_between(tx, at_now.now, until)
    meet(at_now, (who.contact_id for each in found for who in each.people if who.contact_state == "active"))
    rows = (talk_in(at_now, each, spans) for each in found)
    return [each for each in rows if isinstance(each, TalkRow)]


def talk_in(at_now: World, found: EventRow, spans: Sequence[tuple[datetime, datetime]]) -> TalkRow | NotATalk:
    judged = talk_of(as_domain(found), own=own_in(found), known=known_in(found), now=at_now.now)
    if isinstance(judged, NotATalk):
        return judged
    choice = at_now.choices.get(int(found.id))
    kind, why = type_of(at_now, at_now.people[judged.contact_ids[0]], choice)
    times = _brief_times(at_now, found, judged, choice, spans)
    return TalkRow(
        event=found,
        type=kind,
        type_reason=why,
        contacts=list(judged.contact_ids),
        brief_at=times.brief_at,
        note_at=times.note_at,
        choice=choice,
    )


def _brief_times(
    at_now: World, found: EventRow, judged: Talk, choice: TalkChoice | None, spans: Sequence[tuple[datetime, datetime]]
) -> BriefTimes:
    if not judged.automatic or (choice and choice.no_brief):
        return BriefTimes()
    # seen from before we read it, a talk was known long ago
    booked = found.first_seen_at if found.first_seen_at <= at_now.now else None
    return brief_times(found.start_at, booked, at_now.now, at_now.pace, spans)


def type_of(at_now: World, row: ContactRow, choice: TalkChoice | None = None) -> tuple[str, str]:
    """The type of a talk and the sentence that says why; no sentence for the owner's own choice."""
    if choice and choice.type:
        return choice.type, ""
    facts = TypeFacts(
        name=row.name,
        circle=row.circle,
        goal=goal_with(at_now, row, choice),
        talked_before=row.meetings > 0 or row.id in at_now.notes,
        role=row.role,
        sector=sector_for(at_now, row),
        inside=inside(at_now, row),
        origins=tuple(row.origins),
        finding=entry.finding if (entry := at_now.plan.get(row.id)) else "",
    )
    proposal = propose_type(facts, at_now.texts)
    return proposal.type, proposal.why


def goal_with(at_now: World, row: ContactRow, choice: TalkChoice | None) -> str:
    return (choice.goal if choice else None) or row.goal or at_now.goal


def sector_for(at_now: World, row: ContactRow) -> str:
    entry = at_now.plan.get(row.id)
    return (entry.sector if entry else "") or at_now.profile.sector


def inside(at_now: World, row: ContactRow) -> bool:
    """Whether the sector that the owner wants to know of is this contact's: the owner said so of them, their role or
    organisation speaks of it, or no sector is named, so that theirs is meant."""
    entry, profile = at_now.plan.get(row.id), at_now.profile
    if not profile.sector or (entry and entry.sector):
        return True
    return any(in_field(each, profile) for each in (row.role, row.organisation))


def situation(
    tx: Tx, contact_id: str, now: datetime, *, event_id: str | None = None, lang: str | None = None,
    at_now: World | None = None,
) -> Situation:  # fmt: skip
    """All that a question list for this contact can use; without an event it is about keeping up. Raises NotFound.

    ``at_now``: the world at that moment, of whoever has read it already.
    """
    at_now = at_now or world(tx, now, lang, only=[contact_id])
    row = at_now.people.get(contact_id) or contact(tx, contact_id, now)
    if event_id is None:
        return _situation(at_now, row, "keep_up", None)
    found = event(tx, event_id)
    choice = at_now.choices.get(int(found.id))
    kind, _ = type_of(at_now, row, choice)
    return _situation(at_now, row, kind, choice)


def _situation(at_now: World, row: ContactRow, kind: str, choice: TalkChoice | None) -> Situation:
    entry, said = at_now.plan.get(row.id), at_now.notes.get(row.id)
    lang = row.lang or at_now.owner.lang
    lang = lang if lang in REGISTERS else "en"
    open_ones = at_now.promises.get(row.id, ())
    return Situation(
        type=kind,
        goal=goal_with(at_now, row, choice),
        circle=row.circle,
        register=register_of(row, lang, kind),
        lang=lang,
        name=row.name,
        organisation=row.organisation,
        role=row.role,
        sector=sector_for(at_now, row),
        wanted_role=(entry.role if entry else "") or at_now.profile.role,
        background=at_now.profile.background,
        origins=tuple(row.origins),
        introducer="" if "@" in row.brought_by else row.brought_by,
        last=SaidNote(on=local(said.at, at_now.owner.zone).date(), text=said.said) if said and said.said else None,
        promises_mine=tuple(each.text for each in open_ones if each.mine),
        promises_theirs=tuple(each.text for each in open_ones if not each.mine),
        find_out=entry.find_out if entry else "",
        named_person=entry.named_person if entry else "",
        own=at_now.own_lists.get(lang, {}),
        asked=tuple(choice.questions) if choice else (),
        talk=choice.own if choice else OwnTalk(),
    )


def register_of(row: ContactRow, lang: str, kind: str) -> str:
    """The owner's word in the words of this language, else proposed."""
    for familiar, formal in REGISTERS.values():
        if row.register in (familiar, formal):
            return REGISTERS[lang][row.register == formal]
    return propose_register(row.circle, lang, type_=kind)
