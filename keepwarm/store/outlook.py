"""What is ahead: talks, people who are due, the situation of a talk, the facts of a digest.

Called through `keepwarm.store.views`. Gathers rows and asks the domain; decides nothing itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from keepwarm.contacts import Familiar, evidence
from keepwarm.digests import DigestFacts, DigestPerson, DigestTalk, NewPerson, Promised
from keepwarm.followups import Due, Existing, Plan, State, plan
from keepwarm.freshness import Freshness, explain, freshness, rhythm
from keepwarm.pace import BriefTimes, Pace, brief_times
from keepwarm.plan import AT_REST
from keepwarm.profile import Profile
from keepwarm.questions import REGISTERS, Situation, load_lists, propose_register
from keepwarm.questions import Note as SaidNote
from keepwarm.store.agenda import EventRow, as_domain, away, busy, event, events_between
from keepwarm.store.database import Tx
from keepwarm.store.follow_ups import FollowUp, follow_ups
from keepwarm.store.lookalikes import doubt_of, known_people
from keepwarm.store.notes import Note, Promise, last_notes, open_promises
from keepwarm.store.outbox import rows as outbox_rows
from keepwarm.store.owners import Owner, owner, pace_of
from keepwarm.store.people import ContactRow, contact, contacts
from keepwarm.store.plans import PlanEntry, main_goal, plan_entries
from keepwarm.store.profiles import profile
from keepwarm.store.rows import all_rows, mine
from keepwarm.store.tables import follow_up as follow_up_table
from keepwarm.store.talks import TalkChoice, talk_choices
from keepwarm.talks import Known, NotATalk, Talk, TypeFacts, propose_type, talk_of
from keepwarm.texts import Texts
from keepwarm.zones import local

LIVE = ("planned", "placed", "moved")
DIGEST_WEEKS = 8  # how far back suggestions are looked up
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


@dataclass(frozen=True, slots=True, kw_only=True)
class UpcomingFollowUp:
    id: str
    contact_id: str
    contact_name: str
    at: datetime
    reason: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """Both in order of time."""

    talks: list[TalkRow]
    follow_ups: list[UpcomingFollowUp]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What all of this looks at, read once."""

    now: datetime
    owner: Owner
    texts: Texts
    pace: Pace
    profile: Profile
    goal: str  # what the owner works toward first of all; empty: just staying in touch
    people: Mapping[str, ContactRow]  # active ones
    plan: Mapping[str, PlanEntry]
    notes: Mapping[str, Note]
    promises: Mapping[str, Sequence[Promise]]
    choices: Mapping[int, TalkChoice]
    tries: Mapping[str, int] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """By the owner's calendar."""
        return local(self.now, self.owner.zone).date()


def world(tx: Tx, now: datetime, lang: str | None = None, only: Sequence[str] | None = None) -> World:
    """Everything at ``now``, in ``lang`` instead of the owner's language where given; ``only`` these contacts."""
    whose = owner(tx)
    whose = replace(whose, lang=lang) if lang else whose
    return World(
        now=now,
        owner=whose,
        texts=Texts.load(whose.lang),
        pace=pace_of(whose),
        profile=profile(tx),
        goal=main_goal(tx),
        people={row.id: row for row in contacts(tx, states=["active"], now=now, ids=only)},
        plan=plan_entries(tx),
        notes=last_notes(tx, now),
        promises=open_promises(tx),
        choices=talk_choices(tx),
        tries=_tries(tx, now),
    )


def upcoming(tx: Tx, *, now: datetime, days: int, stored: bool) -> Upcoming:
    """What lies ahead of ``now``. ``stored``: follow-ups as they stand, else as they would be planned at ``now``."""
    at_now = world(tx, now)
    until = now + timedelta(days=days)
    found = _stored(tx, at_now) if stored else _planned(tx, at_now)
    ahead = [each for each in found if now <= each.at < until]
    return Upcoming(talks=_talks(tx, at_now, until), follow_ups=sorted(ahead, key=lambda each: (each.at, each.id)))


def talk(tx: Tx, event_id: str, now: datetime, lang: str | None = None) -> TalkRow | NotATalk:
    """One event as a talk at ``now``, or why it is none. Raises NotFound."""
    return _talk(world(tx, now, lang), event(tx, event_id), away(tx, now, now + timedelta(days=60)))


def due_person(tx: Tx, contact_id: str, now: datetime) -> Due | None:
    """One of ``due_people``, without looking at the others or at talks ahead."""
    return next(iter(_due(world(tx, now, only=[contact_id]))), None)


def due_people(tx: Tx, now: datetime) -> list[Due]:
    """Active contacts with a rhythm, not private and not paused: what the planner of follow-ups reads."""
    at_now = world(tx, now)
    return _due(at_now, met_soon(tx, at_now))


def situation(
    tx: Tx, contact_id: str, now: datetime, *, event_id: str | None = None, lang: str | None = None
) -> Situation:
    """All that a question list for this contact can use; without an event it is about keeping up. Raises NotFound."""
    at_now = world(tx, now, lang, only=[contact_id])
    row = at_now.people.get(contact_id) or contact(tx, contact_id, now)
    if event_id is None:
        return _situation(at_now, row, "keep_up", None)
    found = event(tx, event_id)
    choice = at_now.choices.get(int(found.id))
    kind, _ = _type(at_now, row, choice)
    return _situation(at_now, row, kind, choice)


def digest_facts(tx: Tx, now: datetime, lang: str | None = None) -> DigestFacts:
    """What a digest at ``now`` can speak of."""
    at_now = world(tx, now, lang)
    proposed, known = contacts(tx, states=["proposed"], now=now, limit=5), known_people(tx)
    return DigestFacts(
        now=now,
        owner_name=at_now.owner.name,
        lang=at_now.owner.lang,
        zone=at_now.owner.zone,
        goal=at_now.goal,
        people=tuple(_digest_person(at_now, each) for each in _to_suggest(tx, at_now)),
        new_people=tuple(_new_person(at_now, each, known) for each in proposed),
        talks=tuple(_digest_talk(at_now, each) for each in _talks(tx, at_now, now + timedelta(days=7))),
        recently=_recently(tx, now),
        count=at_now.pace.weekly_people,
    )


def fresh(at_now: World, row: ContactRow) -> Freshness:
    """How fresh the contact is; a noted talk counts as being in touch. Only an active contact has a rhythm.

    An owner who works toward a goal has an active plan, also with people who have no entry in it.
    """
    entry = at_now.plan.get(row.id)
    interval = rhythm(
        circle=row.circle,
        close=row.close,
        goal=row.goal,
        plan_active=bool(at_now.goal) or (entry is not None and entry.said not in AT_REST),
        own_days=row.rhythm_days,
        tries=at_now.tries.get(row.id, 0),
    )
    if row.state != "active" or row.private:
        interval = None
    since = row.accepted_at or row.proposed_at
    return freshness(last_at=_last_contact(at_now, row), since=since, interval=interval, now=at_now.now)


def _last_contact(at_now: World, row: ContactRow) -> datetime | None:
    noted = at_now.notes.get(row.id)
    return max((each for each in (row.last_at, noted.at if noted else None) if each), default=None)


def _tries(tx: Tx, now: datetime) -> dict[str, int]:
    """How often each contact was followed up: rows whose time has come and that were not taken away."""
    table = follow_up_table
    here = (mine(tx, table), table.c.at <= now, table.c.state.in_(("placed", "moved", "done")))
    query = select(table.c.contact_id, func.count().label("n")).where(*here).group_by(table.c.contact_id)
    return {row["contact_id"]: row["n"] for row in all_rows(tx, query)}


def _reachable(at_now: World, row: ContactRow) -> bool:
    paused = row.paused_until is not None and row.paused_until > at_now.today
    return not row.private and not paused


def met_soon(tx: Tx, at_now: World) -> dict[str, datetime]:
    """Contacts with a talk in the coming weeks, and when: they need no reminder until it was held."""
    found: dict[str, datetime] = {}
    for row in _talks(tx, at_now, at_now.now + SOON):
        for each in row.contacts:
            found.setdefault(each, row.event.start_at)
    return found


def _to_suggest(tx: Tx, at_now: World) -> list[ContactRow]:
    soon = met_soon(tx, at_now)
    return [each for each in at_now.people.values() if each.id not in soon and _reachable(at_now, each)]


def _due(at_now: World, soon: Collection[str] = ()) -> list[Due]:
    found = []
    for row in at_now.people.values():
        value = fresh(at_now, row)
        if value.rhythm is None or value.due_at is None or not _reachable(at_now, row):
            continue
        since = row.accepted_at or row.proposed_at
        entry = at_now.plan.get(row.id)
        found.append(
            Due(
                contact_id=row.id,
                name=row.name,
                address=_address(row),
                due_at=value.due_at,
                rhythm=value.rhythm,
                cycle=value.last_at.isoformat() if value.last_at else f"new {since.isoformat()}",
                circle=row.circle,
                last_at=value.last_at,
                reason=explain(at_now.texts, value, circle=row.circle, now=at_now.now, goal=row.goal),
                channel=entry.channel if entry else "",
                talk_ahead=row.id in soon,
            )
        )
    return found


def _stored(tx: Tx, at_now: World) -> list[UpcomingFollowUp]:
    reasons = {each.contact_id: each.reason for each in _due(at_now)}
    return [
        UpcomingFollowUp(
            id=each.id,
            contact_id=each.contact_id,
            contact_name=each.contact_name,
            at=each.at,
            reason=reasons.get(each.contact_id, ""),
            state=each.state,
        )
        for each in follow_ups(tx, states=LIVE, since=at_now.now)
    ]


def _planned(tx: Tx, at_now: World) -> list[UpcomingFollowUp]:
    """As the planner would have it, beside what stands already."""
    people = {each.contact_id: each for each in _due(at_now, met_soon(tx, at_now))}
    standing = {each.id: each for each in follow_ups(tx) if each.created_at <= at_now.now}
    made = follow_up_plan(tx, list(people.values()), list(standing.values()), at_now.now, at_now.pace)
    places = [(each.id, each.contact_id, each.at, "planned") for each in made.place]
    places += [(each.id, standing[each.id].contact_id, each.at, standing[each.id].state) for each in made.move]
    places += [(key, standing[key].contact_id, standing[key].at, standing[key].state) for key in made.keep]
    return [
        UpcomingFollowUp(
            id=key, contact_id=who, contact_name=people[who].name, at=at, reason=people[who].reason, state=state
        )
        for key, who, at, state in places
        if who in people
    ]


def follow_up_plan(tx: Tx, people: Sequence[Due], standing: Sequence[FollowUp], now: datetime, pace: Pace) -> Plan:
    """What the planner makes of these people and follow-ups, around what stands in the owner's calendar."""
    until = now + timedelta(weeks=pace.backlog_weeks + 1)
    existing = [_existing(each) for each in standing]
    return plan(people, existing, busy(tx, now, until), now, pace, away=away(tx, now, until))


def _existing(each: FollowUp) -> Existing:
    state = State(each.state)
    return Existing(
        id=each.id,
        contact_id=each.contact_id,
        cycle=each.cycle,
        at=each.at,
        state=state,
        moved_by_user=state is State.MOVED,
    )


def _talks(tx: Tx, at_now: World, until: datetime) -> list[TalkRow]:
    spans = away(tx, at_now.now, until)
    rows = (_talk(at_now, each, spans) for each in events_between(tx, at_now.now, until))
    return [each for each in rows if isinstance(each, TalkRow)]


def _talk(at_now: World, found: EventRow, spans: Sequence[tuple[datetime, datetime]]) -> TalkRow | NotATalk:
    judged = talk_of(as_domain(found), own=own_in(found), known=known_in(found), now=at_now.now)
    if isinstance(judged, NotATalk):
        return judged
    choice = at_now.choices.get(int(found.id))
    kind, why = _type(at_now, at_now.people[judged.contact_ids[0]], choice)
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


def own_in(found: EventRow) -> frozenset[str]:
    """The owner's own addresses in an event."""
    return frozenset(each.address for each in found.people if each.own)


def known_in(found: EventRow) -> dict[str, Known]:
    """The contacts in an event, by address."""
    return {
        each.address: Known(contact_id=each.contact_id, active=each.contact_state == "active", private=each.private)
        for each in found.people
        if each.contact_id
    }


def _brief_times(
    at_now: World, found: EventRow, judged: Talk, choice: TalkChoice | None, spans: Sequence[tuple[datetime, datetime]]
) -> BriefTimes:
    if not judged.automatic or (choice and choice.no_brief):
        return BriefTimes()
    # seen from before we read it, a talk was known long ago
    booked = found.first_seen_at if found.first_seen_at <= at_now.now else None
    return brief_times(found.start_at, booked, at_now.now, at_now.pace, spans)


def _type(at_now: World, row: ContactRow, choice: TalkChoice | None) -> tuple[str, str]:
    """The type of a talk and the sentence that says why; no sentence for the owner's own choice."""
    if choice and choice.type:
        return choice.type, ""
    facts = TypeFacts(
        name=row.name,
        circle=row.circle,
        goal=_goal(at_now, row, choice),
        talked_before=row.meetings > 0 or row.id in at_now.notes,
        role=row.role,
        sector=_sector(at_now, row),
        origins=tuple(row.origins),
    )
    proposal = propose_type(facts, at_now.texts)
    return proposal.type, proposal.why


def _goal(at_now: World, row: ContactRow, choice: TalkChoice | None) -> str:
    return (choice.goal if choice else None) or row.goal or at_now.goal


def _sector(at_now: World, row: ContactRow) -> str:
    entry = at_now.plan.get(row.id)
    return (entry.sector if entry else "") or at_now.profile.sector


def _situation(at_now: World, row: ContactRow, kind: str, choice: TalkChoice | None) -> Situation:
    entry, said = at_now.plan.get(row.id), at_now.notes.get(row.id)
    lang = row.lang or at_now.owner.lang
    lang = lang if lang in REGISTERS else "en"
    open_ones = at_now.promises.get(row.id, ())
    return Situation(
        type=kind,
        goal=_goal(at_now, row, choice),
        circle=row.circle,
        register=register_of(row, lang, kind),
        lang=lang,
        name=row.name,
        organisation=row.organisation,
        role=row.role,
        sector=_sector(at_now, row),
        wanted_role=(entry.role if entry else "") or at_now.profile.role,
        background=at_now.profile.background,
        origins=tuple(row.origins),
        introducer="" if "@" in row.brought_by else row.brought_by,
        last=SaidNote(on=local(said.at, at_now.owner.zone).date(), text=said.said) if said and said.said else None,
        promises_mine=tuple(each.text for each in open_ones if each.mine),
        promises_theirs=tuple(each.text for each in open_ones if not each.mine),
        find_out=entry.find_out if entry else "",
        named_person=entry.named_person if entry else "",
    )


def register_of(row: ContactRow, lang: str, kind: str) -> str:
    """The owner's word in the words of this language, else proposed."""
    for familiar, formal in REGISTERS.values():
        if row.register in (familiar, formal):
            return REGISTERS[lang][row.register == formal]
    return propose_register(row.circle, lang, type_=kind)


def _digest_person(at_now: World, row: ContactRow) -> DigestPerson:
    said, entry = at_now.notes.get(row.id), at_now.plan.get(row.id)
    return DigestPerson(
        contact_id=row.id,
        name=row.name,
        address=_address(row),
        organisation=row.organisation,
        circle=row.circle,
        goal=row.goal or "",
        freshness=fresh(at_now, row),
        last_note=said.said if said else "",
        last_note_on=local(said.at, at_now.owner.zone).date() if said else None,
        promises=tuple(
            Promised(mine=each.mine, text=each.text, due_on=each.due_on) for each in at_now.promises.get(row.id, ())
        ),
        channel=entry.channel if entry else "",
        sent=row.sent,
        received=row.received,
        meetings=row.meetings,
    )


def evidence_of(at_now: World, row: ContactRow) -> str:
    """The evidence for a contact, in one sentence."""
    return evidence(
        at_now.texts,
        sent=row.sent,
        received=row.received,
        meetings=row.meetings,
        first_at=row.first_at,
        last_at=row.last_at,
        brought_by=row.brought_by,
        origins=row.origins,
        now=at_now.now,
        zone=at_now.owner.zone,
    )


def _new_person(at_now: World, row: ContactRow, known: Familiar) -> NewPerson:
    return NewPerson(
        contact_id=row.id,
        name=row.name,
        address=_address(row),
        organisation=row.organisation,
        evidence=evidence_of(at_now, row),
        doubt=doubt_of(row, known, at_now.texts),
    )


def _address(row: ContactRow) -> str:
    """The address they use most; empty for somebody without one."""
    return next(iter(row.addresses), "")


def _digest_talk(at_now: World, row: TalkRow) -> DigestTalk:
    lists = load_lists(at_now.owner.lang if at_now.owner.lang in REGISTERS else "en")
    return DigestTalk(
        title=row.event.title,
        start_at=row.event.start_at,
        zone=at_now.owner.zone,
        names=tuple(_named(at_now.people[each]) for each in row.contacts),
        type_label=lists[row.type].title,
        contact_id=row.contacts[0],
    )


def _named(row: ContactRow) -> str:
    return f"{row.name} ({_address(row)})" if _address(row) not in ("", row.name) else row.name


def _recently(tx: Tx, now: datetime) -> dict[str, int]:
    """Weeks since somebody was last suggested, from the digests that went out (``people`` in their payload)."""
    found: dict[str, int] = {}
    for row in outbox_rows(tx, states=["sent", "sending", "unknown"], limit=500):
        weeks = (now - row.run_at).days // 7
        if row.kind == "digest" and 0 <= weeks <= DIGEST_WEEKS:
            for each in row.payload.get("people", ()):
                found[each] = min(weeks, found.get(each, weeks))
    return found
