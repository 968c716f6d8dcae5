"""R9: talks are moved, cancelled, restored, declined and put into other zones while clocks run; no mail comes late.

Judged by the mails as they were received: their own words, and the moment at which each left.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from keepwarm.types import CalendarEvent, Mail, Reply
from tests import make
from tests.rings.conftest import Ring
from tests.workers.conftest import NOOR, House

OWNERS = ZoneInfo("Europe/Amsterdam")
ZONES = ("Europe/Amsterdam", "Europe/London", "America/New_York", "Asia/Kathmandu", "Pacific/Auckland", "UTC")
DEADLINES = {"Prepared:": timedelta(minutes=30), "Soon:": timedelta(minutes=5)}  # RELIABILITY.md section 4, point 6
MOVES = 10  # of one talk
WHAT = ("move", "move", "move", "cancel", "restore", "owner declines", "they decline", "zone")
JUMPS = (1, 4, 29, 31, 59, 61, 60 * 5, 60 * 17, 60 * 24, 60 * 24 * 3)  # minutes
SHIFTS = (-60 * 24, -60 * 3, -45, -5, 5, 31, 61, 60 * 4, 60 * 24, 60 * 24 * 4)  # minutes


@dataclass
class Version:
    """How the talk stood from a moment on."""

    since: datetime
    event: CalendarEvent | None  # None: it does not stand


@dataclass
class Story:
    """One talk and all that became of it."""

    house: House
    chance: random.Random
    uid: str
    versions: list[Version] = field(default_factory=list)
    moves: int = 0

    def stands(self, event: CalendarEvent, *, off: bool = False) -> None:
        self.house.reads(replace(event, cancelled=off))
        self.versions.append(Version(self.house.moment, None if off else event))

    def go(self) -> None:
        now = self.house.moment
        event = make.event([NOOR], start=_minute(now + timedelta(days=self.chance.randint(1, 5))), uid=self.uid)
        self.stands(event)
        for _ in range(MOVES):
            event = self._something(event)
            self.moves += 1
            self.house.later(minutes=self.chance.choice(JUMPS)).drain()
        self.stands(event, off=True)  # what was moved far ahead is not told of in the next story
        self.house.later(days=8).drain()

    def _something(self, event: CalendarEvent) -> CalendarEvent:
        what = self.chance.choice(
            ("move", "move", "move", "cancel", "restore", "owner declines", "they decline", "zone")
        )
        if what == "move":
            start = max(event.start_at, self.house.moment) + timedelta(minutes=self.chance.choice(SHIFTS))
            event = replace(event, start_at=_minute(start), end_at=_minute(start) + timedelta(hours=1))
        if what == "zone":
            event = replace(event, zone=self.chance.choice(ZONES))
        if what == "cancel":
            self.stands(event, off=True)
            return event
        if what.endswith("declines") or what.startswith("they"):
            who = make.OWNER if what.startswith("owner") else make.person(NOOR).address
            people = [
                replace(each, reply=Reply.DECLINED) if each.address.address == who else each
                for each in make.event([NOOR, make.OWNER], start=event.start_at, uid=self.uid).participants
            ]
            self.house.reads(replace(event, participants=tuple(people)))
            self.versions.append(Version(self.house.moment, None))
            return event
        self.stands(event)
        return event

    def at(self, moment: datetime) -> CalendarEvent | None:
        """How the talk stood just before: what is told at a moment comes after the mails of that moment."""
        return [each.event for each in self.versions if each.since < moment][-1] if self.versions else None


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def told(mail: Mail) -> str:
    return " ".join(mail.text.split())


def judged(story: Story, mail: Mail) -> str:
    """What is wrong with a mail; empty if nothing is."""
    kind = next((each for each in DEADLINES if mail.subject.startswith(each)), None)
    if kind is None:
        return ""
    stood = story.at(mail.at)
    if stood is None:
        return f"{kind} about a talk that does not stand"
    if f"{stood.start_at.astimezone(OWNERS):%A %-d %B, %H:%M} (Amsterdam)" not in told(mail):
        return f"{kind} tells another hour than the talk's"
    return f"{kind} later than its deadline" if mail.at > stood.start_at - DEADLINES[kind] else ""


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_no_mail_about_a_talk_comes_late_or_tells_another_hour(ring: Ring, house: House) -> None:
    house.knows(NOOR)
    moves = mails = 0
    for number in range(ring.size(1000, 15)):
        house.world.mails.clear()
        story = Story(house=house, chance=ring.chance(str(number)), uid=f"{number}@talks.example")
        story.go()
        sent = [mail for copies in house.world.mails.values() for mail in copies]
        wrong = [found for mail in sent if (found := judged(story, mail))]
        assert wrong == [], f"story {number}, seed {ring.seed}"
        around = [(mail.subject, told(mail)) for mail in sent if mail.subject.startswith(tuple(DEADLINES))]
        assert len(around) == len(set(around)), f"story {number}: twice the same"
        moves, mails = moves + story.moves, mails + len(around)
    ring.record(moves=moves, mails=mails, wrong=0)
    assert mails > moves / 40  # the judges had something to judge


def test_the_judge_can_find_fault() -> None:
    start = datetime(2026, 11, 26, 9, tzinfo=UTC)
    event = make.event([NOOR], start=start)
    story = Story(house=None, chance=random.Random(1), uid="x", versions=[Version(start - timedelta(days=2), event)])  # type: ignore[arg-type]  # nothing lives here
    mail = Mail(
        message_id="<1@x>", sender=make.person("k@x.org"), to=make.person("o@x.org"), subject="Soon: your talk",
        text="Thursday 26 November, 10:00 (Amsterdam).", html="", at=start - timedelta(minutes=30), lang="en",
    )  # fmt: skip
    assert judged(story, mail) == ""
    assert "deadline" in judged(story, replace(mail, at=start - timedelta(minutes=4)))
    assert "another hour" in judged(story, replace(mail, text="Thursday 26 November, 11:00 (Amsterdam)."))
    story.versions.append(Version(start - timedelta(days=1), None))
    assert "does not stand" in judged(story, mail)
