"""The sections of the digest, each a function from facts to a section or nothing. Called through `keepwarm.digests`.

A new section is one function, named in `SECTIONS`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from keepwarm.digests.values import (
    Digest,
    DigestFacts,
    DigestStep,
    DigestTalk,
    Entry,
    Occasion,
    Section,
)
from keepwarm.freshness import explain
from keepwarm.owed import Owed, says
from keepwarm.reconnect import RESTS, DigestPerson, pick_people, suggestions
from keepwarm.texts import Texts

NEW_AT_MOST = 5  # PRODUCT.md section 4, "New-person rule"
STEPS_AT_MOST = 2  # ours: of the five people a week; the plan has the others
OWED_AT_MOST = 5  # ours
AHEAD = timedelta(days=7)  # until the next digest


def picked(facts: DigestFacts) -> tuple[DigestPerson, ...]:
    """Whom this week's digest suggests beside the steps of the plan; the same all week long."""
    spoken_of = {each.contact_id for each in _next_steps(facts)} | _owed_to(facts)
    people = [each for each in facts.people if each.contact_id not in spoken_of]
    room = max(0, facts.count - len(_next_steps(facts)))
    return pick_people(people, room, week_number=_week(facts), recently=facts.recently)


def _next_steps(facts: DigestFacts) -> tuple[DigestStep, ...]:
    """The steps of the plan for this week, without those named last week; they count as people suggested."""
    owed = _owed_to(facts)
    open_ones = [each for each in facts.steps if facts.recently.get(each.contact_id, RESTS + 1) > RESTS]
    return tuple(each for each in open_ones if each.contact_id not in owed)[: min(STEPS_AT_MOST, facts.count)]


def _owed_to(facts: DigestFacts) -> set[str]:
    return {each.contact_id for each in facts.owed[:OWED_AT_MOST]}


def _week(facts: DigestFacts) -> int:
    return facts.now.astimezone(ZoneInfo(facts.zone)).isocalendar().week


def _owed(facts: DigestFacts, texts: Texts) -> Section | None:
    shown = facts.owed[:OWED_AT_MOST]
    if not shown:
        return None
    return Section(
        key="owed",
        title=texts.gettext("Thanks and promises"),
        intro="",
        entries=tuple(owed_entry(each, facts.now, facts.zone, texts) for each in shown),
    )


def owed_entry(owed: Owed, now: datetime, zone: str, texts: Texts) -> Entry:
    """What is owed, as a mail shows it."""
    promise = owed.kind == "promise"
    return Entry(
        title=owed.name,
        address=owed.address,
        lines=(says(owed, now, zone, texts),),
        contact_id=owed.contact_id,
        kind="promise" if promise else "person",
        ref=owed.ref if promise else owed.contact_id,
    )


def _steps(facts: DigestFacts, texts: Texts) -> Section | None:
    shown = _next_steps(facts)
    if not shown:
        return None
    return Section(
        key="plan",
        title=texts.gettext("Next in your plan"),
        intro="",
        entries=tuple(
            Entry(
                title=_titled(each.name, each.organisation),
                address=each.address,
                lines=(f"{each.step}.", each.why),
                contact_id=each.contact_id,
                kind="person",
                ref=each.contact_id,
            )
            for each in shown
        ),
    )


def _occasions(facts: DigestFacts, texts: Texts) -> Section | None:
    if not facts.occasions:
        return None
    return Section(
        key="occasions",
        title=texts.gettext("A nice reason to write"),
        intro=_closest_of(facts, texts),
        entries=tuple(
            Entry(
                title=each.name,
                address=each.address,
                lines=(_occasion(each, texts),),
                contact_id=each.contact_id,
                kind="person",
                ref=each.contact_id,
            )
            for each in facts.occasions
        ),
    )


def _closest_of(facts: DigestFacts, texts: Texts) -> str:
    if facts.occasions_in_all <= len(facts.occasions):
        return ""
    return texts.gettext("Of the {number} this week, these are closest to you.", number=facts.occasions_in_all)


def _occasion(each: Occasion, texts: Texts) -> str:
    if each.on is not None:
        return texts.gettext("Birthday on {date}.", date=texts.day_and_date(each.on))
    return texts.gettext("Now: {after}. Before: {before}.", after=each.after, before=each.before)


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
        ref=person.contact_id,
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
                ref=each.contact_id,
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
    moment = texts.moment(talk.start_at, talk.zone, place=True)
    lines = (f"{moment[0].upper()}{moment[1:]}.", people, kind)
    return Entry(
        title=f"“{talk.title}”" if talk.title else texts.join(talk.names),
        lines=tuple(each for each in lines if each),
        contact_id=talk.contact_id,
        kind="talk",
        ref=talk.event_id,
    )


def _titled(name: str, organisation: str) -> str:
    return f"{name} ({organisation})" if organisation else name


# In the order of the mail; each gives its section, or nothing where it has nothing to say.
SECTIONS: tuple[Callable[[DigestFacts, Texts], Section | None], ...] = (
    _owed, _steps, _reconnect, _occasions, _new_people, _talks,
)  # fmt: skip


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
        watched=facts.watched,
        picked=(*(each.contact_id for each in _next_steps(facts)), *(each.contact_id for each in picked(facts))),
    )
