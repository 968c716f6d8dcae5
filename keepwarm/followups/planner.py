"""Who gets a follow-up and when. Called through `keepwarm.followups`.

Rules: METHOD.md sections 7 and 8, ceilings of PRODUCT.md section 4. Late people first, by lateness over rhythm; then
those who fall due within the weeks ahead, on their day. What stands, stands: a run changes only what the world changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from keepwarm.followups.room import Room
from keepwarm.followups.values import (
    LENGTH,
    LIVE,
    SETTLED,
    Due,
    Existing,
    Move,
    Placement,
    Plan,
    Removal,
    State,
    Subject,
)  # fmt: skip
from keepwarm.pace import Pace, Span, is_quiet
from keepwarm.zones import local

Turn = tuple[int, float, str]
SEVERAL = 99  # no ceiling of its own for a day: the week's holds


def plan(
    people: Sequence[Due],
    existing: Sequence[Existing],
    busy: Sequence[Span],
    now: datetime,
    pace: Pace,
    away: Sequence[Span] = (),
) -> Plan:
    """What to place, move, remove and keep; applied, a second run changes nothing. Inputs in any order.

    ``people``: one entry a subject; of those who wait, the first who are `enough` make the same plan as everybody.
    ``busy``: the owner's other events, without these follow-ups.
    """
    removals = _removals(existing, {each.subject: each for each in people}, now)
    gone = {each.id for each in removals}
    standing = [each for each in existing if each.state in LIVE and each.id not in gone]
    room = Room(now, pace, busy, away)
    over = (each for each in existing if each.state is State.DONE or (each.id in gone and each.at <= now))
    for each in (*standing, *over):  # what has had its time this week counts, also where it is settled just now
        room.take(each.at)
    moves = _moves(standing, room, now)
    moved = {each.id for each in moves}
    placed, waiting = _placements(_wanting(people, existing, standing), existing, room, now)
    return Plan(
        place=placed,
        move=moves,
        remove=removals,
        keep=tuple(sorted(each.id for each in standing if each.id not in moved)),
        waiting=waiting,
    )


def enough(pace: Pace) -> int:
    """Of those who wait for a follow-up the first so many, by `turn`, are all that a plan can find room for.

    The weeks ahead touch one calendar week more than they are. Whoever comes later in the order may have the same days
    or fewer, and room only shrinks: once one found none, nobody after them does.
    """
    return pace.weekly_follow_ups * (pace.backlog_weeks + 1)


def end_of(pace: Pace, now: datetime) -> datetime:
    """Who falls due later is not planned yet."""
    return now + timedelta(weeks=pace.backlog_weeks)


def turn(each: Due, now: datetime) -> Turn:
    """The place in the queue: late ones by lateness over rhythm, then the others by due date."""
    if each.due_at <= now:
        return 0, -_lateness(each, now), each.contact_id
    return 1, (each.due_at - now) // timedelta(microseconds=1), each.contact_id


def waits(each: Due, existing: Iterable[Existing]) -> bool:
    """Whether they need a follow-up: no talk ahead, and of this cycle none that stands, was deleted or is done."""
    held = {one.cycle for one in existing if one.contact_id == each.contact_id and one.state is not State.REMOVED}
    return not each.talk_ahead and each.cycle not in held


def _removals(existing: Sequence[Existing], people: Mapping[Subject, Due], now: datetime) -> tuple[Removal, ...]:
    """Live follow-ups that lost their reason."""
    found: list[Removal] = []
    seen: set[Subject] = set()
    live = (each for each in existing if each.state in LIVE)
    for each in sorted(live, key=lambda each: (not _by_user(each), each.at, each.id)):
        person = people.get(each.subject)
        if person is None:
            found.append(Removal(id=each.id, why="settled" if each.subject[1] else "not_active"))
        elif person.cycle != each.cycle:
            found.append(Removal(id=each.id, why="in_touch"))
        elif person.talk_ahead and each.at > now and not _by_user(each):
            found.append(Removal(id=each.id, why="talk_ahead"))
        elif each.subject in seen:
            found.append(Removal(id=each.id, why="double"))
        else:
            seen.add(each.subject)
    return tuple(sorted(found, key=lambda each: each.id))


def _by_user(each: Existing) -> bool:
    return each.moved_by_user or each.state is State.MOVED


def _moves(standing: Sequence[Existing], room: Room, now: datetime) -> tuple[Move, ...]:
    """New moments for those of ours that cannot stay; one that finds no other place stays."""
    found: list[Move] = []
    for each in sorted(standing, key=lambda each: (each.at, each.id)):
        if _by_user(each) or not _must_move(each, room, now):
            continue
        room.take(each.at, -1)
        at = _first(room, each.at)
        room.take(at or each.at)
        if at:
            found.append(Move(id=each.id, at=at, end_at=at + LENGTH))
    return tuple(found)


def _must_move(each: Existing, room: Room, now: datetime) -> bool:
    if each.at < now:
        return each.state is State.PLANNED
    return not room.is_free(each.at) or is_quiet(each.at, room.pace)


def _first(room: Room, moment: datetime) -> datetime | None:
    """The first place from this moment's day on, one a day if that is possible."""
    day = local(moment, room.pace.zone).date()
    days = [each for each in room.horizon if each >= day]
    ceiling = room.pace.weekly_follow_ups
    return room.find(days, per_day=1, per_week=ceiling) or room.find(days, per_day=SEVERAL, per_week=ceiling)


def _wanting(people: Sequence[Due], existing: Sequence[Existing], standing: Sequence[Existing]) -> list[Due]:
    """Those without a talk ahead whose cycle has no follow-up yet, and none that was deleted or done."""
    settled = [each for each in existing if each.state in SETTLED]
    blocked = {(each.contact_id, each.cycle) for each in (*standing, *settled)}
    return [each for each in people if not each.talk_ahead and (each.contact_id, each.cycle) not in blocked]


def _placements(
    wanting: Sequence[Due], existing: Sequence[Existing], room: Room, now: datetime
) -> tuple[tuple[Placement, ...], tuple[str, ...]]:
    """New follow-ups in order of time, and who has to wait.

    A backlog shares the weeks evenly; weeks up to the ceiling, and then days with several, come where that runs out.
    """
    before = Counter((each.contact_id, each.cycle) for each in existing if each.state is State.REMOVED)
    wanted = _in_order(wanting, room, now)
    queue = [each for each in wanted if not each.subject[1]]
    even, ceiling = room.even(len(queue)), room.pace.weekly_follow_ups
    placed: list[Placement] = []

    def place(people: Sequence[Due], *, per_week: int, per_day: int) -> list[Due]:
        """Those who found no room."""
        left: list[Due] = []
        for person in people:
            at = _place_for(person, room, per_day=per_day, per_week=per_week)
            if at is None:
                left.append(person)
                continue
            room.take(at)
            placed.append(_placement(person, at, before[person.contact_id, person.cycle]))
        return left

    owed = [each for each in wanted if each.subject[1]]
    if ceiling:  # what is owed keeps its day, whatever the ceilings say; none at all means none
        owed = place(owed, per_week=SEVERAL, per_day=SEVERAL)
    for per_week, per_day in ((even, 1), (ceiling, 1), (ceiling, SEVERAL)):
        queue = place(queue, per_week=per_week, per_day=per_day)
    return tuple(sorted(placed, key=lambda each: each.at)), tuple(each.contact_id for each in (*owed, *queue))


def _in_order(wanting: Sequence[Due], room: Room, now: datetime) -> list[Due]:
    end = end_of(room.pace, now)
    return sorted((each for each in wanting if each.due_at <= end), key=lambda each: turn(each, now))


def _lateness(each: Due, now: datetime) -> float:
    """How late, as a share of the rhythm: 1.0 is a whole rhythm late."""
    return (now - each.due_at) / max(each.rhythm, timedelta(days=1))


def _place_for(person: Due, room: Room, *, per_day: int, per_week: int) -> datetime | None:
    due = local(person.due_at, room.pace.zone).date()
    days = [day for day in room.horizon if day >= due]
    return room.find(days, per_day=per_day, per_week=per_week)


def _placement(person: Due, at: datetime, attempt: int) -> Placement:
    key = "\n".join((person.contact_id, person.cycle, *([str(attempt)] if attempt else ())))
    return Placement(
        id="fu-" + sha256(key.encode()).hexdigest()[:24],
        contact_id=person.contact_id,
        cycle=person.cycle,
        at=at,
        end_at=at + LENGTH,
    )
