"""One message as Gmail tells it (``format=metadata``) → a mail, or why there is none. Called by `gmail`.

Asked for are the headers that `wire.mime` reads and nothing else: no subject, and no snippet, which is a piece of the
body. When a mail came is Gmail's own word: it is "more reliable than the Date header" (discovery document, Message).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.google.calls import Reply
from integrations.wire.mime import HEAD_LIMIT, cut_head
from integrations.wire.mime.headers import FIELDS
from integrations.wire.mime.items import NO_MAIL, broken, read_mail
from keepwarm.types import Broken, Message, Skipped

QUERY = (
    ("format", "metadata"),
    *(("metadataHeaders", name) for name in FIELDS),
    ("fields", "id,labelIds,internalDate,payload/headers"),
)
LEFT_OUT = {"TRASH": "trash", "SPAM": "spam", "DRAFT": "draft", "CHAT": "chat"}  # label → why
EARLIEST = datetime(1971, 1, 1, tzinfo=UTC)  # the first e-mail was sent that year; before it is a clock's zero
AHEAD = timedelta(days=1)  # clocks differ; ours

_ASKED = frozenset(name.lower() for name in FIELDS)
_BREAKS = re.compile("[\r\n\0]+")


def item(position: str, reply: Reply, now: datetime) -> Message | Skipped | Broken:
    """What an answer 200 tells. Never raises."""
    try:
        return _item(position, reply.told, now)
    except Exception:  # noqa: BLE001 - the guard around one foreign item: whatever it is, the next mail is read
        return broken(reply.body, position, NO_MAIL)


def why_left_out(labels: Any) -> str:
    """trash, spam, draft or chat by the labels of a message; empty for a mail."""
    held = labels_in(labels)
    return next((reason for label, reason in LEFT_OUT.items() if label in held), "")


def labels_in(labels: Any) -> frozenset[str]:
    return frozenset(each for each in labels if isinstance(each, str)) if isinstance(labels, list) else frozenset()


def headers_in(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(lower-case name, value) of the headers that we ask for, in their order."""
    payload = told.get("payload")
    listed = payload.get("headers") if isinstance(payload, dict) else None
    for each in listed if isinstance(listed, list) else ():
        name, value = (each.get("name"), each.get("value")) if isinstance(each, dict) else (None, None)
        if isinstance(name, str) and isinstance(value, str):
            yield name.lower(), value


def _item(position: str, told: Mapping[str, Any], now: datetime) -> Message | Skipped | Broken:
    if reason := why_left_out(told.get("labelIds")):
        return Skipped(position=position, reason=reason)
    purpose = "sent" if "SENT" in labels_in(told.get("labelIds")) else ""
    found = read_mail(_head(told), position, purpose)
    return replace(found, at=_came(told, now) or found.at) if isinstance(found, Message) else found


def _head(told: Mapping[str, Any]) -> bytes:
    """The header block, a line for each header: what could end one is taken out."""
    lines = (f"{name}: {_BREAKS.sub(' ', value)}\r\n" for name, value in headers_in(told) if name in _ASKED)
    head = "".join(lines).encode("utf-8", "replace")
    return cut_head(head) if len(head) > HEAD_LIMIT else head


def _came(told: Mapping[str, Any], now: datetime) -> datetime | None:
    """When Gmail took it in (milliseconds since 1970, as text); None for what no mail can have."""
    try:
        at = datetime.fromtimestamp(int(told["internalDate"]) / 1000, UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None
    return at if EARLIEST <= at <= now + AHEAD else None
