"""The laws of every single call into the world, judged by what the person gets: the mail's own words, the event's own.

A worker may act on what it knew as it began or on anything that came since; on what was over before, never.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from keepwarm.types import CalendarEvent, Mail, OurEvent
from tests import make
from tests.rings.laws.house import House, Violation
from tests.rings.laws.rows import contact_named
from tests.rings.laws.town import Called
from tests.rings.laws.truth import NAMES, Truth, comes

ZONE = ZoneInfo("Europe/Amsterdam")
ROOM = re.compile(r"Room (\d+)")  # every talk of the machine has a place of its own, and both mails tell it
KINDS = {
    "Keepwarm needs a look": "alarm",
    "Prepared:": "brief", "Soon:": "note", "Your people": "digest", "Talk booked:": "booked", "How did it go?": "after",
    "Due today": "nudge", "A promise that is due": "nudge", "A word of thanks that is due": "nudge",
    "All is well": "well", "Keepwarm is still here": "well",
}  # fmt: skip
MANY = re.compile(r"\d+ talks booked")
DEADLINES = {"brief": timedelta(minutes=30), "note": timedelta(minutes=5)}  # RELIABILITY.md section 4, point 6
DIGEST_LASTS = timedelta(hours=6)  # the same
FOLLOW_UP_LASTS = timedelta(days=3)  # the same
AN_HOUR = 20  # mails: RELIABILITY.md B11


@dataclass(slots=True)
class Calls:
    """Judges the journal from where it was left."""

    house: House
    truth: Truth
    read: dict[str, int] = field(default_factory=dict)
    copies: dict[str, int] = field(default_factory=dict)  # by Message-ID
    said: dict[tuple[str, str, datetime], list[str]] = field(default_factory=dict)  # Message-IDs by kind, talk, start
    digests: set[str] = field(default_factory=set)
    nudges: set[str] = field(default_factory=set)
    booked: set[str] = field(default_factory=set)
    warned: Counter[date] = field(default_factory=Counter)
    sent_at: list[datetime] = field(default_factory=list)
    sent_step: dict[str, int] = field(default_factory=dict)
    lost_to: dict[str, datetime | None] = field(default_factory=dict)  # name → last contact as the owner deleted

    def judge(self) -> None:
        for name, town in self.house.towns.items():
            new = town.journal[self.read.get(name, 0) :]
            self.read[name] = len(town.journal)
            for each in new:
                self._judge(each)

    def _judge(self, call: Called) -> None:
        if call.verb == "send":
            self._mail(call, call.what)
        elif call.verb == "put_event":
            self._event(call, call.what)

    # --- mails

    def _mail(self, call: Called, mail: Mail) -> None:
        if mail.to.address != make.OWNER or {name for name, _ in mail.headers} - {"List-Unsubscribe"}:
            raise Violation("a mail went to somebody else than the owner")
        kind = next((kind for words, kind in KINDS.items() if mail.subject.startswith(words)), "")
        kind = "booked" if MANY.fullmatch(mail.subject) else kind
        if kind != "alarm" and all(self.truth.holds[call.known.holds :]):
            raise Violation("a mail went out while everything was stopped")
        self.copies[mail.message_id] = self.copies.get(mail.message_id, 0) + 1
        if self.copies[mail.message_id] > 1:
            raise Violation("a mail was sent twice")
        self._flood(call)
        self.sent_step[mail.message_id] = call.step
        judges = {
            "digest": self._digest, "brief": self._talk, "note": self._talk, "booked": self._booked,
            "after": self._after, "nudge": self._nudge, "well": lambda *_: None,
            "alarm": self._alarm,
        }  # fmt: skip
        if kind not in judges:
            raise Violation(f"a mail of no known kind: {mail.subject}")
        judges[kind](call, mail, kind)

    def _flood(self, call: Called) -> None:
        self.sent_at.append(call.at)
        if sum(call.at - timedelta(hours=1) < each <= call.at for each in self.sent_at) > AN_HOUR:
            raise Violation("more mails in one hour than anybody wants")

    def _alarm(self, call: Called, _mail: Mail, _kind: str) -> None:
        """That a place is lost again and again is told once a day for each stream."""
        self.warned[call.at.date()] += 1
        if self.warned[call.at.date()] > len(self.house.streams):
            raise Violation("more warnings in a day than there are places that can be lost")

    def _digest(self, call: Called, _mail: Mail, _kind: str) -> None:
        here = call.at.astimezone(ZONE)
        week = "{}-{}".format(*here.isocalendar())
        if week in self.digests:
            raise Violation("two digests in one week")
        self.digests.add(week)
        begun = here.replace(hour=8, minute=30, second=0, microsecond=0)
        if not begun <= here <= begun + DIGEST_LASTS:
            raise Violation("a digest went out after its hours")

    def _talk(self, call: Called, mail: Mail, kind: str) -> None:
        found = ROOM.search(mail.text)
        if found is None:
            raise Violation("a mail about a talk does not tell its place")
        ref = ("event", uid_of_talk(found.group(1)))
        versions = [each for each in self.truth.since(ref, call.known) if isinstance(each, CalendarEvent)]
        told = [each for each in versions if _tells(mail.text, each.start_at) and self._wanted(each, call)]
        if not told:
            raise Violation(f"a {kind} about a talk that is not, or is not then, or is with nobody to network with")
        start = told[-1].start_at
        if call.at > start - DEADLINES[kind]:
            raise Violation(f"a {kind} went out after its deadline")
        twins = self.said.setdefault((kind, ref[1], start), [])
        twins.append(mail.message_id)
        if len(twins) > 1 + sum(self.truth.asked_again.get(each, 0) for each in twins):
            raise Violation(f"two mails ({kind}) for one talk at one hour")

    def _booked(self, call: Called, mail: Mail, _kind: str) -> None:
        """Each talk once, whatever becomes of it, and only one that stands and is still ahead."""
        for number in ROOM.findall(mail.text):
            ref = ("event", uid_of_talk(number))
            versions = [each for each in self.truth.since(ref, call.known) if isinstance(each, CalendarEvent)]
            if not any(call.at < each.start_at and self._wanted(each, call) for each in versions):
                raise Violation("a talk is told as booked that is not, or has begun")
            if ref[1] in self.booked:
                raise Violation("a talk is told as booked a second time")
            self.booked.add(ref[1])

    def _after(self, call: Called, mail: Mail, _kind: str) -> None:
        """About a talk that stood, at the hour it tells, and that is over."""
        talks = [each for (kind, _), all_ in self.truth.things.items() if kind == "event" for each in all_]
        over = [each for each in talks if isinstance(each, CalendarEvent) and each.end_at < call.at]
        if not any(_tells(mail.text, each.start_at) for each in over):
            raise Violation("it is asked how a talk went that was not held")

    def _nudge(self, call: Called, mail: Mail, _kind: str) -> None:
        """One a day, in the hours of the digest, about people to be contacted."""
        here = call.at.astimezone(ZONE)
        if str(here.date()) in self.nudges:
            raise Violation("two mails on one day about what is due")
        self.nudges.add(str(here.date()))
        for name, address in NAMES.items():
            if f"* {name}" in mail.text and "active" not in self.truth.words_since(address, call.known):
                raise Violation("thanks are asked for somebody who is not to be contacted")

    def _wanted(self, talk: CalendarEvent, call: Called) -> bool:
        return any(
            comes(talk, address) and "active" in self.truth.words_since(address, call.known)
            for address in NAMES.values()
        )

    # --- events

    def _event(self, call: Called, event: OurEvent) -> None:
        name = next((each for each in NAMES if each in event.title), "")
        if not name:
            raise Violation("an event about nobody we know")
        if "active" not in self.truth.words_since(NAMES[name], call.known):
            raise Violation("an event about somebody who is not to be contacted")
        if all(self.truth.holds[call.known.holds :]):
            raise Violation("an event was written while everything was stopped")
        if call.at > event.start_at + FOLLOW_UP_LASTS:
            raise Violation("a follow-up was written after its deadline")
        if event.uid in call.known.removed:
            raise Violation("an event that the owner deleted was written again")
        if event.uid in call.known.moved:
            raise Violation("an event that the owner moved was moved back")
        if name in self.lost_to and self.lost_to[name] == self.last_contact(name):
            raise Violation("the owner deleted a follow-up, and another one came without any contact")

    def last_contact(self, name: str) -> datetime | None:
        """When the two were last in touch, as far as the house has read."""
        found = contact_named(self.house, name)
        return found.last_at if found else None


def uid_of_talk(number: str | int) -> str:
    return f"talk-{number}@calendar.example"


def _tells(text: str, start: datetime) -> bool:
    """Whether a mail says this hour of this day, as people say it in Amsterdam."""
    return f"{start.astimezone(ZONE):%A %-d %B, %H:%M}" in " ".join(text.split())
