"""A year in the life of somebody who looks for other work: invented, seeded, the same each time.

Three hundred people; a talk in most weeks, some moved or cancelled; notes, promises and thanks now and then; holidays,
ten days in which nothing runs, a changed goal, a job found. The owner answers half of what is suggested.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from keepwarm.aftertalk import NewName
from keepwarm.store import accounts, contacts, follow_ups, held, notes, plans, rounds, views
from keepwarm.types import CalendarEvent, Participant, Role
from keepwarm.zones import to_utc
from tests import make
from tests.workers.conftest import House

ZONE = "Europe/Amsterdam"
BEGIN = date(2026, 1, 5)  # a Monday
DAYS = 364
PEOPLE = 300
CLOSE, WARM, LUKEWARM = 15, 75, 195  # up to these numbers; the rest is cold
GOAL, CHANGED, FOUND = date(2026, 1, 12), date(2026, 6, 8), date(2026, 10, 5)
OUTAGE = (date(2026, 3, 9), date(2026, 3, 19))
HOLIDAY = (date(2026, 7, 20), date(2026, 8, 8))
HOURS = (time(8, 30), time(16))  # when the house is looked after on a working day, beside each talk
TALKS_UNTIL = FOUND


@dataclass
class Life:
    """The owner's side of the year. ``talks``: what stands in their calendar, by uid."""

    house: House
    chance: random.Random = field(default_factory=lambda: random.Random(2026))
    names: list[str] = field(default_factory=list)
    talks: dict[str, CalendarEvent] = field(default_factory=dict)
    thanked: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)

    def begin(self) -> None:
        """A mailbox of three years, everybody in it accepted."""
        house, at = self.house, to_utc(BEGIN, time(9), ZONE)
        house.at(at)
        self.names = [f"Person {number:03} <p{number:03}@people.example>" for number in range(PEOPLE)]
        mails = []
        for number, who in enumerate(self.names):
            times = 12 if number < CLOSE else 5 if number < WARM else 2 if number < LUKEWARM else 1
            for _ in range(times):
                mails += make.both_ways(who, at=at - timedelta(days=self.chance.randint(5, 900)))
        make.imported(house.store, house.owner_id, *mails, now=at)
        make.imported(house.store, house.owner_id, self._holiday(), path="calendar.ics", now=at)
        with house.store.transaction(house.owner_id) as tx:
            accounts.update_owner(tx, zone=ZONE, country="NL", name="Robin")
            contacts.detect(tx, at)
            contacts.accept(tx, None, private=False, now=at)
            for row in contacts.contacts(tx, states=["active"], now=at):
                number = int(row.name[-3:])
                circle = "warm" if number < WARM else "lukewarm" if number < LUKEWARM else "cold"
                contacts.edit(tx, row.id, at, circle=circle, close=number < CLOSE)

    def _holiday(self) -> CalendarEvent:
        return CalendarEvent(
            uid="holiday@calendar.example", title="Vakantie", all_day=True, zone=ZONE,
            start_at=to_utc(HOLIDAY[0], time(0), ZONE), end_at=to_utc(HOLIDAY[1], time(0), ZONE),
            participants=(Participant(role=Role.ORGANISER, address=make.person(make.OWNER)),),
        )  # fmt: skip

    def days(self) -> Iterator[date]:
        yield from (BEGIN + timedelta(days=number) for number in range(DAYS))

    def moments(self, day: date) -> list[datetime]:
        """When the house is looked after on a day: none while nothing runs."""
        if OUTAGE[0] <= day < OUTAGE[1]:
            return []
        found = {to_utc(day, clock, ZONE) for clock in HOURS if day.weekday() < 5}
        for each in self.talks.values():
            found |= {each.start_at - timedelta(hours=1), each.end_at + timedelta(minutes=31)}
        start, end = to_utc(day, time(0), ZONE), to_utc(day + timedelta(days=1), time(0), ZONE)
        return sorted(at for at in found if start <= at < end)

    # --- what the owner does of a day

    def morning(self, day: date) -> None:
        self.house.at(to_utc(day, time(7), ZONE))
        self._turns(day)
        away = HOLIDAY[0] <= day < HOLIDAY[1]
        if day.weekday() < 5 and not away:
            self._mails(day)
            if self.chance.random() < 0.22 and GOAL <= day < TALKS_UNTIL:
                self._books(day)
            self._changes_mind(day)

    def evening(self, day: date) -> None:
        self.house.at(to_utc(day, time(21), ZONE))
        if not HOLIDAY[0] <= day < HOLIDAY[1]:
            self._after_talks()
            self._follows_up()

    def _turns(self, day: date) -> None:
        house = self.house
        with house.store.transaction(house.owner_id) as tx:
            if day == GOAL:
                plan = plans.add_plan(tx, house.moment, goal="learn_field", words="Find out about museums")
                people = {row.name: row.id for row in contacts.contacts(tx, states=["active"], now=house.moment)}
                for number in (3, 20, 30, 40, 80, 90, 100, 210, 220):
                    plans.add_entry(tx, plan, house.moment, contact_id=people[f"Person {number:03}"])
            if day == CHANGED:
                plans.edit_plan(tx, plans.plans(tx)[0].id, house.moment, goal="learn_vacancy")
            if day == FOUND:
                rounds.begin(tx, house.moment, "closing", {"en": "I start at a museum in November."})
                plans.edit_plan(tx, plans.plans(tx)[0].id, house.moment, resting=True)

    def _mails(self, day: date) -> None:
        """A few mails that have nothing to do with us."""
        found = []
        for _ in range(self.chance.randint(0, 2)):
            who = self.names[self.chance.randrange(WARM if self.chance.random() < 0.7 else PEOPLE)]
            at = to_utc(day, time(6, self.chance.randrange(60)), ZONE)
            found += make.both_ways(who, at=at)
        if found:
            self.house.reads(*found)

    def _books(self, day: date) -> None:
        who = self.names[self.chance.randrange(LUKEWARM)]
        on = day + timedelta(days=self.chance.randint(2, 12))
        while on.weekday() > 4 or HOLIDAY[0] <= on < HOLIDAY[1]:
            on += timedelta(days=1)
        start = to_utc(on, time(self.chance.randint(9, 16)), ZONE)
        uid = f"talk-{len(self.talks)}@calendar.example"
        self.talks[uid] = make.event([who], start=start, uid=uid, title=f"Coffee {len(self.talks)}")
        self.house.reads(self.talks[uid])

    def _changes_mind(self, day: date) -> None:
        """Now and then a talk is moved or cancelled."""
        now = self.house.moment
        ahead = [uid for uid, each in self.talks.items() if each.start_at > now + timedelta(days=1)]
        if not ahead or self.chance.random() > 0.08:
            return
        uid = self.chance.choice(ahead)
        old = self.talks[uid]
        people = [f"Person <{old.participants[1].address.address}>"]
        if self.chance.random() < 0.4:
            del self.talks[uid]
            self.house.reads(make.event(people, start=old.start_at, uid=uid, title=old.title, cancelled=True))
            return
        self.talks[uid] = make.event(people, start=old.start_at + timedelta(hours=2), uid=uid, title=old.title)
        self.house.reads(self.talks[uid])

    def _after_talks(self) -> None:
        """Notes about most talks, thanks for more than half of them."""
        house = self.house
        with house.store.reading(house.owner_id) as tx:
            open_ones = held.held_talks(tx, views.world(tx, house.moment))
        for each in open_ones:
            if each.event.uid in self.thanked or house.moment - each.event.end_at > timedelta(days=1):
                continue
            self.thanked.add(each.event.uid)
            if self.chance.random() < 0.7:
                self._notes(each)
            if self.chance.random() < 0.6:
                to = next(one.address for one in each.event.people if not one.own)
                house.reads(make.message(make.OWNER, to, at=house.moment))

    def _notes(self, talk: held.HeldTalk) -> None:
        house, number = self.house, len(self.thanked)
        names = [NewName(name=f"Newcomer {number}")] if self.chance.random() < 0.3 else []
        due = (house.moment + timedelta(days=self.chance.randint(2, 14))).date()
        promises = [(True, "send the article", due)] if self.chance.random() < 0.4 else []
        with house.store.transaction(house.owner_id) as tx:
            notes.add_note(
                tx, talk.contacts[0], house.moment, said="It was a good talk.", event_id=talk.event.id,
                at=talk.event.start_at, promises=promises, names=names,
            )  # fmt: skip

    def _follows_up(self) -> None:
        """Half of the entries of the day are acted on, and most promises are kept."""
        house = self.house
        with house.store.reading(house.owner_id) as tx:
            found = follow_ups.follow_ups(tx, states=["placed"], since=house.moment - timedelta(hours=24))
        for each in found:
            if each.at > house.moment or each.id in self.answered:
                continue
            self.answered.add(each.id)
            if self.chance.random() < 0.5:
                continue
            with house.store.transaction(house.owner_id) as tx:
                if each.cycle.startswith("owed:promise:"):
                    notes.keep_promise(tx, each.cycle.rpartition(":")[2], house.moment)
                else:
                    notes.in_touch(tx, each.contact_id, house.moment)


def lives(house: House) -> Life:
    """The whole year, lived."""
    life = Life(house=house)
    life.begin()
    for day in life.days():
        life.morning(day)
        for moment in life.moments(day):
            house.at(moment).drain()
        life.evening(day)
    return life
