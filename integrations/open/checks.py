"""The check list of an account: every server tried in turn, and for each red line what to do about it.

Called by `Open.verify` before anything is saved, and by the page and the command that connect. Nothing is written on
any server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from integrations.open import mailbox
from integrations.open.books import Books
from integrations.open.calendars import Calendars
from integrations.open.imap import WRONG_PASSWORD, Login, logged_in
from integrations.open.servers import Servers
from integrations.open.smtp import open_smtp
from integrations.wire import net
from keepwarm.errors import AccessRevoked, KeepwarmError, TryAgainLater
from keepwarm.texts import mark
from keepwarm.types import Check

PASSWORD = mark(
    "The name or password was not accepted. Many providers want an app password here: make one in the security settings"
    " of your account. Some also have a switch that allows IMAP."
)
NO_INBOX = mark("There is no Inbox in this mailbox. Check the user name.")
NO_SENT = mark("No folder for sent mail was found. Mail is read all the same; who you wrote to is then seen less well.")
TROUBLE = mark("The server answered in a way that we do not understand. Check its name and port.")
NO_SERVER = mark("No server was found for this. You can fill it in, or go on without.")

NAMES = {"imap": mark("reading mail"), "smtp": mark("sending mail")}
CALENDAR, BOOK, SENT = mark("calendar"), mark("address book"), mark("sent mail")


def run(
    reach: net.Reach, servers: Servers, login: Callable[[str], Login], calendars: Calendars | None, books: Books | None
) -> Iterator[Check]:
    """A check as soon as it is known. What no server was found for is told as well, and is no failure."""
    if servers.imap is None:
        yield _absent(NAMES["imap"])
    else:
        yield from _imap(reach, login("imap"))
    if servers.smtp is None:
        yield _absent(NAMES["smtp"])
    else:
        yield _tried(NAMES["smtp"], str(servers.smtp), lambda: _smtp(reach, login("smtp")))
    for name, url, place in ((CALENDAR, servers.caldav, calendars), (BOOK, servers.carddav, books)):
        yield _dav(name, url, place) if place is not None else _absent(name)


def _imap(reach: net.Reach, login: Login) -> Iterator[Check]:
    kinds: set[str] = set()

    def look() -> str:
        with logged_in(reach, login) as imap:
            kinds.update(each.kind for each in mailbox.folders(imap))
        return "" if kinds & {"inbox", "all"} else NO_INBOX

    first = _tried(NAMES["imap"], str(login.server), look)
    yield first
    if first.ok and not kinds & {"sent", "all"}:
        yield Check(name=SENT, ok=True, says=NO_SENT)


def _smtp(reach: net.Reach, login: Login) -> str:
    smtp = open_smtp(reach, login)
    smtp.quit()
    return ""


def _dav(name: str, url: str, place: Calendars | Books) -> Check:
    """An account without a calendar yet is no failure: ours is made there."""
    return _tried(name, urlsplit(url).hostname or "", lambda: _asked(place))


def _asked(place: Calendars | Books) -> str:
    place.places()
    return ""


def _tried(name: str, where: str, look: Callable[[], str]) -> Check:
    """What came of it; ``look`` returns what is wrong in words, or nothing."""
    try:
        says = look()
    except AccessRevoked:
        says = PASSWORD
    except TryAgainLater as later:
        says = later.says or TROUBLE
    except net.Forbidden as forbidden:
        says = forbidden.reason
    except KeepwarmError as error:
        says = PASSWORD if str(error) == WRONG_PASSWORD else str(error)
    except Exception:  # noqa: BLE001 - the guard around one foreign server: whatever it said, the next line is tried
        says = TROUBLE
    return Check(name=name, ok=not says, says=says, where=where)


def _absent(name: str) -> Check:
    return Check(name=name, ok=True, says=NO_SERVER, absent=True)
