"""A place with Google beside it: people whose mailbox and calendar tell of news, and those messages as they go over the
wire, true and forged. Called by `benchmarks.receiving_google` and by the ring `google`; the emulator is the tests' own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from threading import Event, Thread

from sqlalchemy import func, select, update

from benchmarks.place import Place, place
from keepwarm.store import accounts
from keepwarm.store.tables import stream
from keepwarm.types import Grant, StreamKind
from tests import load
from tests.emulators.google import Google, Person, google
from tests.emulators.google.channels import Channel
from tests.emulators.google.forged import FORGERIES
from tests.emulators.stand.tokens import key
from tests.servers.dav import Authority
from workers import subscriptions

SCOPES = ("gmail.metadata", "calendar.readonly")
PUBLIC = "https://keepwarm.example"
PUSHER = "pusher@project.example"
PATHS = {"gmail": "/webhooks/google/gmail", "calendar": "/webhooks/google/calendar"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A server's place, and Google beside it."""

    here: Place
    town: Google
    people: list[Person]

    def true(self, paths: Mapping[str, str] = PATHS) -> list[bytes]:
        """One message of each kind for each person, to these paths."""
        mails = [self._mail("genuine", each, paths["gmail"]) for each in self.people]
        return mails + [load.request(paths["calendar"], b"", each.headers("exists")) for each in self.channels()]

    def false(self, chance: Random, number: int) -> list[bytes]:
        """So many forged ones of either kind."""
        found = []
        for _ in range(number):
            channel = chance.choice(self.channels())
            wrong = channel.headers("exists") | {
                "X-Goog-Channel-Token": f"{channel.id}.{chance.randrange(2**250):064x}"
            }
            mail = self._mail(chance.choice(FORGERIES), chance.choice(self.people), PATHS["gmail"])
            found.append(chance.choice([mail, load.request(PATHS["calendar"], b"", wrong)]))
        return found

    def channels(self) -> list[Channel]:
        return list(self.town.channels.values())

    def _mail(self, kind: str, person: Person, path: str) -> bytes:
        headers, body = self.town.pushes.forged(kind, person)
        return load.request(path, body, headers)

    def proofs(self) -> str:
        """What a receiver checks messages by, as JSON: Google's keys, its own address there, each channel's token."""
        tokens = {each.id: each.headers("exists")["X-Goog-Channel-Token"] for each in self.channels()}
        keys = {"keys": [key(name).jwk for name in self.town.signing_keys]}
        return json.dumps({"keys": keys, "audience": f"{PUBLIC}{PATHS['gmail']}", "email": PUSHER, "channels": tokens})

    def stale(self) -> int:
        """How many streams wait for a look, of all people."""
        with self.here.runtime.store.engine.connect() as line:
            count = select(func.count()).select_from(stream).where(stream.c.stale_since.is_not(None))
            return int(line.execute(count).scalar_one())

    def calm(self) -> None:
        """As if all streams had been read a moment ago."""
        with self.here.runtime.store.engine.begin() as line:
            line.execute(update(stream).values(stale_since=None))

    @contextmanager
    def calming(self) -> Iterator[None]:
        """Streams are read all the while, so that there is always something to mark."""
        over = Event()

        def work() -> None:
            while not over.wait(0.5):
                self.calm()

        thread = Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


@contextmanager
def beside(authority: Authority, folder: Path, people: int) -> Iterator[Side]:
    """A place and a Google with so many people, all connected there and quiet."""
    with google(authority) as town:
        topic = town.topic("mail")
        name = town.subscribe("mail", topic, push=f"{PUBLIC}{PATHS['gmail']}", account=PUSHER)
        client = town.client_file(folder, [f"{PUBLIC}/connect/google/callback"])
        settings = {
            "KEEPWARM_PUBLIC_URL": PUBLIC, "KEEPWARM_GOOGLE_BASE": town.base, "KEEPWARM_ALLOW_HOSTS": "localhost",
            "KEEPWARM_GOOGLE_CLIENT": str(client), "KEEPWARM_GOOGLE_TOPIC": topic,
            "KEEPWARM_GOOGLE_SUBSCRIPTION": name, "KEEPWARM_GOOGLE_PUSH_ACCOUNT": PUSHER,
        }  # fmt: skip
        with place(**settings) as here:
            there = [town.person(f"p{number}@town.example") for number in range(people)]
            for each in there:
                _connect(here, each)
            yield Side(here=here, town=town, people=there)


def _connect(here: Place, person: Person) -> None:
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
