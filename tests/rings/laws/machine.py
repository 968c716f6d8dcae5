"""The rules: what people, providers, clocks, crashes and the owner's hand do, in any order. Run by `test_laws`.

Rules come in groups, so that a defect can be looked for among those that matter to it (`broken`). After every step the
laws of calls and rows are judged, and at the end those of the quiet.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from keepwarm.errors import NotPossible
from keepwarm.store import Store, Tx, accounts, changes, contacts, outbox
from keepwarm.types import Broken, CalendarEvent, Gone, MailMark, Message, Reply
from tests import make
from tests.rings.laws import quiet
from tests.rings.laws.calls import DEADLINES, Calls, uid_of_talk
from tests.rings.laws.house import House, Loud, Violation, Work, built, death_at, drain
from tests.rings.laws.rows import Rows, contact_named
from tests.rings.laws.town import Ref
from tests.rings.laws.truth import MACHINES, NAMES, PEOPLE, Known, Thing, Truth
from workers import tasks

who = st.sampled_from(PEOPLE)
any_number = st.integers(0, 10**6)
days_ago = st.sampled_from((1, 3, 20, 60, 200))
some_minutes = st.sampled_from((1, 3, 15, 61, 60 * 5, 60 * 24, 60 * 24 * 3, 60 * 24 * 15))
point = st.integers(0, 60)
few_points = st.integers(1, 8)  # of one delivery
NEAR_TALKS = (-19 * 60, -18 * 60 + 1, -61, -59, -40, -31, -29, -6, -4, 1)  # minutes; the eve at four, the deadlines
HOURS = (8, 9, 13)  # UTC: hours at which people in Amsterdam meet


class Lives(RuleBasedStateMachine):
    """The house, and the laws after each step. ``opened`` gives an empty store in a folder."""

    opened: ClassVar[Callable[[Path], Store]]
    lived: ClassVar[Counter[str]] = Counter()  # what happened in all lives together, for the report

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="laws-"))
        self.house: House = built(type(self).opened(self.folder), self.folder / "home")
        self.truth = Truth()
        self.calls = Calls(house=self.house, truth=self.truth)
        self.rows = Rows(house=self.house, truth=self.truth)
        self.loud = Loud(self.house.faults)
        logging.getLogger("keepwarm").addHandler(self.loud)
        self.talks = 0
        self.lawful = True  # until a step was not

    def knows(self) -> Known:
        """What a worker that begins now surely knows."""
        return Known(
            things=dict(self.rows.known),
            words={address: len(words) - 1 for address, words in self.truth.words.items()},
            holds=len(self.truth.holds) - 1,
            removed=frozenset(self.house.post.removed_by_user),
            moved=frozenset(self.house.post.moved),
        )

    @invariant()
    def the_laws_hold(self) -> None:
        self.lawful = False
        if self.house.faults:
            raise Violation(f"an error of our own: {self.house.faults[0]}")
        self.calls.judge()
        for town in self.house.towns.values():
            town.step += 1
        self.rows.judge(self.calls.sent_step, self.house.post.step)
        self.lawful = True

    def teardown(self) -> None:
        try:
            if self.lawful:
                self.the_end()
        except Violation as broken:
            broken.add_note(quiet.story(self.house))
            raise
        finally:
            self._count()
            logging.getLogger("keepwarm").removeHandler(self.loud)
            self.house.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _count(self) -> None:
        self.lived["lives"] += 1
        self.lived["steps"] += self.house.post.step
        self.lived.update(call.verb for call in self.house.post.journal)
        self.lived.update(self.house.happened)

    def the_end(self) -> None:
        """The faults stop; then time goes on to the next talk, so that nothing was merely waiting."""
        self.the_laws_hold()
        for _ in range(2):
            quiet.settle(self.house, self.truth, self.knows)
            self.the_laws_hold()
            quiet.judge(self.house, self.truth, self.knows)
            self.the_laws_hold()
            ahead = [
                each.start_at for each in self.truth.talks() if each.start_at > self.house.moment + timedelta(hours=1)
            ]
            if not ahead:
                return
            self.house.moment = min(ahead) - timedelta(minutes=46)

    def store(self, change: Callable[[Tx], object]) -> None:
        with self.house.store.transaction(self.house.owner_id) as tx:
            change(tx)


class News(Lives):
    """What happens outside: mails, cards, echoes, broken items, and how the provider hands them out."""

    def tell(self, town: str, ref: Ref, thing: Thing | None, *, early: bool = False) -> None:
        version = self.truth.learn(ref, thing)
        item = Gone(kind=ref[0], ref=_gone_ref(ref)) if thing is None else thing
        self.house.towns[town].tell(ref, version, item, early=early)

    @rule(who=who, ours=st.booleans(), ago=days_ago, also=st.none() | who, early=st.booleans())
    def a_mail(self, who: str, ours: bool, ago: int, also: str | None, early: bool) -> None:
        at = self.house.moment - timedelta(days=ago)
        made = make.message(make.OWNER, {who, also or who}, at=at) if ours else make.message(who, make.OWNER, at=at)
        self.tell("post", ("message", made.ref), made, early=early)

    @rule(who=who, ago=days_ago)
    def mails_both_ways(self, who: str, ago: int) -> None:
        for each in make.both_ways(who, at=self.house.moment - timedelta(days=ago)):
            self.tell("post", ("message", each.ref), each)

    @rule(machine=st.sampled_from(MACHINES), ours=st.booleans())
    def a_machine_writes(self, machine: str, ours: bool) -> None:
        at = self.house.moment - timedelta(hours=2)
        made = make.message(make.OWNER, machine, at=at) if ours else make.message(
            machine, make.OWNER, at=at, marks=MailMark.BULK
        )  # fmt: skip
        self.tell("post", ("message", made.ref), made)

    @rule(which=any_number, early=st.booleans())
    def the_same_again(self, which: int, early: bool) -> None:
        known = sorted(ref for ref, versions in self.truth.things.items() if versions[-1] is not None)
        if known:
            ref = known[which % len(known)]
            town = "agenda" if ref[0] == "event" and not ref[1].endswith("@keepwarm") else "post"
            self.tell(town, ref, self.truth.things[ref][-1], early=early)

    @rule(which=any_number)
    def a_mail_is_deleted(self, which: int) -> None:
        refs = sorted(ref for ref, versions in self.truth.things.items() if ref[0] == "message" and versions[-1])
        if refs:
            self.tell("post", refs[which % len(refs)], None)

    @rule(who=who, there=st.booleans())
    def a_card(self, who: str, there: bool) -> None:
        person = make.person(who)
        made = make.card(person.name, person.address, ref=f"card of {person.name}")
        if there or ("card", made.ref) in self.truth.things:
            self.tell("post", ("card", made.ref), made if there else None)

    @rule()
    def what_we_made_comes_back(self) -> None:
        """Our mails lie in the mailbox, our events in the calendar: the provider tells of them like of others."""
        for copies in self.house.post.mails.values():
            mail = copies[0]
            echo = make.message(
                make.OWNER, make.OWNER, at=mail.at, ref=f"echo {mail.message_id}"[:64], marks=MailMark.OURS
            )
            self.tell("post", ("message", echo.ref), echo)
        for uid, ours in self.house.post.events.items():
            made = make.event([], start=ours.start_at, uid=uid, title=ours.title, ours=True)
            self.tell("post", ("event", uid), made)

    @rule()
    def something_broken(self) -> None:
        self.truth.broken.append(self.house.moment)
        position = str(len(self.truth.broken))
        self.house.post.tell(("broken", position), 0, Broken(position=position, digest="0" * 64, reason="not readable"))

    @rule(town=st.sampled_from(("post", "agenda")), size=st.integers(1, 4))
    def pages_change(self, town: str, size: int) -> None:
        self.house.towns[town].page_size = size


class Talks(News):
    """What happens in the owner's calendar."""

    @rule(guests=st.lists(who, min_size=1, max_size=2, unique=True), day=st.integers(1, 9), hour=st.sampled_from(HOURS))
    def a_talk_is_booked(self, guests: list[str], day: int, hour: int) -> None:
        self.talks += 1
        start = (self.house.moment + timedelta(days=day)).replace(hour=hour, minute=0, second=0, microsecond=0)
        made = make.event(
            guests, start=start, uid=uid_of_talk(self.talks), title="A talk", location=f"Room {self.talks}"
        )
        self.tell("agenda", ("event", made.uid), made)

    @rule(which=any_number, day=st.integers(-2, 9), early=st.booleans())
    def a_talk_is_moved(self, which: int, day: int, early: bool) -> None:
        def moved(talk: CalendarEvent) -> CalendarEvent:
            return self._again(talk, start=talk.start_at + timedelta(days=day))

        self._change(which, moved, early=early)

    @rule(which=any_number, early=st.booleans())
    def a_talk_is_cancelled(self, which: int, early: bool) -> None:
        self._change(which, lambda talk: self._again(talk, cancelled=not talk.cancelled), early=early)

    @rule(which=any_number, early=st.booleans())
    def a_talk_disappears(self, which: int, early: bool) -> None:
        self._change(which, lambda _: None, early=early)

    @rule(which=any_number, owner=st.booleans())
    def a_talk_is_declined(self, which: int, owner: bool) -> None:
        self._change(which, lambda talk: self._again(talk, no=make.OWNER if owner else _first_guest(talk)))

    def _change(
        self, which: int, change: Callable[[CalendarEvent], CalendarEvent | None], *, early: bool = False
    ) -> None:
        talks = sorted(self.truth.talks(), key=lambda each: each.uid)
        if talks:
            talk = talks[which % len(talks)]
            self.tell("agenda", ("event", talk.uid), change(talk), early=early)

    def _again(
        self, talk: CalendarEvent, *, start: datetime | None = None, no: str = "", **fields: Any
    ) -> CalendarEvent:
        """The talk with something changed; ``no``: who declines."""
        replies = {each.address.address: each.reply for each in talk.participants if each.role == "attendee"}
        replies |= {no: Reply.DECLINED} if no else {}
        kept = {"title": talk.title, "location": talk.location, "cancelled": talk.cancelled} | fields
        names = {address: f"{name} <{address}>" for name, address in NAMES.items()}
        guests = [(names.get(each, each), reply) for each, reply in replies.items()]
        return make.event(guests, start=start or talk.start_at, uid=talk.uid, **kept)


class Owner(Talks):
    """What the owner says of people, and what their hand does with our events."""

    def _row(self, who: str) -> Any:
        found = contact_named(self.house, make.person(who).name)
        return found if found and found.state != "erased" else None

    @rule(who=who, word=st.sampled_from(("active", "active", "active", "private", "ignored", "never")))
    def says(self, who: str, word: str) -> None:
        row, now = self._row(who), self.house.moment
        if row is None:
            return
        deeds: dict[str, Callable[[Tx], object]] = {
            "active": lambda tx: contacts.accept(tx, [row.id], now=now),
            "private": lambda tx: contacts.accept(tx, [row.id], private=True, now=now),
            "ignored": lambda tx: contacts.ignore(tx, [row.id], now),
            "never": lambda tx: contacts.never(tx, [row.id], now),
        }
        self.store(deeds[word])
        self.truth.say(make.person(who).address, word)

    @rule(who=who, days=st.sampled_from((5, 14, 40)))
    def wants_a_rhythm(self, who: str, days: int) -> None:
        row = self._row(who)
        if row is not None:
            self.store(lambda tx: contacts.edit(tx, row.id, self.house.moment, rhythm_days=days))
            address = make.person(who).address
            self.truth.told.append((address, self.truth.word(address)))
            self.truth.rhythms[address] = days

    @rule(who=who)
    def erases(self, who: str) -> None:
        row = self._row(who)
        if row is not None:
            self.store(lambda tx: contacts.erase(tx, row.id, self.house.moment))
            self.truth.erase(make.person(who).address)

    @rule()
    def takes_back(self) -> None:
        if self.truth.told:
            try:
                self.store(lambda tx: changes.undo(tx, self.house.moment))
            except NotPossible:
                raise Violation("the last word could not be taken back") from None
            self.truth.rhythms.pop(self.truth.told[-1][0], None)
            self.truth.take_back()

    @rule(stop=st.booleans())
    def stops_everything(self, stop: bool) -> None:
        self.store(lambda tx: accounts.update_owner(tx, held=stop))
        self.truth.holds.append(stop)

    @rule(which=any_number, days=st.integers(-1, 20))
    def moves_an_entry(self, which: int, days: int) -> None:
        for uid in self._entry(which):
            start = self.house.post.events[uid].start_at + timedelta(days=days, minutes=10)
            if start > self.house.moment:
                self.house.post.owner_moves(uid, start)

    @rule(which=any_number)
    def deletes_an_entry(self, which: int) -> None:
        for uid in self._entry(which):
            name = next(each for each in NAMES if each in self.house.post.events[uid].title)
            self.calls.lost_to[name] = self.calls.last_contact(name)
            self.house.post.user_removes(uid)

    def _entry(self, which: int) -> list[str]:
        ahead = sorted(uid for uid, each in self.house.post.events.items() if each.start_at > self.house.moment)
        return [ahead[which % len(ahead)]] if ahead else []

    @rule()
    def asks_again(self) -> None:
        """The button beside a mail of which nobody knows whether it went out."""
        with self.house.store.reading(self.house.owner_id) as tx:
            unknown = outbox.rows(tx, states=["unknown"])
        for row in unknown[:1]:
            intent = outbox.Intent(
                key=f"{row.key}:again", kind=row.kind, subject_ref=row.subject_ref,
                payload=row.payload | {"asked": True},
                run_at=self.house.moment, not_after=row.not_after, generation=row.generation, account_id=row.account_id,
            )  # fmt: skip
            self.store(lambda tx, intent=intent: outbox.put(tx, intent, self.house.moment))
            self.truth.asked_again[self.house.runtime.message_id(row.key)] = 1


class Engine(Owner):
    """Workers: whole, at one task, dying, stalled; wake-ups lost, doubled and late."""

    def _work(self, task: str, which: int) -> Work:
        """Everything that is due, or one task of one row, whether it is its turn or not."""
        with self.house.store.reading(self.house.owner_id) as tx:
            rows = [each.id for each in sorted(outbox.rows(tx, limit=1000), key=lambda each: each.key)]
        targets = {
            "sync_stream": sorted(self.house.streams.values()), "prepare_owner": [self.house.owner_id], "deliver": rows
        }.get(task, [])  # fmt: skip
        if not targets:
            return drain
        return lambda runtime: tasks._inline(runtime, task, targets[which % len(targets)])

    work = st.sampled_from(("drain", "drain", "sync_stream", "prepare_owner", "deliver"))

    def _hint(self, hint: bool) -> None:
        if hint:
            quiet.poll(self.house)

    @rule(task=work, which=any_number, hint=st.booleans())
    def a_worker_works(self, task: str, which: int, hint: bool) -> None:
        self._hint(hint)
        self.house.works(self._work(task, which), self.knows())

    @rule()
    def all_is_done(self) -> None:
        self._hint(True)
        self.house.works(drain, self.knows())

    @rule()
    def a_hint_comes(self) -> None:
        quiet.poll(self.house)

    @rule(task=work, which=any_number, point=point)
    def a_worker_dies(self, task: str, which: int, point: int) -> None:
        self._hint(True)
        self.house.works(self._work(task, which), self.knows(), death_at(point))

    @rule(task=work, which=any_number, point=point)
    def a_worker_stalls(self, task: str, which: int, point: int) -> None:
        self._hint(True)
        if len(self.house.stalled) < 3:
            self.house.stall(self._work(task, which), self.knows(), point)

    @precondition(lambda self: self.house.stalled)
    @rule(which=any_number, dies=st.booleans())
    def a_stalled_worker_goes_on(self, which: int, dies: bool) -> None:
        self.house.stalled.pop(which % len(self.house.stalled)).go_on(die=dies)


class Begun(Engine):
    """How a life begins: with people, a rhythm and a talk, or with nothing. ``lively``: pushes come by themselves."""

    lively = False

    @initialize(known=st.integers(0, 4), day=st.integers(1, 3), lively=st.booleans())
    def a_life_begins(self, known: int, day: int, lively: bool) -> None:
        people = PEOPLE[:known]
        for each in people:
            self.mails_both_ways(each, 200)
        self.all_is_done()
        for each in people:
            self.says(each, "active")
            self.wants_a_rhythm(each, 14)
        if known > 2:
            self.a_talk_is_booked([PEOPLE[0]], day, HOURS[0])
        self.all_is_done()
        self.lively = lively

    @invariant()
    def the_engine_hears(self) -> None:
        if self.lively:
            self.all_is_done()


class Clock(Begun):
    """Time goes on in leaps, to where it matters, over a lease; and a little back."""

    @rule(minutes=some_minutes, work=st.booleans())
    def time_passes(self, minutes: int, work: bool) -> None:
        self._to(self.house.moment + timedelta(minutes=minutes), work)

    @rule(work=st.booleans())
    def a_lease_runs_out(self, work: bool) -> None:
        self._to(self.house.moment + timedelta(seconds=121), work)

    @rule(which=any_number, minutes=st.sampled_from(NEAR_TALKS), work=st.booleans())
    def a_talk_comes_near(self, which: int, minutes: int, work: bool) -> None:
        ahead = sorted(each.start_at for each in self.truth.talks() if each.start_at > self.house.moment)
        if ahead:
            moment = ahead[which % len(ahead)] + timedelta(minutes=minutes)
            self._to(max(moment, self.house.moment), work)

    @rule(work=st.booleans(), late=st.sampled_from((1, 60 * 5, 60 * 7)))
    def tuesday_comes(self, work: bool, late: int) -> None:
        now = self.house.moment
        day = (now + timedelta(days=(1 - now.weekday()) % 7)).replace(hour=7, minute=30)
        self._to(max(day + timedelta(minutes=late), now), work)

    @rule(minutes=st.integers(1, 10))
    def the_clock_is_set_back(self, minutes: int) -> None:
        self.house.moment -= timedelta(minutes=minutes)

    def _to(self, moment: datetime, work: bool) -> None:
        self.house.moment = moment
        if work:
            self.house.works(drain, self.knows())


class Hours(Clock):
    """Bad luck at the very hour at which an effect is due: its worker dies, or sleeps until its lease is over."""

    @rule(which=any_number, point=few_points)
    def a_deliverer_dies(self, which: int, point: int) -> None:
        self.house.works(self._delivery(which), self.knows(), death_at(point))

    @rule(which=any_number, point=few_points, stopped=st.booleans())
    def a_deliverer_wakes_too_late(self, which: int, point: int, stopped: bool) -> None:
        """Another did its work meanwhile. ``stopped``: it wakes while the owner has stopped everything."""
        stalled = len(self.house.stalled)
        self.house.stall(self._delivery(which), self.knows(), point)
        if len(self.house.stalled) == stalled:
            return  # it came to its end first
        self.a_lease_runs_out(True)
        if stopped:
            self.stops_everything(True)
        self.house.stalled.pop().go_on(die=False)
        if stopped:
            self.stops_everything(False)

    def _delivery(self, which: int) -> Work:
        """The hour of some effect that waits comes, and a worker takes it up."""
        with self.house.store.reading(self.house.owner_id) as tx:
            waiting = sorted(outbox.rows(tx, states=["due"], limit=1000), key=lambda each: each.key)
        if not waiting:
            return drain
        row = waiting[which % len(waiting)]
        self.house.moment = max(self.house.moment, row.run_at)
        return lambda runtime: tasks._inline(runtime, "deliver", row.id)


class Faults(Hours):
    """What the provider does wrong."""

    town = st.sampled_from(("post", "agenda"))

    @rule(town=town)
    def cursors_die(self, town: str) -> None:
        self.house.towns[town].forget_cursors()

    @rule(town=town, minutes=st.sampled_from((0, 1, 20)))
    def asks_to_wait(self, town: str, minutes: int) -> None:
        self.house.towns[town].throttle = timedelta(minutes=minutes) if minutes else None

    @rule(town=town, revoked=st.booleans())
    def the_grant_is_withdrawn_or_given(self, town: str, revoked: bool) -> None:
        self.house.towns[town].revoked = revoked

    @rule()
    def an_answer_gets_lost(self) -> None:
        self.house.post.lose_answer = True

    @rule(town=town, times=st.integers(1, 3))
    def the_line_breaks(self, town: str, times: int) -> None:
        self.house.towns[town].hiccups = times


class Laws(Faults):
    """Everything at once."""


def _gone_ref(ref: Ref) -> str:
    return {"event": f"{ref[1]}|", "card": f"vcf|{ref[1]}"}.get(ref[0], ref[1])


def _first_guest(talk: CalendarEvent) -> str:
    return next(each.address.address for each in talk.participants if each.role == "attendee")


__all__ = ["DEADLINES", "Laws", "Message"]
