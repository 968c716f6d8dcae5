"""Mails and drafts out through Gmail. Called by `Google`.

Gmail has no key that would make sending twice harmless, and may write a Message-ID of its own. So every mail carries
ours in a second header, by which `find` knows it among what was sent; an answer that never came, or 5xx, leaves the
outcome open (RELIABILITY.md B5, B6). PROVIDERS.md, section 1, "Sending, drafts, labels".
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import NoReturn

from integrations.google.batch import COST, MOST, fetch
from integrations.google.calls import STRANGE, Calls, Reply
from integrations.google.headers import headers_in
from integrations.google.hosts import GMAIL
from integrations.google.listing import message_id as id_of
from integrations.wire import outcome
from integrations.wire.http import BUSY
from integrations.wire.outcome import MARK, OutcomeUnknownError
from keepwarm.errors import Rejected, TryAgainLater
from keepwarm.types import Mail

__all__ = ["MARK", "OutcomeUnknownError", "find", "save_draft", "send"]

LOOKED_AT = 200  # mails of Sent, the newest first: far more than anybody sends until we look; ours
DRAFTS_LOOKED_AT = 100  # the newest: far more than anybody begins until we look; ours
SENDS, LISTS, DRAFTS = 100, 5, 10  # units (PROVIDERS.md, quota of May 2026; drafts of the old table)
LOOK = (
    ("format", "metadata"),
    ("metadataHeaders", "Message-ID"),
    ("metadataHeaders", MARK),
    ("fields", "id,payload/headers"),
)


def send(calls: Calls, mail: Mail, address: str) -> str:
    """Gmail's id of the mail. Sends every time it is called: at most once is the engine's to keep.

    Raises TryAgainLater, Rejected or AccessRevoked where it was certainly not sent, else OutcomeUnknownError.
    """
    data = outcome.outgoing(mail, address)
    calls.spend("gmail", SENDS)
    reply = _handed_over(calls, data)
    return str(reply.told.get("id") or mail.message_id)


def find(calls: Calls, message_id: str, *, can_read: bool) -> str | None:
    """Gmail's id of a mail that did go out, by the header we gave it. Raises TryAgainLater, AccessRevoked.

    None is no proof that it did not: the engine then never sends again by itself, and shows the owner that it is
    uncertain. So None is also the answer where we may not read. ``q`` with ``rfc822msgid:`` would ask for more scope.
    """
    if not can_read:
        return None
    try:
        return next((found for found, ids in _sent(calls) if message_id.strip("<>") in ids), None)
    except Rejected:
        return None


def save_draft(calls: Calls, mail: Mail, address: str, *, can_read: bool) -> str:
    """Gmail's id of the draft; of the one with this Message-ID, if there is one already.

    ``can_read``: the grant allows to read what mails are about, and by that refuses every search.
    """
    data = outcome.draft(mail, address)
    if found := (_draft_seen if can_read else _draft_searched)(calls, mail.message_id.strip("<>")):
        return found
    calls.spend("gmail", DRAFTS)
    body = {"message": {"raw": _raw(data)}}
    reply = calls.call("POST", f"{GMAIL}/drafts", (("fields", "id"),), body=body)
    return str(reply.told.get("id") or mail.message_id)


def _handed_over(calls: Calls, data: bytes) -> Reply:
    """The answer to the mail, 2xx."""
    address, fields, body = f"{GMAIL}/messages/send", (("fields", "id"),), {"raw": _raw(data)}
    return outcome.handed_over(lambda: calls.call("POST", address, fields, body=body, ok=range(500, 600)))


def _raw(data: bytes) -> str:
    return urlsafe_b64encode(data).decode()


def _sent(calls: Calls) -> Iterator[tuple[str, frozenset[str]]]:
    """The mails of Sent, the newest first: Gmail's id, and the Message-IDs that are told of it, without brackets."""
    calls.spend("gmail", LISTS)
    told = calls.get(f"{GMAIL}/messages", (("labelIds", "SENT"), ("maxResults", str(LOOKED_AT)))).told
    try:
        ids = [id_of(each) for each in told.get("messages", [])] if told else _strange()
    except (KeyError, TypeError, ValueError):
        _strange()
    yield from _named(calls, ids)


def _named(calls: Calls, ids: list[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Of these mails Gmail's id and the Message-IDs, in their order; of each its Message-IDs alone are asked for."""
    while ids:
        units = calls.spend("gmail", COST * min(len(ids), MOST), least=COST)
        answers = fetch(calls, ids[: units // COST], LOOK)
        some = any(each.good for each in answers.values())
        for found, reply in answers.items():
            if reply.good:
                yield found, frozenset(value.strip().strip("<>") for name, value in headers_in(reply.told))
            elif reply.status != 404 and not (some and reply.status >= 500):  # one at which Gmail fails is passed over
                raise calls.refused(reply)
        ids = ids[len(answers) :]


def _draft_seen(calls: Calls, message_id: str) -> str:
    """Gmail's id of the newest draft with this Message-ID, empty where none of the newest has it.

    Nothing else is read of other drafts. A search would be shorter; Gmail refuses ``q`` to every grant that holds
    gmail.metadata, whatever else it holds (googleapis/google-api-python-client#582).
    """
    calls.spend("gmail", LISTS)
    told = calls.get(f"{GMAIL}/drafts", (("maxResults", str(DRAFTS_LOOKED_AT)),)).told
    try:
        drafts = {id_of(each["message"]): id_of(each) for each in told.get("drafts", [])} if told else _strange()
    except (KeyError, TypeError, ValueError):
        _strange()
    return next((drafts[found] for found, ids in _named(calls, list(drafts)) if message_id in ids), "")


def _draft_searched(calls: Calls, message_id: str) -> str:
    """The same by a search; where it is refused, an uncertain draft may be made twice."""
    calls.spend("gmail", LISTS)
    try:
        told = calls.get(f"{GMAIL}/drafts", (("q", f"rfc822msgid:{message_id}"), ("maxResults", "1"))).told
        return id_of(told["drafts"][0]) if told.get("drafts") else ""
    except Rejected:
        return ""
    except (KeyError, TypeError, ValueError):
        _strange()


def _strange() -> NoReturn:
    raise TryAgainLater(BUSY, STRANGE)
