"""The mails: what each speaks of is read again at the moment it goes out."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from keepwarm.errors import NotFound
from keepwarm.mails import SHOWN
from keepwarm.store import outbox, views
from keepwarm.store.accounts import Owner
from keepwarm.store.outbox import OutboxRow
from keepwarm.texts import mark
from keepwarm.types import Mail
from workers import samples
from workers.effects.values import Call, Skip
from workers.facts import BriefFacts, after_facts, brief_facts, digest_of, owed_entries, well_facts
from workers.freshness import look_again
from workers.prepare.talks import GONE, MOVED, UNWANTED, talk_key
from workers.render import (
    after_mail,
    alarm_mail,
    booked_mail,
    brief_mail,
    digest_mail,
    envelope,
    note_mail,
    nudge_mail,
    well_mail,
)
from workers.runtime import Runtime

BRIEF_IS_NOTE = timedelta(hours=2)  # as keepwarm.pace: a full list this close to the start needs no second mail

UNCLEAR = mark("The time zone of this talk is not certain.")
SAID = mark("The question list went out shortly before.")
NOTHING = mark("There was nothing to say.")
NOT_WANTED = mark("It is no longer wanted.")


def brief(runtime: Runtime, row: OutboxRow, owner: Owner) -> Call | Skip:
    found = _talk(runtime, row, owner)
    return (
        found if isinstance(found, Skip) else _send(runtime, row, brief_mail(envelope(runtime, owner, row.key), found))
    )


def note(runtime: Runtime, row: OutboxRow, owner: Owner) -> Call | Skip:
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
    look_again(runtime, row.owner_id, row.subject_ref)
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


def digest(runtime: Runtime, row: OutboxRow, owner: Owner) -> Call | Skip:
    with runtime.store.reading(row.owner_id) as tx:
        made = digest_of(tx, views.world(tx, runtime.now()))
    if made is None:
        return Skip(reason=NOTHING)
    return _send(runtime, row, digest_mail(envelope(runtime, owner, row.key), made))


def well(runtime: Runtime, row: OutboxRow, owner: Owner) -> Call | Skip:
    with runtime.store.reading(row.owner_id) as tx:
        facts = well_facts(tx, runtime.now())
    return _send(runtime, row, well_mail(envelope(runtime, owner, row.key), facts))


def booked(runtime: Runtime, row: OutboxRow, owner: Owner) -> Call | Skip:
    """The talks that this mail was to speak of, as far as they still stand."""
    found, now = [], runtime.now()
    with runtime.store.reading(row.owner_id) as tx:
        for event_id in row.payload["talks"]:
            with suppress(NotFound):
                found.append(brief_facts(tx, owner, event_id, now))
    talks = [each for each in found if isinstance(each, BriefFacts) and not each.no_brief]
    return _send(runtime, row, booked_mail(envelope(runtime, owner, row.key), talks)) if talks else Skip(reason=GONE)


def after(runtime: Runtime, row: OutboxRow, owner: Owner) -> Call | Skip:
    """The talk as it was held, unless the owner has written about it meanwhile."""
    with runtime.store.reading(row.owner_id) as tx:
        try:
            found = after_facts(tx, row.subject_ref, runtime.now())
        except NotFound:
            return Skip(reason=GONE)
    if found is None or found.noted:
        return Skip(reason=NOT_WANTED)
    if not row.key.startswith(talk_key("after", found.event_id, found.start_at)):  # also one sent once more
        return Skip(reason=MOVED)
    return _send(runtime, row, after_mail(envelope(runtime, owner, row.key), found))


def nudge(runtime: Runtime, row: OutboxRow, owner: Owner) -> Call | Skip:
    """What was due this morning, as far as it is still owed."""
    with runtime.store.reading(row.owner_id) as tx:
        owed = owed_entries(tx, views.world(tx, runtime.now()))
    still = [owed[each] for each in row.payload["owed"] if each in owed]
    return _send(runtime, row, nudge_mail(envelope(runtime, owner, row.key), still)) if still else Skip(reason=NOTHING)


def alarm(runtime: Runtime, row: OutboxRow, owner: Owner) -> Call | Skip:
    lines = [str(each) for each in row.payload.get("lines", ())]
    return _send(runtime, row, alarm_mail(envelope(runtime, owner, row.key), lines))


def sample(runtime: Runtime, row: OutboxRow, owner: Owner) -> Call | Skip:
    """The owner wanted to see one now."""
    kind = str(row.payload.get("of"))
    if kind not in SHOWN:
        return Skip(reason=NOT_WANTED)
    return _send(runtime, row, samples.sample(runtime, owner, kind, row.key).mail)


def _send(runtime: Runtime, row: OutboxRow, mail: Mail) -> Call:
    sender = runtime.open_account(row.owner_id, row.account_id)
    return Call(act=lambda: sender.send(mail), once=True)
