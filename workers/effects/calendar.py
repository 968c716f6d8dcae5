"""Follow-ups in the owner's calendar: written, and taken away again."""

from __future__ import annotations

from dataclasses import replace

from keepwarm.errors import NotFound, TryAgainLater
from keepwarm.followups import event_of, uid_of
from keepwarm.store import Tx, follow_ups, views
from keepwarm.store.accounts import Owner
from keepwarm.store.follow_ups import FollowUp
from keepwarm.store.outbox import OutboxRow
from keepwarm.texts import mark
from keepwarm.types import FoundEvent, OurEvent
from workers import nextsteps
from workers.effects.values import Call, Skip
from workers.runtime import Runtime

NOT_WANTED = mark("It is no longer wanted.")
BY_HAND = mark("You moved or removed it yourself.")
MISSING = mark("Its event is not in the calendar just now; we look a second time before believing it.")
STANDS = mark("It is wanted again.")


def put(runtime: Runtime, row: OutboxRow, owner: Owner) -> Call | Skip:
    with runtime.store.reading(row.owner_id) as tx:
        ready = _ready(tx, runtime, row, owner)
    if isinstance(ready, Skip):
        return ready
    standing, event = ready
    calendar = runtime.open_account(row.owner_id, row.account_id)
    place = calendar.ensure_calendar()
    there: FoundEvent | None = calendar.get_event(place, event.uid)
    with runtime.store.reading(row.owner_id) as tx:
        touched = nextsteps.by_hand(tx, standing, there, runtime.now())
    missing = there is None and bool(standing.event_fingerprint)
    if touched or missing:
        with runtime.store.transaction(row.owner_id) as tx:
            nextsteps.note_by_hand(tx, standing, there, runtime.now())
    if touched:
        return Skip(reason=BY_HAND)
    if missing:
        raise TryAgainLater(nextsteps.SECOND_LOOK, MISSING)
    return Call(
        act=lambda: calendar.put_event(place, event),
        once=False,
        note=lambda tx, found: _written(tx, standing, found, row.account_id or ""),
        outcome=lambda found: ("skipped", BY_HAND) if found.deleted_by_user else ("sent", ""),
    )


def _ready(tx: Tx, runtime: Runtime, row: OutboxRow, owner: Owner) -> tuple[FollowUp, OurEvent] | Skip:
    """The follow-up and its event, if it is to be written as this row says."""
    try:
        standing = follow_ups.follow_up(tx, row.subject_ref)
    except NotFound:
        return Skip(reason=NOT_WANTED)
    ours = {"planned", "placed", *(["moved"] if row.payload.get("by_owner") else [])}
    if standing.state not in ours or standing.sequence != row.payload.get("sequence"):
        return Skip(reason=NOT_WANTED)
    now = runtime.now()
    person = views.due_about(tx, standing.contact_id, standing.cycle, now)
    if person is None or person.cycle != standing.cycle:
        return Skip(reason=NOT_WANTED)
    event = event_of(
        standing.id,
        person,
        standing.at,
        situation=views.situation(tx, standing.contact_id, now),
        zone=owner.zone,
        url=f"{runtime.base_url}/contacts/{standing.contact_id}",
        sequence=standing.sequence,
    )
    return standing, replace(event, written=bool(standing.event_fingerprint))


def _written(tx: Tx, standing: FollowUp, found: FoundEvent, account_id: str) -> None:
    if found.deleted_by_user:
        follow_ups.change(tx, standing.id, state="deleted")
    elif follow_ups.follow_up(tx, standing.id).state in {"planned", "placed"}:
        follow_ups.change(tx, standing.id, state="placed", event_fingerprint=found.fingerprint, account_id=account_id)
    else:  # taken away while we wrote: noted, so that the removal finds it
        follow_ups.change(tx, standing.id, event_fingerprint=found.fingerprint, account_id=account_id)


def remove(runtime: Runtime, row: OutboxRow, owner: Owner) -> Call | Skip:
    del owner
    with runtime.store.reading(row.owner_id) as tx:
        try:
            wanted_again = follow_ups.follow_up(tx, row.subject_ref).state in {"planned", "placed", "moved"}
        except NotFound:
            wanted_again = False
    if wanted_again:
        return Skip(reason=STANDS)
    calendar = runtime.open_account(row.owner_id, row.account_id)
    place = calendar.ensure_calendar()
    return Call(act=lambda: calendar.delete_event(place, uid_of(row.subject_ref)), once=False)


def clear(runtime: Runtime, row: OutboxRow, owner: Owner) -> Call | Skip:
    """Everything of ours out of one calendar, also what no row tells of any more."""
    del owner
    try:
        calendar = runtime.open_account(row.owner_id, row.account_id)
    except NotFound:
        return Skip(reason=NOT_WANTED)
    return Call(act=calendar.remove_all_events, once=False)
