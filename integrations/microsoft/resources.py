"""One event of Graph, or the parts of a series in the window, read. Called by `calendars`.

A resource is named by the id of the event or of the series' master. The master itself is no meeting: Graph works its
occurrences out. Each is told by its original start, as in a file (RELIABILITY.md D7).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from integrations.microsoft.asevent import as_event
from integrations.wire.answers import Told, broken, text
from integrations.wire.ical.reading import MAX_PARTS
from integrations.wire.resources import Resource, resource_of
from keepwarm.texts import mark
from keepwarm.types import Broken, Skipped

NOT_AS_IT_SHOULD = mark("The event is not written as it should be.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """``zone``: the owner's; ``own``: their addresses."""

    zone: str
    own: frozenset[str]
    now: datetime

    def alone(self, event: Told) -> Resource:
        """An event that is a resource by itself."""
        ref = text(event, "id")
        if not ref:
            return unread("", event, ValueError())
        return replace(self._read(ref, [event]), ref=ref)

    def series(self, master: str, parts: Sequence[Told]) -> Resource:
        """What a series has in the window, as many occurrences as there are."""
        read = [self._read(master, parts[at : at + MAX_PARTS]) for at in range(0, len(parts), MAX_PARTS)]
        return Resource(
            ref=master,
            items=tuple(chain.from_iterable(each.items for each in read)),
            skipped=tuple(chain.from_iterable(each.skipped for each in read)),
            broken=tuple(chain.from_iterable(each.broken for each in read)),
        )

    def _read(self, ref: str, events: Sequence[Told]) -> Resource:
        said, spoilt, drafts = list[tuple[str, list[str]]](), list[Broken](), list[Skipped]()
        for each in events:
            if each.get("isDraft") is True:  # nobody was asked yet
                drafts.append(Skipped(position=text(each, "id"), reason="draft"))
                continue
            try:
                said.append((text(each, "id"), as_event(each, zone=self.zone, own=self.own)))
            except Exception as error:  # noqa: BLE001 - the guard around one foreign item
                spoilt.append(broken(text(each, "id"), each, error, NOT_AS_IT_SHOULD))
        found = resource_of(ref, said, spoilt, zone=self.zone, now=self.now)
        return replace(found, skipped=(*found.skipped, *drafts))


def unread(ref: str, held: object, error: Exception) -> Resource:
    return Resource(ref=ref, broken=(broken(ref, held, error, NOT_AS_IT_SHOULD),))
