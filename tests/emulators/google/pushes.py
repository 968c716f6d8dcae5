"""What Google sends by itself: Pub/Sub pushes and calendar channel messages, kept in a queue until they are delivered.

A test sets ``town.pushes.to`` to the receiver's base address and either lets them go at once (``mode``) or delivers by
hand. PROVIDERS.md, sections 1 and 2; samples in ../shared/contracts/google/examples.
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from random import Random
from threading import Condition, Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.emulators.google.channels import Channel
from tests.emulators.google.forged import forge
from tests.emulators.google.tokens import key, signed
from tests.emulators.google.topics import Note, Subscription
from tests.emulators.google.values import Json, stamp

if TYPE_CHECKING:
    from tests.emulators.google.person import Person
    from tests.emulators.google.town import Google

AT_ONCE, HELD = "at once", "held"
ACKNOWLEDGED = (102, 200, 201, 202, 204)  # Pub/Sub takes these
AGAIN = (0, 500, 502, 503, 504)  # a channel message comes again; 0: no answer
PATIENCE = 10.0  # seconds, the default deadline to acknowledge
Parts = tuple[Mapping[str, str], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One message to deliver; ``parts`` makes headers and body at that moment; ``tries`` counts failed deliveries."""

    kind: str  # "gmail" or "calendar"
    address: str
    parts: Callable[[], Parts]
    tries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """One delivery and how it was answered; 0: not at all."""

    kind: str
    address: str
    headers: Mapping[str, str]
    body: bytes
    status: int


class Pushes:
    """The queue. ``waiting`` and ``done`` may be read by tests."""

    def __init__(self, town: Google) -> None:
        self.to = ""
        self.mode = HELD
        self.waiting: list[Waiting] = []
        self.done: list[Delivered] = []
        self._town, self._busy = town, 0
        self._changed = Condition()
        self._worker: Thread | None = None

    def of_channel(self, channel: Channel, state: str) -> None:
        headers = channel.headers(state)
        self._put(Waiting(kind="calendar", address=channel.address, parts=lambda: (headers, b"")))

    def of_note(self, subscription: Subscription, note: Note) -> None:
        parts = lambda: (self.bearer(subscription), body_of(subscription.name, note))  # noqa: E731
        self._put(Waiting(kind="gmail", address=subscription.push, parts=parts))

    def bearer(self, subscription: Subscription) -> dict[str, str]:
        """The headers of a genuine push; no token where the subscription has no account."""
        headers = {"Content-Type": "application/json"}
        if not subscription.account:
            return headers
        return headers | {"Authorization": f"Bearer {signed(self.claims(subscription), key('google'))}"}

    def claims(self, subscription: Subscription) -> Json:
        now = int(self._town.now().timestamp())
        return {
            "aud": subscription.audience or subscription.push, "azp": "113774264463038321964",
            "email": subscription.account, "email_verified": True, "exp": now + 3600, "iat": now, "iss": "https://accounts.google.com",
            "sub": "113774264463038321964",
        }  # fmt: skip

    def forged(self, kind: str, person: Person, *, history_id: int | None = None, subscription: str = "") -> Parts:
        """Headers and body of a push that must not be believed (see `forged.FORGERIES`), or a "genuine" one."""
        return forge(self._town, kind, person, history_id=history_id, subscription=subscription)

    def deliver(
        self, n: int | None = None, *, doubled: bool = False, shuffled: int | None = None, dropped: int = 0
    ) -> list[int]:
        """Delivers the next ``n`` (all): twice each, in an order drawn from the seed ``shuffled``, without the first
        ``dropped``. The statuses, in the order delivered; what failed waits again."""
        with self._changed:
            chosen, self.waiting = self.waiting[:n], self.waiting[len(self.waiting[:n]) :]
        chosen = [one for one in chosen[dropped:] for _ in range(2 if doubled else 1)]
        if shuffled is not None:
            Random(shuffled).shuffle(chosen)
        return [self._deliver(one) for one in chosen]

    def send(self, headers: Mapping[str, str], body: bytes, *, address: str) -> int:
        """Delivers something a test made up; the status."""
        return self._deliver(Waiting(kind="made up", address=address, parts=lambda: (headers, body)))

    def wake(self) -> None:
        """Lets the worker look, where messages go at once."""
        if self.mode == AT_ONCE and self.to and self.waiting:
            with self._changed:
                if self._worker is None:
                    self._worker = Thread(target=self._work, daemon=True)
                    self._worker.start()
                self._changed.notify_all()

    def wait(self, seconds: float = PATIENCE) -> bool:
        """Whether everything due has been delivered within that time."""
        self.wake()
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy and not self._due(), seconds)

    def close(self) -> None:
        with self._changed:
            self._changed.notify_all()
        if self._worker:
            self._worker.join(PATIENCE)

    def _put(self, one: Waiting) -> None:
        with self._changed:
            self.waiting.append(one)

    def _due(self) -> list[Waiting]:
        """What the worker has to do; a failed one waits for the test."""
        return [one for one in self.waiting if not one.tries] if self.mode == AT_ONCE and self.to else []

    def _work(self) -> None:
        while not self._town.closing.is_set():
            with self._changed:
                self._changed.wait_for(lambda: bool(self._due()) or self._town.closing.is_set(), 0.2)
                due = self._due()[:1]
                if due:
                    self.waiting.remove(due[0])
                self._busy = len(due)
            for one in due:
                self._deliver(one)
            with self._changed:
                self._busy = 0
                self._changed.notify_all()

    def _deliver(self, one: Waiting) -> int:
        headers, body = one.parts()
        status = posted(self.to or one.address, one.address, headers, body)
        taken = ACKNOWLEDGED if one.kind == "gmail" else (status,) if status not in AGAIN else ()
        with self._changed:
            given = Delivered(kind=one.kind, address=one.address, headers=headers, body=body, status=status)
            self.done.append(given)
            if status not in taken and one.kind != "made up":
                self.waiting.append(replace(one, tries=one.tries + 1))
        return status


def body_of(subscription: str, note: Note) -> bytes:
    """A push in the wrapped form, with both spellings of each name, as in the sample."""
    id_, at = note.id, stamp(note.at)
    message = {"data": base64.b64encode(note.data).decode(), "messageId": id_, "message_id": id_}
    return json.dumps(
        {"message": message | {"publishTime": at, "publish_time": at}, "subscription": subscription}
    ).encode()


def posted(to: str, address: str, headers: Mapping[str, str], body: bytes) -> int:
    """The status of a POST to the path of ``address`` at the host of ``to``; 0 when no answer came."""
    base, path = urlsplit(to), urlsplit(address)
    kinds: dict[str, Any] = {"context": ssl._create_unverified_context()} if base.scheme == "https" else {}
    made = http.client.HTTPSConnection if base.scheme == "https" else http.client.HTTPConnection
    with closing(made(base.hostname or "", base.port, timeout=PATIENCE, **kinds)) as line:
        try:
            line.request("POST", path.path + (f"?{path.query}" if path.query else ""), body=body, headers=dict(headers))
            answer = line.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return 0
        return answer.status
