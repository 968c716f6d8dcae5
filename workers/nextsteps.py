"""Follow-ups of one owner: read back what stands in the calendar, plan, and note what is to be written or removed.

Called by `workers.prepare`. What the owner moved stays moved, what they deleted is never made again; real contact
takes a follow-up away. The calendar itself is changed by `workers.deliver` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.base import CalendarWriter
from keepwarm.errors import KeepwarmError, NotFound, NotPossible, TryAgainLater
from keepwarm.followups import WHY_REMOVED, Due, Plan, Subject, subject_of, uid_of
from keepwarm.store import Tx, accounts, follow_ups, outbox, views
from keepwarm.store.follow_ups import FollowUp
from keepwarm.store.outbox import Intent
from keepwarm.texts import mark
from keepwarm.types import FoundEvent
from keepwarm.zones import local
from workers import logs
from workers.runtime import Runtime
from workers.schedule import LOCKED_OUT

READ_BACK = timedelta(minutes=4)  # ours, between two looks at our entries in one account; no more than the second look
LASTS = timedelta(days=3)  # RELIABILITY.md section 4, point 6
LOOK_BACK = timedelta(days=1)  # ours: a past event that the owner moves or deletes says nothing any more
WRITTEN = ("placed", "moved")
LIVE = ("planned", *WRITTEN)
MOVED = mark("You moved it to another moment.")
BACK = mark("You took that back.")
GONE = mark("This follow-up is not in your calendar any more. Nothing was changed.")
ALL_AWAY = mark("You had it taken out of the calendar.")
REMOVED_BY = timedelta(seconds=outbox.LEASE_SECONDS)  # when a removal under way has come through, or begins anew
SECOND_LOOK = timedelta(minutes=4)  # ours, as `keepwarm.store.resources`: a calendar that hiccups once deletes nothing


def prepare(runtime: Runtime, owner_id: str) -> int:
    """How many new intents. Reads the calendar with no transaction open."""
    now = runtime.now()
    _read_back(runtime, owner_id, now)
    with runtime.store.transaction(owner_id) as tx:
        people = views.due_people(tx, now)
        made = _plan(tx, people, now)
        desk = Desk(tx=tx, now=now, zone=accounts.owner(tx).zone, account_id=runtime.way_out(tx, CalendarWriter))
        return _apply(desk, made, {each.subject: each for each in people})


# --- what the owner did in their calendar -------------------------------------------------------------------


def _read_back(runtime: Runtime, owner_id: str, now: datetime) -> None:
    with runtime.store.reading(owner_id) as tx:
        written = follow_ups.follow_ups(tx, states=WRITTEN, since=now - LOOK_BACK)
        connected = {"", *_to_look_at(tx, now)}
    standing: dict[str, list[FollowUp]] = {}
    for each in written:
        if each.event_fingerprint and each.account_id in connected:
            standing.setdefault(each.account_id, []).append(each)
    for account_id, those in standing.items():
        _read_calendar(runtime, owner_id, account_id, those)


def _to_look_at(tx: Tx, now: datetime) -> set[str]:
    """Accounts whose calendar may be asked now: not more often than it needs, and none that does not let us in."""
    due = {each.id for each in accounts.accounts(tx) if each.read_back_at is None or each.read_back_at <= now}
    return due - accounts.withdrawn(tx)


def _read_calendar(runtime: Runtime, owner_id: str, account_id: str, standing: list[FollowUp]) -> None:
    """What became of our events in the calendar where they stand. One that cannot tell now is asked later."""
    try:
        calendar = runtime.open_account(owner_id, account_id or None)
        place = calendar.ensure_calendar()
        found = {each.id: calendar.get_event(place, uid_of(each.id)) for each in standing}
    except KeepwarmError as error:  # the calendar does not answer: what we know stands until it does
        logs.line("calendar not read", owner=owner_id, error=type(error).__name__)
        wait = error.after if isinstance(error, TryAgainLater) else LOCKED_OUT
        with runtime.store.transaction(owner_id) as tx:
            accounts.look_back_at(tx, account_id, runtime.now() + max(wait, READ_BACK))
        return
    with runtime.store.transaction(owner_id) as tx:
        accounts.look_back_at(tx, account_id, runtime.now() + READ_BACK)
        unchanged = {each.id: each for each in follow_ups.follow_ups(tx, states=WRITTEN)}
        for each in standing:
            if unchanged.get(each.id) == each:  # else another worker moved it or took it away while we looked
                note_by_hand(tx, each, found[each.id], runtime.now())


def bring_home(tx: Tx, account_id: str, now: datetime) -> None:
    """Its calendar is gone: follow-ups that stood there are to be written into our own."""
    for each in follow_ups.follow_ups(tx, states=WRITTEN):
        if each.account_id == account_id:
            follow_ups.change(
                tx, each.id, state="planned", event_fingerprint="", account_id="", sequence=each.sequence + 1
            )
            desk = Desk(tx=tx, now=now, zone=each.zone, account_id=None)
            _put(desk, "follow_up_put", follow_ups.follow_up(tx, each.id), not_after=each.at + LASTS)


def take_away(tx: Tx, follow_up_id: str, now: datetime) -> FollowUp:
    """One entry is to leave the calendar where it stands, at the owner's word. Raises NotFound, NotPossible.

    A change of the owner's, which `workers.undoing` takes back.
    """
    standing = follow_ups.follow_up(tx, follow_up_id)
    if standing.state not in LIVE:  # else taking it back would make again what the owner deleted in their calendar
        raise NotPossible(GONE)
    tried = [row.account_id for row in outbox.unanswered(tx, standing.id, "follow_up_put") if row.fence]
    follow_ups.take_away(tx, standing, now)
    outbox.withdraw(tx, standing.id, ALL_AWAY, now)
    desk = Desk(tx=tx, now=now, zone=standing.zone, account_id=tried[-1] if tried else standing.account_id or None)
    _put(desk, "follow_up_remove", standing, not_after=None)
    return standing


def move(runtime: Runtime, tx: Tx, follow_up_id: str, at: datetime) -> None:
    """One entry goes to another moment and stays there, at the owner's word, in whatever calendar. Raises NotFound.

    A change of the owner's, which `workers.undoing` takes back.
    """
    now, standing = runtime.now(), follow_ups.follow_up(tx, follow_up_id)
    outbox.withdraw(tx, standing.id, MOVED, now)
    follow_ups.move(tx, standing, now, at=at, wall=_wall(at, standing.zone), sequence=standing.sequence + 1)
    _write_where_it_is(runtime, tx, standing.id, now)


def put_back(runtime: Runtime, tx: Tx, follow_up_id: str) -> FollowUp:
    """The rows say again how it stood before the owner moved it or took it away: its calendar is to say so too.

    Where we took the event away already it is written anew, after whatever is under way: that was not the owner.
    """
    now, standing = runtime.now(), follow_ups.follow_up(tx, follow_up_id)
    removal = outbox.row_by_key(tx, f"follow_up_remove:{standing.id}:{standing.sequence}")
    outbox.withdraw(tx, standing.id, BACK, now)
    anew = "" if removal is not None and removal.fence else None
    follow_ups.change(tx, standing.id, sequence=standing.sequence + 1, event_fingerprint=anew)
    under_way = removal is not None and removal.state == "sending"
    return _write_where_it_is(runtime, tx, standing.id, now + REMOVED_BY if under_way else now)


def tell_anew(runtime: Runtime, tx: Tx, contact_id: str) -> None:
    """What was said to or promised somebody was put right: the entries about them are written again, where they are."""
    for each in follow_ups.follow_ups(tx, states=WRITTEN, since=runtime.now(), contact_id=contact_id):
        if each.event_fingerprint:
            follow_ups.change(tx, each.id, sequence=each.sequence + 1)
            _write_where_it_is(runtime, tx, each.id, runtime.now())


def _write_where_it_is(runtime: Runtime, tx: Tx, follow_up_id: str, now: datetime) -> FollowUp:
    standing = follow_ups.follow_up(tx, follow_up_id)
    desk = Desk(tx=tx, now=now, zone=standing.zone, account_id=runtime.way_out(tx, CalendarWriter))
    _put(desk, "follow_up_put", standing, not_after=standing.at + LASTS, by_owner=True)
    return standing


def take_all_away(tx: Tx, now: datetime, *, calendars: Sequence[str]) -> int:
    """Everything of ours is to leave these calendars ("" is our own), for good until the next contact; how many."""
    standing = [each for each in follow_ups.follow_ups(tx, states=LIVE) if each.account_id in calendars]
    for each in standing:
        follow_ups.change(tx, each.id, state="deleted")
        outbox.withdraw(tx, each.id, ALL_AWAY, now)
    for account_id in calendars:
        key = f"calendar_clear:{tx.owner_id}:{account_id}:{now:%Y%m%dT%H%M}"
        outbox.put(tx, Intent(key=key, kind="calendar_clear", run_at=now, account_id=account_id or None), now)
    return len(standing)


def by_hand(tx: Tx, follow_up: FollowUp, found: FoundEvent | None, now: datetime) -> bool:
    """Whether the owner has done something with an event of ours since we wrote it.

    An event that was written and is not there any more was deleted by the owner, where the calendar says so, or at the
    second look. One that stands as we wrote it was not touched, nor one at an hour that we asked for and never got an
    answer about.
    """
    if found is None:
        return follow_up.missing_at is not None and now - follow_up.missing_at >= SECOND_LOOK
    if found.deleted_by_user:
        return True
    if found.start_at in {None, follow_up.at} or found.fingerprint == follow_up.event_fingerprint:
        return False
    asked = {row.payload.get("at") for row in outbox.unanswered(tx, follow_up.id, "follow_up_put")}
    return _moment(found.start_at) not in asked


def note_by_hand(tx: Tx, follow_up: FollowUp, found: FoundEvent | None, now: datetime) -> bool:
    """Note what the owner did with an event of ours since we wrote it; whether they did anything."""
    if not by_hand(tx, follow_up, found, now):
        _note_look(tx, follow_up, found, now)
        return False
    if found is None or found.deleted_by_user or found.start_at is None:
        follow_ups.change(tx, follow_up.id, state="deleted")
        return True
    follow_ups.change(
        tx,
        follow_up.id,
        state="moved",
        at=found.start_at,
        wall=_wall(found.start_at, follow_up.zone),
        event_fingerprint=found.fingerprint,
    )
    return True


def _note_look(tx: Tx, follow_up: FollowUp, found: FoundEvent | None, now: datetime) -> None:
    """Whether it was there at this look."""
    if found is None and follow_up.event_fingerprint and follow_up.missing_at is None:
        follow_ups.note_missing(tx, follow_up.id, now)
    elif found is not None and follow_up.missing_at is not None:
        follow_ups.note_missing(tx, follow_up.id, None)


def _moment(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat() if at else ""


def _wall(at: datetime, zone: str) -> str:
    return local(at, zone).replace(tzinfo=None).isoformat()


# --- planning -----------------------------------------------------------------------------------------------


def _plan(tx: Tx, people: list[Due], now: datetime) -> Plan:
    return views.follow_up_plan(tx, people, follow_ups.follow_ups(tx), now, accounts.pace_of(accounts.owner(tx)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What applying a plan needs: one transaction, one moment, the owner's zone and way out."""

    tx: Tx
    now: datetime
    zone: str
    account_id: str | None


def _apply(desk: Desk, made: Plan, people: dict[Subject, Due]) -> int:
    """Carry a plan out in the rows; how many intents that gave."""
    rows = {each.id: each for each in follow_ups.follow_ups(desk.tx)}
    leaving = {gone.id for gone in made.remove} | {move.id for move in made.move}
    new = sum(_write_anew(desk, each) for each in rows.values() if each.id not in leaving)
    new += sum(_remove(desk, rows[gone.id], WHY_REMOVED[gone.why]) for gone in made.remove)
    for move in made.move:
        standing = rows[move.id]
        follow_ups.change(desk.tx, move.id, sequence=standing.sequence + 1)
        person = people[subject_of(standing.contact_id, standing.cycle)]
        new += _place(desk, person, standing.id, standing.cycle, move.at)
    for one in made.place:
        new += _place(desk, people[subject_of(one.contact_id, one.cycle)], one.id, one.cycle, one.at)
    return new


def _write_anew(desk: Desk, standing: FollowUp) -> int:
    """What came along from another installation is planned, and nobody was ever told to write it."""
    if standing.state != "planned" or standing.event_fingerprint or standing.at <= desk.now:
        return 0
    if outbox.row_by_key(desk.tx, f"follow_up_put:{standing.id}:{standing.sequence}") is not None:
        return 0
    return _put(desk, "follow_up_put", standing, not_after=standing.at + LASTS)


def _place(desk: Desk, person: Due, follow_up_id: str, cycle: str, at: datetime) -> int:
    reason: dict[str, Any] = {"circle": person.circle, "due_at": person.due_at.isoformat()}
    when: dict[str, Any] = {"at": at, "wall": _wall(at, desk.zone), "zone": desk.zone, "now": desk.now}
    follow_ups.place(desk.tx, id=follow_up_id, contact_id=person.contact_id, cycle=cycle, reason=reason, **when)
    try:
        standing = follow_ups.follow_up(desk.tx, follow_up_id)
    except NotFound:  # this cycle has another one already
        return 0
    return _put(desk, "follow_up_put", standing, not_after=at + LASTS)


def _remove(desk: Desk, standing: FollowUp, reason: str) -> int:
    """Take a follow-up away, and its event where one may stand: a writing that was tried may have come through."""
    follow_ups.change(desk.tx, standing.id, state="done" if standing.at <= desk.now else "removed")
    tried = any(row.fence for row in outbox.unanswered(desk.tx, standing.id, "follow_up_put"))
    waiting = outbox.withdraw(desk.tx, standing.id, reason, desk.now)
    if waiting and not tried and not standing.event_fingerprint:
        return 0
    return _put(desk, "follow_up_remove", standing, not_after=None)


def _put(desk: Desk, kind: str, standing: FollowUp, *, not_after: datetime | None, by_owner: bool = False) -> int:
    """``by_owner``: they moved it on our pages, or took it back there, so that it is written although it is theirs."""
    intent = Intent(
        key=f"{kind}:{standing.id}:{standing.sequence}",
        kind=kind,
        subject_ref=standing.id,
        payload={"sequence": standing.sequence, "at": _moment(standing.at)} | ({"by_owner": True} if by_owner else {}),
        run_at=desk.now,
        not_after=not_after,
        account_id=(standing.account_id or None) if standing.event_fingerprint else desk.account_id,
    )
    return int(outbox.put(desk.tx, intent, desk.now))
