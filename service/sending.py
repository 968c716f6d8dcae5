"""What the owner asks for now, as an intent of the outbox. Called by the pages and the command."""

from __future__ import annotations

from datetime import datetime, timedelta

from integrations.base import DraftWriter, MailSender
from keepwarm.pace import BRIEF_DEADLINE
from keepwarm.store import Tx
from keepwarm.store.accounts import Owner
from keepwarm.store.outbox import SAMPLE, Intent
from keepwarm.store.views import TalkRow
from keepwarm.texts import Texts, mark
from workers.runtime import Runtime

SAMPLE_LASTS = timedelta(hours=1)  # ours: who wanted to see it now no longer does then


# What is asked for → said where it leaves by an account of the owner's, and where it stays in our own mailbox.
ON_ITS_WAY = {
    "brief": (
        mark("The question list is on its way to {address}."),
        mark("The question list is made. It lands in your mailbox here, on the page Sent."),
    ),
    "digest": (
        mark("The digest is on its way to {address}."),
        mark("The digest is made. It lands in your mailbox here, on the page Sent."),
    ),
}


def on_its_way(what: str, intent: Intent, owner: Owner, texts: Texts) -> str:
    """Where to look for it; ``what``: a key of ON_ITS_WAY."""
    leaves, stays = ON_ITS_WAY[what]
    return texts(leaves, address=owner.email) if intent.account_id else texts(stays)


def asked_brief(runtime: Runtime, tx: Tx, talk: TalkRow, now: datetime) -> Intent:
    """The question list by the owner's way out; keyed by the minute, so that two clicks are one mail."""
    start = talk.event.start_at
    return Intent(
        key=f"brief:{talk.event.id}:{start.isoformat()}:asked:{now:%Y%m%dT%H%M}",
        kind="brief",
        subject_ref=str(talk.event.id),
        payload={"asked": True},
        run_at=now,
        not_after=start - BRIEF_DEADLINE,
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
