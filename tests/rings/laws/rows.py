"""The laws of what is stored, at every moment: nothing twice, nobody who stays away, no cursor ahead of its pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from keepwarm.store import contacts
from keepwarm.store.contacts import ContactRow
from keepwarm.store.tables import address, card, contact, event, message, outbox, stream
from keepwarm.types import CalendarEvent, ContactCard, MailMark, Message
from tests import make
from tests.rings.laws.house import House, Violation
from tests.rings.laws.town import Ref
from tests.rings.laws.truth import MACHINES, Thing, Truth

MACHINE_ADDRESSES = {make.person(each).address for each in MACHINES}
SHOWN = ("proposed", "active", "ignored")  # states in which somebody is in the owner's life
AWAY = ("never", "erased")
MAILS = ("brief", "note", "digest", "booked", "after", "nudge", "well")
EVENT = ("start_at", "end_at", "cancelled", "title")
QUERIES = {
    "mails": select(message.c.ref),
    "events": select(event.c.uid, event.c.gone_at, *(event.c[each] for each in EVENT)),
    "cards": select(card.c.ref, card.c.name),
    "people": select(address.c.address, contact.c.state, contact.c.name, contact.c.id).join(
        contact, contact.c.id == address.c.contact_id
    ),
    "outbox": select(outbox.c.key, outbox.c.kind, outbox.c.state),
}


@dataclass(slots=True)
class Rows:
    """``known``: what was surely stored, as places in the lists of `Truth`; it only grows."""

    house: House
    truth: Truth
    known: dict[Ref, int] = field(default_factory=dict)
    far: dict[str, tuple[int, int]] = field(default_factory=dict)  # how far each cursor has come: epoch, revision
    unsure: dict[str, int] = field(default_factory=dict)  # outbox rows in "unknown", by when that was first seen

    def judge(self, sent: dict[str, int], step: int) -> None:
        """``sent``: at which step each mail went out, by Message-ID."""
        with self.house.store.reading(self.house.owner_id) as tx:
            cursors = {row.id: row.cursor for row in tx.connection.execute(select(stream.c.id, stream.c.cursor))}
            stored = {name: tx.connection.execute(query).all() for name, query in QUERIES.items()}
        for name in self.house.towns:
            self._cursor(name, cursors[self.house.streams[name]])
        self._things(stored["mails"], stored["events"], stored["cards"])
        self._people(stored["people"])
        self._outbox(stored["outbox"], sent, step)

    # --- cursors and pages

    def _cursor(self, name: str, cursor: str) -> None:
        """What lies before the cursor is stored, for good; a cursor never goes back."""
        town = self.house.towns[name]
        epoch, _, revision = cursor.partition(":")
        if not cursor or int(epoch) != town.epoch:
            return
        place = (int(epoch), int(revision))
        if place < self.far.get(name, (0, 0)):
            raise Violation("a cursor went back: who came late has written")
        self.far[name] = place
        for ref, version in town.told[: place[1]]:
            if ref[0] != "broken":
                self.known[ref] = max(self.known.get(ref, 0), version)

    def _things(self, mails: Any, events: Any, cards: Any) -> None:
        refs = [row.ref for row in mails]
        if len(refs) != len(set(refs)):
            raise Violation("a mail is stored twice")
        stored: dict[Ref, Any] = {("message", each): True for each in refs}
        for row in events:
            if ("event", row.uid) in stored:
                raise Violation("an event is stored twice")
            stored["event", row.uid] = None if row.gone_at else tuple(getattr(row, name) for name in EVENT)
        stored |= {("card", row.ref): row.name for row in cards}
        for ref, place in self.known.items():
            wanted = [_as_stored(each) for each in self.truth.things[ref][place:]]
            if self._tells_of_somebody_erased(ref):  # a title may name them (RELIABILITY.md H7)
                wanted += [each and (*each[:3], "") for each in wanted]
            if stored.get(ref) not in wanted and not self._may_stay_away(ref):
                raise Violation(f"what lies before the cursor is not stored: {ref[0]}")
        if strange := stored.keys() - self.truth.things.keys():
            raise Violation(f"stored, and never told: {sorted(kind for kind, _ in strange)}")
        if any(ref[0] == "card" and self._owners_word(ref) == {"erased"} for ref in stored):
            raise Violation("the card of somebody erased is kept")
        for ref, found in stored.items():
            if found is not None and all(_as_stored(each) is None for each in self.truth.things[ref]):
                raise Violation("what we made ourselves came back as news")

    def _may_stay_away(self, ref: Ref) -> bool:
        """The card of somebody who stays away is not kept."""
        return ref[0] == "card" and any(
            set(AWAY) & set(self.truth.words[each])
            for one in self.truth.things[ref]
            if isinstance(one, ContactCard)
            for each in one.addresses
        )

    def _tells_of_somebody_erased(self, ref: Ref) -> bool:
        meetings = [one for one in self.truth.things[ref] if isinstance(one, CalendarEvent)]
        people = {each.address.address for one in meetings for each in one.participants}
        return any("erased" in self.truth.words.get(each, ()) for each in people)

    def _owners_word(self, ref: Ref) -> set[str]:
        """What the owner says of whose card this is."""
        cards = [one for one in self.truth.things[ref] if isinstance(one, ContactCard)]
        return {self.truth.word(each) for one in cards for each in one.addresses}

    # --- people

    def _people(self, rows: Any) -> None:
        shown = [row for row in rows if row.state in SHOWN]
        for row in shown:
            if row.address == make.OWNER or row.address in MACHINE_ADDRESSES:
                raise Violation("the owner or a machine is among the people")
            if self.truth.word(row.address) in AWAY:
                raise Violation("somebody who is to stay away is among the people")
        by_name: dict[str, set[str]] = {}
        for row in rows:
            by_name.setdefault(row.name, set()).add(row.id)
        if any(len(each) > 1 for each in by_name.values()):
            raise Violation("one person stands there twice")

    # --- the outbox

    def _outbox(self, rows: Any, sent: dict[str, int], step: int) -> None:
        for row in rows:
            if row.kind not in MAILS:
                continue
            message_id = self.house.runtime.message_id(row.key)
            if row.state == "sent" and message_id not in sent:
                raise Violation("a mail is called sent that never went out")
            if row.state == "unknown" and sent.get(message_id, step) < self.unsure.setdefault(row.key, step):
                raise Violation("a mail is called uncertain that the provider could have shown")


def _as_stored(thing: Thing | None) -> Any:
    """As the store should hold it; None for what it should not hold."""
    if isinstance(thing, Message):
        return None if thing.marks & (MailMark.OURS | MailMark.DRAFT) else True
    if isinstance(thing, CalendarEvent):
        return None if thing.ours else (thing.start_at, thing.end_at, thing.cancelled, thing.title)
    return thing.name if thing else None


def contact_rows(house: House, moment: datetime | None = None) -> list[ContactRow]:
    """Everybody, in any state, counted up to now."""
    with house.store.reading(house.owner_id) as tx:
        return contacts.contacts(tx, states=None, now=moment or house.moment)


def contact_named(house: House, name: str) -> ContactRow | None:
    return next((each for each in contact_rows(house) if each.name == name), None)
