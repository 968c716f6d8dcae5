"""The bytes of a mail: composed, taken apart, changed. As a server sees them, not as a mail program shows them."""

from __future__ import annotations

import email.policy
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.utils import format_datetime, getaddresses

Headers = Mapping[str, str] | Iterable[tuple[str, str]]
Pairs = tuple[tuple[str, str], ...]


def headers_of(raw: bytes) -> Pairs:
    """Name and unfolded value of every header, in order, as they were spelt."""
    head = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode("utf-8", "replace")
    lines: list[str] = []
    for line in head.split("\n"):
        if line[:1] in (" ", "\t") and lines:
            lines[-1] += f" {line.strip()}"
        else:
            lines.append(line)
    pairs = (line.partition(":") for line in lines if ":" in line)
    return tuple((name.strip(), value.strip()) for name, _, value in pairs)


def composed(headers: Headers, text: str, at: datetime) -> bytes:
    """The bytes of a mail with exactly these headers (and a Date where there is none)."""
    pairs = list(headers.items() if isinstance(headers, Mapping) else headers)
    if not any(name.lower() == "date" for name, _ in pairs):
        pairs.append(("Date", format_datetime(at)))
    head = "".join(f"{name}: {value}\r\n" for name, value in pairs)
    return f"{head}\r\n{text}".encode()


def without(raw: bytes, name: str) -> bytes:
    """The mail without a header, folded lines and all."""
    head, blank, body = raw.partition(b"\r\n\r\n") if b"\r\n\r\n" in raw else raw.partition(b"\n\n")
    pattern = rb"(?im)^%s:.*(?:\r?\n[ \t].*)*(?:\r?\n|\Z)" % re.escape(name).encode()
    return re.sub(pattern, b"", head + b"\n").rstrip(b"\r\n") + blank + body


def first(headers: Pairs, name: str) -> str:
    """The first header of that name in any spelling, or ""."""
    return next((value for key, value in headers if key.lower() == name.lower()), "")


def addresses(headers: Pairs, *names: str) -> frozenset[str]:
    """Lower-case addresses in the headers of those lower-case names."""
    values = [value for name, value in headers if name.lower() in names]
    return frozenset(address.lower() for _, address in getaddresses(values) if address)


def parsed(raw: bytes) -> EmailMessage:
    """As the standard library reads it."""
    return message_from_bytes(raw, policy=email.policy.default)
