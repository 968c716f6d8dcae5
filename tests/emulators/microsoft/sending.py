"""Sending a mail and keeping a draft, as Graph does both. `mail_api.py` calls this.

PROVIDERS.md, section 4, Mail: MD api-reference/v1.0/api/user-sendmail.md. A JSON message may bring only headers that
begin with x-; MIME, as base64 under text/plain, keeps all of them.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable

from tests.emulators.microsoft.mailbox import Mail
from tests.emulators.microsoft.values import Call, Refusal, missing, wrong
from tests.emulators.stand.mails import addresses, composed, headers_of, without
from tests.emulators.stand.values import Json

TO = ("to", "cc", "bcc")
FIELDS = {"toRecipients": "To", "ccRecipients": "Cc", "bccRecipients": "Bcc", "replyTo": "Reply-To"}
WRITABLE = frozenset((
    *FIELDS, "subject", "body", "from", "sender", "internetMessageHeaders", "internetMessageId", "importance",
    "categories", "isRead", "isDeliveryReceiptRequested", "isReadReceiptRequested", "inferenceClassification", "flag",
    "attachments", "singleValueExtendedProperties", "conversationId",
))  # fmt: skip


def send(call: Call) -> None:
    """In Sent, unless it shall not be; it also arrives at every recipient who lives in the town."""
    raw = _raw(call, call.body.get("message", {}))
    keeps = True if call.mime is not None else call.body.get("saveToSentItems") is not False
    _send(call, raw, keeps=keeps)


def send_draft(call: Call) -> None:
    """The draft moves to Sent and keeps its immutable id."""
    box = call.person.mailbox
    mail = box.mails.get(call.person.key(call.path["message-id"]))
    if mail is None:
        raise missing()
    if not mail.draft:
        raise Refusal(400, "ErrorInvalidOperation", "The message is no draft.")
    raw = _completed(call, mail.raw)
    _may(call, raw)
    fields = {"raw": raw, "headers": headers_of(raw), "draft": False, "seen": True}
    kept = box.move(mail.key, call.person.sent_folder, **fields)
    _delivered(call, kept.raw, mail=call.person.ids.given(mail.key))


def draft(call: Call, folder: str) -> Mail:
    """A draft in that folder, from JSON or MIME."""
    raw = _completed(call, _raw(call, call.body))
    box = call.person.mailbox
    mail = box.take(raw, folder, at=call.town.now(), seen=True, draft=True)
    call.town.effect(call, mail.header("message-id"), mail=call.person.ids.given(mail.key))
    return mail


def _send(call: Call, raw: bytes, *, keeps: bool) -> None:
    raw = _completed(call, raw)
    _may(call, raw)
    id_ = ""
    if keeps:
        id_ = call.person.sent(raw)
    _delivered(call, raw, mail=id_)


def _raw(call: Call, message: Json) -> bytes:
    if call.mime is None:
        return _of_json(call, message)
    try:
        raw = base64.b64decode(b"".join(call.mime.split()), validate=True)
    except (binascii.Error, ValueError) as exc:
        raise wrong("Invalid base64 string for MIME content.", "ErrorMimeContentInvalidBase64String") from exc
    if not raw or not headers_of(raw):
        raise wrong("The MIME content is invalid.", "ErrorMimeContentInvalid")
    return raw


def _of_json(call: Call, message: Json) -> bytes:
    if unknown := {name for name in message if "@" not in name} - WRITABLE:
        raise wrong(f"{min(unknown)} is read-only")
    own = message.get("internetMessageHeaders") or []
    if any(not str(one.get("name", "")).lower().startswith("x-") for one in own):
        message_ = "The internet message header name should start with 'x-' or 'X-'."
        raise wrong(message_, "InvalidInternetMessageHeader")
    pairs = [("From", _named([message["from"]]))] if message.get("from") else []
    pairs += [(header, _named(message[name])) for name, header in FIELDS.items() if message.get(name)]
    pairs += [("Subject", str(message.get("subject") or ""))]
    pairs += [("Message-ID", message["internetMessageId"])] if message.get("internetMessageId") else []
    pairs += [(one["name"], one["value"]) for one in own]
    body = message.get("body") or {}
    pairs += [("Content-Type", f"text/{'html' if body.get('contentType') == 'html' else 'plain'}; charset=utf-8")]
    return composed(pairs, str(body.get("content") or ""), call.town.now())


def _named(people: Iterable[Json]) -> str:
    found = [one.get("emailAddress") or {} for one in people]
    if any("@" not in str(one.get("address")) for one in found):
        raise wrong("At least one recipient isn't valid.", "ErrorInvalidRecipients")
    return ", ".join(f'"{one["name"]}" <{one["address"]}>' if one.get("name") else one["address"] for one in found)


def _completed(call: Call, raw: bytes) -> bytes:
    """With From, Date and Message-ID; the last is Exchange's own where the town rewrites it."""
    names, added = {name.lower() for name, _ in headers_of(raw)}, ""
    if "from" not in names:
        added += f"From: {call.person.address}\r\n"
    if "date" not in names:
        added += f"Date: {call.town.now():%a, %d %b %Y %H:%M:%S +0000}\r\n"
    if "message-id" not in names or call.town.rewrites_message_id:
        raw = without(raw, "message-id")
        added += f"Message-ID: <{call.town.number():012X}@AM0PR01MB0001.eurprd01.prod.exchangelabs.com>\r\n"
    return added.encode() + raw


def _may(call: Call, raw: bytes) -> None:
    headers = headers_of(raw)
    if not addresses(headers, *TO):
        raise Refusal(400, "ErrorInvalidRecipients", "At least one recipient is needed.")
    if addresses(headers, "from") - call.person.addresses:
        raise Refusal(403, "ErrorSendAsDenied", "The user account does not have the right to send as another.")


def _delivered(call: Call, raw: bytes, *, mail: str) -> None:
    headers = headers_of(raw)
    recipients, known = addresses(headers, *TO), {name.lower(): value for name, value in headers}
    call.town.effect(call, known["message-id"], to=sorted(recipients), mail=mail)
    for person in list(call.town.people.values()):
        if person.addresses & recipients:
            person.mailbox.take(without(raw, "bcc"), person.inbox_folder, at=call.town.now())
