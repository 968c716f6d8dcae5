"""One event of Google, or a series with its exceptions, read. Called by `calendars`.

A resource is named by the id of the event or of the series' master. An exception whose master is not in the calendar,
as when somebody is asked to one occurrence alone, is a resource of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from integrations.google.answers import Told, broken, text
from integrations.google.asevent import as_event, excluded, is_cancelled
from integrations.wire.resources import Resource, page_of, resource_of
from keepwarm.texts import mark
from keepwarm.types import Broken, Skipped

__all__ = ["Resource", "page_of", "read_alone", "read_series", "unread"]

MEETINGS = frozenset({"", "default", "fromGmail"})  # event types that are meetings (PROVIDERS.md section 2)
NOT_AS_IT_SHOULD = mark("The event is not written as it should be.")


def read_alone(event: Told, *, zone: str, now: datetime, me: str = "") -> Resource:
    """An event that is a resource by itself. ``zone``: the calendar's; ``now``: a series is read around it.

    ``me``: as `asevent.as_event`.
    """
    ref = text(event, "id")
    if is_cancelled(event):
        return Resource(ref=ref, gone=bool(ref))
    return _read(ref, [event], (), zone=zone, now=now, me=me)


def read_series(master: Told, parts: Sequence[Told], *, zone: str, now: datetime, me: str = "") -> Resource:
    """A series; ``parts`` are its exceptions, also those cancelled, of which only the original start need be known."""
    live = [master, *(each for each in parts if not is_cancelled(each))]
    return _read(text(master, "id"), live, [each for each in parts if is_cancelled(each)], zone=zone, now=now, me=me)


def unread(ref: str, held: object, error: Exception) -> Resource:
    return Resource(ref=ref, broken=(broken(ref, held, error, NOT_AS_IT_SHOULD),))


def _read(ref: str, events: Sequence[Told], without: Sequence[Told], *, zone: str, now: datetime, me: str) -> Resource:
    """The events of one VCALENDAR, each guarded, with the occurrences ``without`` left out of the first."""
    if not ref:
        return unread("", events[0], ValueError())
    if text(events[0], "eventType") not in MEETINGS:
        return Resource(ref=ref, skipped=(Skipped(position=ref, reason="not_a_meeting"),))
    spoilt, more, said = list[Broken](), list[str](), list[tuple[str, list[str]]]()
    for each in without:
        try:
            more.append(excluded(each, zone=zone))
        except Exception as error:  # noqa: BLE001 - the guard around one foreign item
            spoilt.append(broken(text(each, "id"), each, error, NOT_AS_IT_SHOULD))
    for each in events:
        try:
            said.append((text(each, "id"), as_event(each, zone=zone, more=more if each is events[0] else (), me=me)))
        except Exception as error:  # noqa: BLE001 - the guard around one foreign item
            spoilt.append(broken(text(each, "id"), each, error, NOT_AS_IT_SHOULD))
    return resource_of(ref, said, spoilt, zone=zone, now=now)
