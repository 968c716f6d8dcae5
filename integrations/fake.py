"""The provider ``fake``: a whole provider in memory, for tests of the engine and of the contract. Opened by name.

A `World` is what stands on the other side: items with revisions, a calendar, a mailbox, and what shall go wrong. Tests
change it as people and providers would; the account's settings name it (``{"world": name}``); a world that nobody made
is an empty one. Done: all protocols. Its notices are JSON, signed for each subscription they speak of (`notice`).
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, ClassVar

from integrations.base import House, Notice, Opening
from keepwarm.errors import AccessRevoked, CursorExpired, NotAuthentic, TryAgainLater
from keepwarm.texts import mark
from keepwarm.types import (
    Broken,
    Check,
    FoundEvent,
    Gone,
    Handshake,
    Item,
    Mail,
    OurEvent,
    Page,
    Place,
    Push,
    Stream,
    StreamKind,
    Subscription,
)

CALENDAR = "ours"
SIGNATURE = "fake-signature"  # the header: "ID=hexadecimal HMAC-SHA256 of the body", one for each subscription
NOTICES_AT_MOST = 100  # in one body
STANDS = timedelta(days=7)  # how long a subscription lasts
WORLDS: dict[str, World] = {}


@dataclass(slots=True)
class World:
    """The other side. ``log`` holds every revision in order; a cursor is ``epoch:revision``."""

    page_size: int = 2
    epoch: int = 0  # raised: every cursor is dead
    revoked: bool = False
    throttle: timedelta | None = None
    log: list[Item | Gone | Broken] = field(default_factory=list)
    events: dict[str, OurEvent] = field(default_factory=dict)
    removed_by_user: set[str] = field(default_factory=set)
    mails: dict[str, list[Mail]] = field(default_factory=dict)
    drafts: dict[str, Mail] = field(default_factory=dict)
    subscriptions: dict[str, tuple[str, str]] = field(default_factory=dict)  # address and secret by reference
    lose_answer: bool = False  # the next write is carried out, and its answer gets lost
    before_call: Callable[[str], None] = lambda _: None  # a test's look at every call

    def add(self, *found: Item | Gone | Broken) -> None:
        self.log.extend(found)

    def user_moves(self, uid: str, start: datetime) -> None:
        event = self.events[uid]
        self.events[uid] = replace(event, start_at=start, end_at=start + (event.end_at - event.start_at))

    def user_removes(self, uid: str) -> None:
        self.removed_by_user.add(uid)
        self.events.pop(uid, None)


class Fake:
    name: ClassVar[str] = "fake"
    reads: ClassVar[frozenset[StreamKind]] = frozenset({StreamKind.MAIL, StreamKind.CALENDAR, StreamKind.CONTACTS})

    def __init__(self, opening: Opening) -> None:
        self._world = WORLDS.setdefault(str(opening.settings.get("world", "")), World())
        self._own = opening.owner_addresses
        self._now = opening.now

    def _call(self, verb: str) -> World:
        """Every call passes here, so that every call can be refused."""
        world = self._world
        world.before_call(verb)
        if world.revoked:
            raise AccessRevoked("the grant was withdrawn")
        if world.throttle:
            raise TryAgainLater(world.throttle)
        return world

    def _answered(self, world: World) -> None:
        if world.lose_answer:
            world.lose_answer = False
            raise ConnectionResetError("the answer got lost")

    def verify(self) -> Sequence[Check]:
        world = self._world
        return [Check(name="grant", ok=not world.revoked, says=mark("Connect it again.") if world.revoked else "")]

    def places(self) -> Sequence[Place]:
        return [Place(ref=CALENDAR, name="Keepwarm", kind=StreamKind.CALENDAR, ours=True)]

    def own_addresses(self) -> Sequence[str]:
        return self._own

    def revoke(self) -> None:
        self._world.revoked = True

    def changes(self, stream: Stream) -> Iterator[Page]:
        world = self._call("changes")
        begin = self._resume(stream.cursor)
        while True:
            part = world.log[begin : begin + world.page_size]
            begin += len(part)
            last = begin >= len(world.log)
            yield Page(
                items=tuple(each for each in part if not isinstance(each, Gone | Broken)),
                gone=tuple(each for each in part if isinstance(each, Gone)),
                broken=tuple(each for each in part if isinstance(each, Broken)),
                cursor=f"{world.epoch}:{begin}",
                last=last,
            )
            if last:
                return
            self._call("changes")

    def _resume(self, cursor: str) -> int:
        epoch, _, revision = cursor.partition(":")
        if cursor and int(epoch) != self._world.epoch:
            raise CursorExpired("the cursor is from another time")
        return int(revision or 0)

    def subscribe(self, stream: Stream, address: str, secret: str, existing: Subscription | None) -> Subscription:
        world = self._call("subscribe")
        ref = existing.remote_ref if existing else f"subscription of {stream.id}"
        held = existing.secret if existing else secret
        world.subscriptions[ref] = (address, held)
        self._answered(world)
        return Subscription(remote_ref=ref, secret=held, expires_at=self._now() + STANDS)

    def unsubscribe(self, subscription: Subscription) -> None:
        self._call("unsubscribe").subscriptions.pop(subscription.remote_ref, None)

    @staticmethod
    def parse_push(notice: Notice, house: House) -> Handshake | Sequence[Push]:
        if "challenge" in notice.query:
            return _handshake(notice.query["challenge"])
        proven = _proven(notice.headers.get(SIGNATURE, ""), notice.body, house.secret_of)
        pushes = _told(notice.body)
        if not {each.subscription_ref for each in pushes} <= proven:
            raise NotAuthentic("the body speaks of what it does not prove")
        return pushes

    def ensure_calendar(self) -> str:
        self._call("ensure_calendar")
        return CALENDAR

    def put_event(self, calendar_ref: str, event: OurEvent) -> FoundEvent:
        assert calendar_ref == CALENDAR
        world = self._call("put_event")
        if event.uid not in world.removed_by_user:
            world.events[event.uid] = event
        self._answered(world)
        return _found(world, event.uid)

    def delete_event(self, calendar_ref: str, uid: str) -> None:
        assert calendar_ref == CALENDAR
        world = self._call("delete_event")
        world.events.pop(uid, None)
        self._answered(world)

    def remove_all_events(self) -> None:
        self._call("remove_all_events").events.clear()

    def get_event(self, calendar_ref: str, uid: str) -> FoundEvent | None:
        assert calendar_ref == CALENDAR
        world = self._call("get_event")
        return _found(world, uid) if uid in world.events or uid in world.removed_by_user else None

    def send(self, mail: Mail) -> str:
        """Sends every time it is called, as real ones do: at most once is the engine's to keep."""
        world = self._call("send")
        world.mails.setdefault(mail.message_id, []).append(mail)
        self._answered(world)
        return mail.message_id

    def find(self, message_id: str) -> str | None:
        return message_id if message_id in self._call("find").mails else None

    def save_draft(self, mail: Mail) -> str:
        world = self._call("save_draft")
        world.drafts[mail.message_id] = mail
        self._answered(world)
        return mail.message_id


def notice(
    *secrets: str, kind: StreamKind = StreamKind.MAIL, channel: bool = False, about: str = "news"
) -> tuple[dict[str, str], bytes]:
    """Headers and body of one true notice for the subscriptions that these secrets belong to."""
    says = {"kind": str(kind), "channel": channel, "about": about}
    told = [{"subscription": each.partition(".")[0]} | says for each in secrets]
    body = json.dumps({"notices": told}).encode()
    signed = (f"{each.partition('.')[0]}={_signature(each, body)}" for each in secrets)
    return {SIGNATURE: ",".join(signed), "content-type": "application/json"}, body


def _signature(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, "sha256").hexdigest()


def _proven(header: str, body: bytes, secret_of: Callable[[str], str]) -> set[str]:
    """The subscriptions in whose name this body is signed. Raises NotAuthentic if any of it is wrong, or nothing."""
    parts = [part.partition("=") for part in header.split(",")[: NOTICES_AT_MOST + 1]]
    right = [
        hmac.compare_digest(_signature(secret_of(name), body).encode(), given.encode()) for name, _, given in parts
    ]
    if not all(right) or len(parts) > NOTICES_AT_MOST:
        raise NotAuthentic("the signature is wrong or missing")
    return {name for name, _, _ in parts}


def _told(body: bytes) -> list[Push]:
    """What a signed body says; its shape is the other side's, so any slip in it is no proof of anything."""
    try:
        read: Any = json.loads(body)
        return [
            Push(
                subscription_ref=str(each["subscription"]),
                kind=StreamKind(each["kind"]),
                channel=each.get("channel", False) is True,
                about=str(each.get("about", "news")),
            )
            for each in read["notices"]
        ]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise NotAuthentic("the body is no notice") from None


def _handshake(challenge: str) -> Handshake:
    if not (challenge.isascii() and challenge.isprintable() and len(challenge) <= 512):
        raise NotAuthentic("no challenge of ours")
    return Handshake(body=challenge)


def _found(world: World, uid: str) -> FoundEvent:
    event = world.events.get(uid)
    if event is None:
        return FoundEvent(remote_ref=uid, deleted_by_user=True)
    told = f"{event.start_at.isoformat()}\n{event.end_at.isoformat()}\n{event.title}"
    digest = sha256(told.encode()).hexdigest()[:32]
    return FoundEvent(remote_ref=uid, start_at=event.start_at, end_at=event.end_at, fingerprint=digest)
