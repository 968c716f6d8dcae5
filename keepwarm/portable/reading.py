"""One raw entry of the document → a `Record`: every value of the kind, choice and length that its field allows.

The file may come from anybody. What a field does not know is left out and said (`Record.odd`), the rest of the entry is
kept; where the field is needed, or means too much to go without it, the entry is refused, and no other one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from keepwarm.bounds import PACE, YEARS, day_within
from keepwarm.errors import NotPossible, Unreadable
from keepwarm.foreign import HIDDEN, host_of
from keepwarm.mails import STOPPABLE
from keepwarm.portable.shape import LINE, Field, Section
from keepwarm.questions import checked
from keepwarm.texts import mark
from keepwarm.types import Record, Reply

ID = re.compile(r"[\w-]{1,32}", re.ASCII)
KEY = re.compile(r"[\w-]*", re.ASCII)
REF = re.compile(r"[\w-]{1,64}", re.ASCII)  # the id of a question
COUNTRY = re.compile(r"[A-Z]{2}|")
CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
NAMES = 200  # texts by name, at most; ours
NEARLY = timedelta(days=1)  # a day in YEARS on any clock
WRONG = mark("This entry is not written as it should be.")
PARTLY = mark("A part of this entry is nothing that Keepwarm knows. That part was left out; the rest was kept.")


class _Partly(Exception):
    def __init__(self, kept: Any) -> None:
        super().__init__("some of it is odd")
        self.kept = kept


ODD = (TypeError, ValueError, KeyError, AttributeError, OverflowError, NotPossible)


def entry(section: Section, raw: object) -> Record:
    """The entry as a record. Raises Unreadable."""
    if not isinstance(raw, dict):
        raise Unreadable(WRONG)
    read = {each.name: _value(each, raw.get(each.name)) for each in section.fields}
    own = raw.get("id")
    if not section.single and not section.items and section.name != "talks" and not _is_id(own):
        raise Unreadable(WRONG)
    return Record(
        section=section.name,
        id=str(own) if _is_id(own) else section.name,
        values={name: value for name, (value, _) in read.items()},
        odd=tuple(name for name, (_, is_whole) in read.items() if not is_whole),
    )


def meeting_ref(raw: Mapping[str, Any]) -> tuple[str, str]:
    """What identifies a meeting: uid and occurrence."""
    return str(raw["uid"]), str(raw["occurrence"])


def _is_id(raw: object) -> bool:
    return isinstance(raw, str) and ID.fullmatch(raw) is not None


def _value(field: Field, raw: object) -> tuple[Any, bool]:
    """What can be kept of the value, and whether that is all of it. Raises Unreadable."""
    if raw is None and not field.needed:
        return EMPTY.get(field.kind), True
    try:
        found, is_whole = KINDS[field.kind](field, raw), True
    except _Partly as odd:
        found, is_whole = odd.kept, False
    except ODD as wrong:
        if not field.spare:
            raise Unreadable(WRONG) from wrong
        return EMPTY.get(field.kind), False
    if field.needed and found in ("", []):
        raise Unreadable(WRONG)
    return found, is_whole


# --- one value ----------------------------------------------------------------------------------------------------


def _text(field: Field, raw: Any) -> str:
    return _plain(raw, field.most)


def _plain(raw: Any, most: int) -> str:
    """Text without what no database takes or what hides. Refuses other kinds, and longer ones."""
    if not isinstance(raw, str) or len(raw) > most:
        raise ValueError("no text, or too long")
    return HIDDEN.sub("", raw)


def _line(field: Field, raw: Any) -> str:
    return " ".join(_plain(raw, field.most).split())


def _label(field: Field, raw: Any) -> str:
    """A line that tells and identifies nothing: what is too long is cut."""
    return " ".join(_cut(raw, field.most).split())


def _cut(raw: Any, most: int = LINE) -> str:
    return _plain(raw[:most], most)


def _key(field: Field, raw: Any) -> str:
    if not isinstance(raw, str) or len(raw) > field.most or not KEY.fullmatch(raw):
        raise ValueError("no key")
    return raw


def _flag(_field: Field, raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise TypeError("no flag")
    return raw


def _number(field: Field, raw: Any) -> int:
    return _within(raw, field.within)


def _within(raw: Any, bounds: range) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or raw not in bounds:
        raise ValueError("no number, or out of bounds")
    return raw


def _moment(_field: Field, raw: Any) -> datetime:
    at = datetime.fromisoformat(raw)
    if at.tzinfo is None or not any((at + by).year in YEARS for by in (-NEARLY, NEARLY)):
        raise ValueError("no moment")
    return at.astimezone(UTC)


def _wall(_field: Field, raw: Any) -> str:
    """A wall time as ISO text."""
    if datetime.fromisoformat(raw).tzinfo is not None:
        raise ValueError("no wall time")
    return _plain(raw, 32)


def _day(_field: Field, raw: Any) -> date:
    return day_within(date.fromisoformat(raw))


def _choice(field: Field, raw: Any) -> str | None:
    """One of the choices; None for no choice, where none is needed."""
    return None if raw == "" and not field.needed else _choose(raw, field.choices)


def _choose(raw: Any, choices: Iterable[str]) -> str:
    found = next((each for each in choices if each == raw), None)
    if found is None:
        raise ValueError("none of the choices")
    return str(found)


def _country(_field: Field, raw: Any) -> str:
    return _matching(COUNTRY, raw)


def _matching(pattern: re.Pattern[str], raw: str) -> str:
    if not pattern.fullmatch(raw):
        raise ValueError("not as it is written")
    return raw


def _zone(_field: Field, raw: Any) -> str:
    if raw != "" and raw not in _zones():
        raise ValueError("no zone")
    return str(raw)


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _link(field: Field, raw: Any) -> str:
    """A link that can be followed; empty for none."""
    link = _plain(raw, field.most)
    if link and not host_of(link):
        raise ValueError("no link")
    return link


def _id(_field: Field, raw: Any) -> str:
    return _matching(ID, raw)


def _meeting(_field: Field, raw: Any) -> dict[str, str]:
    return {"uid": _plain(raw["uid"], LINE), "occurrence": _plain(raw.get("occurrence") or "", 64)}


# --- several values, of which the odd ones are left out -----------------------------------------------------------


def _each(field: Field, raw: Any, read: Callable[[Any], Any]) -> list[Any]:
    """Those that can be read, the first ``field.most`` of them. Raises _Partly where that is not all."""
    if not isinstance(raw, list):
        raise TypeError("no list")
    kept = [found[0] for one in raw[: field.most] if (found := _read(read, one))]
    if len(kept) < len(raw):
        raise _Partly(kept)
    return kept


def _by_name(raw: Any, name: Callable[[Any], str], text: Callable[[Any], str]) -> dict[str, str]:
    """The same of texts by name."""
    pairs = _read(lambda told: list(told.items()), raw)
    if not pairs:
        raise TypeError("no texts by name")
    kept = [
        found[0] for pair in pairs[0][:NAMES] if (found := _read(lambda told: (name(told[0]), text(told[1])), pair))
    ]
    if len(kept) < len(pairs[0]):
        raise _Partly(dict(kept))
    return dict(kept)


def _read(read: Callable[[Any], Any], raw: Any) -> tuple[Any] | None:
    try:
        return (read(raw),)
    except ODD:
        return None


def _words(field: Field, raw: Any) -> list[str]:
    return _each(field, raw, lambda one: _plain(one, LINE))


def _keys(field: Field, raw: Any) -> list[str]:
    return _each(field, raw, lambda one: _choose(one, field.choices))


def _refs(field: Field, raw: Any) -> list[str]:
    return _each(field, raw, lambda one: _matching(REF, one))


def _ids(field: Field, raw: Any) -> list[str]:
    return _each(field, raw, lambda one: _matching(ID, one))


def _questions(field: Field, raw: Any) -> list[str]:
    """Questions for a list, as the form takes them: their places in braces are ones that we fill."""
    return _each(field, raw, checked)


def _worded(_field: Field, raw: Any) -> dict[str, str]:
    return _by_name(raw, lambda one: _matching(REF, one), checked)


def _texts(field: Field, raw: Any) -> dict[str, str]:
    """By language."""
    return _by_name(raw, lambda one: _choose(one, field.choices), lambda one: _plain(one, field.most))


def _asked(field: Field, raw: Any) -> list[Any]:
    """What one talk asks: questions as text, and objects that tell what else is different about its list."""
    parts: list[Any] = []
    found = _each(field, raw, lambda one: _different(one, parts) if isinstance(one, dict) else _plain(one, LINE))
    kept = [each for each in found if each]
    if parts:
        raise _Partly(kept)
    return kept


def _different(raw: Mapping[str, Any], parts: list[Any]) -> dict[str, Any]:
    """The parts we know: ids of questions left out or in the order of asking; by such an id, other words as typed."""
    found = {}
    for name, read in PARTS.items():
        if name in raw:
            try:
                found[name] = read(raw[name])
            except _Partly as odd:
                found[name] = odd.kept
                parts.append(name)
    return found


def _address(raw: Any) -> str:
    address = _plain(raw, 320).strip().lower()
    if not address or any(each.isspace() for each in address):
        raise ValueError("no address")
    return address


def _addresses(field: Field, raw: Any) -> list[str]:
    return list(dict.fromkeys(_each(field, raw, lambda one: _address(one["address"]))))


def _cards(field: Field, raw: Any) -> list[dict[str, Any]]:
    return _each(field, raw, _card)


def _card(raw: Mapping[str, Any]) -> dict[str, Any]:
    source = _plain(raw["source"], 24)
    if not KEY.fullmatch(source) or not source:
        raise ValueError("no source")
    return {name: _cut(raw.get(name) or "") for name in ("name", "organisation", "role")} | {
        "source": source,
        "ref": _plain(raw["ref"], LINE),
        "url": _plain(raw.get("url") or "", LINE),
        "phone": _cut(raw.get("phone") or "", 50),
        "birthday": _plain(raw.get("birthday") or "", 10),
        "connected_on": day_within(date.fromisoformat(raw["connected_on"])) if raw.get("connected_on") else None,
        "addresses": tuple(_address(each) for each in (raw.get("addresses") or [])[:50]),
        "origins": tuple(_plain(each, 64) for each in (raw.get("origins") or [])[:50]),
    }


def _participants(field: Field, raw: Any) -> list[dict[str, Any]]:
    return _each(field, raw, _participant)


def _participant(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "address": _address(raw["address"]),
        "name": _cut(raw.get("name") or ""),
        "roles": [_choose(role, ("organiser", "attendee")) for role in raw["roles"]],
        "reply": _choose(raw.get("reply") or "none", tuple(Reply)),
        "resource": raw.get("resource") is True,
    }


def _own_addresses(field: Field, raw: Any) -> list[dict[str, Any]]:
    return _each(field, raw, lambda one: {"address": _address(one["address"]), "own": one.get("own") is not False})


# --- the owner's settings -----------------------------------------------------------------------------------------


def _settings(_field: Field, raw: Any) -> dict[str, Any]:
    """The settings we know, each as it may be."""
    known = [name for name in raw if name in SETTINGS]
    kept = {name: found[0] for name in known if (found := _read(SETTINGS[name], raw[name]))}
    if len(kept) < len(known) or len(kept.get("stopped", ())) < len(raw.get("stopped") or ()):
        raise _Partly(kept)
    return kept


def _weekend(raw: Any) -> list[int]:
    """Days off, of which a week has six at most."""
    found = sorted({_within(each, range(7)) for each in raw})
    if len(found) > 6:
        raise ValueError("a week needs a day")
    return found


def _stopped(raw: Any) -> list[str]:
    """Of the kinds of mail that may be stopped."""
    if not isinstance(raw, list):
        raise TypeError("no list")
    return [each for each in STOPPABLE if each in raw]


def _bounded(bounds: range) -> Callable[[Any], int]:
    return lambda raw: _within(raw, bounds)


SETTINGS: Mapping[str, Callable[[Any], Any]] = {  # what of the owner's settings goes along, and how it is read
    **dict.fromkeys(("quiet_from", "quiet_to", "digest_time", "brief_time"), lambda raw: _matching(CLOCK, raw)),
    **{name: _bounded(bounds) for name, bounds in PACE.items()},
    "weekend": _weekend,
    "stopped": _stopped,
}
_HIDDEN = Field(name="hidden", most=200)
PARTS: Mapping[str, Callable[[Any], Any]] = {
    "hidden": lambda raw: _refs(_HIDDEN, raw),
    "order": lambda raw: _refs(_HIDDEN, raw),
    "worded": lambda raw: _by_name(raw, lambda one: _matching(REF, one), lambda one: _plain(one, LINE)),
}
KINDS: Mapping[str, Callable[[Field, Any], Any]] = {
    "text": _text,
    "line": _line,
    "label": _label,
    "key": _key,
    "flag": _flag,
    "number": _number,
    "moment": _moment,
    "wall": _wall,
    "day": _day,
    "choice": _choice,
    "country": _country,
    "zone": _zone,
    "link": _link,
    "id": _id,
    "meeting": _meeting,
    "words": _words,
    "keys": _keys,
    "refs": _refs,
    "ids": _ids,
    "questions": _questions,
    "worded": _worded,
    "texts": _texts,
    "asked": _asked,
    "addresses": _addresses,
    "cards": _cards,
    "participants": _participants,
    "own_addresses": _own_addresses,
    "settings": _settings,
}
EMPTY: Mapping[str, Any] = {
    "text": "", "line": "", "label": "", "country": "", "zone": "", "link": "", "flag": False, "words": [], "keys": [],
    "refs": [], "ids": [], "questions": [], "worded": {}, "texts": {}, "asked": [], "addresses": [], "cards": [],
    "participants": [], "own_addresses": [], "settings": {},
}  # fmt: skip
