"""What is due for one owner becomes rows of the outbox: briefs, notes, the digest, follow-ups. Sends nothing.

Called by `workers.tasks` every minute and after a sync. Every intent has a key made from what it is about, so preparing
twice is once; what the world no longer wants is withdrawn with the reason.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from integrations.base import MailSender
from keepwarm.errors import NotFound
from keepwarm.pace import BRIEF_DEADLINE, NOTE_DEADLINE, digest_at
from keepwarm.store import Tx, accounts, duties, outbox, views
from keepwarm.store.outbox import Intent
from keepwarm.store.views import TalkRow
from keepwarm.talks import NOT_A_TALK, NotATalk
from keepwarm.texts import mark
from keepwarm.zones import week_of
from workers import nextsteps
from workers.facts import digest_of
from workers.runtime import Runtime

AHEAD = 14  # days; ours: a brief goes out at most some days before, over holidays
DIGEST_LASTS = timedelta(hours=6)  # RELIABILITY.md section 4, point 6

MOVED = mark("The talk was moved.")
GONE = mark("The talk is no longer in your calendar.")
UNWANTED = mark("You asked for no question list for this talk.")


def prepare_owner(runtime: Runtime, owner_id: str) -> int:
    """How many new intents there are at this moment; none for an owner who stopped everything."""
    now = runtime.now()
    with runtime.store.transaction(owner_id) as tx:
        held = accounts.owner(tx).held
        way_out = runtime.way_out(tx, MailSender)
        new = 0 if held else _talks(tx, now, way_out) + _digest(tx, owner_id, now, way_out)
    if not held:
        new += nextsteps.prepare(runtime, owner_id)
    with runtime.store.system() as tx:
        duties.prepared(tx, owner_id, runtime.now())
    return new


# --- talks --------------------------------------------------------------------------------------------------


def _talks(tx: Tx, now: datetime, way_out: str | None) -> int:
    found = views.upcoming(tx, now=now, days=AHEAD, stored=True).talks
    wanted = [intent for talk in found for intent in _intents(talk, way_out)]
    new = sum(outbox.put(tx, intent, now) for intent in wanted)
    _withdraw(tx, {intent.key for intent in wanted}, now)
    return new


def _intents(talk: TalkRow, way_out: str | None) -> list[Intent]:
    """The mails of one talk, keyed by occurrence and start: a moved talk is another one."""
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
            account_id=way_out,
        )
        for kind, at, deadline in table
        if at is not None
    ]


def talk_key(kind: str, event_id: str, start: datetime) -> str:
    return f"{kind}:{event_id}:{start.isoformat()}"


def _withdraw(tx: Tx, wanted: set[str], now: datetime) -> None:
    """Skip what waits for a talk that is none any more, or no longer then."""
    for row in outbox.rows(tx, states=["due"], limit=1000):
        if row.kind in {"brief", "note"} and row.key not in wanted and not row.payload.get("asked"):
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


# --- the digest ---------------------------------------------------------------------------------------------


def _digest(tx: Tx, owner_id: str, now: datetime, way_out: str | None) -> int:
    """This week's digest once its hour has come and there is something to say; older weeks are not caught up with."""
    owner = accounts.owner(tx)
    week = week_of(now, owner.zone)
    run_at = digest_at(week, accounts.pace_of(owner))
    key = f"digest:{owner_id}:{week}"
    if not run_at <= now <= run_at + DIGEST_LASTS or outbox.row_by_key(tx, key) is not None:
        return 0
    made = digest_of(tx, now)
    if made is None:
        return 0
    intent = Intent(
        key=key,
        kind="digest",
        payload={"people": list(made.picked)},
        run_at=run_at,
        not_after=run_at + DIGEST_LASTS,
        account_id=way_out,
    )
    return int(outbox.put(tx, intent, now))
