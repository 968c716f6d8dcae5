"""The town: all people, grants and subscriptions of one emulated Microsoft, and what tests set or read.

`__init__.py` opens it. State is kept behind one lock; handshakes, deliveries and waits happen outside it.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from threading import Event, RLock
from typing import Any
from urllib.parse import urlsplit

from tests.emulators.microsoft import consent, faults
from tests.emulators.microsoft.contract import Contract
from tests.emulators.microsoft.grants import GRAPH, OPENID, Grants
from tests.emulators.microsoft.limits import Limits
from tests.emulators.microsoft.person import PERSONAL, Person
from tests.emulators.microsoft.pushes import EVENTS, Pushes
from tests.emulators.microsoft.subscriptions import Handshake, Subscription
from tests.emulators.microsoft.values import Call
from tests.emulators.stand.posting import PATIENCE
from tests.emulators.stand.tokens import Key, key
from tests.emulators.stand.values import Effect

WORK = "84bd8158-6d4d-4958-8b9f-9d6445542f95"  # the tenant of work accounts where none is named
TENANTS: dict[str, Callable[[Person], bool]] = {
    "common": lambda _: True,
    "organizations": lambda person: not person.personal,
    "consumers": lambda person: person.personal,
}


class Microsoft:
    """One emulated Microsoft. Attributes in the first block are switches for tests, in the second what they read."""

    def __init__(self, contract: Contract, clock: Callable[[], datetime]) -> None:
        self.client_secret = "8Q~secret"
        self.secret_expired = False
        self.redirect_uris: list[str] = []
        self.signing_keys = ["microsoft"]  # published; add a name to publish a further key
        self.blocks_user_consent = False  # of work accounts, until an administrator consents for the tenant
        self.consent_refusal = 90094  # or 65001: how such a tenant sends people back (consent.BLOCKS)
        self.scopes_in_full = False  # token answers spell scopes with the address of Graph before them
        self.headers_in_delta = True  # internetMessageHeaders, where selected, come in rounds too
        self.headers_in_lists = True  # and in lists at all, rounds among them
        self.basic_hides_headers = False  # Mail.ReadBasic does not show them
        self.sent_headers = True  # mails in Sent Items have them
        self.sent_lag = timedelta(0)  # until a sent mail is to be seen in Sent Items
        self.rewrites_message_id = False
        self.lean_updates = False  # a round tells of a mail merely read its isRead alone
        self.lean_occurrences = False  # a round tells little of occurrences, and of their series too
        self.removes_at_first = False  # first rounds tell of what is gone, too
        self.duplicate_status = 409  # or 400: of ErrorDuplicateTransactionId
        self.tells_existing_id = True  # such an error names the event
        self.shuffles_batches = True  # parts of a batch come back in another order
        self.quota_on = False
        self.latency = 0.0  # seconds that each request takes at least
        self.longest_subscription = 4230  # minutes; newer material says 10,080
        self.patience = PATIENCE  # seconds for the answer to a handshake
        self.token_end = " 1+1%3A2"  # of a handshake's token: what another decoding, or none, would spoil
        self.unsubscribable: set[Person] = set()
        self.checks_answers = True  # off where a test shows what no contract allows

        self.base = ""
        self.breaches: list[str] = []
        self.history: list[Effect] = []
        self.requests: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.contents: Counter[str] = Counter()  # mails whose subject, preview or body was given away, by method
        self.claims: list[str] = []  # of each sign-in, as it asked for them
        self.handshakes: list[Handshake] = []
        self.people: dict[str, Person] = {}  # by address in lower case
        self.subscriptions: dict[str, Subscription] = {}
        self.closing, self.lock = Event(), RLock()
        self.faults, self.limits, self.grants, self.pushes = faults.plan(), Limits(), Grants(), Pushes(self)
        self.client_id = "4ac4d5b5-6c1c-4a1b-9c4e-0d1f2a3b4c5d"
        self.consented_tenants: set[str] = set()
        self.conditions: dict[str, int] = {}  # oid -> AADSTS number of what a refresh wants first
        self.challenged: set[str] = set()  # oids of whom Graph wants a new sign-in

        self.contract, self._clock = contract, clock
        self._numbers = itertools.count(1)

    def now(self) -> datetime:
        return self._clock()

    def number(self) -> int:
        """One more each time: ids are the same in every run."""
        return next(self._numbers)

    @property
    def peak_at_once(self) -> Counter[Person]:
        """The most requests that were under way at once for a person."""
        return self.limits.peak

    def person(self, address: str, *, name: str = "", personal: bool = False, tenant: str = WORK) -> Person:
        """A new one, or the one who has the address."""
        with self.lock:
            known = self.people.get(address.lower())
            if known is None:
                tid, number = PERSONAL if personal else tenant, len(self.people) + 1
                known = Person(self, address, name=name or address, number=number, tenant=tid)
                self.people[address.lower()] = known
            return known

    def by_oid(self, oid: str) -> Person:
        return next(person for person in self.people.values() if person.oid == oid)

    def is_tenant(self, name: str) -> bool:
        """Whether it is one tenant's own name."""
        return bool(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", name))

    def knows_tenant(self, name: str) -> bool:
        return name in TENANTS or self.is_tenant(name) or name == "oidc"

    def admits(self, tenant: str, person: Person) -> bool:
        """Whether the person may sign in at the addresses of that tenant."""
        return TENANTS[tenant](person) if tenant in TENANTS else person.tid == tenant

    def redirects(self, uri: str) -> bool:
        """Compared as a string; of localhost the port is passed over."""
        return _portless(uri) in map(_portless, self.redirect_uris)

    def spelt(self, scopes: Iterable[str]) -> str:
        """As a token answer lists them: offline_access is not among them."""
        found = sorted(set(scopes) - {"offline_access"})
        if not self.scopes_in_full:
            return " ".join(found)
        return " ".join(one if one in OPENID or "://" in one else GRAPH + one for one in found)

    def consent(self, url: str, person: Person, scopes: Iterable[str] | None = None, *, deny: bool = False) -> str:
        """Where the page at ``url`` leads once the person accepted; ``scopes`` are granted in place of those asked.
        ValueError for an error page."""
        return consent.consented(self, url, person, scopes, deny=deny)

    def admin_consents(self, tenant: str = WORK) -> None:
        """An administrator consents for everybody in the tenant."""
        self.consented_tenants.add(tenant)

    def withdraw(self, person: Person, *, at_once: bool = False) -> None:
        """The person takes the consent back. Access tokens live out their hour unless ``at_once``."""
        with self.lock:
            self.grants.forget(person.oid)
            self.grants.end(person.oid, 65001, at_once=at_once)

    def changes_password(self, person: Person, *, at_once: bool = False) -> None:
        """All refresh tokens are revoked."""
        with self.lock:
            self.grants.end(person.oid, 50173, at_once=at_once)

    def demands(self, person: Person, number: int = 50076) -> None:
        """Conditional access: a refresh is interaction_required (50076, 50079) until the person signs in anew."""
        self.conditions[person.oid] = number

    def challenges(self, person: Person) -> None:
        """Graph answers 401 with claims until the person signs in anew."""
        self.challenged.add(person.oid)

    def no_subscriptions(self, person: Person) -> None:
        """The mailbox cannot be subscribed to: 403."""
        self.unsubscribable.add(person)

    def living(self) -> dict[str, Subscription]:
        """Subscriptions that have not run out."""
        now = self.now()
        return {id_: one for id_, one in self.subscriptions.items() if now < one.until}

    def changed(self, person: Person, kind: str, change: str, item: str, folder: str) -> None:
        """Tells the subscriptions that ask for it, if the grant they came by still lives."""
        now = self.now()
        for one in self.living().values():
            fits = one.person is person and one.kind == kind and change in one.changes and one.folder in ("", folder)
            if fits and self.grants.lives(person.oid, now):
                self.pushes.of_change(one, change, item)

    def lifecycle(self, subscription: str, event: str) -> None:
        """Tells the subscription's lifecycle address; "subscriptionRemoved" removes it, too."""
        if event not in EVENTS:
            raise ValueError(f"no such event: {event}")
        with self.lock:
            one = self.subscriptions[subscription]
            if event == "subscriptionRemoved":
                del self.subscriptions[subscription]
            self.pushes.of_lifecycle(one, event)
        self.pushes.wake()

    def count(self, counter: Counter[str], name: str) -> None:
        """One more in ``requests``, ``refused`` or ``contents``."""
        with self.lock:
            counter[name] += 1

    def breach(self, where: str, what: str) -> None:
        self.breaches.append(f"{where}: {what}")

    def effect(self, call: Call, key_: str, **more: Any) -> None:
        self.history.append(
            Effect(at=self.now(), person=call.person.address, method=call.method.name, key=key_, more=more)
        )

    @property
    def impostor(self) -> Key:
        """A key of another that claims the id of Microsoft's."""
        return Key(key("microsoft").id, key("impostor").private)


def _portless(uri: str) -> str:
    parts = urlsplit(uri)
    return parts._replace(netloc="localhost").geturl() if parts.hostname == "localhost" else uri
