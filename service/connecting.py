"""Connected accounts in words, for the pages and the command alike."""

from __future__ import annotations

from typing import Any

from keepwarm.store.accounts import StreamState
from keepwarm.texts import Texts, mark
from keepwarm.types import Check
from service.words import word

INNER = frozenset({"files", "local"})  # providers that nobody connects

NOTHING_SAVED = mark("Not everything works yet, so nothing was saved. Mend the lines above and try again.")
FOREIGN = mark("These servers lie outside your address's own domain: {hosts}. May your password go there?")
SAY_YES = mark("Nothing was saved. If they are right, say so with --yes.")
NONE_YET = mark("No account is connected yet: keepwarm connect open --address ME --password-file FILE")
NO_ACCOUNT = mark("There is no such account. Nothing was changed; keepwarm accounts lists them.")
ASKED = mark("Asked; it is being read.")
NOT_ALL = mark("Not everything could be read now. What was read is kept; keepwarm accounts says what is the matter.")
GONE = mark("Disconnected. The password is forgotten, and what was read stays.")
REMOVE = mark("Remove everything that Keepwarm wrote into the calendar?")

STATES = {
    "revoked": mark("reconnect"),
    "held": mark("looking twice"),
    "failing": mark("trying again"),
    "waiting": mark("waiting to be read"),
    "fresh": mark("in order"),
}


def state(each: StreamState) -> str:
    """How a stream stands, as one of the keys of ``STATES``."""
    if each.revoked_at is not None:
        return "revoked"
    if each.held_since is not None:
        return "held"
    if each.last_error:
        return "failing"
    return "fresh" if each.compared_at is not None else "waiting"


def stream(texts: Texts, each: StreamState, zone: str) -> tuple[str, str, str]:
    """What is read, when it was last compared, how it stands."""
    what = word(texts, "stream", each.stream.kind.value)
    when = texts.moment(each.compared_at, zone) if each.compared_at else texts("not yet")
    how = texts(STATES[state(each)])
    place = (
        each.stream.place_ref.rstrip("/").rpartition("/")[2]
        if each.stream.kind.value != "mail"
        else each.stream.place_ref
    )
    return f"{what} {place}".strip(), when, f"{how}: {texts(each.last_error)}" if each.last_error else how


def line(texts: Texts, each: Check) -> tuple[str, str, str]:
    """One line of the check list: how it is, what it is, what to do."""
    sign = texts("none") if each.absent else texts("in order") if each.ok else texts("to do")
    return sign, f"{texts(each.name)} {each.where}".strip(), texts(each.says) if each.says else ""


def check(each: Check) -> dict[str, Any]:
    return {
        "name": each.name,
        "ok": each.ok,
        "absent": each.absent,
        "where": each.where or None,
        "says": each.says or None,
    }
