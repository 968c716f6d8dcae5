"""The check lists: an account as its owner sees it, and the set-up at Google as the operator sees it.

Called by `Google`. Each line was tried, and a red one says what to do about it. Nothing is written at Google, but that
a mailbox's watch is prolonged. Whether our address is reached from outside is tried by the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from integrations.base import House
from integrations.google import consent, pubsub, push
from integrations.google.answers import text
from integrations.google.calls import DISABLED, Calls
from integrations.google.hosts import CALENDAR, GMAIL, PEOPLE, TOKEN, at
from integrations.google.operator import client
from integrations.wire import oauth
from keepwarm.errors import AccessRevoked, KeepwarmError, TryAgainLater
from keepwarm.settings import Settings
from keepwarm.texts import mark
from keepwarm.types import Check

Told = Mapping[str, Any]
Opened = tuple[Calls, Told]  # an account's calls, and its settings

NAMES = {
    "calendar": mark("calendar"),
    "contacts": mark("address book"),
    "mail": mark("reading mail"),
    "send": mark("sending mail"),
    "draft": mark("writing drafts"),
}
SERVICES = {"calendar": "Google Calendar API", "contacts": "People API", "mail": "Gmail API"}  # as the console has them
TRIES: Mapping[str, tuple[tuple[str, tuple[tuple[str, str], ...]], ...]] = {  # the cheapest calls of each
    "calendar": ((f"{CALENDAR}/users/me/calendarList", (("maxResults", "1"),)),),
    "contacts": (
        (f"{PEOPLE}/people/me/connections", (("pageSize", "1"), ("personFields", "metadata"))),
        (f"{PEOPLE}/otherContacts", (("pageSize", "1"), ("readMask", "metadata"))),
    ),
    "mail": ((f"{GMAIL}/profile", ()),),
}

REFUSED = mark("You did not allow this. You can on the page Accounts.")
RECONNECT = mark("Google does not take the permission any more. Connect the account again; what was read stays.")
WAIT = mark("Google asks us to wait. Try again in a few minutes.")
TROUBLE = mark("Google answered in a way that we do not understand.")

FILE, ADDRESS, REDIRECT = mark("client file"), mark("our address"), mark("redirect address")
CLIENT, TESTING, TOPIC = mark("client"), mark("publishing status"), mark("topic for mail")
SUBSCRIPTION, NEWS = mark("subscription for mail"), mark("news about mail")

BAD_ADDRESS = mark(
    "Google sends people back only to an address that begins with https:// and has a name, or to this very machine: set"
    " KEEPWARM_PUBLIC_URL."
)
ADD_REDIRECT = mark("Add this address to the client in the Cloud console, as an authorised redirect URI.")
SEE_REDIRECT = mark("The file names no redirect addresses: see that this one stands in the Cloud console.")
ENABLE = mark("Not switched on: enable it in the Cloud console, under APIs & Services, Library.")
CONNECT_FIRST = mark("Connect one account that allows this, then it can be tried.")
PUBLISH = mark(
    "The app is in Testing, so every permission ends after 7 days. Press Publish app in the Cloud console, under Google"
    " Auth Platform, Audience; then connect the accounts once more."
)
UNSEEN = mark("It can be looked at once KEEPWARM_GOOGLE_PULL_KEY is set; until then compare it in the Cloud console.")
VIEWER = mark("To have it looked at, give the service account the role Pub/Sub Viewer on the subscription.")
OTHER_TOPIC = mark("The subscription belongs to another topic than the one in KEEPWARM_GOOGLE_TOPIC.")
NOT_PUSHED = mark("The subscription does not push: set its delivery type to Push, with this address as endpoint.")
OTHER_ENDPOINT = mark("The subscription pushes elsewhere: set its endpoint to this address.")
OTHER_ACCOUNT = mark(
    "The subscription does not sign in the name of KEEPWARM_GOOGLE_PUSH_ACCOUNT: enable authentication, with that"
    " service account."
)
OTHER_AUDIENCE = mark(
    "The subscription signs for another audience: make it and KEEPWARM_GOOGLE_AUDIENCE equal, or leave both empty."
)
BY_PUSH = mark("Gmail sends its news to us.")
BY_PULL = mark("We fetch Gmail's news from the subscription.")
BY_POLL = mark("Mail is looked at every five minutes.")


def account(calls: Calls, settings: Told) -> Iterator[Check]:
    """A line for each purpose, in the order of `consent.PURPOSES`; what the person refused is absent."""
    for purpose, needed in consent.PURPOSES.items():
        if not settings.get(purpose):
            yield _absent(NAMES[purpose], REFUSED)
        elif purpose in TRIES:
            yield _tried(NAMES[purpose], SERVICES[purpose], partial(_call, calls, purpose))
        else:  # to send is the only way to try it
            held = frozenset(settings.get("scopes") or ())
            yield Check(
                name=NAMES[purpose], ok=held.issuperset(needed), says="" if held.issuperset(needed) else REFUSED
            )


def operator(house: House, opened: Sequence[Opened]) -> Iterator[Check]:
    """The set-up, in the order in which docs/google.md makes it; ``opened``: accounts through which to try it."""
    missing = consent.ready(house)
    yield Check(name=FILE, ok=not missing, says=missing, where=house.settings.google_client)
    if missing:
        return
    yield _address(house)
    yield _redirect(house)
    yield _client(house)
    for purpose, name in SERVICES.items():
        yield _through(name, name, purpose, opened, partial(_call, purpose=purpose))
    yield _testing(opened)
    yield _topic(house.settings, opened)
    yield _subscription(house)
    yield Check(name=NEWS, ok=True, says=_way(house.settings))


def _call(calls: Calls, purpose: str) -> str:
    for address, params in TRIES[purpose]:
        calls.get(address, params)
    return ""


def _address(house: House) -> Check:
    parts = urlsplit(house.address)
    host = parts.hostname or ""
    named, here = "." in host, host == "localhost"
    with suppress(ValueError):
        named, here = False, ip_address(host).is_loopback
    good = (parts.scheme == "https" and named) or (parts.scheme in {"http", "https"} and here)
    return Check(name=ADDRESS, ok=good, says="" if good else BAD_ADDRESS, where=house.address)


def _redirect(house: House) -> Check:
    ours, listed = redirect(house), client(house.settings).redirects
    if not listed:
        return Check(name=REDIRECT, ok=True, says=SEE_REDIRECT, where=ours)
    return Check(name=REDIRECT, ok=ours in listed, says="" if ours in listed else ADD_REDIRECT, where=ours)


def redirect(house: House) -> str:
    return f"{house.address}/oauth/google/callback"


def _client(house: House) -> Check:
    """Whether Google knows us, seen from how it refuses a code that nobody gave."""

    def look() -> str:
        word = oauth.probe(consent.client(house.settings, house.reach, house.now()), redirect(house))
        if word == "redirect_uri_mismatch":
            return ADD_REDIRECT
        return oauth.WRONG_CLIENT if word in oauth.OURS else ""

    where = urlsplit(at(house.settings.google_base, TOKEN)).hostname or ""
    return _tried(CLIENT, where, look)


def _testing(opened: Sequence[Opened]) -> Check:
    if not opened:
        return _absent(TESTING, CONNECT_FIRST)
    ends = any(settings.get("grant_ends_at") for _, settings in opened)
    return Check(name=TESTING, ok=not ends, says=PUBLISH if ends else "")


def _topic(settings: Settings, opened: Sequence[Opened]) -> Check:
    if not settings.google_topic:
        return _absent(TOPIC, push.NO_TOPIC)

    def look(calls: Calls) -> str:
        push.watch(calls, settings)
        return ""

    return _through(TOPIC, settings.google_topic, "mail", opened, look)


def _subscription(house: House) -> Check:
    settings = house.settings
    if not settings.google_subscription:
        return _absent(SUBSCRIPTION, push.NO_TOPIC)
    if not settings.google_pull_key:
        return _absent(SUBSCRIPTION, UNSEEN)
    found = _tried(SUBSCRIPTION, settings.google_subscription, lambda: _differs(house, pubsub.ask(house, "GET").told))
    return _absent(SUBSCRIPTION, VIEWER) if found.says == pubsub.NOT_ALLOWED else found


def _differs(house: House, told: Told) -> str:
    """What of the subscription is not as we need it, in words; empty if all of it is."""
    settings, ours = house.settings, endpoint(house)
    if text(told, "topic") != settings.google_topic:
        return OTHER_TOPIC
    given = text(told, "pushConfig", "pushEndpoint")
    if pubsub.pulls(settings):
        return pubsub.PUSHED if given else ""
    if not given:
        return NOT_PUSHED
    if given != ours:
        return OTHER_ENDPOINT
    if text(told, "pushConfig", "oidcToken", "serviceAccountEmail") != settings.google_push_account:
        return OTHER_ACCOUNT
    audience = text(told, "pushConfig", "oidcToken", "audience") or given
    return "" if audience == (settings.google_audience or ours) else OTHER_AUDIENCE


def endpoint(house: House) -> str:
    """Where a subscription has to push to."""
    return f"{house.address}/webhooks/google/gmail"


def _way(settings: Settings) -> str:
    if not settings.google_topic or not settings.google_subscription:
        return BY_POLL
    if settings.google_push_account and settings.public_url:
        return BY_PUSH
    return BY_PULL if pubsub.pulls(settings) else BY_POLL


def _through(name: str, where: str, purpose: str, opened: Sequence[Opened], look: Callable[[Calls], str]) -> Check:
    """Tried through the first account that allows this purpose."""
    calls = next((calls for calls, settings in opened if settings.get(purpose)), None)
    if calls is None:
        return _absent(name, CONNECT_FIRST)
    found = _tried(name, where, lambda: look(calls))
    return Check(name=name, ok=False, says=ENABLE, where=where) if found.says == DISABLED else found


def _tried(name: str, where: str, look: Callable[[], str]) -> Check:
    """What came of it; ``look`` returns what is wrong in words, or nothing."""
    try:
        says = look()
    except AccessRevoked:
        says = RECONNECT
    except TryAgainLater as later:
        says = later.says or WAIT
    except KeepwarmError as error:
        says = str(error)
    except Exception:  # noqa: BLE001 - the guard around one foreign service: whatever it said, the next line is tried
        says = TROUBLE
    return Check(name=name, ok=not says, says=says, where=where)


def _absent(name: str, says: str) -> Check:
    return Check(name=name, ok=True, says=says, absent=True)
