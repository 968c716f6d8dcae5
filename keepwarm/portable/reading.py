"""One raw entry of the document → a `Record`: every value of the kind and length its field allows, else refused.

The file may come from anybody. What a field does not know is left out; what is wrong refuses that entry alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import available_timezones

from keepwarm.errors import Unreadable
from keepwarm.foreign import HIDDEN
from keepwarm.portable.shape import LINE, Field, Section
from keepwarm.texts import LANGUAGES, mark
from keepwarm.types import Record, Reply

ID = re.compile(r"[\w-]{1,32}", re.ASCII)
KEY = re.compile(r"[\w-]*", re.ASCII)
CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
YEARS = range(1900, 2200)
NUMBER = 100_000  # ours: no number of ours comes near
SETTINGS = {  # what of the owner's settings goes along, and its kind
    **dict.fromkeys(("quiet_from", "quiet_to", "digest_time", "brief_time"), "clock"),
    **dict.fromkeys(("weekly_people", "daily_nudges", "weekly_nudges", "weekly_follow_ups", "backlog_weeks"), "number"),
    "digest_weekday": "weekday",
    "weekend": "weekdays",
    "stopped": "keys",
}
WRONG = mark("This entry is not written as it should be.")


def entry(section: Section, raw: object) -> Record:
    """The entry as a record. Raises Unreadable."""
    if not isinstance(raw, dict):
        raise Unreadable(WRONG)
    values = {each.name: _value(each, raw.get(each.name)) for each in section.fields}
    own = raw.get("id")
    if not section.single and not section.items and section.name != "talks" and not _is_id(own):
        raise Unreadable(WRONG)
    if section.name == "owner":
        _check_place(values)
    return Record(section=section.name, id=str(own) if _is_id(own) else section.name, values=values)


def _check_place(values: Mapping[str, Any]) -> None:
    """A language and a zone that we know, or none."""
    if values["lang"] not in {"", *LANGUAGES} or values["zone"] not in {"", *available_timezones()}:
        raise Unreadable(WRONG)


def meeting_ref(raw: Mapping[str, Any]) -> tuple[str, str]:
    """What identifies a meeting: uid and occurrence."""
    return str(raw["uid"]), str(raw["occurrence"])


def _is_id(raw: object) -> bool:
    return isinstance(raw, str) and ID.fullmatch(raw) is not None


def _value(field: Field, raw: object) -> Any:
    if raw is None:
        if field.needed:
            raise Unreadable(WRONG)
        return EMPTY.get(field.kind)
    try:
        return KINDS[field.kind](field, raw)
    except (TypeError, ValueError, KeyError, AttributeError) as wrong:
        raise Unreadable(WRONG) from wrong


def _text(field: Field, raw: Any) -> str:
    return _plain(raw, field.most)


def _plain(raw: Any, most: int) -> str:
    """Text without what no database takes or what hides. Refuses other kinds, and longer ones."""
    if not isinstance(raw, str) or len(raw) > most:
        raise ValueError("no text, or too long")
    return HIDDEN.sub("", raw)


def _line(field: Field, raw: Any) -> str:
    return " ".join(_plain(raw, field.most).split())


def _key(field: Field, raw: Any) -> str:
    if not isinstance(raw, str) or len(raw) > field.most or not KEY.fullmatch(raw):
        raise ValueError("no key")
    return raw


def _flag(_field: Field, raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise TypeError("no flag")
    return raw


def _number(_field: Field, raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw <= NUMBER:
        raise ValueError("no number")
    return raw


def _moment(_field: Field, raw: Any) -> datetime:
    at = datetime.fromisoformat(raw)
    if at.tzinfo is None or at.year not in YEARS:
        raise ValueError("no moment")
    return at.astimezone(UTC)


def _day(_field: Field, raw: Any) -> date:
    found = date.fromisoformat(raw)
    if found.year not in YEARS:
        raise ValueError("no day")
    return found


def _choice(field: Field, raw: Any) -> str:
    if raw not in field.choices:
        raise ValueError("none of the choices")
    return str(raw)


def _words(field: Field, raw: Any) -> list[str]:
    return [_plain(each, LINE) for each in _list(field, raw)]


def _asked(field: Field, raw: Any) -> list[Any]:
    """What one talk asks: questions as text, and objects that tell what else is different about its list."""
    found = [_different(each) if isinstance(each, dict) else _plain(each, LINE) for each in _list(field, raw)]
    return [each for each in found if each]


def _different(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The parts we know: ids of questions left out or in the order of asking; by such an id, other words."""
    return {name: read(DIFFERENT[name], raw[name]) for name, read in PARTS.items() if name in raw}


def _list(field: Field, raw: Any) -> list[Any]:
    if not isinstance(raw, list) or len(raw) > field.most:
        raise ValueError("no list, or too long")
    return raw


def _texts(field: Field, raw: Any) -> dict[str, str]:
    if len(raw) > 200:
        raise ValueError("too many")
    return {_plain(name, 64): _plain(text, field.most) for name, text in raw.items()}


def _id(_field: Field, raw: Any) -> str:
    if not _is_id(raw):
        raise ValueError("no id")
    return str(raw)


def _ids(field: Field, raw: Any) -> list[str]:
    return [_id(field, each) for each in _list(field, raw)]


def _address(raw: Any) -> str:
    address = _plain(raw, 320).strip().lower()
    if not address or any(each.isspace() for each in address):
        raise ValueError("no address")
    return address


def _addresses(field: Field, raw: Any) -> list[str]:
    return list(dict.fromkeys(_address(each["address"]) for each in _list(field, raw)))


def _cards(field: Field, raw: Any) -> list[dict[str, Any]]:
    return [_card(each) for each in _list(field, raw)]


def _card(raw: Mapping[str, Any]) -> dict[str, Any]:
    lines = {name: _plain(raw.get(name) or "", LINE) for name in ("name", "organisation", "role", "url")}
    source = _plain(raw["source"], 24)
    if not KEY.fullmatch(source) or not source:
        raise ValueError("no source")
    return lines | {
        "source": source,
        "ref": _plain(raw["ref"], LINE),
        "phone": _plain(raw.get("phone") or "", 50),
        "birthday": _plain(raw.get("birthday") or "", 10),
        "connected_on": date.fromisoformat(raw["connected_on"]) if raw.get("connected_on") else None,
        "addresses": tuple(_address(each) for each in (raw.get("addresses") or [])[:50]),
        "origins": tuple(_plain(each, 64) for each in (raw.get("origins") or [])[:50]),
    }


def _participants(field: Field, raw: Any) -> list[dict[str, Any]]:
    return [
        {
            "address": _address(each["address"]),
            "name": _plain(each.get("name") or "", LINE),
            "roles": [_choose(role, "organiser", "attendee") for role in each["roles"]],
            "reply": _choose(each.get("reply") or "none", *Reply),
            "resource": each.get("resource") is True,
        }
        for each in _list(field, raw)
    ]


def _choose(raw: Any, *choices: str) -> str:
    if raw not in choices:
        raise ValueError("none of the choices")
    return str(raw)


def _meeting(_field: Field, raw: Any) -> dict[str, str]:
    return {"uid": _plain(raw["uid"], LINE), "occurrence": _plain(raw.get("occurrence") or "", 64)}


def _own_addresses(field: Field, raw: Any) -> list[dict[str, Any]]:
    return [{"address": _address(each["address"]), "own": each.get("own") is not False} for each in _list(field, raw)]


def _settings(_field: Field, raw: Any) -> dict[str, Any]:
    """The settings we know, of the kind that they have; others are left out."""
    kept = {name: each for name, each in raw.items() if name in SETTINGS}
    if not all(FITS[SETTINGS[name]](each) for name, each in kept.items()):
        raise ValueError("a setting is wrong")
    return kept


def _is_number(raw: Any, most: int) -> bool:
    return isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw <= most


DIFFERENT = {name: Field(name=name, most=most) for name, most in (("hidden", 200), ("order", 200), ("worded", LINE))}
PARTS: Mapping[str, Callable[[Field, Any], Any]] = {"hidden": _words, "order": _words, "worded": _texts}
FITS: Mapping[str, Callable[[Any], bool]] = {
    "clock": lambda raw: isinstance(raw, str) and CLOCK.fullmatch(raw) is not None,
    "number": lambda raw: _is_number(raw, 100),
    "weekday": lambda raw: _is_number(raw, 6),
    "weekdays": lambda raw: isinstance(raw, list) and len(set(raw)) < 7 and all(_is_number(each, 6) for each in raw),
    "keys": lambda raw: isinstance(raw, list) and len(raw) < 50 and all(_is_id(each) for each in raw),
}
KINDS: Mapping[str, Callable[[Field, Any], Any]] = {
    "text": _text,
    "line": _line,
    "key": _key,
    "flag": _flag,
    "number": _number,
    "moment": _moment,
    "day": _day,
    "choice": _choice,
    "words": _words,
    "asked": _asked,
    "texts": _texts,
    "id": _id,
    "ids": _ids,
    "addresses": _addresses,
    "cards": _cards,
    "participants": _participants,
    "meeting": _meeting,
    "own_addresses": _own_addresses,
    "settings": _settings,
}
EMPTY: Mapping[str, Any] = {
    "text": "", "line": "", "flag": False, "words": [], "asked": [], "texts": {}, "ids": [], "addresses": [],
    "cards": [], "participants": [], "own_addresses": [], "settings": {},
}  # fmt: skip
