"""The evidence, and why two are likely one person, in words. "They" throughout: nobody's gender is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from keepwarm.contacts.lookalike import Doubt
from keepwarm.texts import Texts, mark

_KNOWN_FROM = {  # somebody known without a touch
    "linkedin": mark("in your LinkedIn connections"),
    "facebook": mark("among your Facebook friends"),
    "address_book": mark("in your address book"),
}
_KNOWN_SINCE = mark("{place} since {date}")
_NOTHING = mark("You have not been in touch yet.")
_ADDED = mark("You know them, and have not been in touch by mail yet.")

_LIKELY = {
    "same_name": mark("They have the same name, {name}, under different addresses."),
    "same_name_organisation": mark("They have the same name, {name}, and the same organisation."),
    "same_local_part": mark("The names fit, and their addresses begin the same way: {name}."),
    "same_address": mark("They share the address {address}, under names that differ."),
}

_DOUBTS = {
    "like_address": mark("Look twice: the address is drawn like {value}, which you know, and is another one."),
    "like_name": mark("Look twice: the name is drawn like {value}, whom you know, with other letters."),
    "your_name": mark("Look twice: this is your own name, at an address that is not yours."),
    "mixed": mark("Look twice: letters of different alphabets are mixed in one word."),
}


def evidence(  # noqa: PLR0913 - one sentence says it all, so it takes it all
    texts: Texts,
    *,
    sent: int,
    received: int,
    meetings: int,
    first_at: datetime | None,
    last_at: datetime | None,
    brought_by: str,
    origins: Sequence[str],
    now: datetime,
    zone: str,
    known_since: date | None = None,
) -> str:
    """The evidence in one sentence.

    E.g. "You wrote 14 times, they wrote 9 times, last on 3 May 2026; first seen in a mail from Jan de Vries.".

    ``known_since``: when LinkedIn says they were connected. Dates are days in ``zone``.
    """
    counted = _counted(texts, sent, received, meetings)
    if not counted:
        return _sentence([_known(texts, origins, known_since) or _none(texts, origins)])
    touched = ", ".join([*counted, *_when(texts, first_at, last_at, now, zone)])
    seen = [texts.gettext("first seen in a mail from {name}", name=brought_by)] if brought_by else []
    return _sentence(["; ".join([touched, *seen])])


def _counted(texts: Texts, sent: int, received: int, meetings: int) -> list[str]:
    wrote = texts.ngettext("they wrote once", "they wrote {number} times", received)
    table = (
        (sent, texts.ngettext("you wrote once", "you wrote {number} times", sent)),
        (received, wrote),
        (meetings, texts.ngettext("you met once", "you met {number} times", meetings)),
    )
    return [words for number, words in table if number]


def _when(texts: Texts, first_at: datetime | None, last_at: datetime | None, now: datetime, zone: str) -> list[str]:
    """The last day, with its year unless that is this year's; a single day is no "last"."""
    if last_at is None:
        return []
    day, today = last_at.astimezone(ZoneInfo(zone)).date(), now.astimezone(ZoneInfo(zone)).date()
    shown = texts.short_date(day) if day.year == today.year else texts.date(day)
    if first_at is not None and first_at.astimezone(ZoneInfo(zone)).date() == day:
        return [texts.gettext("on {date}", date=shown)]
    return [texts.gettext("last on {date}", date=shown)]


def _known(texts: Texts, origins: Sequence[str], known_since: date | None) -> str:
    places = [texts.gettext(_KNOWN_FROM[each]) for each in _KNOWN_FROM if each in origins]
    if known_since and "linkedin" in origins:
        places[0] = texts.gettext(_KNOWN_SINCE, place=places[0], date=texts.date(known_since))
    return texts.join(places)


def _none(texts: Texts, origins: Sequence[str]) -> str:
    return texts.gettext(_ADDED if origins else _NOTHING)


def _sentence(parts: Sequence[str]) -> str:
    text = " ".join(parts).rstrip(".")
    return f"{text[0].upper()}{text[1:]}."


def likely_reason(texts: Texts, reason_key: str, values: Mapping[str, str]) -> str:
    """A `Likely` reason in words; the plain one where the key is of another release."""
    return texts.gettext(_LIKELY.get(reason_key, mark("They may be the same person.")), **values)


def doubt_words(texts: Texts, found: Doubt | None) -> str:
    """Why to look twice at somebody, in one sentence; empty where there is nothing."""
    return texts.gettext(_DOUBTS[found.key], value=found.value) if found else ""
