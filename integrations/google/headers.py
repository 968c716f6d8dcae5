"""One message as Gmail tells it (``format=metadata``) → a mail, or why there is none. Called by `gmail`.

Asked for are the headers that `wire.mime` reads and nothing else: no subject, and no snippet, which is a piece of the
body. When a mail came is Gmail's own word: it is "more reliable than the Date header" (discovery document, Message).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from integrations.google.calls import Reply
from integrations.wire.mime.asked import believed, block, told_in
from integrations.wire.mime.headers import FIELDS
from integrations.wire.mime.items import NO_MAIL, broken, read_mail
from keepwarm.types import Broken, Message, Skipped

QUERY = (
    ("format", "metadata"),
    *(("metadataHeaders", name) for name in FIELDS),
    ("fields", "id,labelIds,internalDate,payload/headers"),
)
LEFT_OUT = {"TRASH": "trash", "SPAM": "spam", "DRAFT": "draft", "CHAT": "chat"}  # label → why


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
    """(lower-case name, value) of its headers, in their order."""
    payload = told.get("payload")
    return told_in(payload.get("headers") if isinstance(payload, dict) else None)


def _item(position: str, told: Mapping[str, Any], now: datetime) -> Message | Skipped | Broken:
    if reason := why_left_out(told.get("labelIds")):
        return Skipped(position=position, reason=reason)
    purpose = "sent" if "SENT" in labels_in(told.get("labelIds")) else ""
    found = read_mail(block(headers_in(told)), position, purpose)
    return replace(found, at=_came(told, now) or found.at) if isinstance(found, Message) else found


def _came(told: Mapping[str, Any], now: datetime) -> datetime | None:
    """When Gmail took it in (milliseconds since 1970, as text); None for what no mail can have."""
    try:
        return believed(datetime.fromtimestamp(int(told["internalDate"]) / 1000, UTC), now)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None
