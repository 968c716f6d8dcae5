"""The sections of the document and the fields of each: the one table that writing, reading and the guide follow."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from keepwarm.bounds import RHYTHM_DAYS
from keepwarm.circles import CIRCLES
from keepwarm.introductions import SAID
from keepwarm.plan import CHANNELS, FINDINGS, HELP, STATES
from keepwarm.profile import CHECKS
from keepwarm.questions import GOALS, MOST, REGISTERS, TYPES
from keepwarm.texts import LANGUAGES

FORMAT = "keepwarm-export"
VERSION = 1  # raised when a field changes its meaning; new fields need no new version
LONG = 20_000  # characters of one text; ours, five times what the forms take
LINE = 2_000
GUESTS = 1_000  # of one meeting; the readers of calendars take 200
NUMBER = range(100_001)  # ours: no number of ours comes near
EVERY_REGISTER = tuple(each for pair in REGISTERS.values() for each in pair)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field. ``kind``: a key of `keepwarm.portable.reading.KINDS`; ``most``: characters, of lists entries.

    ``choices``: the domain's own table of what it may be, for texts by language and own words of what they may be for;
    ``within``: the bounds of a number. ``refers``: the section whose ids it holds. A ``needed`` one must be there;
    others may be absent or null. A ``spare`` one is left out where its value is none that we know, and the entry kept.
    """

    name: str
    kind: str = "text"
    most: int = LONG
    choices: Collection[str] = ()
    within: range = NUMBER
    refers: str = ""
    needed: bool = False
    spare: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """``single``: one object, not a list. ``items``: mails and meetings, kept like those of any other file."""

    name: str
    fields: tuple[Field, ...]
    single: bool = False
    items: bool = False


def _fields(kind: str, names: str, *, most: int = LONG, needed: bool = False) -> tuple[Field, ...]:
    return tuple(Field(name=name, kind=kind, most=most, needed=needed, spare=not needed) for name in names.split())


def _strict(kind: str, names: str) -> tuple[Field, ...]:
    """Of which a wrong value refuses the entry: without it the entry would say something else."""
    return tuple(Field(name=name, kind=kind) for name in names.split())


def _whom(names: str, section: str = "people", *, needed: bool = True) -> tuple[Field, ...]:
    return tuple(Field(name=name, kind="id", refers=section, needed=needed) for name in names.split())


def _one_of(name: str, choices: Collection[str], *, needed: bool = False) -> Field:
    return Field(name=name, kind="choice", choices=choices, needed=needed, spare=not needed)


def _of(kind: str, name: str, choices: Collection[str], *, most: int = LONG) -> Field:
    return Field(name=name, kind=kind, choices=choices, most=most)


OWNER = (
    *_fields("label", "name", most=LINE),
    *_fields("country", "country"),
    *_fields("label", "region", most=8),
    _one_of("lang", LANGUAGES),
    *_fields("zone", "zone"),
    Field(name="settings", kind="settings", spare=True),
    Field(name="own_addresses", kind="own_addresses", most=200),
)
PERSON = (
    *_fields("label", "name", most=LINE, needed=True),
    _one_of("state", ("proposed", "active", "ignored", "never"), needed=True),
    *_strict("flag", "private close interesting died"),
    _one_of("circle", CIRCLES),
    *_fields("label", "organisation role organisation_kind", most=LINE),
    _of("keys", "can_help", tuple(HELP)),
    *_fields("words", "origins edited", most=50),
    _one_of("register", EVERY_REGISTER),
    _one_of("lang", LANGUAGES),
    Field(name="rhythm_days", kind="number", within=RHYTHM_DAYS, spare=True),
    *_fields("day", "paused_until"),
    *_fields("moment", "proposed_at", needed=True),
    *_fields("moment", "accepted_at"),
    *_fields("line", "brought_by", most=320),
    Field(name="addresses", kind="addresses", most=200),
    Field(name="cards", kind="cards", most=200),
)
PLAN_ENTRY = (
    *_whom("plan_id", "goals", needed=False),
    *_whom("contact_id introducer_id", needed=False),
    _one_of("goal", GOALS),
    *_strict("text", "find_out role organisation sector named_person reading"),
    _one_of("channel", CHANNELS),
    _one_of("said", STATES),
    _one_of("finding", tuple(FINDINGS)),
    *_fields("moment", "said_at"),
    *_fields("day", "rest_until"),
    *_strict("flag", "passed"),
    *_fields("number", "position"),
    *_fields("moment", "created_at", needed=True),
)
MEETING = (
    *_fields("line", "uid", most=LINE, needed=True),
    Field(name="occurrence", kind="line", most=64),
    *_fields("zone", "zone"),
    *_fields("label", "title location", most=LINE),
    *_fields("moment", "start_at end_at", needed=True),
    *_strict("flag", "zone_guessed all_day recurring cancelled busy"),
    Field(name="people", kind="participants", most=GUESTS),
)
INTERACTION = (
    *_fields("line", "ref", most=64, needed=True),
    *_fields("moment", "at", needed=True),
    _one_of("direction", ("sent", "received"), needed=True),
    Field(name="with", kind="words", most=50, needed=True),
    *_fields("number", "weight"),
)

# In this order: what a section refers to stands before it.
SECTIONS: tuple[Section, ...] = (
    Section(name="owner", fields=OWNER, single=True),
    Section(name="marks", fields=(*_fields("key", "salt", most=32), Field(name="hashes", kind="words", most=200_000)),
            single=True),
    Section(name="profile", single=True, fields=(
        *_strict("text", "role wishes education experience"), *_fields("words", "sectors regions", most=100),
        _of("keys", "checked", tuple(CHECKS)), _of("texts", "spoken", LANGUAGES), _of("texts", "written", LANGUAGES),
        *_strict("flag", "card_away"))),
    Section(name="never", fields=(
        _one_of("kind", ("address", "domain"), needed=True), *_fields("line", "value", most=320, needed=True),
        *_fields("moment", "created_at", needed=True))),
    Section(name="targets", fields=(
        *_fields("label", "name", most=LINE, needed=True), *_strict("text", "why"), *_fields("link", "link"),
        *_fields("number", "position"), *_fields("moment", "created_at", needed=True))),
    Section(name="goals", fields=(
        _one_of("goal", GOALS, needed=True), *_strict("text", "words"), *_strict("flag", "resting"),
        *_fields("number", "position"), *_fields("moment", "created_at", needed=True))),
    Section(name="people", fields=PERSON),
    Section(name="tags", fields=(
        *_whom("contact_id"), Field(name="word", kind="line", most=60, needed=True))),
    Section(name="meetings", fields=MEETING, items=True),
    Section(name="interactions", fields=INTERACTION, items=True),
    Section(name="plan", fields=PLAN_ENTRY),
    Section(name="introductions", fields=(
        *_whom("via_id contact_id"), _one_of("said", SAID, needed=True),
        *_fields("moment", "said_at created_at", needed=True))),
    Section(name="notes", fields=(
        *_whom("contact_id"), Field(name="meeting", kind="meeting", spare=True),
        *_fields("moment", "at", needed=True), *_strict("text", "said tips"), *_strict("flag", "no_talk"))),
    Section(name="promises", fields=(
        *_whom("contact_id"), *_strict("flag", "mine"), *_strict("text", "text"), *_fields("day", "due_on"),
        *_fields("moment", "made_at", needed=True), *_strict("moment", "done_at"))),
    Section(name="talks", fields=(
        Field(name="meeting", kind="meeting", needed=True), _one_of("type", TYPES), _one_of("goal", GOALS),
        *_strict("text", "reading"), *_strict("flag", "no_brief"), Field(name="questions", kind="asked", most=50))),
    Section(name="own_lists", fields=(
        _one_of("type", TYPES, needed=True), _one_of("lang", LANGUAGES, needed=True),
        Field(name="hidden", kind="refs", most=200), Field(name="added", kind="questions", most=MOST),
        Field(name="worded", kind="worded", most=200))),
    Section(name="rounds", fields=(
        _one_of("kind", ("progress", "closing"), needed=True), _of("texts", "news", LANGUAGES),
        *_fields("moment", "begun_at", needed=True), *_strict("moment", "ended_at"),
        Field(name="left_out", kind="ids", refers="people"))),
    Section(name="follow_ups", fields=(
        *_whom("contact_id"), *_fields("line", "cycle", most=64, needed=True), *_fields("moment", "at", needed=True),
        *_fields("wall", "wall", needed=True), *_fields("zone", "zone", needed=True),
        _one_of("state", ("planned", "deleted", "done", "removed"), needed=True),
        *_fields("moment", "created_at", needed=True))),
    Section(name="different", fields=_whom("contact_a contact_b")),
)  # fmt: skip
_BY_NAME = {each.name: each for each in SECTIONS}


def section_named(name: str) -> Section | None:
    return _BY_NAME.get(name)
