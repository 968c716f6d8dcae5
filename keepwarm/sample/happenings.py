"""The sample's mails, events and cards, counted back from a moment so that it is alive on any day.

Called by `keepwarm.store.samples`. The same moment gives the same items.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from keepwarm.pace import Pace, is_working_day
from keepwarm.sample.values import Network, Person
from keepwarm.types import Address, CalendarEvent, ContactCard, Item, MailMark, Message, Participant, Reply, Role
from keepwarm.zones import local, to_utc

DAY = timedelta(days=1)
APART = 13  # days between two mails of one correspondence; ours
TALK = timedelta(hours=1)
HOUR = 14  # of meetings that are behind us; ours

Uid = str  # of a sample's event: "sample-talk-3" is the third that is ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Whose mailbox and calendar it is, and the moment to count from."""

    me: Address
    now: datetime
    pace: Pace

    def ago(self, days: int, minutes: int = 0) -> datetime:
        return self.now - days * DAY - timedelta(minutes=minutes)


def items(sample: Network, me: Address, now: datetime, pace: Pace) -> list[Item]:
    """Everything that was read, in no order. Events that are ahead have the uid ``sample-talk-N``, from 0."""
    desk = Desk(me=me, now=now, pace=pace)
    people = {each.name: each for each in reversed(sample.people)}
    found: list[Item] = []
    for each in sample.people:
        found += [*_mails(desk, each), *_brought(desk, each, people), *_meetings(desk, each, sample)]
        found += [_card(desk, each)] if each.organisation or each.birthday is not None else []
    for number, meeting in enumerate(sample.company):
        guests = [people[name] for name in meeting.people]
        found.append(_event(desk, f"sample-company-{number}", meeting.title, _behind(desk, meeting.days), guests))
    for number, talk in enumerate(sample.ahead):
        start = working_day(now, talk.days, talk.hour, pace)
        guests = [people[name] for name in talk.who]
        found.append(_event(desk, f"sample-talk-{number}", talk.title, start, guests, place=talk.place))
    return found


def working_day(now: datetime, days: int, hour: int, pace: Pace) -> datetime:
    """The hour of the owner's clock on the working day that is so many ahead of today, or behind it."""
    day, left, step = local(now, pace.zone).date(), abs(days), DAY if days > 0 else -DAY
    while left:
        day += step
        left -= is_working_day(day, pace)
    return to_utc(day, time(hour), pace.zone)


def _behind(desk: Desk, days: int) -> datetime:
    """A working day about so many days ago: the last two count in working days, so that they are no weekend."""
    if days <= 2:
        return working_day(desk.now, -days, HOUR, desk.pace)
    day = local(desk.ago(days), desk.pace.zone).date()
    while not is_working_day(day, desk.pace):
        day -= DAY
    return to_utc(day, time(HOUR), desk.pace.zone)


def _mails(desk: Desk, who: Person) -> Iterator[Message]:
    for number in range(who.sent):
        yield _mail(f"s{number}-{who.at}", desk.ago(who.days + APART * number, 40), desk.me, [_of(who)], sent=True)
    for number in range(who.received):
        yield _mail(f"r{number}-{who.at}", desk.ago(who.days + APART * number, 400), _of(who), [desk.me])


def _brought(desk: Desk, who: Person, people: dict[str, Person]) -> Iterator[Message]:
    """The first mail of all that names them: by whoever brought them in."""
    if who.by:
        first = who.days + APART * max(who.sent, who.received) + 1
        yield _mail(f"b-{who.at}", desk.ago(first), _of(people[who.by]), [desk.me, _of(who)])


def _meetings(desk: Desk, who: Person, sample: Network) -> Iterator[CalendarEvent]:
    title = {"nl": "Gesprek met {name}", "en": "Talk with {name}"}[sample.lang].format(name=who.name)
    for days in who.met:
        yield _event(desk, f"sample-met-{days}-{who.at}", title, _behind(desk, days), [who])


def _card(desk: Desk, who: Person) -> ContactCard:
    born = "" if who.birthday is None else f"--{local(desk.ago(-who.birthday), desk.pace.zone):%m-%d}"
    return ContactCard(
        ref=who.at, source="vcf", name=who.name, addresses=(who.at,), organisation=who.organisation, role=who.role,
        birthday=born, origins=("address_book",),
    )  # fmt: skip


def _of(who: Person) -> Address:
    return Address(address=who.at, name=who.name)


def _mail(ref: str, at: datetime, sender: Address, to: list[Address], *, sent: bool = False) -> Message:
    people = (Participant(role=Role.FROM, address=sender), *(Participant(role=Role.TO, address=each) for each in to))
    marks = MailMark.SENT if sent else MailMark.NONE
    return Message(ref=f"sample-{ref}", at=at, participants=people, marks=marks, recipients=len(to))


def _event(
    desk: Desk, uid: str, title: str, start: datetime, guests: Iterable[Person], *, place: str = ""
) -> CalendarEvent:
    host = Participant(role=Role.ORGANISER, address=desk.me)
    people = (Participant(role=Role.ATTENDEE, address=_of(each), reply=Reply.ACCEPTED) for each in guests)
    return CalendarEvent(
        uid=uid, title=title, start_at=start, end_at=start + TALK, zone=desk.pace.zone, location=place,
        participants=(host, *people),
    )  # fmt: skip
