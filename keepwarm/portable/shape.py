"""The sections of the document and the fields of each: the one table that writing, reading and the guide follow."""

from __future__ import annotations

from dataclasses import dataclass

FORMAT = "keepwarm-export"
VERSION = 1  # raised when a field changes its meaning; new fields need no new version
LONG = 20_000  # characters of one text; ours, five times what the forms take
LINE = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field. ``kind``: a key of `keepwarm.portable.reading.KINDS`; ``most``: characters, of lists entries.

    ``refers``: the section whose ids it holds. A ``needed`` one must be there; others may be absent or null.
    """

    name: str
    kind: str = "text"
    most: int = LONG
    choices: tuple[str, ...] = ()
    refers: str = ""
    needed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """``single``: one object, not a list. ``items``: mails and meetings, kept like those of any other file."""

    name: str
    fields: tuple[Field, ...]
    single: bool = False
    items: bool = False


def _fields(kind: str, names: str, *, most: int = LONG, needed: bool = False) -> tuple[Field, ...]:
    return tuple(Field(name=name, kind=kind, most=most, needed=needed) for name in names.split())


def _whom(names: str, section: str = "people", *, needed: bool = True) -> tuple[Field, ...]:
    return tuple(Field(name=name, kind="id", refers=section, needed=needed) for name in names.split())


def _one_of(name: str, *choices: str, needed: bool = True) -> Field:
    return Field(name=name, kind="choice", choices=choices, needed=needed)


OWNER = (
    *_fields("line", "name country region", most=LINE),
    *_fields("line", "lang zone", most=64),
    Field(name="settings", kind="settings"),
    Field(name="own_addresses", kind="own_addresses", most=200),
)
PERSON = (
    *_fields("line", "name", most=LINE, needed=True),
    _one_of("state", "proposed", "active", "ignored", "never"),
    *_fields("flag", "private close interesting died"),
    _one_of("circle", "warm", "lukewarm", "cold", needed=False),
    *_fields("line", "organisation role organisation_kind", most=LINE),
    *_fields("words", "can_help origins edited", most=50),
    *_fields("key", "register", most=12),
    *_fields("key", "lang", most=8),
    *_fields("number", "rhythm_days"),
    *_fields("day", "paused_until"),
    *_fields("moment", "proposed_at", needed=True),
    *_fields("moment", "accepted_at"),
    *_fields("line", "brought_by", most=320),
    Field(name="addresses", kind="addresses", most=200),
    Field(name="cards", kind="cards", most=50),
)
PLAN_ENTRY = (
    *_whom("plan_id", "goals", needed=False),
    *_whom("contact_id introducer_id", needed=False),
    *_fields("key", "goal", most=32),
    *_fields("text", "find_out role organisation sector named_person reading"),
    *_fields("key", "channel said finding", most=16),
    *_fields("moment", "said_at"),
    *_fields("day", "rest_until"),
    *_fields("flag", "passed"),
    *_fields("number", "position"),
    *_fields("moment", "created_at", needed=True),
)
MEETING = (
    *_fields("line", "uid", most=LINE, needed=True),
    *_fields("line", "occurrence zone", most=64),
    *_fields("line", "title location", most=LINE),
    *_fields("moment", "start_at end_at", needed=True),
    *_fields("flag", "zone_guessed all_day recurring cancelled busy"),
    Field(name="people", kind="participants", most=200),
)
INTERACTION = (
    *_fields("line", "ref", most=64, needed=True),
    *_fields("moment", "at", needed=True),
    _one_of("direction", "sent", "received"),
    Field(name="with", kind="words", most=50, needed=True),
    *_fields("number", "weight"),
)

# In this order: what a section refers to stands before it.
SECTIONS: tuple[Section, ...] = (
    Section(name="owner", fields=OWNER, single=True),
    Section(name="marks", fields=(*_fields("key", "salt", most=32), Field(name="hashes", kind="words", most=200_000)),
            single=True),
    Section(name="profile", single=True, fields=(
        *_fields("text", "role wishes education experience"), *_fields("words", "sectors regions checked", most=100),
        *_fields("texts", "spoken written"), *_fields("flag", "card_away"))),
    Section(name="never", fields=(
        _one_of("kind", "address", "domain"), *_fields("line", "value", most=320, needed=True),
        *_fields("moment", "created_at", needed=True))),
    Section(name="targets", fields=(
        *_fields("line", "name", most=LINE, needed=True), *_fields("text", "why link"), *_fields("number", "position"),
        *_fields("moment", "created_at", needed=True))),
    Section(name="goals", fields=(
        Field(name="goal", kind="key", most=32, needed=True), *_fields("text", "words"), *_fields("flag", "resting"),
        *_fields("number", "position"), *_fields("moment", "created_at", needed=True))),
    Section(name="people", fields=PERSON),
    Section(name="tags", fields=(
        *_whom("contact_id"), Field(name="word", kind="line", most=60, needed=True))),
    Section(name="meetings", fields=MEETING, items=True),
    Section(name="interactions", fields=INTERACTION, items=True),
    Section(name="plan", fields=PLAN_ENTRY),
    Section(name="introductions", fields=(
        *_whom("via_id contact_id"), Field(name="said", kind="key", most=12, needed=True),
        *_fields("moment", "said_at created_at", needed=True))),
    Section(name="notes", fields=(
        *_whom("contact_id"), Field(name="meeting", kind="meeting"), *_fields("moment", "at", needed=True),
        *_fields("text", "said tips"), *_fields("flag", "no_talk"))),
    Section(name="promises", fields=(
        *_whom("contact_id"), *_fields("flag", "mine"), *_fields("text", "text"), *_fields("day", "due_on"),
        *_fields("moment", "made_at", needed=True), *_fields("moment", "done_at"))),
    Section(name="talks", fields=(
        Field(name="meeting", kind="meeting", needed=True), Field(name="type", kind="key", most=24),
        Field(name="goal", kind="key", most=32), *_fields("text", "reading"), *_fields("flag", "no_brief"),
        *_fields("asked", "questions", most=50))),
    Section(name="own_lists", fields=(
        Field(name="type", kind="key", most=24, needed=True), Field(name="lang", kind="key", most=8, needed=True),
        *_fields("words", "hidden added", most=200), *_fields("texts", "worded"))),
    Section(name="rounds", fields=(
        _one_of("kind", "progress", "closing"), *_fields("texts", "news"), *_fields("moment", "begun_at", needed=True),
        *_fields("moment", "ended_at"), Field(name="left_out", kind="ids", most=LONG, refers="people"))),
    Section(name="follow_ups", fields=(
        *_whom("contact_id"), *_fields("line", "cycle", most=64, needed=True), *_fields("moment", "at", needed=True),
        *_fields("line", "wall", most=32, needed=True), *_fields("line", "zone", most=64, needed=True),
        _one_of("state", "planned", "deleted", "done", "removed"), *_fields("moment", "created_at", needed=True))),
    Section(name="different", fields=_whom("contact_a contact_b")),
)  # fmt: skip
_BY_NAME = {each.name: each for each in SECTIONS}


def section_named(name: str) -> Section | None:
    return _BY_NAME.get(name)
