"""One person's contacts: JSON in the shape of Graph's contact. Tests act on it as the person would; `contacts_api.py`
shows it over HTTP. PROVIDERS.md, section 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.emulators.microsoft.ledger import Ledger
from tests.emulators.stand.values import Json

if TYPE_CHECKING:
    from tests.emulators.microsoft.person import Person


class Contacts:
    """``people`` by key; names with ``_`` are the emulator's; ``_raw`` is shown as it is."""

    def __init__(self, person: Person) -> None:
        self.people: dict[str, Json] = {}
        self.changes = Ledger()
        self._person = person

    def put(self, contact: Json) -> str:
        """A new one, or the one of that ``id``, whole; its immutable id."""
        person = self._person
        with person.town.lock:
            number = person.next()
            key = person.ids.key(contact["id"]) if "id" in contact else f"contact:{number}"
            assert key, "no such contact"
            kept = {name: part for name, part in contact.items() if name != "id"}
            new = key not in self.people
            self.people[key] = kept | {"_key": key, "_number": number, "_at": person.town.now()}
            self.changes.note(key, number)
            person.told("contacts", "created" if new else "updated", key)
        person.town.pushes.wake()
        return person.ids.given(key)

    def remove(self, id_: str) -> None:
        person = self._person
        with person.town.lock:
            key = person.ids.key(id_) or ""
            del self.people[key]
            self.changes.note(key, person.next(), there=False)
            person.told("contacts", "deleted", key)
        person.town.pushes.wake()
