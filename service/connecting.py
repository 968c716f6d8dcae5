"""Connected accounts in words, for the pages and the command alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from keepwarm.store.accounts import Account, StreamState
from keepwarm.texts import Texts, mark
from keepwarm.types import Check
from service.words import word

INNER = frozenset({"files", "local"})  # providers that nobody connects
# those with a page of consent of their own, as people call them
CONSENTING: Mapping[str, str] = {"google": "Google", "microsoft": "Microsoft"}

NOTHING_SAVED = mark("Not everything works yet, so nothing was saved. Mend the lines above and try again.")
FOREIGN = mark("These servers lie outside your address's own domain: {hosts}. May your password go there?")
SAY_YES = mark("Nothing was saved. If they are right, say so with --yes.")
NONE_YET = mark("No account is connected yet: keepwarm connect open --address ME --password-file FILE")
OPEN_PAGE = mark("Open this page in your browser, and go on there: {address}")
NO_ACCOUNT = mark("There is no such account. Nothing was changed; keepwarm accounts lists them.")
ASKED = mark("Asked; it is being read.")
NOT_ALL = mark("Not everything could be read now. What was read is kept; keepwarm accounts says what is the matter.")
FORGOTTEN = mark("The password is forgotten and nothing more is read. What was read so far stays with you.")
GONE = mark("Disconnected. The password is forgotten, and what was read stays.")
REMOVE = mark("Remove everything that Keepwarm wrote into the calendar?")

STATES = {
    "revoked": mark("reconnect"),
    "held": mark("looking twice"),
    "failing": mark("trying again"),
    "waiting": mark("waiting to be read"),
    "fresh": mark("in order"),
}

# purpose → its name, and what we do with it and what never, as one reads it before allowing it
PURPOSES: Mapping[str, tuple[str, str]] = {
    "calendar": (
        mark("Calendar"),
        mark("Reads when, where and with whom you meet. Follow-ups go into a calendar of our own, and into no other."),
    ),
    "contacts": (
        mark("Contacts"),
        mark("Reads names, addresses and where people work, so that nobody is there twice. Changes nothing."),
    ),
    "mail": (
        mark("Mail headers"),
        mark("Reads who wrote to whom and when, never what was written: that shows whom you are in touch with."),
    ),
    "send": (
        mark("Sending"),
        mark("Question lists and the digest come from your own address, to you alone. Nobody else is written to."),
    ),
    "draft": (
        mark("Drafts"),
        mark("A text that you asked for is put among your drafts. Keepwarm never sends it."),
    ),
}
FIRST, SECOND = ("calendar", "contacts"), ("mail", "send")  # asked for when connecting, and right after it

# provider → purpose → what its smallest permission for it would let us do as well (docs/PROVIDER.md, "What is asked")
BROADER: Mapping[str, Mapping[str, str]] = {
    "google": {
        "draft": mark(
            "Google has no smaller permission for this: it would also let Keepwarm send drafts; Keepwarm does not."
        ),
    },
    "microsoft": {
        "calendar": mark(
            "Microsoft has no smaller permission for this: it would also let Keepwarm change other calendars; Keepwarm"
            " does not."
        ),
        "draft": mark(
            "Microsoft has no smaller permission for this: it would also let Keepwarm read, change and delete mail;"
            " Keepwarm does not."
        ),
    },
}

# provider → what letting go does there: as one reads it before, and once it is done
LEAVING: Mapping[str, tuple[str, str]] = {
    "google": (
        mark(
            "The permission is given back at {provider} and nothing more is read. What was read so far stays with you."
        ),
        mark("Disconnected. The permission was given back at {provider}, and what was read stays."),
    ),
    "microsoft": (
        mark(
            "The permission is forgotten here and nothing more is read. What was read so far stays with you. {provider}"
            " has no way to give it back from here: remove Keepwarm there too, at myapps.microsoft.com (work or school)"
            " or account.live.com/consent/Manage (personal)."
        ),
        mark(
            "Disconnected. The permission is forgotten here, and what was read stays. {provider} still lists it: remove"
            " Keepwarm there too, at myapps.microsoft.com (work or school) or account.live.com/consent/Manage"
            " (personal)."
        ),
    ),
}
NOT_ALLOWED = mark("You did not allow this at {provider}.")
NOT_ASKED = mark("Not asked for yet.")

NEWS = {
    "push": mark("{provider} tells of news at once"),
    "pull": mark("news is fetched from {provider} each minute"),
}
POLLED = mark("looked at every five minutes: {reason}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What an account may be used for, in words.

    ``says``: why it is off, or what it is for where that is not settled; ``broader``: what allowing it would allow too.
    """

    key: str
    name: str
    on: bool
    says: str
    broader: str = ""


def purposes(texts: Texts, account: Account) -> list[Purpose]:
    """What may be asked for of this account, but for drafts, which have a switch of their own; may be empty."""
    if account.provider not in CONSENTING:
        return []
    return [_purpose(texts, account, key) for key in PURPOSES if key != "draft"]


def drafts(texts: Texts, account: Account) -> Purpose:
    """The purpose with a switch of its own, where it is off: what it is for, and that it was refused if it was."""
    (wish,) = wishes(texts, account.provider, ["draft"])
    refused = "draft" in account.settings.get("refused", ())
    return replace(wish, says=f"{wish.says} {why_not(texts, account, 'draft')}") if refused else wish


def _purpose(texts: Texts, account: Account, key: str) -> Purpose:
    on = bool(account.settings.get(key))
    name, says = texts(PURPOSES[key][0]), "" if on else why_not(texts, account, key)
    return Purpose(key=key, name=name, on=on, says=says, broader="" if on else broader(texts, account.provider, key))


def broader(texts: Texts, provider: str, key: str) -> str:
    """What the permission for a purpose would let us do beyond it, at this provider; empty for nothing."""
    found = BROADER.get(provider, {}).get(key, "")
    return texts(found) if found else ""


def wishes(texts: Texts, provider: str, keys: Iterable[str]) -> list[Purpose]:
    """These purposes as one reads them before the provider's page."""
    return [
        Purpose(
            key=key, name=texts(PURPOSES[key][0]), on=False, says=texts(PURPOSES[key][1]),
            broader=broader(texts, provider, key),
        )
        for key in keys
    ]  # fmt: skip


def why_not(texts: Texts, account: Account, key: str) -> str:
    """Why a purpose is off."""
    if key in account.settings.get("refused", ()):
        return texts(NOT_ALLOWED, provider=CONSENTING[account.provider])
    return texts(NOT_ASKED)


def ends(texts: Texts, account: Account, zone: str) -> str:
    """When the permission ends, as the provider said when it was given; empty for one that lasts."""
    at = account.settings.get("grant_ends_at")
    return texts.moment(datetime.fromisoformat(at), zone) if at else ""


def state(each: StreamState) -> str:
    """How a stream stands, as one of the keys of ``STATES``."""
    if each.revoked_at is not None:
        return "revoked"
    if each.held_since is not None:
        return "held"
    if each.last_error:
        return "failing"
    return "fresh" if each.compared_at is not None else "waiting"


def stream(texts: Texts, each: StreamState, zone: str, names: Mapping[str, str] | None = None) -> tuple[str, str, str]:
    """What is read, when it was last compared, how it stands. ``names``: what places are called, by reference."""
    what = word(texts, "stream", each.stream.kind.value)
    when = texts.moment(each.compared_at, zone) if each.compared_at else texts("not yet")
    how = texts(STATES[state(each)])
    place = _place(texts, each, names or {})
    said = what if place.lower() == what.lower() else f"{what} {place}".strip()
    return said, when, f"{how}: {texts(each.last_error)}" if each.last_error else how


def names(account: Account) -> dict[str, str]:
    """What the places of an account are called, by reference; nothing for one that bears the account's own name."""
    known: Mapping[str, str] = account.settings.get("names", {})
    return {ref: "" if name == account.name else name for ref, name in known.items()}


def _place(texts: Texts, each: StreamState, names: Mapping[str, str]) -> str:
    ref = each.stream.place_ref
    if ref in names:
        return place(texts, each.stream.kind.value, names[ref])
    return ref if each.stream.kind.value == "mail" else ref.rstrip("/").rpartition("/")[2]


def place(texts: Texts, kind: str, name: str) -> str:
    """What a place is called; a calendar has the name that its owner gave it, others may have one of ours."""
    return name if kind == "calendar" or not name else texts(name)


def news(texts: Texts, each: StreamState) -> str:
    """How we hear of news about a stream; empty where that is not settled yet, or never asked."""
    provider = CONSENTING.get(each.provider, each.provider)
    if each.notices:
        return texts(NEWS[each.notices], provider=provider)
    return texts(POLLED, reason=texts(each.polled_why)) if each.polled_why else ""


def leaving(texts: Texts, account: Account) -> str:
    """What to tell before an account is let go."""
    return _leaving(texts, account, 0) or texts(FORGOTTEN)


def gone(texts: Texts, account: Account) -> str:
    """What to tell once an account was let go."""
    return _leaving(texts, account, 1) or texts(GONE)


def _leaving(texts: Texts, account: Account, which: int) -> str:
    found = LEAVING.get(account.provider)
    return texts(found[which], provider=CONSENTING[account.provider]) if found else ""


def line(texts: Texts, each: Check) -> tuple[str, str, str]:
    """One line of the check list: how it is, what it is, what to do."""
    sign = texts("none") if each.absent else texts("in order") if each.ok else texts("to do")
    name = texts(each.name) if each.where in {"", each.name} else f"{texts(each.name)} {each.where}"
    return sign, name, texts(each.says) if each.says else ""


def check(each: Check) -> dict[str, Any]:
    return {
        "name": each.name,
        "ok": each.ok,
        "absent": each.absent,
        "where": each.where or None,
        "says": each.says or None,
    }
