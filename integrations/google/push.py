"""Notices of news: Gmail's through a Pub/Sub topic, a calendar's through a channel; contacts have none.

Called by `Google`. A notice is a hint and is proven before anything of it is read: Gmail's by a token that Google
signed for our service account, a channel's by our own secret (RELIABILITY.md G9, G10, G12). What is proven and says
nothing that we know is taken as nothing, since it would only come again. PROVIDERS.md, sections 1 and 2, read November
2026.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any
from urllib.parse import quote

from integrations.base import House, NoAddress, Notice, Opening
from integrations.google import consent, pubsub
from integrations.google.answers import text
from integrations.google.calls import NO_SCOPE, STRANGE, SWITCHED_OFF, TOO_FAST, TOO_MUCH, Calls, refusal
from integrations.google.hosts import CALENDAR, GMAIL
from integrations.wire.jwt import verify
from keepwarm.errors import AccessRevoked, NotAuthentic, Rejected
from keepwarm.settings import Settings
from keepwarm.texts import mark
from keepwarm.types import Push, Stream, StreamKind, Subscription

BODY = 64 << 10  # bytes (RELIABILITY.md G12)
WEEK = timedelta(days=7)  # the longest that a watch or a channel stands
DAY = timedelta(days=1)  # where an answer does not say until when; ours
UNHEARD = ("SPAM", "TRASH", "DRAFT", "CHAT")  # labels of what is never read (`gmail`)
COSTS = {"watch": 100, "stop": 50, "profile": 1}  # units; the table before May 2026, not known to have changed

NO_TOPIC = mark("Gmail tells of news once the operator sets KEEPWARM_GOOGLE_TOPIC and KEEPWARM_GOOGLE_SUBSCRIPTION.")
NO_WAY = mark(
    "Gmail tells of news once the operator sets KEEPWARM_GOOGLE_PUSH_ACCOUNT or, where nobody reaches Keepwarm from"
    " outside, KEEPWARM_GOOGLE_PULL_KEY."
)
UNREACHED = mark("Google tells of news only where it reaches Keepwarm from outside.")
NO_CONTACTS = mark("Google does not tell of news about contacts.")
OTHER_PROJECT = mark(
    "Gmail does not take the topic in KEEPWARM_GOOGLE_TOPIC: it has to lie in the same Cloud project as the client."
)
NO_RIGHT = mark(
    "Gmail may not write to the topic: give gmail-api-push@system.gserviceaccount.com the role Pub/Sub Publisher on it."
)
TOPIC_GONE = mark("The topic in KEEPWARM_GOOGLE_TOPIC does not exist. Make it in the Cloud console, under Pub/Sub.")
UNWATCHED = mark("Google tells no news about this calendar.")

_CHANNEL = re.compile(r"[\w+/=-]{1,64}", re.ASCII)  # what an id of a channel may be (Channel.id)
_FAMILIAR = TOO_FAST | TOO_MUCH | NO_SCOPE | SWITCHED_OFF


def subscribe(
    calls: Calls, opening: Opening, stream: Stream, address: str, secret: str, existing: Subscription | None
) -> Subscription:
    """A mailbox's watch is prolonged; a calendar's channel is always a new one. Raises NoAddress, Rejected."""
    if stream.kind is StreamKind.MAIL:
        pulled = _pulled(opening.operator, address)
        mailbox, until = watch(calls, opening.operator)
        secret = existing.secret if existing else secret
        return Subscription(remote_ref=mailbox, secret=secret, expires_at=until, pulled=pulled)
    if stream.kind is StreamKind.CALENDAR:
        return _channel(calls, stream.place_ref, address, secret)
    raise Rejected(NO_CONTACTS)


def unsubscribe(calls: Calls, opening: Opening, subscription: Subscription) -> None:
    """End it; already gone is success, and so is a dead grant: all of it ends with that.

    A project has one watch for each mailbox, whoever asked: the engine ends it with the last account that hears by it.
    """
    del opening
    with suppress(AccessRevoked):
        if "@" in subscription.remote_ref:
            calls.spend("gmail", COSTS["stop"])
            calls.call("POST", f"{GMAIL}/stop")
            return
        ids = {"id": _id(subscription.secret), "resourceId": subscription.remote_ref}
        calls.spend("calendar", 1)
        calls.call("POST", f"{CALENDAR}/channels/stop", body=ids, ok={404})


def watch(calls: Calls, settings: Settings) -> tuple[str, datetime]:
    """Have Gmail write to the operator's topic: the mailbox by the name that notices will have, and until when.

    Raises Rejected, in words for the operator, where Gmail does not take the topic.
    """
    calls.spend("gmail", COSTS["profile"] + COSTS["watch"])
    mailbox = text(calls.get(f"{GMAIL}/profile").told, "emailAddress").lower()
    wish = {"topicName": settings.google_topic, "labelIds": list(UNHEARD), "labelFilterBehavior": "exclude"}
    reply = calls.call("POST", f"{GMAIL}/watch", body=wish, ok={400, 403, 404})
    if not reply.good and reply.reasons & _FAMILIAR:
        raise refusal(reply, calls.now)
    if not reply.good:
        raise Rejected({400: OTHER_PROJECT, 403: NO_RIGHT}.get(reply.status, TOPIC_GONE))
    if "@" not in mailbox:
        raise Rejected(STRANGE)
    return mailbox, _until(reply.told, calls.now)


def _pulled(settings: Settings, address: str) -> bool:
    """Whether notices about mail are fetched; False: they are sent. Raises NoAddress, Rejected where neither works."""
    if not settings.google_topic or not settings.google_subscription:
        raise Rejected(NO_TOPIC)
    if settings.google_push_account and address:
        return False
    if pubsub.pulls(settings):
        return True
    raise NoAddress(UNREACHED) if settings.google_push_account else Rejected(NO_WAY)


def _channel(calls: Calls, calendar: str, address: str, secret: str) -> Subscription:
    if not address:
        raise NoAddress(UNREACHED)
    ends = str(int((calls.now + WEEK).timestamp() * 1000))
    wish = {
        "id": _id(secret),
        "type": "web_hook",
        "address": f"{address}/calendar",
        "token": secret,
        "expiration": ends,
    }
    calls.spend("calendar", 1)
    reply = calls.call("POST", f"{CALENDAR}/calendars/{quote(calendar, safe='')}/events/watch", body=wish, ok={400})
    if not reply.good:
        raise Rejected(UNWATCHED)
    resource = text(reply.told, "resourceId")
    if not resource or "@" in resource:
        raise Rejected(STRANGE)
    return Subscription(remote_ref=resource, secret=secret, expires_at=_until(reply.told, calls.now))


def _id(secret: str) -> str:
    """Our name of the channel: the part of the secret that is none."""
    return secret.partition(".")[0]


def _until(told: Mapping[str, Any], now: datetime) -> datetime:
    """Until when it stands, by Google's word: milliseconds since 1970, as text."""
    try:
        return min(datetime.fromtimestamp(int(told["expiration"]) / 1000, UTC), now + WEEK)
    except (KeyError, ValueError, TypeError, OverflowError, OSError):
        return now + DAY


def parse(notice: Notice, house: House) -> Sequence[Push]:
    """What a notice says, proven. Raises NotAuthentic, TryAgainLater where Google's keys cannot be had."""
    if notice.part == "gmail":
        return _mailbox(notice, house)
    if notice.part == "calendar":
        return _calendar(notice, house)
    raise NotAuthentic("no notices are expected there")


def _mailbox(notice: Notice, house: House) -> Sequence[Push]:
    settings = house.settings
    if not settings.google_push_account or not settings.google_subscription or len(notice.body) > BODY:
        raise NotAuthentic("no such notices are expected here")
    scheme, _, token = notice.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise NotAuthentic("nothing proves this notice")
    audience = settings.google_audience or f"{house.address}/webhooks/google/gmail"
    claims = verify(token, consent.signer(settings), audience=audience, reach=house.reach, now=house.now())
    if claims.get("email") != settings.google_push_account or claims.get("email_verified") is not True:
        raise NotAuthentic("somebody else had this signed")
    told = _object(notice.body)
    if text(told, "subscription") != settings.google_subscription:
        raise NotAuthentic("this is of another subscription")
    return pubsub.about(told.get("message"))


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _calendar(notice: Notice, house: House) -> Sequence[Push]:
    """The secret alone proves it; the resource has to be the one of that channel, which the store sees to."""
    channel, given, resource, state = (
        notice.headers.get(f"x-goog-{name}", "")
        for name in ("channel-id", "channel-token", "resource-id", "resource-state")
    )
    if not _CHANNEL.fullmatch(channel) or not given.isascii() or not 0 < len(given) <= 256:
        raise NotAuthentic("this is no channel of ours")
    if not compare_digest(given.encode(), house.secret_of(channel).encode()):
        raise NotAuthentic("this is no channel of ours")
    if not 0 < len(resource) <= 256:
        raise NotAuthentic("this does not say what it is about")
    if state == "sync":
        return []
    return [Push(kind=StreamKind.CALENDAR, subscription_ref=channel, remote_ref=resource, channel=True)]
