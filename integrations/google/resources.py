"""One event of Google, or a series with its exceptions, read; and pages of them. Called by `calendars`.

A resource is named by the id of the event or of the series' master. An exception whose master is not in the calendar,
as when somebody is asked to one occurrence alone, is a resource of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from integrations.google.answers import Told, broken, text
from integrations.google.asevent import as_calendar, as_event, excluded, is_cancelled
from integrations.wire.ical import read_calendar
from keepwarm.texts import mark
from keepwarm.types import Broken, CalendarEvent, Page, Skipped

MEETINGS = frozenset({"", "default", "fromGmail"})  # event types that are meetings (PROVIDERS.md section 2)
NOT_AS_IT_SHOULD = mark("The event is not written as it should be.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What one resource holds now. ``gone``: nothing, and it is not there any more."""

    ref: str
    items: tuple[CalendarEvent, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    broken: tuple[Broken, ...] = ()
    gone: bool = False

    @property
    def told(self) -> bool:
        """Whether this is all of it: what could not be read keeps what is stored of it."""
        return not self.gone and (bool(self.items) or not self.broken)


def page_of(found: Iterable[Resource], *, cursor: str) -> Page:
    """A page of these resources. Those that are gone are not told with it."""
    here = list(found)
    return Page(
        items=tuple(item for each in here for item in each.items),
        skipped=tuple(item for each in here for item in each.skipped),
        broken=tuple(item for each in here for item in each.broken),
        whole=tuple(each.ref for each in here if each.told),
        cursor=cursor,
    )


def read_alone(event: Told, *, zone: str, now: datetime) -> Resource:
    """An event that is a resource by itself. ``zone``: the calendar's; ``now``: a series is read around it."""
    ref = text(event, "id")
    if is_cancelled(event):
        return Resource(ref=ref, gone=bool(ref))
    return _read(ref, [event], (), zone, now)


def read_series(master: Told, parts: Sequence[Told], *, zone: str, now: datetime) -> Resource:
    """A series; ``parts`` are its exceptions, also those cancelled, of which only the original start need be known."""
    live = [master, *(each for each in parts if not is_cancelled(each))]
    return _read(text(master, "id"), live, [each for each in parts if is_cancelled(each)], zone, now)


def unread(ref: str, held: object, error: Exception) -> Resource:
    return Resource(ref=ref, broken=(broken(ref, held, error, NOT_AS_IT_SHOULD),))


def _read(ref: str, events: Sequence[Told], without: Sequence[Told], zone: str, now: datetime) -> Resource:
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
            said.append((text(each, "id"), as_event(each, zone=zone, more=more if each is events[0] else ())))
        except Exception as error:  # noqa: BLE001 - the guard around one foreign item
            spoilt.append(broken(text(each, "id"), each, error, NOT_AS_IT_SHOULD))
    found = list(read_calendar(as_calendar(lines for _, lines in said), zone=zone, now=now)) if said else []
    names = {f"item {at}": name for at, (name, _) in enumerate(said, 1)}
    return Resource(
        ref=ref,
        items=tuple(replace(each, resource_ref=ref) for each in found if isinstance(each, CalendarEvent)),
        skipped=tuple(_named(each, names) for each in found if isinstance(each, Skipped)),
        broken=(*spoilt, *(replace(each, position=names[each.position]) for each in found if isinstance(each, Broken))),
    )


def _named(one: Skipped, names: dict[str, str]) -> Skipped:
    return replace(one, position=names[one.position])
