"""One person's contacts, or the people Google collected from mail: JSON in the shape of the Person schema.

Tests act on it as the person would; `contacts_api.py` shows it over HTTP. PROVIDERS.md, section 3.
"""

from __future__ import annotations

from typing import Any

from tests.emulators.google.values import Json, stamp


class Contacts:
    """``kind`` is "people" or "otherContacts", the first part of their names."""

    def __init__(self, kind: str, *, person: Any) -> None:
        self.kind = kind
        self.people: dict[str, Json] = {}  # by resource name; deleted ones too
        self.last = 0  # number of the last change
        self.generation = 0  # of sync tokens
        self._person = person
        self._changes: dict[str, int] = {}

    def put(self, person: Json) -> str:
        """A new one, or the one of that ``resourceName``, whole; its resource name."""
        town = self._person.town
        with town.lock:
            id_ = f"{'c' if self.kind == 'people' else ''}{town.number():d}"
            name = str(person.get("resourceName") or f"{self.kind}/{id_}")
            self.last += 1
            etag = f"%{self.last:06d}"
            source = {
                "type": "CONTACT" if self.kind == "people" else "OTHER_CONTACT", "id": name.partition("/")[2],
                "etag": f"#{etag}", "updateTime": stamp(town.now()),
            }  # fmt: skip
            metadata = {"objectType": "PERSON"} | person.get("metadata", {}) | {"sources": [source]}
            self.people[name] = person | {"resourceName": name, "etag": etag, "metadata": metadata}
            self._touch(name)
            return name

    def remove(self, name: str) -> None:
        with self._person.town.lock:
            self.last += 1
            self.people[name] = {"resourceName": name, "etag": f"%{self.last:06d}", "metadata": {"deleted": True}}
            self._touch(name)

    def forget_tokens(self) -> None:
        """All sync tokens so far are expired."""
        self.generation += 1

    def living(self) -> list[Json]:
        """All that are not deleted, the least recently changed first."""
        return [self.people[name] for name in self._changes if not self.people[name]["metadata"].get("deleted")]

    def changes(self, since: int) -> list[Json]:
        """Changed or deleted after that number, in the order of their last changes."""
        return [self.people[name] for name, number in self._changes.items() if number > since]

    def _touch(self, name: str) -> None:
        self._changes.pop(name, None)
        self._changes[name] = self.last
