"""A calendar file of any size into occurrences, with a guard around each event. Called by adapters and the importer.

Every VEVENT group (a UID with its exceptions) gives at least one thing: occurrences, a `Skipped` or a `Broken`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import BinaryIO

from integrations.wire.ical.cut import Part, cut
from integrations.wire.ical.fields import Entry, read_entry, uid_of
from integrations.wire.ical.series import expand
from integrations.wire.wide import as_utf8
from keepwarm.errors import Unreadable
from keepwarm.texts import mark
from keepwarm.types import Broken, CalendarEvent, Skipped

MAX_PARTS = 500  # exceptions read of one series; the rest is counted as too many
MAX_EVENTS = 5_000  # occurrences handed out for one series
START = 100_000  # bytes in which a calendar has to say that it is one
OUR_DOMAIN = "@keepwarm"

Found = CalendarEvent | Skipped | Broken


def read_calendar(source: bytes | BinaryIO, *, zone: str, now: datetime) -> Iterator[Found]:
    """The events of all VCALENDARs in ``source``; ``zone`` is the owner's IANA zone, for floating times and whole days.

    Series are expanded 400 days around ``now`` and 400 days from their beginning. Never raises for what the bytes hold.
    """
    stream = as_utf8(io.BytesIO(source) if isinstance(source, bytes) else source)
    head = stream.read(START)
    stream.seek(0)
    parts = cut(stream)
    if not parts and b"VCALENDAR" not in head.upper():
        yield Broken(position="file", digest=sha256(head).hexdigest(), reason=mark("This is not a calendar."))
    groups = dict[str, list[Part]]()
    for part in parts:
        if part.other:
            yield Skipped(position=part.position, reason="not_an_event")
        else:
            groups.setdefault(uid_of(part), []).append(part)
    for group in groups.values():
        yield from _group(group, zone, now.astimezone(UTC))


def _group(parts: list[Part], zone: str, now: datetime) -> list[Found]:
    """What one series or single event gives; at least one thing."""
    if any(_is_ours(part) for part in parts):
        return [Skipped(position=part.position, reason="ours") for part in parts]
    found = list[Found]()
    entries = list[tuple[Part, Entry]]()
    for part in parts[:MAX_PARTS]:
        try:
            entries.append((part, read_entry(part, zone, year=now.year)))
        except Exception as error:  # noqa: BLE001 - the guard around one foreign item
            found.append(_broken(part, error))
    if len(parts) > MAX_PARTS:
        found.append(Skipped(position=parts[MAX_PARTS].position, reason="too_many"))
    master, exceptions, passed = _latest(entries)
    found += [Skipped(position=part.position, reason="superseded") for part in passed]
    try:
        found += _occurrences(parts[0], master, exceptions, now)
    except Exception as error:  # noqa: BLE001 - the guard around one foreign item
        found.append(_broken(parts[0], error))
    return found


def _occurrences(first: Part, master: Entry | None, exceptions: list[Entry], now: datetime) -> list[Found]:
    if master is None and not exceptions:
        return []
    expansion = expand(master, exceptions, now=now)
    found: list[Found] = list(expansion.events[:MAX_EVENTS])
    if expansion.cut or len(expansion.events) > MAX_EVENTS:
        found.append(Skipped(position=first.position, reason="too_many"))
    return found or [Skipped(position=first.position, reason="no_occurrence")]


def _latest(entries: list[tuple[Part, Entry]]) -> tuple[Entry | None, list[Entry], list[Part]]:
    """The master and the exceptions with the highest SEQUENCE each (the later of equals), and what they replace."""
    best = dict[object, tuple[Part, Entry]]()
    passed = list[Part]()
    for part, entry in entries:
        held = best.get(entry.original)
        if held is not None and held[1].sequence > entry.sequence:
            passed.append(part)
            continue
        if held is not None:
            passed.append(held[0])
        best[entry.original] = (part, entry)
    master = best.pop(None, None)
    return (master[1] if master else None), [entry for _, entry in best.values()], passed


def _is_ours(part: Part) -> bool:
    return part.value("UID").lower().endswith(OUR_DOMAIN) or bool(part.value("X-KEEPWARM"))


def _broken(part: Part, error: Exception) -> Broken:
    reason = str(error) if isinstance(error, Unreadable) else mark("The event is not written as it should be.")
    return Broken(position=part.position, digest=part.digest(), reason=reason)
