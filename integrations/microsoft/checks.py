"""The check lists: an account as its owner sees it, and the set-up at Microsoft as the operator sees it.

Called by `Microsoft`. Each line was tried, and a red one says what to do about it. Nothing is written at Microsoft.
Whether our address is reached from outside is tried by the caller. M/entra/identity-platform/reply-url, read November
2026; what is not verified about refusals stands in `refusals`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from integrations.base import House
from integrations.microsoft import consent
from integrations.microsoft.calls import Calls
from integrations.microsoft.hosts import GRAPH, LOGIN, at
from integrations.microsoft.refusals import SECRET_OVER, operators
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
TRIES: Mapping[str, tuple[tuple[str, tuple[tuple[str, str], ...]], ...]] = {  # the cheapest call for each scope
    "calendar": (
        ("/me/calendar", (("$select", "id"),)),
        ("/me/mailboxSettings", (("$select", "timeZone"),)),
    ),
    "contacts": (("/me/contacts", (("$select", "id"), ("$top", "1"))),),
    "mail": (("/me/mailFolders/inbox", (("$select", "id"),)),),
}
MONTH = timedelta(days=30)  # before a secret's end somebody is told; ours

REFUSED = mark("You did not allow this. You can on the page Accounts.")
RECONNECT = mark("Microsoft does not take the permission any more. Connect the account again; what was read stays.")
WAIT = mark("Microsoft asks us to wait. Try again in a few minutes.")
TROUBLE = mark("Microsoft answered in a way that we do not understand.")

APP, FILE, SECRET, ENDS = mark("app registration"), mark("secret file"), mark("client secret"), mark("secret's end")
ADDRESS, REDIRECT, NEWS = mark("our address"), mark("redirect address"), mark("news")

BAD_ADDRESS = mark(
    "Microsoft sends people back only to an address that begins with https://, or to http://localhost: set"
    " KEEPWARM_PUBLIC_URL."
)
BY_MANIFEST = mark(
    "Microsoft takes 127.0.0.1 only through the app's manifest, not on the page Authentication. Open Keepwarm at"
    " http://localhost instead, or write the address into the manifest."
)
SEE_REDIRECT = mark(
    "See that this address stands in the Entra admin centre, under Authentication, as a redirect URI of the platform"
    " Web."
)
NO_END = mark(
    "Set KEEPWARM_MICROSOFT_SECRET_ENDS to the day on which the secret expires, and you are told a month before: from"
    " that day on nothing can be read."
)
ENDS_SOON = mark(
    "The secret expires on this day. Make a new one in the Entra admin centre, under Certificates & secrets, put its"
    " value into the file that KEEPWARM_MICROSOFT_SECRET names, and set KEEPWARM_MICROSOFT_SECRET_ENDS. The old one"
    " works until then."
)
CONNECT_FIRST = mark("Connect one account that allows this, then it can be tried.")
BY_PUSH = mark("Microsoft sends its news to us.")
BY_POLL = mark("Nobody reaches us from outside, so everything is looked at every five minutes.")


def account(calls: Calls, settings: Told) -> Iterator[Check]:
    """A line for each purpose, in the order of `consent.PURPOSES`; what the person refused is absent."""
    for purpose in consent.PURPOSES:
        if not settings.get(purpose):
            yield _absent(NAMES[purpose], REFUSED)
        elif purpose in TRIES:
            yield _tried(NAMES[purpose], "", partial(_call, calls, purpose))
        else:  # to write is the only way to try it
            held = consent.has(map(str, settings.get("scopes") or ()), purpose)
            yield Check(name=NAMES[purpose], ok=held, says="" if held else REFUSED)


def operator(house: House, opened: Sequence[Opened]) -> Iterator[Check]:
    """The set-up, in the order in which docs/microsoft.md makes it; ``opened``: accounts through which to try it."""
    missing = consent.ready(house)
    named = bool(house.settings.microsoft_client)
    yield Check(name=APP, ok=named, says="" if named else missing, where=house.settings.microsoft_client)
    if not named:
        return
    yield Check(name=FILE, ok=not missing, says=missing, where=house.settings.microsoft_secret)
    if missing:
        return
    yield _address(house)
    yield Check(name=REDIRECT, ok=True, says=SEE_REDIRECT, where=redirect(house))
    yield _secret(house)
    yield _end(house)
    for purpose in TRIES:
        yield _through(house, purpose, opened)
    yield _news(house)


def secret_ends(settings: Settings) -> date | None:
    """The last day of the operator's client secret, as far as they told it."""
    try:
        return date.fromisoformat(settings.microsoft_secret_ends)
    except ValueError:
        return None


def redirect(house: House) -> str:
    return f"{house.address}/oauth/microsoft/callback"


def endpoint(house: House) -> str:
    """Where Graph sends its notices."""
    return f"{house.address}/webhooks/microsoft"


def _call(calls: Calls, purpose: str) -> str:
    for path, params in TRIES[purpose]:
        calls.get(path, params)
    return ""


def _address(house: House) -> Check:
    parts = urlsplit(house.address)
    host, scheme = parts.hostname or "", parts.scheme
    here = scheme == "http" and host == "127.0.0.1"
    good = here or (scheme == "https" and bool(host)) or (scheme == "http" and host == "localhost")
    says = BY_MANIFEST if here else "" if good else BAD_ADDRESS
    return Check(name=ADDRESS, ok=good, says=says, where=house.address)


def _secret(house: House) -> Check:
    """Whether Microsoft takes our secret, seen from how it refuses a code that nobody gave."""

    def look() -> str:
        refused = oauth.probed(consent.client(house.settings, house.reach, house.now()), redirect(house))
        return str(operators(refused) or "")

    where = urlsplit(at(house.settings.microsoft_base, LOGIN)).hostname or ""
    return _tried(SECRET, where, look)


def _end(house: House) -> Check:
    ends, today = secret_ends(house.settings), house.now().date()
    if ends is None:
        return _absent(ENDS, NO_END)
    says = SECRET_OVER if ends < today else ENDS_SOON if ends <= today + MONTH else ""
    return Check(name=ENDS, ok=not says, says=says, where=ends.isoformat())


def _through(house: House, purpose: str, opened: Sequence[Opened]) -> Check:
    """Tried through the first account that allows this purpose."""
    calls = next((calls for calls, settings in opened if settings.get(purpose)), None)
    if calls is None:
        return _absent(NAMES[purpose], CONNECT_FIRST)
    where = urlsplit(at(house.settings.microsoft_base, GRAPH)).hostname or ""
    return _tried(NAMES[purpose], where, partial(_call, calls, purpose))


def _news(house: House) -> Check:
    pushed = urlsplit(house.settings.public_url).scheme == "https"
    return Check(name=NEWS, ok=True, says=BY_PUSH if pushed else BY_POLL, where=endpoint(house) if pushed else "")


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
