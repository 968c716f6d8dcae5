"""The owner of an installation that nobody has signed in to yet: made silently, taken over by the first visit.

Called by the command, so that a newcomer can start with one `keepwarm import`, and by `service.auth` and `keepwarm user
add`, which give this owner a real address and a password.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from keepwarm.store import Tx, accounts, identities
from keepwarm.store.accounts import Owner
from keepwarm.texts import LANGUAGES

LOCAL_EMAIL = "you@localhost"  # stands in until the person says who they are; never taken for an own address
LOCAL_TIME = Path("/etc/localtime")
EMAIL_LONGEST = 254  # RFC 5321 section 4.5.3.1

# Where the environment names a language and no zone; shown on the first visit and correctable.
ZONE_OF_LANGUAGE = {"nl": "Europe/Amsterdam"}


def unclaimed(tx: Tx) -> Owner | None:
    """The local owner while nobody has given it a password (system transaction)."""
    found = accounts.owner_by_email(tx, LOCAL_EMAIL)
    return None if found is None or found.has_password else found


def claim(tx: Tx, *, email: str, now: datetime, **place: str) -> Owner:
    """The owner called ``email``: the unclaimed local one, renamed with everything it holds, else a new one.

    The e-mail is theirs, so mail from it is mail from them. ``place``: lang, zone, country. Raises NotPossible if the
    e-mail is taken by somebody with a password.
    """
    found = unclaimed(tx)
    owner_id = found.id if found else accounts.create_owner(tx, email=email, now=now, **place).id
    mine = replace(tx, owner_id=owner_id)
    if found:
        accounts.update_owner(mine, email=email, **place)
    accounts.set_own_address(mine, accounts.owner(mine).email, own=True, now=now)
    return accounts.owner(mine)


def arrive(tx: Tx, *, email: str, now: datetime, **place: str) -> Owner:
    """A new owner called ``email``, with nothing: what the command brought in is another's. Raises NotPossible."""
    mine = replace(tx, owner_id=accounts.create_owner(tx, email=email, now=now, **place).id)
    accounts.set_own_address(mine, accounts.owner(mine).email, own=True, now=now)
    return accounts.owner(mine)


def anybody_can_sign_in(tx: Tx) -> bool:
    """Whether some owner has a password, or signs in elsewhere (system transaction)."""
    return any(owner.has_password for owner in accounts.owners(tx)) or identities.any_bound(tx)


def local_owner(tx: Tx, *, now: datetime, environment: Mapping[str, str]) -> Owner:
    """The unclaimed local owner, made if there is none, with language and zone guessed from the environment."""
    lang, country = language_of(environment)
    zone = zone_of(environment, lang)
    return unclaimed(tx) or accounts.create_owner(
        tx, email=LOCAL_EMAIL, now=now, lang=lang, zone=zone, country=country or ("NL" if lang == "nl" else "")
    )


def language_of(environment: Mapping[str, str]) -> tuple[str, str]:
    """Language (one of ours) and country (may be empty) of the locale: ``nl_NL.UTF-8`` → nl, NL."""
    named = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    lang, _, country = named.partition(".")[0].partition("@")[0].partition("_")
    return (lang if lang in LANGUAGES else LANGUAGES[0]), country[:2].upper()


def zone_of(environment: Mapping[str, str], lang: str, *, link: Path = LOCAL_TIME) -> str:
    """The IANA zone of TZ or of the machine; the language's where the machine runs on UTC or says nothing."""
    linked = str(link.resolve()).rpartition("/zoneinfo/")[2] if link.is_symlink() else ""
    for name in (environment.get("TZ", "").lstrip(":"), linked):
        if name and not name.startswith(("/", "Etc/")) and name not in {"UTC", "UCT", "Universal", "Zulu"}:
            try:
                ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError):
                continue
            return name
    return ZONE_OF_LANGUAGE.get(lang, "UTC")


def is_email(text: str) -> bool:
    """Whether this can be an e-mail address: one @, a dot behind it, no blanks, not too long."""
    local, at, domain = text.rpartition("@")
    plain = text.isprintable() and not any(each in text for each in ' <>"(),;:\\[]') and "@" not in local
    return bool(local and at and "." in domain.strip(".")) and plain and len(text) <= EMAIL_LONGEST
