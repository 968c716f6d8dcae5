"""A random life of one owner and their Google: what people do there, what fails, what we are told, and time.

`lived` runs one from its seed: some steps with faults, then peace, and then says what is not as it should be. Rules
that may never be broken are looked at after every step, what converges only in the end.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from integrations.wire import net
from tests.emulators.google import Google, pushes
from tests.emulators.google.calendars import Calendar
from tests.rings.consent.lives import Given, Lived
from tests.rings.google.deeds import ACTS, STEPS
from tests.rings.google.history import rules, sent, starts
from tests.rings.google.home import GOOGLE, Clock, Door, Home, Homes, opened
from tests.rings.google.mirror import differences
from tests.rings.google.wires import straight
from tests.servers.dav import Authority
from workers import public

FAULTS = 0.2  # of all calls (RELIABILITY.md R6)
PEACE = 6  # times twenty minutes in the end: longer than any pause that we keep
KNOWN = ("Ann Example <ann@example.com>", "Bo Example <bo@example.net>", "Cem Example <cem@example.org>")
PRIVATE = "Ira Inner <ira@example.com>"  # never to be followed up
STRANGERS = ("Dov Stranger <dov@strange.example>", "News <news@strange.example>")


@dataclass(slots=True, kw_only=True)
class Life:
    """``moved`` and ``deleted``: what the owner did with our events, by id. ``spoilt``: what nobody can read."""

    home: Home
    door: Door
    chance: Random
    happened: Counter[str] = field(default_factory=Counter)
    moved: dict[str, datetime] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    spoilt: list[str] = field(default_factory=list)
    mails: int = 0

    def step(self) -> None:
        names, weights = zip(*((each, weight) for each, weight in STEPS.items()), strict=True)
        (name,) = self.chance.choices(names, weights)
        self.home.moment += timedelta(seconds=self.chance.randint(1, 20))
        if ACTS[name](self):
            self.happened[name] += 1

    def broken(self) -> list[str]:
        """Rules that are broken now."""
        found = list(rules(self.home.town, self.home.person))
        there = starts(self.home.person)
        found += ["touched: what the owner deleted stands again" for each in self.deleted if each in there]
        found += [
            "touched: what the owner moved was moved back"
            for each, at in self.moved.items()
            if there.get(each, at) != at
        ]
        titles = [str(event["summary"]) for calendar in self.ours() for event in calendar.events.values()]
        found += ["outside: an event about somebody private" for each in titles if "Ira" in each]
        return found

    def ours(self) -> list[Calendar]:
        return [each for each in self.home.person.calendars.values() if each.app]

    def people(self) -> str:
        return self.chance.choice((*KNOWN, PRIVATE, *STRANGERS))

    def ahead(self) -> datetime:
        """A moment in the next weeks, on a quarter."""
        day = self.home.moment.replace(hour=7, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return day + timedelta(days=self.chance.randrange(40), minutes=15 * self.chance.randrange(40))


def begun(home: Home, chance: Random) -> Life:
    """Some people are known, one is private, a few things are there; all of it was read once."""
    door = Door(home)
    life = Life(home=home, door=door, chance=chance)
    home.knows(*KNOWN, days_ago=200)
    home.knows(PRIVATE, days_ago=200, private=True)
    for each in ("mail_comes", "mail_is_sent", "event_is_made", "series_is_made", "card_is_made", "other_is_noted"):
        for _ in range(2):
            ACTS[each](life)
    home.drain()
    return life


def lived(seed: int, steps: int, authority: Authority, migrated: Path, folder: Path, *, wired: bool = False) -> Lived:
    """One life, in a town of its own. ``wired``: over the town's port; else straight to its desk."""
    told = Lived(seed)
    with _place(authority, migrated, folder, wired=wired) as (homes, patch):
        home = homes.connected()
        chance = Random(seed)
        life = begun(home, chance)
        patch.setattr(pushes, "posted", life.door.post)
        _of_a_kind(home.town, chance)
        home.town.faults.random(seed, FAULTS)
        for number in range(steps):
            life.step()
            told.wrong = [f"seed {seed}, step {number}: {each}" for each in life.broken()[:3]]
            if told.wrong:
                break
        if not told.wrong:
            told.wrong = [f"seed {seed}: {each}" for each in _in_the_end(life)]
        told.happened = life.happened
        told.happened["mails_handed_in"] = len(sent(home.town, home.person))
        told.happened["events_written"] = sum(each.method.startswith("calendar.events.") for each in home.town.history)
        told.happened["faults"] = len(home.town.faults.struck)
        told.happened["requests"] = sum(home.town.requests.values())
        told.happened["pushes_taken"] = life.door.statuses.count(204)
    return told


def _of_a_kind(town: Google, chance: Random) -> None:
    """What differs between days and accounts at Google, and sources (PROVIDERS.md)."""
    town.rewrites_message_id, town.shuffles_batches = chance.random() < 0.5, chance.random() < 0.5
    town.expired_sync_status = chance.choice((400, 410))
    town.quota.answers = chance.choice(("403-user-rate", "403-rate", "429"))


def _in_the_end(life: Life) -> list[str]:
    """What is wrong when nothing fails any more and some hours went by."""
    home = life.home
    home.town.faults.clear()
    for _ in range(PEACE):
        home.later(minutes=20).sweeps(prepare=False)
    home.drain()
    home.later(minutes=6).drain()
    found = differences(home, ever=home.ever, spoilt=life.spoilt) + life.broken() + list(_mails(home))
    before = Counter(home.town.requests), len(home.town.history)
    home.drain()
    if len(home.town.history) != before[1]:
        found.append("restless: something is done though nothing happened")
    return found


def _mails(home: Home) -> Iterator[str]:
    """Every mail that is said to be sent was, none else was, and what nobody knows is said to be unknown."""
    handed_in = {each.key for each in sent(home.town, home.person)}
    rows = [each for each in home.rows() if each.remote_ref or each.state in {"sent", "unknown", "failed"}]
    keys = {home.runtime.message_id(each.key): each for each in rows if not each.kind.startswith("follow_up")}
    for key, row in keys.items():
        if row.state == "sent" and row.account_id and key not in handed_in:
            yield f"lost: {row.kind} is said to be sent, and was not"
        if row.state in {"failed", "skipped"} and key in handed_in:
            yield f"untold: {row.kind} was sent, and is said to be {row.state}"
    yield from (f"unasked: a mail of no row, {each}" for each in handed_in if each not in keys)


@contextmanager
def _place(
    authority: Authority, migrated: Path, folder: Path, *, wired: bool
) -> Iterator[tuple[Homes, pytest.MonkeyPatch]]:
    clock = Clock()
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(public, "problem", lambda _: "")
        town = stack.enter_context(opened(authority, clock))
        if not wired:
            straight(town, patch)
        here = Path(tempfile.mkdtemp(dir=folder))
        stack.callback(shutil.rmtree, here, ignore_errors=True)
        yield Homes(side=GOOGLE, town=town, clock=clock, folder=here, migrated=migrated, stack=stack), patch


def lived_apart(given: Given) -> Lived:
    """The same in a process of its own, which trusts an authority of its own."""
    seed, steps, migrated, folder, wired = given
    with pytest.MonkeyPatch.context() as patch:
        here = Path(tempfile.mkdtemp(dir=folder))
        authority = Authority(here)
        patch.setenv("SSL_CERT_FILE", str(authority.pem))
        net.tls_context.cache_clear()
        try:
            return lived(seed, steps, authority, migrated, here, wired=wired)
        finally:
            net.tls_context.cache_clear()
