"""One message as Graph tells it → a mail, or why there is none. Called by `mail`.

Asked for are the people, the moments and the headers: no subject, no body and no preview of one. Graph tells headers
all or none, so the Subject among them comes along: it is passed over with all that `wire.mime` does not read, and kept
nowhere. What the headers tell counts; the properties stand in for those that are not told, as in Sent, where Graph
may tell none. When a mail came is Graph's own word.

Follows the type message of the OpenAPI subset, and PROVIDERS.md, section 4, "Mail", read November 2026. Not verified
on a real account: whether ``internetMessageHeaders`` may be read with Mail.ReadBasic, whether a page of a delta holds
them, and whether a mail of ours in Sent keeps its X-Keepwarm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from integrations.wire import answers
from integrations.wire.answers import Told, objects, text
from integrations.wire.mime.asked import believed, block, told_in
from integrations.wire.mime.items import NO_MAIL, read_mail
from keepwarm.types import Broken, Message, Skipped

HEADERS = "internetMessageHeaders"
ONE = ("from", "sender")
SEVERAL = {"replyTo": "reply-to", "toRecipients": "to", "ccRecipients": "cc", "bccRecipients": "bcc"}
LONG = frozenset({"to", "cc", "bcc"})
MOMENTS = ("receivedDateTime", "sentDateTime")
SELECT = ("id", *MOMENTS, *ONE, *SEVERAL, "internetMessageId", "isDraft")

_ADDRESS = re.compile(r'[^\s"<>@(),:;\\\[\]\ud800-\udfff]{1,64}@[^\s"<>@(),:;\\\[\]\ud800-\udfff]{1,253}')
_QUOTES = str.maketrans({'"': "'", "\\": " "})


def item(position: str, told: Told, now: datetime, *, sent: bool) -> Message | Skipped | Broken:
    """What is told of a message; ``sent``: in the folder of what was sent. Never raises."""
    try:
        return _item(position, told, now, sent=sent)
    except Exception as error:  # noqa: BLE001 - the guard around one foreign item: whatever it is, the next mail is read
        return answers.broken(position, told, error, NO_MAIL)


def is_update(told: Told) -> bool:
    """Whether it names a message and says nothing by which to know it: a change of one that was told before."""
    return not any(name in told for name in (*ONE, *SEVERAL, "internetMessageId", HEADERS))


def lacks_headers(told: Told, *, sent: bool) -> bool:
    """Whether headers decide something and are not told.

    Of a mail that was sent they do where it went to its writer alone: it may be one of ours.
    """
    if isinstance(told.get(HEADERS), list) or told.get("isDraft") is True:
        return False
    readers = {_address(each) for name in SEVERAL if name != "replyTo" for each in objects(told, name)}
    return not sent or readers <= {_address(told.get("from")), _address(told.get("sender"))}


def _item(position: str, told: Told, now: datetime, *, sent: bool) -> Message | Skipped | Broken:
    if told.get("isDraft") is True:
        return Skipped(position=position, reason="draft")
    found = read_mail(block(_headers(told)), position, "sent" if sent else "")
    return replace(found, at=_came(told, now, sent=sent) or found.at) if isinstance(found, Message) else found


def _headers(told: Told) -> Iterator[tuple[str, str]]:
    """Those told, and what the properties say of others; whom it went to comes last, as a block has an end."""
    headers = list(told_in(told.get(HEADERS)))
    held = {name for name, value in headers if value.strip()}
    others = ((name, value) for name, value in _properties(told) if value and name not in held)
    yield from sorted((*others, *headers), key=lambda each: each[0] in LONG)


def _properties(told: Told) -> Iterator[tuple[str, str]]:
    if sent_at := _moment(told, "sentDateTime"):
        yield "date", format_datetime(sent_at)
    yield "message-id", text(told, "internetMessageId")
    writer, sender = (told.get(name) for name in ONE)
    yield "from", _written([writer])
    yield "sender", _written([sender] if _address(sender) != _address(writer) else [])  # Graph always tells one
    for name, header in SEVERAL.items():
        yield header, _written(objects(told, name))


def _written(people: Sequence[Any]) -> str:
    """A list of mailboxes; who has no address is left out, as those of Exchange who are told by another name."""
    return ", ".join(f'"{_name(each)}" <{address}>' for each in people if (address := _address(each)))


def _address(person: Any) -> str:
    found = text(person, "emailAddress", "address").strip()
    return found.lower() if _ADDRESS.fullmatch(found) else ""


def _name(person: Any) -> str:
    return text(person, "emailAddress", "name")[:400].translate(_QUOTES)


def _came(told: Told, now: datetime, *, sent: bool) -> datetime | None:
    """When it came, or went out; None for what no mail can have."""
    moments = (_moment(told, name) for name in (reversed(MOMENTS) if sent else MOMENTS))
    return next((each for at in moments if at and (each := believed(at, now))), None)


def _moment(told: Told, name: str) -> datetime | None:
    """In UTC, which Graph means where it says nothing."""
    try:
        at = datetime.fromisoformat(text(told, name))
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
