"""Outbox → provider: the only way anything leaves (RELIABILITY.md B; ARCHITECTURE.md, "Outbox protocol").

Called by `workers.tasks`. Lease → re-read the world → render → ``sending`` committed → call → outcome committed; never
a call inside a transaction. Events may be written again, their key makes it harmless. A mail found in ``sending`` is
never sent again: the provider is asked for it, else it becomes ``unknown`` and the owner decides, while the provider is
asked twice more (what was sent may be found late); only where the key makes a mail harmless too (`KeyedSender`, our own
mailbox) is it sent once more.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from integrations.base import KeyedSender
from keepwarm.errors import AccessRevoked, LeaseLost, MisconfiguredError, Rejected, TryAgainLater
from keepwarm.letter import UnsafeHeader
from keepwarm.mails import ALWAYS
from keepwarm.store import accounts, outbox
from keepwarm.store.accounts import Owner
from keepwarm.store.outbox import MAILS, WARNINGS, OutboxRow
from keepwarm.texts import mark
from workers import effects, logs
from workers.effects import Call, Skip
from workers.runtime import Runtime
from workers.schedule import LOCKED_OUT

MAILS_AN_HOUR = 20  # RELIABILITY.md B11
LATER = timedelta(minutes=15)  # ours: how long a row rests that is held back, not failed
LOOKS = (timedelta(minutes=10), timedelta(hours=1))  # RELIABILITY.md B6: asked again so long after it became uncertain
ASKED_FOR = timedelta(days=1)  # ours: who cannot tell for so long is waited for no longer, and the owner decides
RETRY = timedelta(minutes=1)  # ours; doubles with every attempt

SAMPLE = mark("This belongs to the sample network: nothing goes out.")
LATE = mark("It was too late for it.")
HELD = mark("You stopped everything.")
STOPPED = mark("You asked for no more mails of this kind.")
ENOUGH = mark("Enough mails for one hour; it waits.")
WAITING = mark("The other side asked us to wait.")
REVOKED = mark("Access was withdrawn; it waits until it is connected again.")
REFUSED = mark("The other side refused it.")
UNSAFE = mark("Your name or e-mail address holds something that no mail can carry, so nothing was sent.")
UNCERTAIN = mark("It is not certain whether it was sent. You can send it again.")
RETRYING = mark("It did not work; it is tried again.")


def deliver(runtime: Runtime, outbox_id: str) -> str:
    """What became of the row: sent, skipped, later, unknown, failed, or held (somebody else's, done, or not due).

    "again": it was freed from a worker that is no more, and can be done at once.
    """
    with runtime.store.system() as tx:
        row = outbox.lease(tx, outbox_id, runtime.now())
    if row is None:
        return "held"
    if row.state in {"sending", "unknown"}:
        return _settle_uncertain(runtime, row)
    with runtime.store.reading(row.owner_id) as tx:
        owner = accounts.owner(tx)
    return _hold_back(runtime, row, owner) or _carry_out(runtime, row, owner)


def _hold_back(runtime: Runtime, row: OutboxRow, owner: Owner) -> str:
    """The rules that hold for everything, before the world is looked at; empty if it may go on."""
    now = runtime.now()
    if _too_late(row, now):
        return _settle(runtime, row, "skipped", reason=LATE)
    if owner.is_sample:
        return _settle(runtime, row, "skipped", reason=SAMPLE)
    if row.kind in ALWAYS:
        return ""
    if owner.is_held(now):
        return _later(runtime, row, HELD)
    if row.kind in owner.stopped and not row.payload.get("asked"):
        return _settle(runtime, row, "skipped", reason=STOPPED)
    if row.kind in MAILS:
        with runtime.store.reading(row.owner_id) as tx:
            counts = outbox.sent_counts(tx, now)
        if counts.last_hour >= MAILS_AN_HOUR:
            return _later(runtime, row, ENOUGH)
    return ""


def _too_late(row: OutboxRow, now: datetime) -> bool:
    return row.not_after is not None and now > row.not_after


def _carry_out(runtime: Runtime, row: OutboxRow, owner: Owner) -> str:
    """Re-read the world, then act on it."""
    try:
        wanted = effects.EFFECTS[row.kind](runtime, row, owner)
        if isinstance(wanted, Skip):
            return _settle(runtime, row, "skipped", reason=wanted.reason)
        with runtime.store.transaction(row.owner_id) as tx:
            outbox.sending(tx, row, runtime.now())
        return _call(runtime, row, wanted)
    except LeaseLost:
        raise
    except TryAgainLater as busy:
        return _later(runtime, row, busy.says or WAITING, max(busy.after, timedelta(seconds=30)))
    except AccessRevoked:
        return _withdrawn(runtime, row)
    except MisconfiguredError as error:  # only the operator can mend it, and until then nothing is lost
        return _later(runtime, row, str(error), LOCKED_OUT)
    except UnsafeHeader:
        return _settle(runtime, row, "failed", reason=UNSAFE)
    except Rejected as refused:
        return _settle(runtime, row, "failed", reason=f"{REFUSED} ({refused.reason})")


def _withdrawn(runtime: Runtime, row: OutboxRow) -> str:
    """It waits until the account is connected again; what warns goes another way, where there is one."""
    now = runtime.now()
    with runtime.store.transaction(row.owner_id) as tx:
        accounts.note_withdrawn(tx, row.account_id, now)
        other = runtime.way_to_warn(tx, but=row.account_id or "")
        if row.kind in WARNINGS and other != row.account_id:
            outbox.go_another_way(tx, row, other, run_at=now, reason=RETRYING)
            return "again"
    return _later(runtime, row, REVOKED, LOCKED_OUT)


def _call(runtime: Runtime, row: OutboxRow, wanted: Call) -> str:
    """The one call into the world. An event whose outcome is unknown is written again, a mail never."""
    assert not runtime.store.in_transaction()
    if _too_late(row, runtime.now()):  # the machine slept since it was held against the clock
        return _settle(runtime, row, "skipped", reason=LATE)
    try:
        outcome = wanted.act()
    except (TryAgainLater, AccessRevoked, Rejected, MisconfiguredError):
        raise
    except Exception as error:  # noqa: BLE001 - the outcome is unknown, whatever it was; it is counted and logged
        logs.line("outcome unknown", outbox=row.id, error=type(error).__name__, where=logs.where(error), loud=True)
        if wanted.once:
            return "unknown"  # stays in ``sending``: asked about once the lease is over
        return _later(runtime, row, RETRYING, RETRY * 2 ** (row.attempts - 1), forgive=False)
    state, reason = wanted.outcome(outcome)
    ref, told = getattr(outcome, "remote_ref", outcome or ""), getattr(outcome, "fingerprint", "")
    try:
        with runtime.store.transaction(row.owner_id) as tx:
            wanted.note(tx, outcome)
            accounts.let_in_again(tx, row.account_id)
            outbox.settle(tx, row, state, runtime.now(), reason=reason, remote_ref=str(ref), fingerprint=told)
    except LeaseLost:  # we slept behind our lease, and others could not know what became of it: we do
        with runtime.store.transaction(row.owner_id) as tx:
            outbox.sent_after_all(tx, row, str(ref), runtime.now())
        raise
    return state


def _settle_uncertain(runtime: Runtime, row: OutboxRow) -> str:
    """A row whose worker is no more. A mail that the provider can show was sent; else nobody knows, yet or for good."""
    if row.kind not in MAILS:
        return _again(runtime, row)
    sender: Any = runtime.open_account(row.owner_id, row.account_id)
    try:
        found = sender.find(runtime.message_id(row.key))
    except (TryAgainLater, AccessRevoked, MisconfiguredError) as error:
        now = runtime.now()
        if row.state == "unknown" or now - row.run_at > ASKED_FOR:
            return _uncertain(runtime, row)
        with runtime.store.transaction(row.owner_id) as tx:
            outbox.ask_again(tx, row, now + (LATER if isinstance(error, TryAgainLater) else LOCKED_OUT))
        return "later"
    if found is not None:
        return _settle(runtime, row, "sent", remote_ref=found)
    if isinstance(sender, KeyedSender):
        return _again(runtime, row)
    return _uncertain(runtime, row)


def _uncertain(runtime: Runtime, row: OutboxRow) -> str:
    """It is shown as that, and looked for again."""
    now = runtime.now()
    since = row.settled_at or now
    ask_at = next((since + after for after in LOOKS if since + after > now), None)
    with runtime.store.transaction(row.owner_id) as tx:
        outbox.uncertain(tx, row, now, reason=UNCERTAIN, ask_at=ask_at)
    return "unknown"


def _again(runtime: Runtime, row: OutboxRow) -> str:
    _later(runtime, row, RETRYING, timedelta(0), forgive=False)
    return "again"


def _settle(runtime: Runtime, row: OutboxRow, state: str, *, reason: str = "", remote_ref: str = "") -> str:
    with runtime.store.transaction(row.owner_id) as tx:
        outbox.settle(tx, row, state, runtime.now(), reason=reason, remote_ref=remote_ref)
    return state


def _later(runtime: Runtime, row: OutboxRow, reason: str, wait: timedelta = LATER, *, forgive: bool = True) -> str:
    with runtime.store.transaction(row.owner_id) as tx:
        outbox.release(tx, row, run_at=runtime.now() + wait, reason=reason, forgive=forgive)
    return "later"
