"""Passwords: kept as Argon2id, checked in the same time whether the address is known or not.

Called by `service.auth` and the settings page, and by the command when it adds a person.
"""

from __future__ import annotations

from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from keepwarm.texts import mark

SHORTEST = 10  # characters; ours, above the 8 of NIST SP 800-63B section 5.1.1
LONGEST = 1_000
TOO_SHORT = mark("A password needs at least ten characters. A few words in a row are easy to remember.")
TOO_LONG = mark("This password is longer than a thousand characters.")
TOO_PLAIN = mark("This password is easy to guess. A few words that only you would put together are better.")
PLAIN = ("password", "wachtwoord", "welkom", "welcome", "qwerty", "keepwarm", "1234567890", "0123456789", "letmein")

_hasher = PasswordHasher()


def weakness(password: str, *, email: str) -> str:
    """What to tell somebody who chose this password (a message to translate); empty if it will do."""
    if len(password) < SHORTEST:
        return TOO_SHORT
    if len(password) > LONGEST:
        return TOO_LONG
    return TOO_PLAIN if _is_plain(password.lower(), email.lower()) else ""


def _is_plain(password: str, email: str) -> bool:
    rest = password
    for known in (*PLAIN, email, email.partition("@")[0] or email):
        rest = rest.replace(known, "") if known else rest
    return len(set(password)) < 4 or len(rest.strip("0123456789!.?-_ ")) < 2


def hashed(password: str) -> str:
    return _hasher.hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Whether this is the password behind ``kept``; takes as long when there is none."""
    try:
        return _hasher.verify(kept or _nobody(), password[: LONGEST + 1]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobody() -> str:
    """A hash that stands in where there is none, so that an unknown address takes as long as a wrong password."""
    return _hasher.hash("nobody has this password")
