"""A mail as Graph shows it: which properties there are, and what of them a token may see. `mail_api.py` asks here.

PROVIDERS.md, section 4, Mail: Mail.ReadBasic leaves out body, preview, attachments and extensions.
"""

from __future__ import annotations

import email.errors
import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.utils import getaddresses, parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from tests.emulators.microsoft.mailbox import Mail
from tests.emulators.microsoft.values import Call, wrong
from tests.emulators.stand.values import Json

if TYPE_CHECKING:
    from tests.emulators.microsoft.person import Person

WHOLE = frozenset(("Mail.Read", "Mail.ReadWrite"))
HIDDEN = frozenset((
    "body", "bodyPreview", "uniqueBody", "attachments", "extensions", "singleValueExtendedProperties",
    "multiValueExtendedProperties",
))  # fmt: skip  # from Mail.ReadBasic
CONTENT = frozenset(("subject", "body", "bodyPreview", "uniqueBody"))
ASKED_ONLY = frozenset(("internetMessageHeaders", "uniqueBody", "meetingMessageType"))
MEETINGS = {
    "meetingRequest": "eventMessageRequest", "meetingCancelled": "eventMessage",
    "meetingAccepted": "eventMessageResponse", "meetingTenativelyAccepted": "eventMessageResponse",
    "meetingDeclined": "eventMessageResponse", "none": "eventMessage",
}  # fmt: skip  # the enum spells it "Tenatively"


def seconds(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def recipients(mail: Mail, name: str) -> list[Json]:
    """Names decoded; what cannot be decoded stays as it is."""
    values = [value for key, value in mail.headers if key.lower() == name]
    found = [(text, address) for text, address in getaddresses(values) if address]
    return [{"emailAddress": {"name": _decoded(text) or address, "address": address}} for text, address in found]


def _decoded(text: str) -> str:
    try:
        return str(make_header(decode_header(text)))
    except (LookupError, ValueError, email.errors.HeaderParseError):
        return text


def _first(mail: Mail, *names: str) -> Json | None:
    return next((one for name in names for one in recipients(mail, name)), None)


def _sent(mail: Mail) -> str:
    try:
        at = parsedate_to_datetime(mail.header("date"))
    except ValueError:
        return seconds(mail.at)
    return seconds(at if at.tzinfo else at.replace(tzinfo=UTC))


def _text(mail: Mail) -> str:
    return mail.raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2].decode("utf-8", "replace")


def _conversation(mail: Mail) -> str:
    """Of the first mail it answers, else its own."""
    root = (mail.header("references").split() or mail.header("in-reply-to").split() or [mail.header("message-id")])[0]
    return f"AAQk{hashlib.sha256(root.encode()).hexdigest()[:24]}="


PROPERTIES: Mapping[str, Callable[[Mail], Any]] = {
    "createdDateTime": lambda mail: seconds(mail.at),
    "lastModifiedDateTime": lambda mail: seconds(mail.at),
    "changeKey": lambda mail: f"CQAAABYAAAB{mail.number}",
    "categories": lambda _: [],
    "receivedDateTime": lambda mail: seconds(mail.at),
    "sentDateTime": _sent,
    "hasAttachments": lambda mail: "multipart/mixed" in mail.header("content-type").lower(),
    "internetMessageId": lambda mail: mail.header("message-id"),
    "internetMessageHeaders": lambda mail: [{"name": name, "value": value} for name, value in mail.headers],
    "subject": lambda mail: _decoded(mail.header("subject")),
    "bodyPreview": lambda mail: _text(mail).strip()[:255],
    "importance": lambda _: "normal",
    "conversationId": _conversation,
    "isRead": lambda mail: mail.seen,
    "isDraft": lambda mail: mail.draft,
    "inferenceClassification": lambda mail: "focused" if mail.focused else "other",
    "body": lambda mail: {"contentType": "text", "content": _text(mail)},
    "uniqueBody": lambda mail: {"contentType": "text", "content": _text(mail)},
    "sender": lambda mail: _first(mail, "sender", "from"),
    "from": lambda mail: _first(mail, "from"),
    "toRecipients": lambda mail: recipients(mail, "to"),
    "ccRecipients": lambda mail: recipients(mail, "cc"),
    "bccRecipients": lambda mail: recipients(mail, "bcc"),
    "replyTo": lambda mail: recipients(mail, "reply-to"),
    "flag": lambda _: {"flagStatus": "notFlagged"},
    "meetingMessageType": lambda mail: mail.meeting or None,
}


def allowed(call: Call) -> None:
    """Refusal, a breach, for what Mail.ReadBasic does not show; what it could show is left out in silence."""
    asked = {name.rpartition("/")[2] for name in (*call.query.get("$select", ()), *call.query.get("$expand", ()))}
    if not call.scopes & WHOLE and asked & HIDDEN:
        raise wrong(f"Mail.ReadBasic does not show {min(asked & HIDDEN)}")


def shown(call: Call, mail: Mail, names: Iterable[str] | None, *, plain: bool = False) -> Json:
    """The named properties, or all that come unasked; ``plain`` for an item of a list or a round."""
    person = call.person
    wanted = {name.rpartition("/")[2] for name in names} if names else (set(PROPERTIES) - ASKED_ONLY)
    if not names and mail.meeting:
        wanted.add("meetingMessageType")
    if not call.scopes & WHOLE:
        wanted -= HIDDEN
        wanted -= {"internetMessageHeaders"} if call.town.basic_hides_headers else set()
    if (plain and not call.town.headers_in_lists) or (mail.folder == person.sent_folder and not call.town.sent_headers):
        wanted -= {"internetMessageHeaders"}
    if wanted & CONTENT and call.asked.verb == "GET":
        call.town.count(call.town.contents, call.method.name)
    return _head(call, mail) | {name: make(mail) for name, make in PROPERTIES.items() if name in wanted} | _places(
        person, mail, wanted if names else None
    ) | {name: part for name, part in mail.more if name in wanted}  # fmt: skip


def _head(call: Call, mail: Mail) -> Json:
    kind = {"@odata.type": f"#microsoft.graph.{MEETINGS[mail.meeting]}"} if mail.meeting else {}
    id_ = call.person.ids.given(mail.key, immutable=call.prefer.immutable)
    return kind | {"@odata.etag": etag(mail), "id": id_}


def etag(mail: Mail) -> str:
    return f'W/"CQAAABYAAAB{mail.number}"'


def _places(person: Person, mail: Mail, wanted: Iterable[str] | None) -> Json:
    made = {"parentFolderId": person.ids.fixed(mail.folder), "webLink": f"https://outlook.example/{mail.number}"}
    return {name: part for name, part in made.items() if wanted is None or name in wanted}
