"""What each kind of outbox row does: re-read the world, then either a call to make or a reason not to.

Used by `workers.deliver` alone. A new kind is one function and one line in ``EFFECTS``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from keepwarm.errors import NotFound
from keepwarm.followups import event_of, uid_of
from keepwarm.store import Tx, follow_ups, outbox, views
from keepwarm.store.accounts import Owner
from keepwarm.store.follow_ups import FollowUp
from keepwarm.store.outbox import OutboxRow
from keepwarm.texts import mark
from keepwarm.types import FoundEvent, Mail, OurEvent
from workers import nextsteps
from workers.facts import BriefFacts, brief_facts, digest_of
from workers.prepare import GONE, MOVED, UNWANTED, talk_key
from workers.render import alarm_mail, brief_mail, digest_mail, envelope, note_mail
from workers.runtime import Runtime

BRIEF_IS_NOTE = timedelta(hours=2)  # as keepwarm.pace: a full list this close to the start needs no second mail

UNCLEAR = mark("The time zone of this talk is not certain.")
SAID = mark("The question list went out shortly before.")
NOTHING = mark("There was nothing to say.")
NOT_WANTED = mark("It is no longer wanted.")
BY_HAND = mark("You moved or removed it yourself.")
STANDS = mark("It is wanted again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """Not wanted any more; ``reason`` is a sentence."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call into the world. ``once``: never repeat it on an unknown outcome. ``note`` keeps what it taught us."""

    act: Callable[[], Any]
    once: bool
    note: Callable[[Tx, Any], None] = lambda _tx, _outcome: None
    outcome: Callable[[Any], tuple[str, str]] = lambda _outcome: ("sent", "")


Effect = Callable[[Runtime, OutboxRow, Owner], Call | Skip]


# --- mails --------------------------------------------------------------------------------------------------


def _brief(runtime: Runtime, row: OutboxRow, owner: Owner) -> Call | Skip:
    found = _talk(runtime, row, owner)
    return (
        found if isinstance(found, Skip) else _send(runtime, row, brief_mail(envelope(runtime, owner, row.key), found))
    )


def _note(runtime: Runtime, row: OutboxRow, owner: Owner) -> Call | Skip:
    found = _talk(runtime, row, owner)
    if isinstance(found, Skip):
        return found
    with runtime.store.reading(row.owner_id) as tx:
        brief = outbox.row_by_key(tx, talk_key("brief", found.event_id, found.start_at))
    if brief and brief.settled_at and brief.state == "sent" and brief.settled_at > found.start_at - BRIEF_IS_NOTE:
        return Skip(reason=SAID)
    return _send(runtime, row, note_mail(envelope(runtime, owner, row.key), found))


def _talk(runtime: Runtime, row: OutboxRow, owner: Owner) -> BriefFacts | Skip:
    """The talk as it stands now: still there, still then, still with somebody to network with."""
    with runtime.store.reading(row.owner_id) as tx:
        try:
            found = brief_facts(tx, owner, row.subject_ref, runtime.now())
        except NotFound:
            return Skip(reason=GONE)
    if isinstance(found, str):
        return Skip(reason=found)
    if not row.key.startswith(talk_key(row.kind, found.event_id, found.start_at)):
        return Skip(reason=MOVED)
    if row.payload.get("asked"):
        return found
    if found.no_brief:
        return Skip(reason=UNWANTED)
    return Skip(reason=UNCLEAR) if found.zone_guessed else found


def _digest(runtime: Runtime, row: OutboxRow, owner: Owner) -> Call | Skip:
    with runtime.store.reading(row.owner_id) as tx:
        made = digest_of(tx, runtime.now())
    if made is None:
        return Skip(reason=NOTHING)
    return _send(runtime, row, digest_mail(envelope(runtime, owner, row.key), made))


def _alarm(runtime: Runtime, row: OutboxRow, owner: Owner) -> Call | Skip:
    lines = [str(each) for each in row.payload.get("lines", ())]
    return _send(runtime, row, alarm_mail(envelope(runtime, owner, row.key), lines))


def _send(runtime: Runtime, row: OutboxRow, mail: Mail) -> Call:
    sender = runtime.open_account(row.owner_id, row.account_id)
    return Call(act=lambda: sender.send(mail), once=True)


# --- follow-ups in the calendar -----------------------------------------------------------------------------


def _put(runtime: Runtime, row: OutboxRow, owner: Owner) -> Call | Skip:
    with runtime.store.reading(row.owner_id) as tx:
        ready = _ready(tx, runtime, row, owner)
    if isinstance(ready, Skip):
        return ready
    standing, event = ready
    calendar = runtime.open_account(row.owner_id, row.account_id)
    place = calendar.ensure_calendar()
    there: FoundEvent | None = calendar.get_event(place, event.uid)
    with runtime.store.reading(row.owner_id) as tx:
        touched = nextsteps.by_hand(tx, standing, there)
    if touched:
        with runtime.store.transaction(row.owner_id) as tx:
            nextsteps.note_by_hand(tx, standing, there)
        return Skip(reason=BY_HAND)
    return Call(
        act=lambda: calendar.put_event(place, event),
        once=False,
        note=lambda tx, found: _written(tx, standing, found),
        outcome=lambda found: ("skipped", BY_HAND) if found.deleted_by_user else ("sent", ""),
    )


def _ready(tx: Tx, runtime: Runtime, row: OutboxRow, owner: Owner) -> tuple[FollowUp, OurEvent] | Skip:
    """The follow-up and its event, if it is to be written as this row says."""
    try:
        standing = follow_ups.follow_up(tx, row.subject_ref)
    except NotFound:
        return Skip(reason=NOT_WANTED)
    if standing.state not in {"planned", "placed"} or standing.sequence != row.payload.get("sequence"):
        return Skip(reason=NOT_WANTED)
    now = runtime.now()
    person = views.due_person(tx, standing.contact_id, now)
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
    return standing, event


def _written(tx: Tx, standing: FollowUp, found: FoundEvent) -> None:
    if found.deleted_by_user:
        follow_ups.change(tx, standing.id, state="deleted")
    elif follow_ups.follow_up(tx, standing.id).state in {"planned", "placed"}:
        follow_ups.change(tx, standing.id, state="placed", event_fingerprint=found.fingerprint)
    else:  # taken away while we wrote: noted, so that the removal finds it
        follow_ups.change(tx, standing.id, event_fingerprint=found.fingerprint)


def _remove(runtime: Runtime, row: OutboxRow, owner: Owner) -> Call | Skip:
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


EFFECTS: dict[str, Effect] = {
    "brief": _brief,
    "note": _note,
    "digest": _digest,
    "alarm": _alarm,
    "follow_up_put": _put,
    "follow_up_remove": _remove,
}
