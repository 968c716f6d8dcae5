"""A `Mail` as the bytes that go out: the one place where headers are written (RELIABILITY.md F10).

Called by every mail sender and by the previews. Pure: the same mail gives the same bytes.
"""

from __future__ import annotations

import re
from email import policy
from email.headerregistry import Address as Mailbox
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256

import idna

from keepwarm.errors import Rejected
from keepwarm.types import Address, Mail

# A long address in angle brackets must stay in one piece: folded like a sentence it would become an encoded word.
_POLICY = SMTP.clone(refold_source="none")
_WHOLE = frozenset({"List-Unsubscribe"})
EMPTIED = "X-Keepwarm-Erased"  # a header of ours

# Besides control characters, an encoded word: some Python versions decode it while writing, line breaks and all (E10).
_REFUSED = re.compile("=\\?|[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_MESSAGE_ID = re.compile(r"<[\w.+=-]+@[\w.-]+>", re.ASCII)
_ADDRESS = re.compile(r"[^\s@<>\"(),:;\\]+@[^\s@<>\"(),:;\\]+")


class UnsafeHeader(Rejected):
    """A header would hold what could end it and begin another. Names the header, never its content."""


def as_bytes(mail: Mail) -> bytes:
    """The mail with a plain and an HTML part, CRLF lines. Raises UnsafeHeader."""
    message = EmailMessage(policy=_POLICY)
    for name, text in _headers(mail):
        if name in _WHOLE:
            message.set_raw(name, text)
        else:
            message[name] = text
    message["From"] = _mailbox("From", mail.sender)
    message["To"] = _mailbox("To", mail.to)
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    message.set_boundary(f"keepwarm-{sha256(mail.message_id.encode()).hexdigest()[:32]}")
    return message.as_bytes()


def as_draft(mail: Mail) -> bytes:
    """A mail for the owner to finish and send: plain text, without the marks of what we send. Raises UnsafeHeader."""
    message = EmailMessage(policy=_POLICY)
    for name, text in (("Subject", mail.subject), ("Date", format_datetime(mail.at)), ("Message-ID", mail.message_id)):
        if _REFUSED.search(text):
            raise UnsafeHeader(name)
        message[name] = text
    message["From"] = _mailbox("From", mail.sender)
    message["To"] = _mailbox("To", mail.to)
    message.set_content(mail.text, cte="quoted-printable")
    return message.as_bytes()


def emptied(data: bytes, *, subject: str, text: str) -> bytes:
    """A mail of ours with these words instead of its own; from whom, to whom and when stays. Raises UnsafeHeader."""
    held = BytesParser(EmailMessage, policy=policy.default).parsebytes(data, headersonly=True)
    message = EmailMessage(policy=_POLICY)
    for name in ("Date", "Message-ID", "Auto-Submitted", "X-Keepwarm", "From", "To"):
        value = str(held[name] or "")
        if value and not _REFUSED.search(value):
            message[name] = value
    if _REFUSED.search(subject):
        raise UnsafeHeader("Subject")
    message["Subject"] = subject
    message[EMPTIED] = "1"
    message.set_content(text, cte="quoted-printable")
    return message.as_bytes()


def _headers(mail: Mail) -> list[tuple[str, str]]:
    if not _MESSAGE_ID.fullmatch(mail.message_id):
        raise UnsafeHeader("Message-ID")
    fixed = [
        ("Subject", mail.subject),
        ("Date", format_datetime(mail.at)),
        ("Message-ID", mail.message_id),
        ("Auto-Submitted", "auto-generated"),
        ("X-Keepwarm", "1"),
        ("Content-Language", mail.lang),
    ]
    for name, text in (*fixed, *mail.headers):
        if not _NAME.fullmatch(name) or _REFUSED.search(text):
            raise UnsafeHeader(name if _NAME.fullmatch(name) else "a header's name")
    return [*fixed, *mail.headers]


def _mailbox(header: str, value: Address) -> Mailbox:
    local, _, domain = value.address.rpartition("@")
    if _REFUSED.search(value.name) or _REFUSED.search(value.address) or not _ADDRESS.fullmatch(value.address):
        raise UnsafeHeader(header)
    if not local.isascii():  # needs SMTPUTF8, which not every server on the way speaks (RELIABILITY.md E7)
        raise UnsafeHeader(header)
    return Mailbox(display_name=value.name, username=local, domain=_ascii(domain, header))


def _ascii(domain: str, header: str) -> str:
    """The domain as mail servers know it: the library would write "ü" as an encoded word, which is no address."""
    try:
        return domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except UnicodeError:  # the root of idna's own errors
        raise UnsafeHeader(header) from None
