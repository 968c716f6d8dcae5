"""One calendar: its events, their changes in order, its channels. Tests act on it as its owner would; `calendar_api.py`
shows it over HTTP. PROVIDERS.md, section 2.

Events are JSON in the shape of the Event schema. A deleted event stays, with the status "cancelled".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tests.emulators.google.series import around, instance_id, instances, moment, next_year
from tests.emulators.google.values import Json, stamp

KEPT = ("kind", "id", "created", "creator", "organizer", "iCalUID", "htmlLink", "recurringEventId", "originalStartTime")


class Calendar:
    """``access`` is the person's accessRole; ``app`` says that the client made it."""

    def __init__(
        self,
        id_: str,
        summary: str,
        *,
        person: Any,
        access: str = "owner",
        app: bool = False,
        zone: str = "Europe/Amsterdam",
        description: str = "",
    ) -> None:
        self.id, self.summary, self.access, self.app, self.zone = id_, summary, access, app, zone
        self.description = description
        self.events: dict[str, Json] = {}  # by id; cancelled ones too
        self.last = 0  # number of the last change
        self.generation = 0  # of sync tokens
        self._person = person
        self._exceptions: dict[str, set[str]] = {}  # series -> ids of what differs from it
        self._changes: dict[str, int] = {}  # event id -> number of its last change, in the order of these numbers

    def put(self, event: Json) -> str:
        """What the person makes or changes: any event. A new one gets an id (an exception that of its instance)."""
        with self._person.town.lock:
            given = dict(event)
            if "id" not in given:
                given["id"] = self._new_id(given)
            elif given["id"] in self.events:
                given = self.events[given["id"]] | given
            return str(self.keep(given)["id"])

    def move(self, event_id: str, start: Json | datetime, end: Json | datetime) -> None:
        """To other times: EventDateTimes or aware moments. An instance becomes an exception."""
        with self._person.town.lock:
            event = self.find(event_id)
            assert event, f"no event {event_id}"
            times = {"start": _when(start, event["start"]), "end": _when(end, event["end"])}
            self.keep(event | times | {"sequence": event.get("sequence", 0) + 1})

    def remove(self, event_id: str) -> None:
        """Of a series, all of it; of an instance, just that one."""
        with self._person.town.lock:
            event = self.find(event_id)
            assert event, f"no event {event_id}"
            self.cancel(event)

    def forget_tokens(self) -> None:
        """All sync tokens so far are answered with 410."""
        self.generation += 1

    def find(self, event_id: str) -> Json | None:
        """An event, an exception, or an instance that nobody touched."""
        if event_id in self.events:
            return self.events[event_id]
        series, between = self.events.get(event_id.rpartition("_")[0]), around(event_id)
        if series is None or between is None or not series.get("recurrence") or series["status"] == "cancelled":
            return None
        near = instances(series, after=between[0], before=between[1])
        return next((one for one in near if one["id"] == event_id), None)

    def keep(self, event: Json) -> Json:
        """Stores it, whole, as the last change."""
        now, self.last = self._person.town.now(), self.last + 1
        old = self.events.get(event["id"], {})
        owner = {"email": self._person.address, "self": True} if self.access == "owner" else {"email": self.id}
        stored = {
            "kind": "calendar#event", "status": "confirmed", "created": stamp(now), "creator": owner,
            "organizer": owner, "sequence": 0, "eventType": "default",
            "htmlLink": f"https://www.google.com/calendar/event?eid={event['id']}",
            "iCalUID": f"{event['id'].partition('_')[0]}@google.com", "reminders": {"useDefault": True},
        } | {name: old[name] for name in KEPT if name in old} | event  # fmt: skip
        stored |= {"etag": f'"{self.last:013d}"', "updated": stamp(now)}
        self.events[event["id"]] = stored
        if "recurringEventId" in stored:
            self._exceptions.setdefault(stored["recurringEventId"], set()).add(event["id"])
        self._changes.pop(event["id"], None)
        self._changes[event["id"]] = self.last
        self._person.calendar_changed(self)
        return stored

    def cancel(self, event: Json) -> None:
        """The event and, of a series, its exceptions."""
        for one in self.exceptions(event["id"]).values():
            if one["status"] != "cancelled":
                self.keep(one | {"status": "cancelled"})
        self.keep(event | {"status": "cancelled"})

    def changes(self, since: int) -> list[Json]:
        """Events changed after that number, in the order of their last changes."""
        found = []
        for event_id in reversed(self._changes):
            if self._changes[event_id] <= since:
                break
            found.append(self.events[event_id])
        return found[::-1]

    def number(self, event_id: str) -> int:
        """Of the event's last change."""
        return self._changes[event_id]

    def exceptions(self, series: str) -> dict[str, Json]:
        return {id_: self.events[id_] for id_ in sorted(self._exceptions.get(series, ()))}

    def expand(self, series: Json, low: datetime | None, high: datetime | None) -> Iterator[Json]:
        """The series' instances about that window, and its exceptions, cancelled ones too. Where no end is asked: up to
        a year from now."""
        changed = self.exceptions(series["id"])
        for one in instances(series, after=low, before=high or next_year(self._person.town.now())):
            yield changed.pop(one["id"], one)
        yield from changed.values()

    def _new_id(self, event: Json) -> str:
        if "recurringEventId" in event and "originalStartTime" in event:
            return instance_id(event["recurringEventId"], event["originalStartTime"])
        return f"{self._person.town.number():026x}"


def _when(at: Json | datetime, old: Json) -> Json:
    if not isinstance(at, datetime):
        return at
    kept = {"timeZone": old["timeZone"]} if "timeZone" in old else {}
    return {"dateTime": at.isoformat()} | kept


def lasts(event: Json) -> bool:
    """Whether its times make sense: it does not end before it starts."""
    return moment(event["end"]) >= moment(event["start"])
