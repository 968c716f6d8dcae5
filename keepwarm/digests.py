"""The periodic mail: whom to reconnect with, new people, talks ahead; nothing when there is nothing to say.

Called by `workers.prepare` (is there anything to say, and about whom) and `workers.render` (the words). A new section
is one function, named in `SECTIONS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from keepwarm.freshness import explain
from keepwarm.reconnect import PEOPLE, DigestPerson, Promised, pick_people, suggestions
from keepwarm.texts import Texts

NEW_AT_MOST = 5  # PRODUCT.md section 4, "New-person rule"
AHEAD = timedelta(days=7)  # until the next digest

__all__ = [
    "SECTIONS",
    "Digest",
    "DigestFacts",
    "DigestPerson",
    "DigestTalk",
    "Entry",
    "NewPerson",
    "Promised",
    "Section",
    "digest",
    "pick_people",
    "picked",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """Somebody proposed; ``evidence`` is one sentence, ``doubt`` one more where they look like somebody else."""

    contact_id: str
    name: str
    address: str = ""
    organisation: str = ""
    evidence: str = ""
    doubt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestTalk:
    """A coming talk. ``names``: the people, each with an address where there is one; ``type_label``: in words.

    ``contact_id``: whose page to open, None for none.
    """

    title: str
    start_at: datetime
    zone: str
    names: tuple[str, ...] = ()
    type_label: str = ""
    contact_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestFacts:
    """All that a digest speaks of, at ``now``. ``recently``: weeks since a contact was last suggested.

    ``people``: active ones to network with, due or not; ``new_people`` in the order to show them.
    """

    now: datetime
    owner_name: str
    lang: str
    zone: str
    goal: str = ""
    people: tuple[DigestPerson, ...] = ()
    new_people: tuple[NewPerson, ...] = ()
    talks: tuple[DigestTalk, ...] = ()
    recently: Mapping[str, int] = field(default_factory=dict)
    count: int = PEOPLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One person or talk. ``kind`` is person, new or talk; ``lines`` are whole sentences, never empty ones.

    ``address``: a name is never shown without it where there is one (RELIABILITY.md E6).
    """

    title: str
    address: str = ""
    lines: tuple[str, ...]
    contact_id: str | None = None
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """``key`` names it for the layout; ``entries`` is never empty."""

    key: str
    title: str
    intro: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """``picked``: the contacts suggested, to be remembered for next week. ``sections`` is never empty."""

    title: str
    greeting: str
    sections: tuple[Section, ...]
    closing: str
    picked: tuple[str, ...] = ()


def picked(facts: DigestFacts) -> tuple[DigestPerson, ...]:
    """Whom this week's digest suggests; the same all week long."""
    return pick_people(facts.people, facts.count, week_number=_week(facts), recently=facts.recently)


def _week(facts: DigestFacts) -> int:
    return facts.now.astimezone(ZoneInfo(facts.zone)).isocalendar().week


def _reconnect(facts: DigestFacts, texts: Texts) -> Section | None:
    people = picked(facts)
    if not people:
        return None
    said = suggestions(people, texts, week_number=_week(facts))
    return Section(
        key="reconnect",
        title=texts.gettext("Good to get in touch with"),
        intro=texts.ngettext(
            "One person for this week. A few lines are enough.",
            "{number} people for this week. A few lines are enough, and skipping somebody is fine.",
            len(people),
        ),
        entries=tuple(_person(each, line, facts, texts) for each, line in zip(people, said, strict=True)),
    )


def _person(person: DigestPerson, said: str, facts: DigestFacts, texts: Texts) -> Entry:
    why = explain(texts, person.freshness, circle=person.circle, now=facts.now, goal=person.goal)
    return Entry(
        title=_titled(person.name, person.organisation),
        address=person.address,
        lines=(why, said),
        contact_id=person.contact_id,
        kind="person",
    )


def _new_people(facts: DigestFacts, texts: Texts) -> Section | None:
    shown = facts.new_people[:NEW_AT_MOST]
    if not shown:
        return None
    return Section(
        key="new_people",
        title=texts.gettext("New people"),
        intro=texts.gettext("Do they belong in your network? You decide; until then nothing happens."),
        entries=tuple(
            Entry(
                title=_titled(each.name, each.organisation),
                address=each.address,
                lines=tuple(line for line in (each.evidence, each.doubt) if line),
                contact_id=each.contact_id,
                kind="new",
            )
            for each in shown
        ),
    )


def _talks(facts: DigestFacts, texts: Texts) -> Section | None:
    ahead = [each for each in facts.talks if facts.now < each.start_at <= facts.now + AHEAD]
    if not ahead:
        return None
    return Section(
        key="talks",
        title=texts.gettext("Talks ahead"),
        intro=texts.gettext("The question list for each comes the working day before."),
        entries=tuple(_talk(each, texts) for each in sorted(ahead, key=lambda each: (each.start_at, each.title))),
    )


def _talk(talk: DigestTalk, texts: Texts) -> Entry:
    people = texts.gettext("With {names}.", names=texts.join(talk.names)) if talk.names else ""
    kind = (
        texts.gettext("Kind of talk: {type}.", type=talk.type_label[0].lower() + talk.type_label[1:])
        if talk.type_label
        else ""
    )
    moment = texts.moment(talk.start_at, talk.zone)
    lines = (f"{moment[0].upper()}{moment[1:]}.", people, kind)
    return Entry(
        title=f"“{talk.title}”" if talk.title else texts.join(talk.names),
        lines=tuple(each for each in lines if each),
        contact_id=talk.contact_id,
        kind="talk",
    )


def _titled(name: str, organisation: str) -> str:
    return f"{name} ({organisation})" if organisation else name


# In the order of the mail; each gives its section, or nothing where it has nothing to say.
SECTIONS: tuple[Callable[[DigestFacts, Texts], Section | None], ...] = (_reconnect, _new_people, _talks)


def digest(facts: DigestFacts, texts: Texts) -> Digest | None:
    """The digest at ``facts.now``; None when there is nothing to say. The same facts give the same digest."""
    sections = tuple(section for make in SECTIONS if (section := make(facts, texts)))
    if not sections:
        return None
    hello = texts.gettext("Hello {name},", name=facts.owner_name) if facts.owner_name else texts.gettext("Hello,")
    return Digest(
        title=texts.gettext("Your people this week"),
        greeting=hello,
        sections=sections,
        closing=texts.gettext("Nothing here has to be done. What does not fit this week comes back by itself."),
        picked=tuple(each.contact_id for each in picked(facts)),
    )
