"""What the owner asks for now, as an intent of the outbox, and what is said of it. Called by the pages."""

from __future__ import annotations

from datetime import datetime, timedelta

from integrations.base import DraftWriter, MailSender
from keepwarm.pace import BRIEF_DEADLINE
from keepwarm.store import Tx, outbox
from keepwarm.store.accounts import Owner
from keepwarm.store.agenda import EventRow
from keepwarm.store.outbox import SAMPLE, Intent
from keepwarm.store.views import TalkRow
from keepwarm.texts import mark
from service.desk import Desk, say, sorry
from workers.runtime import Runtime

SAMPLE_LASTS = timedelta(hours=1)  # ours: who wanted to see it now no longer does then

# What is asked for → said where it leaves by an account of the owner's, where it stays in our own mailbox, and where it
# waits because everything is held.
ON_ITS_WAY = {
    "brief": (
        mark("The question list is on its way to {address}."),
        mark("The question list is made. It lands in your mailbox here, on the page Sent."),
        mark(
            "Everything is held, so the question list waits. It goes out once you start again under Settings, if that"
            " is half an hour or more before the talk."
        ),
    ),
    "digest": (
        mark("The digest is on its way to {address}."),
        mark("The digest is made. It lands in your mailbox here, on the page Sent."),
        mark(
            "Everything is held, so the digest waits. It goes out once you start again under Settings, if that is"
            " within the hour."
        ),
    ),
    "mail": (
        mark("It is on its way to {address}."),
        mark("It is made. It lands in your mailbox here, on the page Sent."),
        mark(
            "Everything is held, so it waits. It goes out once you start again under Settings, if that is within the"
            " hour."
        ),
    ),
}
IN_VAIN = {
    "sample": mark("This is the sample network, so no mail goes out. Leave the sample to get mails of your own."),
    "late": mark(
        "The talk begins within half an hour, too late for a mail, so nothing was sent. The questions stand on the page"
        " of the talk."
    ),
}
TWICE = mark("You asked for it a moment ago. It is not sent twice.")


def latest(event: EventRow) -> datetime:
    """Until when the question list for a talk is sent."""
    return event.start_at - BRIEF_DEADLINE


def in_vain(owner: Owner, not_after: datetime | None, now: datetime) -> str:
    """Why a mail asked for now would never come, as a key of IN_VAIN; empty if it can."""
    if owner.is_sample:
        return "sample"
    return "late" if not_after is not None and now > not_after else ""


def put(tx: Tx, intent: Intent, owner: Owner, now: datetime) -> str:
    """Note the wish if it is not in vain; what becomes of it: a key of IN_VAIN, twice, waits, or sent."""
    if vain := in_vain(owner, intent.not_after, now):
        return vain
    if not outbox.put(tx, intent, now):
        return "twice"
    return "waits" if owner.is_held(now) else "sent"


def ask(desk: Desk, tx: Tx, what: str, intent: Intent) -> None:
    """The same, and the next page tells what became of it and where to look. ``what``: a key of ON_ITS_WAY."""
    leaves, stays, waits = ON_ITS_WAY[what]
    became = put(tx, intent, desk.owner, desk.now)
    if became in IN_VAIN:
        sorry(desk.texts(IN_VAIN[became]))
    elif became == "sent" and intent.account_id:
        say(desk.texts(leaves, address=desk.owner.email))
    else:
        say(desk.texts({"sent": stays, "waits": waits, "twice": TWICE}[became]))


def asked_brief(runtime: Runtime, tx: Tx, talk: TalkRow, now: datetime) -> Intent:
    """The question list by the owner's way out; keyed by the minute, so that two clicks are one mail."""
    start = talk.event.start_at
    return Intent(
        key=f"brief:{talk.event.id}:{start.isoformat()}:asked:{now:%Y%m%dT%H%M}",
        kind="brief",
        subject_ref=str(talk.event.id),
        payload={"asked": True},
        run_at=now,
        not_after=latest(talk.event),
        generation=talk.event.generation,
        account_id=runtime.way_out(tx, MailSender),
    )


def asked_sample(runtime: Runtime, tx: Tx, kind: str, now: datetime) -> Intent:
    """A mail of this kind for the owner to see; keyed by the minute."""
    return Intent(
        key=f"sample:{tx.owner_id}:{kind}:{now:%Y%m%dT%H%M}",
        kind=SAMPLE,
        payload={"of": kind, "asked": True},
        run_at=now,
        not_after=now + SAMPLE_LASTS,
        account_id=runtime.way_out(tx, MailSender),
    )


def drafts_in(runtime: Runtime, tx: Tx) -> str | None:
    """The account in which the owner allowed drafts; None while there is none."""
    return runtime.way_out(tx, DraftWriter, allowed="drafts")


def asked_draft(contact_id: str, message: str, whom_id: str, account_id: str, now: datetime) -> Intent:
    """A message among the owner's drafts; keyed by the minute."""
    return Intent(
        key=f"draft:{contact_id}:{message}:{now:%Y%m%dT%H%M}",
        kind="draft",
        subject_ref=contact_id,
        payload={"message": message, "whom": whom_id},
        run_at=now,
        account_id=account_id,
    )
