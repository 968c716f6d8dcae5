"""One calendar: its events, every version of them, what changed. Tests act on it as its owner would; `calendar_api.py`
shows it over HTTP. PROVIDERS.md, section 4.

Events are JSON in the shape of Graph's event, times in the zone they were given in. Names with ``_`` are the
emulator's: ``_key``, ``_number`` of the last change, ``_at`` of it, ``_made``, ``_day`` of an occurrence, and
``_raw``, properties that a test gives and that are shown as they are, be they ever so wrong. An occurrence's key is
that of its series, a dot and the day of its original start.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from tests.emulators.microsoft import series, uids
from tests.emulators.microsoft.ledger import Ledger
from tests.emulators.microsoft.zones import moment
from tests.emulators.stand.values import Json

if TYPE_CHECKING:
    from tests.emulators.microsoft.person import Person

Version = tuple[int, Json | None]


class Calendar:
    """``can_edit`` is false for one that is merely shared with the person; ``owner`` is whose it is."""

    def __init__(self, person: Person, key: str, name: str, *, can_edit: bool = True, owner: str = "") -> None:
        self.key, self.name, self.can_edit = key, name, can_edit
        self.owner = owner or person.address
        self.changes = Ledger()
        self._versions: dict[str, list[Version]] = {}
        self._days: dict[str, set[date]] = {}  # series -> days that differ from it, or are cancelled
        self._person = person

    @property
    def id(self) -> str:
        return self._person.ids.fixed(self.key)

    @property
    def events(self) -> list[Json]:
        """What is there: single events, series and exceptions, in the order they were made."""
        found = (versions[-1][1] for versions in self._versions.values())
        return [event for event in found if event is not None]

    def put(self, event: Json) -> str:
        """What the person makes or changes: any event, an occurrence too; its immutable id."""
        with self._person.town.lock:
            key = self._person.ids.key(event["id"]) if "id" in event else None
            old = self.find(key) if key else None
            assert ("id" in event) == (old is not None), "no such event"
            given = {name: part for name, part in event.items() if name != "id"}
            kept = self.keep({**(old or {}), **given}, key=key)
        self._person.town.pushes.wake()
        return self._person.ids.given(kept["_key"])

    def move(self, id_: str, start: Json | datetime, end: Json | datetime) -> None:
        """To other times: dateTimeTimeZones or aware moments. An occurrence becomes an exception."""
        self.put({"id": id_, "start": _when(start), "end": _when(end)})

    def remove(self, id_: str) -> None:
        """Of a series, all of it; of an occurrence, just that one."""
        with self._person.town.lock:
            found = self.find(self._person.ids.key(id_) or "")
            assert found, "no such event"
            self.cancel(found["_key"])
        self._person.town.pushes.wake()

    def occurrence(self, id_: str, day: date) -> str:
        """The immutable id of a series' occurrence by the day of its original start."""
        key = f"{self._person.ids.key(id_)}.{day:%Y%m%d}"
        assert self.find(key), "no such occurrence"
        return self._person.ids.given(key)

    def find(self, key: str) -> Json | None:
        """An event, an exception, or an occurrence that nobody touched."""
        if key in self._versions:
            return self._versions[key][-1][1]
        head, dot, day = key.partition(".")
        master = self._versions.get(head, [(0, None)])[-1][1]
        if not dot or master is None or not master.get("recurrence"):
            return None
        near = self._expanded(master, *series.around(date(int(day[:4]), int(day[4:6]), int(day[6:]))))
        return next((one for one in near if one["_key"] == key), None)

    def keep(self, event: Json, *, key: str | None = None) -> Json:
        """Stores it, whole, as the last change. A new one gets its uid; a changed occurrence is an exception."""
        person, number = self._person, self._person.next()
        now, key = person.town.now(), key or f"event:{number}"
        head, dot, _ = key.partition(".")
        stored: Json = {"_made": now} | event | {"_key": key, "_number": number, "_at": now}
        stored.setdefault("iCalUId", uids.new(f"{person.oid} {key}"))
        kind = "exception" if dot else "seriesMaster" if stored.get("recurrence") else "singleInstance"
        stored["type"] = kind
        if dot:
            stored["recurrence"] = None
            self._days.setdefault(head, set()).add(stored["_day"])
        new = self.find(key) is None
        self._versions.setdefault(key, []).append((number, stored))
        self.changes.note(key, number)
        person.told("events", "created" if new else "updated", key, calendar=self)
        return stored

    def cancel(self, key: str) -> None:
        """The event and, of a series, its exceptions."""
        head, dot, day = key.partition(".")
        if dot:
            self._days.setdefault(head, set()).add(date(int(day[:4]), int(day[4:6]), int(day[6:])))
        for one in [key, *(one for one in self._versions if one.startswith(f"{key}."))]:
            if self._versions.get(one, [(0, {})])[-1][1] is not None:
                number = self._person.next()
                self._versions.setdefault(one, []).append((number, None))
                self.changes.note(one, number, there=False)
        self._person.told("events", "deleted", key, calendar=self)

    def version(self, key: str, number: int) -> Json | None:
        """As it was right after that change."""
        return next((event for at, event in reversed(self._versions.get(key, ())) if at <= number), None)

    def view(self, low: datetime, high: datetime) -> list[Json]:
        """Single events, occurrences and exceptions that lie in the window, by their starts."""
        found = [one for event in self.events for one in self.within(event, low, high)]
        return sorted(found, key=lambda one: moment(one["start"]))

    def within(self, event: Json | None, low: datetime, high: datetime) -> Iterator[Json]:
        """The event, or a series' untouched occurrences, as far as they lie in the window."""
        if event is None:
            return
        if event.get("recurrence"):
            changed = self._days.get(event["_key"], set())
            yield from (one for one in self._expanded(event, low, high) if one["_day"] not in changed)
        elif overlaps(event, low, high):
            yield event

    def _expanded(self, master: Json, low: datetime, high: datetime) -> Iterator[Json]:
        name = master["start"].get("timeZone") or "UTC"
        for day, start, end in series.occurrences(master, low, high):
            yield master | {
                "_key": f"{master['_key']}.{day:%Y%m%d}", "_day": day, "type": "occurrence", "recurrence": None,
                "start": {"dateTime": f"{start:%Y-%m-%dT%H:%M:%S}", "timeZone": name},
                "end": {"dateTime": f"{end:%Y-%m-%dT%H:%M:%S}", "timeZone": name},
                "originalStart": f"{start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
                "iCalUId": uids.of_occurrence(master["iCalUId"], day),
            }  # fmt: skip


def overlaps(event: Json, low: datetime, high: datetime) -> bool:
    """Whether it ends after ``low`` and starts before ``high``."""
    start, end = moment(event["start"]), moment(event["end"])
    return (end > low or start == end >= low) and start < high


def _when(at: Json | datetime) -> Json:
    if not isinstance(at, datetime):
        return at
    return {"dateTime": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}
