"""Change notifications: asking for them, ending them, and proving what comes.

Called by `Microsoft`. A notice is a hint, and each item of it is proven by itself, with the secret that we gave when
we asked (``clientState``), before anything else of it is read (RELIABILITY.md G8, G11, G12). Nothing is fetched:
a tenth of a millisecond, and six for the largest body that is read, forged or not, since Graph drops receivers that are
slow. The handshake comes while `subscribe` waits; a worker asks and a web process answers. PROVIDERS.md, section 4, and
MD concepts/outlook-change-notifications-overview.md, read November 2026.

Not verified on a real mailbox: how a mailbox that cannot subscribe refuses (any 400, 403 or 404 is taken for it, but
for the code of a handshake that failed); whether a life of 4,200 minutes is still granted whole; whether a renewal
tells the address as we gave it (if not, each renewal makes another subscription, and ends the older one).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from urllib.parse import quote

from integrations.base import House, NoAddress, Notice
from integrations.microsoft.calls import STRANGE, Calls, Reply
from integrations.wire.answers import Told, objects, text, told
from keepwarm.errors import AccessRevoked, NotAuthentic, Rejected
from keepwarm.texts import mark
from keepwarm.types import Handshake, Push, Stream, StreamKind, Subscription

BODY = 64 << 10  # bytes (RELIABILITY.md G12)
TOKEN = 1024  # characters of a handshake; those seen have about 110
STATE = 128  # characters of a clientState (subscription resource type)
NAME = 128  # characters of a subscription's id, which is a UUID
LIFE = timedelta(minutes=4200)  # PROVIDERS.md: fits the 4,230 of the older pages and the 10,080 of the newer
LONGEST = timedelta(minutes=10_080)
DAY = timedelta(days=1)  # where an answer does not say until when; ours
PARTS = frozenset({"", "lifecycle"})
CHANGES = {
    StreamKind.MAIL: "created",  # reading a mail is an update, and moving one creates it anew
    StreamKind.CALENDAR: "created,updated,deleted",
    StreamKind.CONTACTS: "created,updated,deleted",
}
KINDS = {"message": StreamKind.MAIL, "event": StreamKind.CALENDAR, "contact": StreamKind.CONTACTS}
LIFECYCLE = {"reauthorizationrequired": "renew", "subscriptionremoved": "ended", "missed": "news"}
ORDER = ("news", "renew", "ended")  # the last one told about a subscription counts
UNSHAKEN = "ValidationError"  # the code of a refusal where the handshake failed

UNREACHED = mark("Microsoft tells of news only where it reaches Keepwarm from outside.")
NO_HANDSHAKE = mark(
    "Microsoft could not reach Keepwarm at its public address, so it tells no news. Whoever runs Keepwarm can see why"
    " with keepwarm check microsoft."
)
OTHER_CALENDAR = mark("Microsoft tells of news about the main calendar alone.")
UNWATCHED = mark("Microsoft tells no news about this mailbox.")

_ID = re.compile(r"[\w-]{1,64}", re.ASCII)  # our name of a subscription
_LIST = re.compile(r"(message|event|contact)s\b", re.IGNORECASE)


def subscribe(calls: Calls, stream: Stream, address: str, secret: str, existing: Subscription | None) -> Subscription:
    """What stands is prolonged, unless it is gone, leads elsewhere or is refused to us; else another is made.

    Raises NoAddress, Rejected in words, AccessRevoked, TryAgainLater.
    """
    if not address:
        raise NoAddress(UNREACHED)
    until = _stamp(calls.now + LIFE)
    if existing is not None and existing.expires_at > calls.now:
        wish = {"expirationDateTime": until}
        reply = calls.call("PATCH", _path(existing.remote_ref), body=wish, ok={400, 403, 404})
        if reply.good and text(reply.told, "notificationUrl").lower() in {"", address.lower()}:
            return _kept(reply, existing.remote_ref, existing.secret, calls.now)
    wish = {
        "changeType": CHANGES[stream.kind],
        "notificationUrl": address,
        "lifecycleNotificationUrl": f"{address}/lifecycle",
        "resource": _resource(calls, stream),
        "expirationDateTime": until,
        "clientState": secret,
    }
    reply = calls.call("POST", "/subscriptions", body=wish, ok={400, 403, 404})
    if not reply.good:
        raise _refusal(reply)
    return _kept(reply, text(reply.told, "id"), secret, calls.now)


def unsubscribe(calls: Calls, subscription: Subscription) -> None:
    """End it; already gone is success, and so is a dead grant: it ends with that."""
    with suppress(AccessRevoked):
        calls.call("DELETE", _path(subscription.remote_ref), ok={404})


def parse(notice: Notice, house: House) -> Handshake | Sequence[Push]:
    """What a notice says, its unproven items left out. Raises NotAuthentic where nothing of it is proven.

    A handshake is given back to whoever asks, as plain text: it tells nothing and does nothing. Lifecycle items do not
    say what kind of stream they are about and are told as mail; our own id, which they hold, finds the stream.
    """
    if notice.part not in PARTS:
        raise NotAuthentic("no notices are expected there")
    if "validationToken" in notice.query:
        return _handshake(notice.query["validationToken"])
    items = objects(told(notice.body), "value") if len(notice.body) <= BODY else []
    found = dict.fromkeys(push for item in items for push in _proven(item, house))
    if not found:
        raise NotAuthentic("nothing proves this notice")
    return sorted(found, key=lambda push: ORDER.index(push.about))


def _handshake(token: str) -> Handshake:
    """Decoded already, once, by whoever read the query."""
    if not 0 < len(token) <= TOKEN or not token.isascii() or not token.isprintable():
        raise NotAuthentic("this is no handshake")
    return Handshake(body=token)


def _proven(item: Told, house: House) -> Iterator[Push]:
    """What an item says; nothing, where its secret is not the one of the subscription that it names."""
    given, subscription = text(item, "clientState"), text(item, "subscriptionId")
    ours, dot, _ = given.partition(".")
    if not dot or len(given) > STATE or not given.isascii() or not _ID.fullmatch(ours):
        return
    if not compare_digest(given.encode(), house.secret_of(ours).encode()) or not 0 < len(subscription) <= NAME:
        return
    about = LIFECYCLE.get(text(item, "lifecycleEvent").lower(), "news")
    yield Push(kind=_kind(item), subscription_ref=ours, remote_ref=subscription, about=about)


def _kind(item: Told) -> StreamKind:
    """By ``@odata.type`` (#Microsoft.Graph.Message), else by ``resource`` (Users/…/Messages/…), in any spelling."""
    name = text(item, "resourceData", "@odata.type").rpartition(".")[2].lower()
    found = _LIST.search(text(item, "resource")) if name not in KINDS else None
    return KINDS.get(found[1].lower() if found else name, StreamKind.MAIL)


def _resource(calls: Calls, stream: Stream) -> str:
    """What to watch, of what can be watched. Raises Rejected for a calendar that is not the main one."""
    if stream.kind is StreamKind.MAIL:
        folder = stream.place_ref.replace("'", "''")
        return f"/me/mailFolders('{folder}')/messages" if folder else "/me/messages"
    if stream.kind is StreamKind.CONTACTS:
        return "/me/contacts"
    if stream.place_ref and stream.place_ref != text(calls.get("/me/calendar", [("$select", "id")]).told, "id"):
        raise Rejected(OTHER_CALENDAR)
    return "/me/events"


def _refusal(reply: Reply) -> Rejected:
    return Rejected(NO_HANDSHAKE if reply.code == UNSHAKEN else UNWATCHED)


def _kept(reply: Reply, name: str, secret: str, now: datetime) -> Subscription:
    if not 0 < len(name) <= NAME:
        raise Rejected(STRANGE)
    return Subscription(remote_ref=name, secret=secret, expires_at=_until(reply.told, now))


def _until(answer: Told, now: datetime) -> datetime:
    """Until when it stands, by Graph's word."""
    try:
        said = datetime.fromisoformat(text(answer, "expirationDateTime"))
        said = (said if said.tzinfo else said.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return now + DAY
    return min(said, now + LONGEST) if said > now else now + DAY


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _path(name: str) -> str:
    return f"/subscriptions/{quote(name, safe='')}"
