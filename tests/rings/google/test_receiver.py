"""S2 with Google's two kinds of messages: the receiver as it ships, true ones beside twice as many forged ones.

Gmail's prove themselves by a signature, which costs more than a secret. The share of a tenth of a second is asked of a
full run alone, on a machine that does nothing else; the sample records it. That none is lost or answered 5xx holds
always.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from threading import Event, Thread

import pytest
from sqlalchemy import func, select, update

from benchmarks.place import Place, place, wait_for
from keepwarm.store import accounts
from keepwarm.store.tables import stream
from keepwarm.types import Grant, StreamKind
from tests import load
from tests.emulators.google import Google, Person, google
from tests.emulators.google.channels import Channel
from tests.emulators.google.forged import FORGERIES
from tests.rings.conftest import Ring
from tests.rings.google.home import PUBLIC, PUSHER, REDIRECT
from tests.servers.dav import Authority
from workers import subscriptions

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

PEOPLE = 20
SCOPES = ("gmail.metadata", "calendar.readonly")
PATHS = {"gmail": "/webhooks/google/gmail", "calendar": "/webhooks/google/calendar"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A server's place, and Google beside it; ``true`` and ``false`` are requests as they go over the wire."""

    here: Place
    town: Google
    people: list[Person]

    def true(self) -> list[bytes]:
        """One of each kind for each person."""
        mails = [self._mail("genuine", each) for each in self.people]
        return mails + [load.request(PATHS["calendar"], b"", each.headers("exists")) for each in self.channels()]

    def false(self, chance: Random, number: int) -> list[bytes]:
        found = []
        for _ in range(number):
            channel = chance.choice(self.channels())
            wrong = channel.headers("exists") | {
                "X-Goog-Channel-Token": f"{channel.id}.{chance.randrange(2**250):064x}"
            }
            mail = self._mail(chance.choice(FORGERIES), chance.choice(self.people))
            found.append(chance.choice([mail, load.request(PATHS["calendar"], b"", wrong)]))
        return found

    def channels(self) -> list[Channel]:
        return list(self.town.channels.values())

    def _mail(self, kind: str, person: Person) -> bytes:
        headers, body = self.town.pushes.forged(kind, person)
        return load.request(PATHS["gmail"], body, headers)

    def stale(self) -> int:
        with self.here.runtime.store.engine.connect() as line:
            count = select(func.count()).select_from(stream).where(stream.c.stale_since.is_not(None))
            return int(line.execute(count).scalar_one())

    def calm(self) -> None:
        """As if all streams had been read a moment ago."""
        with self.here.runtime.store.engine.begin() as line:
            line.execute(update(stream).values(stale_since=None))


@pytest.fixture
def side(authority: Authority, tmp_path: Path) -> Iterator[Side]:
    with google(authority) as town:
        topic = town.topic("mail")
        name = town.subscribe("mail", topic, push=f"{PUBLIC}{PATHS['gmail']}", account=PUSHER)
        settings = {
            "KEEPWARM_PUBLIC_URL": PUBLIC, "KEEPWARM_GOOGLE_BASE": town.base, "KEEPWARM_ALLOW_HOSTS": "localhost",
            "KEEPWARM_GOOGLE_CLIENT": str(town.client_file(tmp_path, [REDIRECT])), "KEEPWARM_GOOGLE_TOPIC": topic,
            "KEEPWARM_GOOGLE_SUBSCRIPTION": name, "KEEPWARM_GOOGLE_PUSH_ACCOUNT": PUSHER,
        }  # fmt: skip
        with place(**settings) as here:
            people = [town.person(f"p{number}@town.example") for number in range(PEOPLE)]
            for each in people:
                connect(here, each)
            yield Side(here=here, town=town, people=people)


def connect(here: Place, person: Person) -> None:
    """An owner with mail and one calendar, both asked to tell of news."""
    runtime = here.runtime
    with runtime.store.system() as tx:
        owner = accounts.create_owner(tx, email=person.address, now=runtime.now())
    told = {"address": person.address, "sub": person.sub, "mail": True, "calendar": True}
    with runtime.store.transaction(owner.id) as tx:
        account = accounts.ensure_account(tx, provider="google", name=person.address, settings=told, now=runtime.now())
        grant = runtime.keys.seal(owner.id, account.id, Grant(values=person.grant(*SCOPES)))
        accounts.keep_grant(tx, account.id, grant, runtime.keys.id)
        made = [
            accounts.create_stream(tx, account_id=account.id, kind=kind, place_ref=ref)
            for kind, ref in ((StreamKind.MAIL, "mail"), (StreamKind.CALENDAR, person.calendar.id))
        ]
    for each in made:
        subscriptions.subscribe(runtime, each, PUBLIC)


@contextmanager
def calming(side: Side) -> Iterator[None]:
    """Streams are read all the while, so that there is always something to mark."""
    over = Event()

    def work() -> None:
        while not over.wait(0.5):
            side.calm()

    thread = Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_true_messages_pass_beside_a_flood_of_forged_ones(side: Side, ring: Ring) -> None:
    """200 true and 400 forged a second."""
    seconds, chance = ring.size(60, 8), ring.chance("forgeries")
    true, false = side.true(), side.false(chance, 300)
    _, port = side.here.serve("shipped", "service.wsgi:make_app", factory=True)
    paces = {"true": (200.0, lambda n: true[n % len(true)]), "forged": (400.0, lambda n: false[n % len(false)])}
    with calming(side):
        told = load.at_pace(port, paces, seconds=seconds)
    p99 = max(told.share(0.99, name) for name in paces)
    ring.record(true=200 * seconds, forged=400 * seconds, p50_ms=round(told.share(0.5, "true") * 1000, 1),
                p99_ms=round(p99 * 1000, 1), slowest_ms=round(told.share(1.0, "true") * 1000),
                key_fetches=side.town.requests["oauth.certs"])  # fmt: skip
    assert told.statuses["true"] == {204: 200 * seconds}
    assert sum(told.statuses["forged"].values()) == 400 * seconds
    assert set(told.statuses["forged"]) <= {401, 404, 413, 429}
    side.calm()
    assert load.fire(port, [load.Shot(request=each) for each in true], lines=4).statuses[""] == {204: len(true)}
    wait_for(lambda: side.stale() == 2 * PEOPLE)
    assert side.town.requests["oauth.certs"] <= seconds // 30 + 4
    assert not ring.full or p99 <= 0.1
