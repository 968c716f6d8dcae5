"""What is so: every version of every mail, talk and card, and every word of the owner. Kept by the machine's rules.

Written from METHOD.md and the laws, never from the engine's code. A worker acts on what it knew as it began or on what
came since, so the judges ask for *any version since*, by the place in these lists that was surely known then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from keepwarm.types import CalendarEvent, ContactCard, MailMark, Message, Reply, Role
from tests import make
from tests.rings.laws.town import Ref

Thing = Message | CalendarEvent | ContactCard

PEOPLE = (
    "Noor Jansen <noor@lantern.example>",
    "Bram Visser <bram@harbour.example>",
    "Imke de Wit <imke@meadow.example>",
    "Tariq Aziz <tariq@quarry.example>",
    "Lotte Smit <lotte@orchard.example>",
)
MACHINES = ("Parcel Service <no-reply@parcel.example>", "Weekly Offers <newsletter@offers.example>")
NAMES = {make.person(who).name: make.person(who).address for who in PEOPLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What was surely known at a moment, as places in the lists of `Truth`; what the owner's hand had done by then."""

    things: Mapping[Ref, int]
    words: Mapping[str, int]
    holds: int
    removed: frozenset[str]
    moved: frozenset[str]


@dataclass(slots=True)
class Truth:
    """``things``: versions, None where it was taken away. ``words``: what the owner said of an address, "" at first.

    A word is active, private, ignored, never or erased. ``told``: the undo log, (address, word before).
    """

    things: dict[Ref, list[Thing | None]] = field(default_factory=dict)
    words: dict[str, list[str]] = field(default_factory=lambda: {each: [""] for each in NAMES.values()})
    holds: list[bool] = field(default_factory=lambda: [False])
    told: list[tuple[str, str]] = field(default_factory=list)
    rhythms: dict[str, int] = field(default_factory=dict)  # days, by address
    broken: list[datetime] = field(default_factory=list)  # when something unreadable was told
    asked_again: dict[str, int] = field(default_factory=dict)  # Message-IDs that the owner wanted sent once more

    def learn(self, ref: Ref, thing: Thing | None) -> int:
        """A new version; its place."""
        self.things.setdefault(ref, []).append(thing)
        return len(self.things[ref]) - 1

    def say(self, address: str, word: str) -> None:
        self.told.append((address, self.word(address)))
        self.words[address].append(word)

    def take_back(self) -> None:
        address, before = self.told.pop()
        self.words[address].append(before)

    def erase(self, address: str) -> None:
        self.told = [each for each in self.told if each[0] != address]
        self.words[address].append("erased")
        self.rhythms.pop(address, None)

    def word(self, address: str) -> str:
        return self.words[address][-1]

    def now_of(self, kind: str) -> list[Thing]:
        """The things of a kind that are there now."""
        return [all_[-1] for (which, _), all_ in self.things.items() if which == kind and all_[-1] is not None]

    def talks(self) -> list[CalendarEvent]:
        return [each for each in self.now_of("event") if isinstance(each, CalendarEvent) and not each.ours]

    def since(self, ref: Ref, known: Known) -> Sequence[Thing | None]:
        """Every version that a worker may have acted on."""
        return self.things.get(ref, [])[max(known.things.get(ref, 0), 0) :]

    def words_since(self, address: str, known: Known) -> Sequence[str]:
        return self.words[address][known.words[address] :]

    # --- being in touch, as METHOD.md counts it

    def mails_with(self, address: str, role: Role) -> list[datetime]:
        """When mails went to somebody (TO) or came from them (FROM)."""
        writer, reader = (make.OWNER, address) if role is Role.TO else (address, make.OWNER)
        found = []
        for each in self.now_of("message"):
            assert isinstance(each, Message)
            machine = each.marks & (MailMark.AUTO | MailMark.OURS | MailMark.DRAFT | MailMark.BOUNCE)
            people = {(one.role, one.address.address) for one in each.participants}
            if not machine and each.at and {(Role.FROM, writer), (Role.TO, reader)} <= people:
                found.append(each.at)
        return found

    def meetings_with(self, address: str) -> list[datetime]:
        return [each.start_at for each in self.talks() if meets(each, address)]

    def maybe_met(self, address: str, now: datetime) -> int:
        """Talks that once stood in the past in some version: those taken away afterwards count as held."""
        talks = [versions for (kind, _), versions in self.things.items() if kind == "event"]
        return sum(any(_was(one, address, now) for one in versions) for versions in talks)

    def touched(self, address: str, now: datetime) -> list[datetime]:
        """Every moment of contact up to now."""
        found = [*self.mails_with(address, Role.TO), *self.mails_with(address, Role.FROM)]
        return [each for each in (*found, *self.meetings_with(address)) if each <= now]


def _was(thing: Thing | None, address: str, now: datetime) -> bool:
    return isinstance(thing, CalendarEvent) and thing.start_at <= now and meets(thing, address)


def meets(event: CalendarEvent, address: str) -> bool:
    """Whether this is a meeting of the owner and them: nobody of the two said no, and it stands."""
    replies = {each.address.address: each.reply for each in event.participants if each.role is Role.ATTENDEE}
    if event.cancelled or event.ours or replies.get(make.OWNER) is Reply.DECLINED:
        return False
    return replies.get(address) in {Reply.ACCEPTED, Reply.NONE}


def comes(event: CalendarEvent, address: str) -> bool:
    """Whether they are expected at a talk that stands: all but a no."""
    replies = {each.address.address: each.reply for each in event.participants if each.role is Role.ATTENDEE}
    if event.cancelled or event.ours or replies.get(make.OWNER) is Reply.DECLINED:
        return False
    return address in replies and replies[address] is not Reply.DECLINED
