"""The mails around a talk: booked, the question list, the short note, how did it go.

Keyed by occurrence and start, so that a moved talk is another one; that it was booked is told once, whenever it is.
What waits for a talk that is none any more is withdrawn with the reason.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from keepwarm.errors import NotFound
from keepwarm.pace import BRIEF_DEADLINE, NOTE_DEADLINE, is_quiet, next_open
from keepwarm.store import Tx, held, outbox, views
from keepwarm.store.outbox import Intent
from keepwarm.store.views import TalkRow
from keepwarm.talks import NOT_A_TALK, NotATalk
from keepwarm.texts import mark
from keepwarm.zones import local
from workers.prepare.desk import Desk

AHEAD = timedelta(days=60)  # ours: a talk is asked about when it is booked, however far ahead
BRIEFED = timedelta(days=14)  # ours: a question list goes out at most some days before, over holidays
SETTLES = timedelta(minutes=10)  # ours: who books several talks gets one mail
AT_ONCE = 5  # ours: more that are new together are a calendar read for the first time
BOOKED_LATELY = timedelta(days=3)  # ours: over a weekend; later it is no news any more
BRIEF_SOON = timedelta(hours=24)  # ours: the question list itself comes so soon that nothing is asked before
AFTER = timedelta(minutes=30)  # PRODUCT.md section 4, "After the talk"
AFTER_LASTS = timedelta(hours=24)

MOVED = mark("The talk was moved.")
GONE = mark("The talk is no longer in your calendar.")
UNWANTED = mark("You asked for no question list for this talk.")


def prepare(desk: Desk) -> int:
    """How many new intents."""
    found = views.talks_until(desk.tx, desk.world, desk.now + AHEAD)
    near = [each for each in found if each.event.start_at < desk.now + BRIEFED]
    wanted = [intent for talk in near for intent in _intents(talk, desk)]
    new = sum(desk.put(intent) for intent in wanted)
    _withdraw(desk.tx, {intent.key for intent in wanted}, desk.now)
    return new + _booked(desk, found) + _after(desk)


def _intents(talk: TalkRow, desk: Desk) -> list[Intent]:
    """The question list and the short note of one talk."""
    start = talk.event.start_at
    table = (("brief", talk.brief_at, BRIEF_DEADLINE), ("note", talk.note_at, NOTE_DEADLINE))
    return [
        Intent(
            key=talk_key(kind, talk.event.id, start),
            kind=kind,
            subject_ref=talk.event.id,
            payload={"start_at": start.isoformat()},
            run_at=at,
            not_after=start - deadline,
            generation=talk.event.generation,
            account_id=desk.way_out,
        )
        for kind, at, deadline in table
        if at is not None and desk.wants(kind)
    ]


def talk_key(kind: str, event_id: str, start: datetime) -> str:
    return f"{kind}:{event_id}:{start.isoformat()}"


def _withdraw(tx: Tx, wanted: set[str], now: datetime) -> None:
    """Skip what waits for a talk that is none any more, or no longer then."""
    for row in outbox.rows(tx, states=["due"], kinds=["brief", "note"], limit=1000):
        if row.key not in wanted and not row.payload.get("asked"):
            reason = why_not(tx, row.subject_ref, row.key, now)
            if reason:
                outbox.withdraw(tx, row.key, reason, now)


def why_not(tx: Tx, event_id: str, key: str, now: datetime) -> str:
    """Why a mail with this key is not wanted; empty if it still is."""
    try:
        found = views.talk(tx, event_id, now)
    except NotFound:
        return GONE
    if isinstance(found, NotATalk):
        return NOT_A_TALK[found.reason]
    if found.choice and found.choice.no_brief:
        return UNWANTED
    kind = key.partition(":")[0]
    return "" if key == talk_key(kind, event_id, found.event.start_at) else MOVED


# --- a talk was booked --------------------------------------------------------------------------------------


def _booked(desk: Desk, found: list[TalkRow]) -> int:
    """One mail about the talks booked since the last one, at most one a day, never at a quiet time."""
    key = f"booked:{desk.owner.id}:{local(desk.now, desk.owner.zone).date()}"
    spans = views.away(desk.tx, desk.now, desk.now + timedelta(hours=1))
    if not desk.wants("booked") or is_quiet(desk.now, desk.pace, spans):
        return 0
    fresh = [each for each in found if _is_news(each, desk.now)]
    if not fresh or outbox.row_by_key(desk.tx, key) is not None:
        return 0
    earlier = outbox.recent(desk.tx, "booked", desk.now - 2 * BOOKED_LATELY)
    told = {each for row in earlier for each in row.payload["talks"]}
    read_first = views.first_event_at(desk.tx) or desk.now
    news = [each for each in fresh if each.event.id not in told and each.event.first_seen_at > read_first + SETTLES]
    if not 0 < len(news) <= AT_ONCE:
        return 0
    starts = [each.event.start_at for each in news]
    return desk.put(
        Intent(
            key=key,
            kind="booked",
            payload={"talks": [each.event.id for each in news]},
            run_at=desk.now,
            not_after=min(*starts, desk.now + AFTER_LASTS),
            account_id=desk.way_out,
        )
    )


def _is_news(talk: TalkRow, now: datetime) -> bool:
    """Booked lately, not settled by the owner themselves, one of its own, and its question list not yet near.

    What was there when a calendar was first read was not booked just now.
    """
    event = talk.event
    lately = now - BOOKED_LATELY < event.first_seen_at <= now - SETTLES
    far = talk.brief_at is not None and talk.brief_at > now + BRIEF_SOON
    return lately and far and not event.recurring and talk.choice is None


# --- how did it go ------------------------------------------------------------------------------------------


def _after(desk: Desk) -> int:
    if not desk.wants("after"):
        return 0
    talks = [each for each in held.held_talks(desk.tx, desk.world) if _to_ask_about(each, desk.now)]
    return sum(desk.put(_asking(each, desk)) for each in talks)


def _to_ask_about(talk: held.HeldTalk, now: datetime) -> bool:
    """Held since yesterday or over a weekend, nothing written down, and known before it ended."""
    event = talk.event
    late = now - event.end_at > 2 * BOOKED_LATELY
    return not (talk.noted or late or event.zone_guessed or event.recurring) and event.first_seen_at < event.end_at


def _asking(talk: held.HeldTalk, desk: Desk) -> Intent:
    """Half an hour after the end, else in the next hours that are not quiet; once."""
    event, ready = talk.event, talk.event.end_at + AFTER
    run_at = next_open(ready, desk.pace, views.away(desk.tx, ready, ready + timedelta(days=14)))
    return Intent(
        key=talk_key("after", event.id, event.start_at),
        kind="after",
        subject_ref=event.id,
        run_at=run_at,
        not_after=run_at + AFTER_LASTS,
        generation=event.generation,
        account_id=desk.way_out,
    )
