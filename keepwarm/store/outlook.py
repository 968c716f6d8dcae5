"""What is ahead: talks, people who are due, follow-ups as they stand or would be planned. Called through `views`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial

from keepwarm.followups import OWED, Due, Existing, Plan, State, Subject, plan, subject_of
from keepwarm.freshness import Freshness, explain
from keepwarm.owed import STALE, Owed, says
from keepwarm.pace import Pace, is_working_day, previous_working_day
from keepwarm.store.agenda import away, busy
from keepwarm.store.ahead import TalkRow, met_soon, talks_until
from keepwarm.store.database import Tx
from keepwarm.store.follow_ups import FollowUp, follow_ups
from keepwarm.store.nextup import next_up
from keepwarm.store.owed import owed
from keepwarm.store.people import ContactRow
from keepwarm.store.world import World, address_of, fresh, meet, reachable, world
from keepwarm.zones import local, to_utc

LIVE = ("planned", "placed", "moved")


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


def upcoming(tx: Tx, *, now: datetime, days: int, stored: bool, at_now: World | None = None) -> Upcoming:
    """What lies ahead of ``now``. ``stored``: follow-ups as they stand, else as they would be planned at ``now``.

    ``at_now``: the world at that moment, of whoever has read it already.
    """
    at_now = at_now or world(tx, now)
    until = now + timedelta(days=days)
    found = _stored(tx, at_now) if stored else _planned(tx, at_now)
    ahead = [each for each in found if now <= each.at < until]
    return Upcoming(talks=talks_until(tx, at_now, until), follow_ups=sorted(ahead, key=lambda each: (each.at, each.id)))


def due_about(tx: Tx, contact_id: str, cycle: str, now: datetime) -> Due | None:
    """One of ``due_people``, by what it is about; without looking at the others where it is about keeping in touch."""
    if cycle.startswith(OWED):
        found = _owed(tx, world(tx, now))
    else:
        at_now = world(tx, now, only=[contact_id])
        found = _due(at_now, at_now.people.values())
    return next((each for each in found if each.subject == subject_of(contact_id, cycle)), None)


def due_people(tx: Tx, now: datetime) -> list[Due]:
    """What the planner of follow-ups has to look at: active contacts with a rhythm, not private and not paused, as far
    as they have a follow-up or may find room for one, and what is owed to anybody active. Without the reason: only what
    is written or shown is put into words."""
    return _to_plan(tx, world(tx, now), follow_ups(tx), explained=False)


def _to_plan(tx: Tx, at_now: World, standing: Sequence[FollowUp], *, explained: bool) -> list[Due]:
    due_of = partial(_due, at_now, soon=met_soon(tx, at_now), explained=explained)
    return [*next_up(tx, at_now, [_existing(each) for each in standing], due_of), *_owed(tx, at_now)]


def _owed(tx: Tx, at_now: World) -> list[Due]:
    """A promise has its entry on its day. Thanks are named by a mail; whoever stopped that mail gets an entry too."""
    kinds = {"promise"} if "nudge" not in at_now.owner.stopped else {"promise", "thanks", "introduction", "word"}
    found = []
    for each in owed(tx, at_now):
        if each.kind not in kinds or at_now.now - each.due_at > STALE:
            continue
        row = at_now.people[each.contact_id]
        found.append(
            Due(
                contact_id=row.id,
                name=row.name,
                address=address_of(row),
                due_at=_on_a_working_day(each, at_now),
                rhythm=timedelta(days=1),
                cycle=f"{OWED}{each.kind}:{each.ref}",
                circle=row.circle,
                reason=says(each, at_now.now, at_now.owner.zone, at_now.texts),
                about=each.kind,
            )
        )
    return found


def _on_a_working_day(each: Owed, at_now: World) -> datetime:
    """A promise on its day or the working day before; thanks as soon as they are owed."""
    if each.kind != "promise":
        return each.since
    day = local(each.due_at, at_now.pace.zone).date()
    day = day if is_working_day(day, at_now.pace) else previous_working_day(day, at_now.pace)
    return to_utc(day, time(0), at_now.pace.zone)


def _due(
    at_now: World, people: Iterable[ContactRow], soon: Collection[str] = (), *, explained: bool = True
) -> list[Due]:
    found = []
    for row in people:
        value = fresh(at_now, row)
        if value.rhythm is None or value.due_at is None or not reachable(at_now, row):
            continue
        since = row.accepted_at or row.proposed_at
        entry = at_now.plan.get(row.id)
        found.append(
            Due(
                contact_id=row.id,
                name=row.name,
                address=address_of(row),
                due_at=value.due_at,
                rhythm=value.rhythm,
                cycle=value.last_at.isoformat() if value.last_at else f"new {since.isoformat()}",
                circle=row.circle,
                last_at=value.last_at,
                reason=_why(at_now, row, value) if explained else "",
                channel=entry.channel if entry else "",
                talk_ahead=row.id in soon,
            )
        )
    return found


def _why(at_now: World, row: ContactRow, value: Freshness) -> str:
    return explain(at_now.texts, value, circle=row.circle, now=at_now.now, goal=row.goal)


def _stored(tx: Tx, at_now: World) -> list[UpcomingFollowUp]:
    standing = follow_ups(tx, states=LIVE, since=at_now.now)
    meet(at_now, (each.contact_id for each in standing))
    whom = {row.id: row for each in standing if (row := at_now.people.get(each.contact_id))}
    reasons = {each.subject: each.reason for each in (*_due(at_now, whom.values()), *_owed(tx, at_now))}
    return [
        UpcomingFollowUp(
            id=each.id,
            contact_id=each.contact_id,
            contact_name=each.contact_name,
            at=each.at,
            reason=reasons.get(subject_of(each.contact_id, each.cycle), ""),
            state=each.state,
        )
        for each in standing
        if each.contact_id in whom and not whom[each.contact_id].private  # else it is about to be taken away
    ]


def _planned(tx: Tx, at_now: World) -> list[UpcomingFollowUp]:
    """As the planner would have it, beside what stands already."""
    standing = {each.id: each for each in follow_ups(tx) if each.created_at <= at_now.now}
    people = {each.subject: each for each in _to_plan(tx, at_now, list(standing.values()), explained=True)}
    made = follow_up_plan(tx, list(people.values()), list(standing.values()), at_now.now, at_now.pace)
    places = [(each.id, subject_of(each.contact_id, each.cycle), each.at, "planned") for each in made.place]
    places += [(each.id, _subject(standing[each.id]), each.at, standing[each.id].state) for each in made.move]
    places += [(key, _subject(standing[key]), standing[key].at, standing[key].state) for key in made.keep]
    return [
        UpcomingFollowUp(
            id=key, contact_id=who[0], contact_name=people[who].name, at=at, reason=people[who].reason, state=state
        )
        for key, who, at, state in places
        if who in people
    ]


def _subject(each: FollowUp) -> Subject:
    return subject_of(each.contact_id, each.cycle)


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
