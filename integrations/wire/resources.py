"""What an adapter tells of one resource of a calendar, an event or a series with its exceptions; and pages of them.

Called by the calendar readers of google and microsoft. A resource is told whole, or it is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from integrations.wire.ical import read_calendar
from integrations.wire.ical.saying import as_calendar
from keepwarm.types import Broken, CalendarEvent, Page, Skipped


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


def resource_of(
    ref: str, said: Sequence[tuple[str, Sequence[str]]], spoilt: Iterable[Broken], *, zone: str, now: datetime
) -> Resource:
    """The resource of which the events ``said`` are: the provider's id of each, and its lines; read together.

    ``spoilt``: what could not be said. ``zone``: of times that name none; ``now``: a series is read around it.
    """
    found = list(read_calendar(as_calendar(lines for _, lines in said), zone=zone, now=now)) if said else []
    names = {f"item {at}": name for at, (name, _) in enumerate(said, 1)}
    return Resource(
        ref=ref,
        items=tuple(replace(each, resource_ref=ref) for each in found if isinstance(each, CalendarEvent)),
        skipped=tuple(replace(each, position=names[each.position]) for each in found if isinstance(each, Skipped)),
        broken=(*spoilt, *(replace(each, position=names[each.position]) for each in found if isinstance(each, Broken))),
    )
