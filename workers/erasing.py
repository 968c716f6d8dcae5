"""Erasing somebody, with what our own mailbox tells of them. Called by the page about what is held.

Mails in other accounts are the owner's own and stay. The mails go before the rows and once more behind them: killed in
between, the person still stands and is erased again; one that went out meanwhile is found.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from keepwarm.store import accounts, contacts
from keepwarm.store.traces import Traces, kinds_sent, traces
from keepwarm.texts import Texts, mark
from workers import logs
from workers.runtime import Runtime

SUBJECT = mark("Erased")
TEXT = mark("What this mail said was erased, with somebody whom it told of.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail in our own mailbox that tells of somebody. ``kind``: of `keepwarm.mails`, empty where nobody knows."""

    ref: str
    kind: str
    at: datetime | None


def letters_about(runtime: Runtime, owner_id: str, contact_id: str) -> list[Letter]:
    """The mails in our own mailbox that tell of a contact, the newest first. Raises NotFound."""
    with runtime.store.reading(owner_id) as tx:
        found, kinds = traces(tx, contact_id), kinds_sent(tx)
    told = _telling(runtime.open_local(owner_id), found)
    return [Letter(ref=each.ref, kind=kinds.get(each.ref, ""), at=each.at) for each in told]


def erase(runtime: Runtime, owner_id: str, contact_id: str) -> None:
    """Erase a contact and every mail of ours that tells of them; there is no undo. Raises NotFound."""
    with runtime.store.reading(owner_id) as tx:
        found, lang = traces(tx, contact_id), accounts.owner(tx).lang
    mails = _empty(runtime, owner_id, found, lang)
    with runtime.store.transaction(owner_id) as tx:
        contacts.erase(tx, contact_id, runtime.now())
    mails += _empty(runtime, owner_id, found, lang)
    runtime.store.settle()
    logs.line("contact erased", mails=mails, meetings=len(found.events))


def _empty(runtime: Runtime, owner_id: str, found: Traces, lang: str) -> int:
    local, texts = runtime.open_local(owner_id), Texts.load(lang)
    told = list(_telling(local, found))
    for each in told:
        local.erase_mail(each.ref, subject=texts(SUBJECT), text=texts(TEXT))
    return len(told)


def _telling(local: Any, found: Traces) -> Iterator[Any]:
    """Made for something about them, or naming them; not those that were emptied before."""
    made = {row["remote_ref"] for row in found.intents if row["remote_ref"]}
    for each in local.list_mails():
        whole = local.read_mail(each.ref)
        if not each.emptied and (each.ref in made or found.named.named_in(whole.subject, whole.text)):
            yield whole
