"""Gmail's notices where nobody reaches us from outside: fetched from a Pub/Sub subscription by a service account.

Called by `Google` and `checks`; `push` reads the same messages where they are sent. pubsub v1; RFC 7523 for the token.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from integrations.base import House
from integrations.google.answers import objects, text
from integrations.google.calls import DISABLED, SWITCHED_OFF, Reply, read, refusal
from integrations.google.consent import server
from integrations.google.hosts import PUBSUB, TOKEN, at
from integrations.wire import http, oauth
from integrations.wire.jwt import ALGORITHMS, BROKEN, NEVER
from integrations.wire.tokens import Client, Given
from keepwarm.errors import MisconfiguredError, TryAgainLater
from keepwarm.settings import Settings
from keepwarm.texts import mark
from keepwarm.types import Push, StreamKind

SCOPE = "https://www.googleapis.com/auth/pubsub"
AT_ONCE = 100  # messages; a mailbox has one a second at most
ROUNDS = 10  # of one pull: what still waits then is fetched by the next
LONGEST = 64 << 10  # bytes of the key's file
HOUR = timedelta(hours=1)  # how long an assertion counts at most
MINUTE = timedelta(minutes=1)  # before its end a token is renewed
MADE = timedelta(seconds=10)  # an assertion is dated back: clocks differ
STANDARD = str.maketrans("-_", "+/")
# The sweep asks every half minute and must not be held up; without the second Google waits until something comes.
WISH = {"maxMessages": AT_ONCE, "returnImmediately": True}

BAD_KEY = mark(
    "The file that KEEPWARM_GOOGLE_PULL_KEY names is not the key of a service account. Make a new one in the Cloud"
    " console, under Service accounts."
)
NO_SUBSCRIPTION = mark("The subscription in KEEPWARM_GOOGLE_SUBSCRIPTION does not exist. Make it in the Cloud console.")
NOT_ALLOWED = mark(
    "The service account of KEEPWARM_GOOGLE_PULL_KEY may not pull: give it the role Pub/Sub Subscriber on the"
    " subscription."
)
PUSHED = mark("The subscription in KEEPWARM_GOOGLE_SUBSCRIPTION pushes: nothing can be pulled from it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Robot:
    """A service account, as its key's file has it."""

    name: str
    key_name: str
    key: RSAKey = field(repr=False)


@dataclass(slots=True)
class Purse:
    """The access token of a service account, kept until it ends. Any thread may ask."""

    token: str = field(default="", repr=False)
    of: tuple[str, str] = ("", "")  # the key's file, and where Google is
    until: datetime = NEVER
    lock: Lock = field(default_factory=Lock, repr=False)

    def current(self, house: House) -> str:
        """Raises MisconfiguredError, TryAgainLater."""
        settings, now = house.settings, house.now()
        of = (settings.google_pull_key, settings.google_base)
        with self.lock:
            if self.of != of or not now + MINUTE < self.until <= now + HOUR:
                given = _given(house)
                self.token, self.of, self.until = given.access, of, given.expires_at
            return self.token

    def drop(self, token: str) -> None:
        """It is dead before its time."""
        with self.lock:
            if self.token == token:
                self.until = NEVER


PURSE = Purse()  # of this process


def pulls(settings: Settings) -> bool:
    """Whether notices about mail are fetched: where a key is there, and the subscription is not one that pushes."""
    pushed = settings.google_push_account and settings.public_url
    return bool(settings.google_pull_key and settings.google_subscription and not pushed)


def pull(house: House, take: Callable[[Sequence[Push]], None]) -> int:
    """Hand what waits to ``take``, and then acknowledge it; how many notices. 0 without set-up.

    What cannot be read is acknowledged and dropped. Raises MisconfiguredError in words for the operator, TryAgainLater.
    """
    count = 0
    for _ in range(ROUNDS if pulls(house.settings) else 0):
        waits = objects(ask(house, "POST", ":pull", WISH).told, "receivedMessages")
        if not waits:
            break
        pushes = [push for each in waits for push in about(each.get("message"))]
        if pushes:
            take(list(dict.fromkeys(pushes)))
        count += len(pushes)
        if ids := [text(each, "ackId") for each in waits if text(each, "ackId")]:
            ask(house, "POST", ":acknowledge", {"ackIds": ids})
    return count


def ask(house: House, method: str, verb: str = "", body: Mapping[str, Any] | None = None) -> Reply:
    """What Pub/Sub tells of our subscription. Raises MisconfiguredError in words for the operator, TryAgainLater."""
    url = at(house.settings.google_base, f"{PUBSUB}/{house.settings.google_subscription}") + verb
    for _ in range(2):
        token = PURSE.current(house)
        reply = _once(house, method, url, token, body)
        if reply.status != 401:
            break
        PURSE.drop(token)
    if reply.good:
        return reply
    says = {400: PUSHED, 401: BAD_KEY, 403: NOT_ALLOWED, 404: NO_SUBSCRIPTION}.get(reply.status)
    says, error = DISABLED if reply.reasons & SWITCHED_OFF else says, refusal(reply, house.now())
    raise error if says is None or isinstance(error, TryAgainLater) else MisconfiguredError(says)


def _once(house: House, method: str, url: str, token: str, body: Mapping[str, Any] | None) -> Reply:
    client = http.Client(house.reach)
    headers = {"Authorization": f"Bearer {token}"} | ({"Content-Type": "application/json"} if body else {})
    try:
        data = json.dumps(body).encode() if body else b""
        return read(client.call(method, url, body=data, headers=headers, follow=False))
    finally:
        client.close()


def about(message: Any) -> list[Push]:
    """What a message of Gmail's is about: one mailbox, lower case; empty where it cannot be read.

    How far that mailbox came (``historyId``) is not looked at: we go on from where we are.
    """
    data = text(message, "data").translate(STANDARD).rstrip("=")
    try:
        told = json.loads(base64.b64decode(data + "=" * (-len(data) % 4), validate=True))
    except (ValueError, RecursionError):
        return []
    address = text(told, "emailAddress").lower()
    good = 3 <= len(address) <= 320 and "@" in address
    return [Push(kind=StreamKind.MAIL, remote_ref=address)] if good else []


def _given(house: House) -> Given:
    robot, settings = _robot(house.settings.google_pull_key), house.settings
    made = int((house.now() - MADE).timestamp())
    claims = {
        "iss": robot.name,
        "scope": SCOPE,
        "aud": at(settings.google_base, TOKEN),
        "iat": made,
        "exp": made + int(HOUR.total_seconds()),
    }
    signed = jwt.encode({"alg": ALGORITHMS[0], "kid": robot.key_name}, claims, robot.key, algorithms=ALGORITHMS)
    client = Client(server=server(settings), id=robot.name, secret="", reach=house.reach, now=house.now())
    return oauth.assertion(client, signed)


def _robot(path: str) -> Robot:
    """Raises MisconfiguredError, in words for the operator."""
    try:
        with Path(path).open("rb") as file:
            told = json.loads(file.read(LONGEST))
        key = RSAKey.import_key(str(told["private_key"]))
        return Robot(name=str(told["client_email"]), key_name=str(told["private_key_id"]), key=key)
    except (OSError, *BROKEN):
        pass
    raise MisconfiguredError(BAD_KEY)
