"""What address books of all kinds have in common: birthdays, and labels that tell how people know each other.

Called by `vcard` and `integrations.files.exports`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

# Labels in English, Dutch, German and French, as programs and people write them, by the origin they mean.
_LABELS = {
    "family": "family familie gezin relatives relative famille verwandte",
    "friends": "friends friend vrienden vriend vriendin freunde amis bestfriends",
    "acquaintances": "acquaintances acquaintance kennissen kennis bekenden bekannte connaissances",
    "neighbours": "neighbours neighbors buren buur nachbarn voisins",
    "fellow_students": "classmates fellowstudents studiegenoten medestudenten klasgenoten studievrienden kommilitonen",
    "teachers": "teachers teacher docenten docent leraren professors lehrer",
    "colleagues": "colleagues colleague coworkers coworker collegas collega kollegen collègues",
    "managers": "managers manager leidinggevenden leidinggevende chefs",
    "customers": "customers customer clients client klanten klant kunden",
    "sports_clubs": "sports sport sportclub sportvereniging team",
    "associations": "associations association vereniging verenigingen verein club",
    "religious_community": "church kerk mosque moskee synagogue parish parochie gemeente",
}
_ORIGIN = {word: origin for origin, words in _LABELS.items() for word in words.split()}
_LETTERS = re.compile(r"[\W\d_]+")
_YEAR_FIRST = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ].*)?")
_NO_YEAR = re.compile(r"--(\d\d)-?(\d\d)(?:[T ].*)?")


def origins_of(labels: Iterable[str]) -> tuple[str, ...]:
    """The origins that labels plainly name, in order, unique; may be empty."""
    found = (_ORIGIN.get(_LETTERS.sub("", label.lower()), "") for label in labels)
    return tuple(dict.fromkeys(filter(None, found)))


def birthday_of(text: str) -> str:
    """``YYYY-MM-DD`` or ``--MM-DD``, empty for anything else. 1604 is how Apple writes "no year"."""
    text = text.strip()[:40]
    if found := _YEAR_FIRST.fullmatch(text):
        return birthday(int(found[1]), int(found[2]), int(found[3]))
    if found := _NO_YEAR.fullmatch(text):
        return birthday(0, int(found[1]), int(found[2]))
    return ""


def birthday(year: int, month: int, day: int) -> str:
    """The birthday as text, without its year where that is 0 or not a year of a living person; empty for no date."""
    known = 1850 <= year <= 2200
    try:
        valid = date(year if known else 2000, month, day)
    except ValueError:
        return ""
    return valid.isoformat() if known else f"--{month:02d}-{day:02d}"


def unique(values: Iterable[str], limit: int = 50) -> tuple[str, ...]:
    """The values that are not empty, in order, each once, at most ``limit``."""
    return tuple(dict.fromkeys(filter(None, values)))[:limit]
