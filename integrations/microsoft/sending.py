"""Mails and drafts out through Graph. Called by `Microsoft`.

A mail goes out as MIME, so that it keeps Auto-Submitted, which the JSON form cannot say. ``sendMail`` answers 202 with
nothing in it, and knows no key: an answer that never came, or 5xx, leaves the outcome open, and our Message-ID is
looked for in Sent (RELIABILITY.md B5, B6). PROVIDERS.md, section 4, "Mail", read November 2026.

Not verified on a real account: that Exchange keeps the Message-ID and the headers of a mail and of a draft that came as
MIME, how soon a mail stands in Sent, and that ``$filter`` by internetMessageId works with Mail.ReadBasic. Where a
Message-ID is not kept, an uncertain mail is shown to the owner as such; X-Keepwarm-Key would still tell it.
"""

from __future__ import annotations

from base64 import b64encode

from integrations.microsoft.calls import STRANGE, Calls
from integrations.wire import outcome
from integrations.wire.answers import objects, text
from integrations.wire.http import BUSY
from integrations.wire.outcome import MARK, OutcomeUnknownError
from keepwarm.errors import Rejected, TryAgainLater
from keepwarm.types import Mail

__all__ = ["MARK", "OutcomeUnknownError", "find", "save_draft", "send"]


def send(calls: Calls, mail: Mail, address: str) -> str:
    """Our Message-ID: Graph names none. Sends every time it is called: at most once is the engine's to keep.

    Raises TryAgainLater, Rejected or AccessRevoked where it was certainly not sent, else OutcomeUnknownError.
    """
    raw = _mime(outcome.outgoing(mail, address))
    outcome.handed_over(lambda: calls.call("POST", "/me/sendMail", raw=raw, ok=range(500, 600)))
    return mail.message_id


def find(calls: Calls, message_id: str, *, can_read: bool) -> str | None:
    """Graph's id of a mail that did go out. Raises TryAgainLater, AccessRevoked.

    None is no proof that it did not, and also the answer where we may not read: the engine never sends again by itself.
    """
    return _standing(calls, "sentitems", message_id) if can_read else None


def save_draft(calls: Calls, mail: Mail, address: str) -> str:
    """Graph's id of the draft; of the one with this Message-ID, if there is one already."""
    raw = _mime(outcome.draft(mail, address))
    if found := _standing(calls, "drafts", mail.message_id):
        return found
    return text(calls.call("POST", "/me/messages", raw=raw).told, "id") or mail.message_id


def _mime(data: bytes) -> tuple[str, bytes]:
    return "text/plain", b64encode(data)


def _standing(calls: Calls, folder: str, message_id: str) -> str | None:
    """The id of the message in a folder that has this Message-ID; None where there is none, or we may not look."""
    wanted = message_id.replace("'", "''")
    params = (("$filter", f"internetMessageId eq '{wanted}'"), ("$select", "id,internetMessageId"), ("$top", "5"))
    try:
        told = calls.get(f"/me/mailFolders/{folder}/messages", params).told
    except Rejected:
        return None
    if not isinstance(told.get("value"), list):
        raise TryAgainLater(BUSY, STRANGE)
    found = (text(each, "id") for each in objects(told, "value") if text(each, "internetMessageId") == message_id)
    return next((each for each in found if each), None)
