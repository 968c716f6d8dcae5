"""What kind of file this is, from its first 64 KiB and never from its name. Called by `reading`."""

from __future__ import annotations

import codecs
import re

from integrations.files.exports import sniff
from integrations.files.mbox import SEPARATOR
from integrations.wire.wide import encoding_of

SNIFF = 65_536  # bytes
UNKNOWN = "unknown"

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
APPLE_COUNT = re.compile(rb"\A\s*\d{1,10}[ \t]*\r?\n")  # Apple Mail puts the length of the mail before it
HEADER_LINE = re.compile(rb"(?:>?From [^\n]*\n)?[!-9;-~]{1,76}[ \t]*:")
MAIL_LINE = re.compile(
    rb"(?im)^(?:from|to|cc|bcc|date|sender|reply-to|message-id|received|return-path|delivered-to|subject)[ \t]*:"
)
TEXT_KINDS = ((b"BEGIN:VCALENDAR", "ics"), (b"BEGIN:VEVENT", "ics"), (b"BEGIN:VCARD", "vcf"))
# An empty file holds nothing that could tell: here alone the name decides.
EMPTY_KINDS = {"": "mbox", ".mbox": "mbox", ".mbx": "mbox", ".eml": "eml", ".ics": "ics", ".vcf": "vcf"}


def kind_of(head: bytes) -> str:
    """One of the kinds that `keepwarm import` prints, or ``zip``."""
    if head.startswith(ZIP):
        return "zip"
    encoding = encoding_of(head)
    text = head.decode(encoding, "replace").encode() if encoding else head
    text = text.removeprefix(codecs.BOM_UTF8).lstrip()
    start = text[:64].upper()
    for beginning, kind in TEXT_KINDS:
        if start.startswith(beginning):
            return kind
    if SEPARATOR.match(text):
        return "mbox"
    export = sniff(head)
    if export:
        return export
    return "eml" if _is_mail(APPLE_COUNT.sub(b"", text, count=1)) else UNKNOWN


def _is_mail(text: bytes) -> bool:
    block = re.split(rb"\r?\n\r?\n|\r\r", text, maxsplit=1)[0].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return bool(HEADER_LINE.match(block) and MAIL_LINE.search(block))
