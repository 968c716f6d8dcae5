"""Sending a mail and keeping a draft, as Gmail does both. `gmail.py` calls this.

PROVIDERS.md, section 1, Sending: the sender must be the account, the Message-ID may be written anew, a mail to oneself
is one message with both labels, and a thread is joined only by its answer with the same subject.
"""

from __future__ import annotations

import re

from tests.emulators.google.mailbox import Mail
from tests.emulators.google.values import Call, Refusal, unb64
from tests.emulators.stand.mails import Pairs, addresses, headers_of, without

TO = ("to", "cc", "bcc")


def send(call: Call) -> Mail:
    """The mail in Sent; it also arrives at every recipient who lives in the town."""
    raw = _raw(call.body)
    headers = headers_of(raw)
    recipients = addresses(headers, *TO)
    if not recipients:
        raise Refusal(400, "invalidArgument", "Recipient address required")
    senders = addresses(headers, "from")
    if senders - {call.person.address.lower(), *call.person.aliases}:
        raise Refusal(400, "invalidArgument", "Invalid From header")
    raw = _completed(call, raw, headers, sender=bool(senders))
    labels = {"SENT", *(("INBOX", "UNREAD") if call.person.address.lower() in recipients else ())}
    mail = call.person.mailbox.take(raw, labels, thread=_thread(call, call.body.get("threadId"), headers))
    call.town.effect(call, mail.header("message-id"), to=sorted(recipients), mail=mail.id)
    for person in call.town.people.values():
        if person is not call.person and person.address.lower() in recipients:
            person.mailbox.take(without(raw, "bcc"), ("INBOX", "UNREAD"))
    return mail


def draft(call: Call) -> tuple[str, Mail]:
    """The new draft's id and its mail."""
    message = call.body.get("message", {})
    raw = _raw(message)
    headers = headers_of(raw)
    mail = call.person.mailbox.take(raw, ("DRAFT",), thread=_thread(call, message.get("threadId"), headers))
    id_ = f"r{int(mail.id, 16) % 10**12:012d}"
    call.person.mailbox.drafts[id_] = mail.id
    call.town.effect(call, mail.header("message-id") or id_, draft=id_)
    return id_, mail


def _raw(message: object) -> bytes:
    text = message.get("raw", "") if isinstance(message, dict) else ""
    if not text or re.search(r"[+/]", text):
        raise Refusal(
            400, "invalidArgument", "'raw' RFC822 payload message string is required, in URL-safe base64", breach=True
        )
    try:
        return unb64(text)
    except ValueError as exc:
        raise Refusal(400, "invalidArgument", "Invalid value for ByteString", breach=True) from exc


def _thread(call: Call, thread: str | None, headers: Pairs) -> str:
    """The asked thread where the mail fits into it; otherwise it is left to what the mail answers."""
    if not thread:
        return ""
    box = call.person.mailbox
    if all(mail.thread_id != thread for mail in box.mails.values()):
        raise Refusal(404, "notFound", "Requested entity was not found.")
    return thread if box.thread_fits(thread, headers) else ""


def _completed(call: Call, raw: bytes, headers: Pairs, *, sender: bool) -> bytes:
    """With From, Date and Message-ID; the last is Gmail's own where the town rewrites it."""
    names, added = {name.lower() for name, _ in headers}, ""
    if not sender:
        added += f"From: {call.person.address}\r\n"
    if "date" not in names:
        added += f"Date: {call.town.now():%a, %d %b %Y %H:%M:%S +0000}\r\n"
    if "message-id" not in names or call.town.rewrites_message_id:
        raw = without(raw, "message-id")
        added += f"Message-ID: <CA{call.town.number():012x}@mail.gmail.com>\r\n"
    return added.encode() + raw
