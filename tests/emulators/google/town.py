"""The town: all people, grants, topics and channels of one emulated Google, and what tests set or read.

`__init__.py` opens it. State is kept behind one lock; deliveries and waits happen outside it.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from threading import Event, RLock
from typing import Any

from tests.emulators.google import consent, faults
from tests.emulators.google.calendars import Calendar
from tests.emulators.google.channels import Channel
from tests.emulators.google.contract import Contract
from tests.emulators.google.grants import PLAIN, Grants
from tests.emulators.google.person import Person
from tests.emulators.google.pushes import Pushes
from tests.emulators.google.quota import Quota
from tests.emulators.google.topics import Note, Subscription, Topic
from tests.emulators.google.values import Call, Effect
from tests.emulators.stand.tokens import Key, key

PROJECT = "keepwarm-test"


class Google:
    """One emulated Google. Attributes in the first block are switches for tests, in the second what they read."""

    def __init__(self, contract: Contract, clock: Callable[[], datetime]) -> None:
        self.rotates = False  # every refresh gives a new refresh token
        self.testing = False  # publishing status Testing: grants die after 7 days
        self.admin_blocks = False  # a Workspace administrator refuses the client
        self.rewrites_message_id = False
        self.shuffles_batches = False  # parts of a batch come back in another order
        self.expired_sync_status = 400  # or 410; sources differ (PROVIDERS.md, section 3)
        self.quota_on = False
        self.client_secret = "GOCSPX-secret"
        self.signing_keys = ["google"]  # published; add a name to publish a further key
        self.redirect_uris: list[str] = []

        self.base = ""
        self.breaches: list[str] = []
        self.history: list[Effect] = []
        self.requests: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.lock, self.closing = RLock(), Event()
        self.faults, self.quota, self.grants, self.pushes = faults.plan(), Quota(), Grants(), Pushes(self)
        self.people: dict[str, Person] = {}  # by address in lower case
        self.topics: dict[str, Topic] = {}
        self.subscriptions: dict[str, Subscription] = {}
        self.channels: dict[str, Channel] = {}  # open ones
        self.channel_ids: set[str] = set()  # ever used
        self.project, self.client_id = PROJECT, "407408718192.apps.googleusercontent.com"
        self.robot = f"keepwarm@{PROJECT}.iam.gserviceaccount.com"  # the service account
        self.robot_person = Person(self, self.robot, name="", number=0)

        self.contract, self._clock = contract, clock
        self.snapshots: dict[str, tuple[list[Any], Any]] = {}
        self._numbers = itertools.count(1)

    def now(self) -> datetime:
        return self._clock()

    def number(self) -> int:
        """One more each time: ids are the same in every run."""
        return next(self._numbers)

    def person(self, address: str, *, name: str = "") -> Person:
        """A new one, or the one who has the address."""
        with self.lock:
            known = self.people.get(address.lower())
            if known is None:
                known = Person(self, address, name=name or address, number=len(self.people) + 1)
                self.people[address.lower()] = known
            return known

    def by_sub(self, sub: str) -> Person:
        return next(person for person in self.people.values() if person.sub == sub)

    def lives(self, address: str) -> bool:
        """Whether the address is a person's of this town."""
        return address.lower() in self.people

    def client_file(self, folder: Path, redirect_uris: Iterable[str]) -> Path:
        """What the Cloud console lets one download for a Web client; registers the addresses."""
        self.redirect_uris = list(redirect_uris)
        path = folder / "client_secret.json"
        web = {
            "client_id": self.client_id, "project_id": self.project, "auth_uri": f"{self.base}/o/oauth2/auth",
            "token_uri": f"{self.base}/token", "auth_provider_x509_cert_url": f"{self.base}/oauth2/v1/certs",
            "client_secret": self.client_secret, "redirect_uris": self.redirect_uris,
        }  # fmt: skip
        path.write_text(json.dumps({"web": web}))
        return path

    def service_key_file(self, folder: Path) -> Path:
        """The key of the service account that pulls."""
        path, own = folder / "service_key.json", key("service")
        about = {
            "type": "service_account", "project_id": self.project, "private_key_id": own.id, "private_key": own.pem,
            "client_email": self.robot, "client_id": "113774264463038321965", "token_uri": f"{self.base}/token",
            "auth_uri": f"{self.base}/o/oauth2/auth", "universe_domain": "googleapis.com",
        }  # fmt: skip
        path.write_text(json.dumps(about))
        return path

    def consent(self, url: str, person: Person, scopes: Iterable[str] | None = None, *, deny: bool = False) -> str:
        """Where the page at ``url`` leads once the person ticked ``scopes`` (all); ValueError for an error page."""
        return consent.consented(self, url, person.sub, scopes, deny=deny)

    def withdraw(self, person: Person) -> None:
        """The person takes the grant back in their Google account."""
        self.withdraw_sub(person.sub)

    def withdraw_sub(self, sub: str) -> None:
        with self.lock:
            self.grants.revoke(sub)

    def knows(self, scope: str) -> bool:
        return scope in self.contract.scopes | PLAIN

    def topic(self, name: str, *, gmail_may_publish: bool = True) -> str:
        """A topic of the project; its full name."""
        full = f"projects/{self.project}/topics/{name}"
        self.topics[full] = Topic(name=full, gmail_may_publish=gmail_may_publish)
        return full

    def subscribe(
        self, name: str, topic: str, *, push: str = "", audience: str = "", account: str = "", deadline: int = 10
    ) -> str:
        """A subscription to the topic's full name, pulled from or pushed to an address; its full name."""
        full = f"projects/{self.project}/subscriptions/{name}"
        self.subscriptions[full] = Subscription(
            name=full, topic=topic, push=push, audience=audience, account=account, deadline=deadline
        )
        return full

    def publish(self, topic: str, data: bytes) -> None:
        """To every subscription of the topic."""
        note = Note(id=f"{2_070_443_600_000_000 + self.number()}", data=data, at=self.now())
        for subscription in self.subscriptions.values():
            if subscription.topic == topic and subscription.push:
                self.pushes.of_note(subscription, note)
            elif subscription.topic == topic:
                subscription.notes[note.id] = note

    def calendar_changed(self, calendar: Calendar, person: Person) -> None:
        """Tells the open channels, if the grant they came by still lives."""
        now = self.now()
        for channel in self.channels.values():
            own = channel.calendar == calendar.id and channel.sub == person.sub
            if own and now < channel.until and self.grants.lives(person.sub, now):
                self.pushes.of_channel(channel, "exists")

    def count(self, counter: Counter[str], name: str) -> None:
        """One more in ``requests`` or ``refused``."""
        with self.lock:
            counter[name] += 1

    def breach(self, where: str, what: str) -> None:
        self.breaches.append(f"{where}: {what}")

    def effect(self, call: Call, key_: str, **more: Any) -> None:
        self.history.append(
            Effect(at=self.now(), person=call.person.address, method=call.method.id, key=key_, more=more)
        )

    @property
    def impostor(self) -> Key:
        """A key of another that claims the id of Google's."""
        return Key(key("google").id, key("impostor").private)
