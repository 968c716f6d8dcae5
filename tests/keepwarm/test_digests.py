"""Whom a digest picks, what it suggests, and that it is silent without anything to say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepwarm.digests import DigestFacts, DigestTalk, NewPerson, digest, pick_people
from keepwarm.freshness import freshness
from keepwarm.openers import OPENERS
from keepwarm.reconnect import DigestPerson, Promised, short, suggestions
from keepwarm.texts import LANGUAGES, Texts

NOW = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)  # a Tuesday of week 48
INTERVAL = timedelta(days=100)


def person(name: str, circle: str, late: float, *, touches: int = 1) -> DigestPerson:
    """``late``: lateness in percent."""
    return DigestPerson(
        contact_id=name,
        name=name.title(),
        circle=circle,
        freshness=freshness(last_at=NOW - timedelta(days=late), since=NOW, interval=INTERVAL, now=NOW),
        sent=touches,
        received=touches,
    )


MANY = (
    *(person(f"w{n}", "warm", 110 + n) for n in range(4)),
    *(person(f"l{n}", "lukewarm", 110 + n) for n in range(4)),
    person("a-often", "warm", 300, touches=40),
    person("a-seldom", "lukewarm", 500, touches=1),
)


def names(people: tuple[DigestPerson, ...]) -> list[str]:
    return [each.contact_id for each in people]


@pytest.mark.parametrize(
    ("people", "week", "recently", "expected"),
    [
        (MANY, 48, {}, ["w3", "w2", "l3", "l2", "a-often"]),
        (MANY, 49, {}, ["w3", "w2", "l3", "l2", "a-seldom"]),
        (MANY, 48, {"w3": 1, "l3": 1}, ["w2", "w1", "l2", "l1", "a-often"]),
        (MANY, 48, {"w3": 2}, ["w3", "w2", "l3", "l2", "a-often"]),
        (MANY[:4], 48, {}, ["w3", "w2", "w1", "w0"]),
        (MANY[:3], 48, {"w0": 1, "w1": 1, "w2": 1}, ["w2", "w1", "w0"]),
        (MANY[:3], 48, {"w0": 1, "w1": 1}, ["w2"]),
        ((person("fresh", "warm", 99),), 48, {}, []),
        ((), 48, {}, []),
    ],
)
def test_the_week_is_mixed(
    people: tuple[DigestPerson, ...], week: int, recently: dict[str, int], expected: list[str]
) -> None:
    assert names(pick_people(people, week_number=week, recently=recently)) == expected


PEOPLE = st.lists(
    st.builds(
        person,
        st.text("abcdefgh", min_size=1, max_size=3),
        st.sampled_from(["warm", "lukewarm", "cold"]),
        st.integers(0, 600),
        touches=st.integers(0, 5),
    ),
    max_size=14,
    unique_by=lambda each: each.contact_id,
)


@given(people=PEOPLE, count=st.integers(0, 7), week=st.integers(1, 53), data=st.data())
def test_picks_are_due_unique_and_stable(
    people: list[DigestPerson], count: int, week: int, data: st.DataObject
) -> None:
    recently = {each.contact_id: 1 for each in people if data.draw(st.booleans())}
    found = pick_people(people, count, week_number=week, recently=recently)
    due = [each for each in people if each.freshness.lateness >= 1]
    rested = [each for each in due if each.contact_id not in recently]
    assert len(found) == min(count, len(rested or due))
    assert len(set(names(found))) == len(found)
    assert all(each in (rested or due) for each in found)
    assert found == pick_people(people[::-1], count, week_number=week, recently=recently)


@pytest.mark.parametrize(
    ("change", "en", "nl"),
    [
        (
            {"promises": (Promised(mine=True, text="send the book."),), "last_note": "the move"},
            "You promised: “send the book”",
            "Je hebt beloofd: “send the book”",
        ),
        (
            {
                "promises": (
                    Promised(mine=False, text="ask around"),
                    Promised(mine=True, text="call", due_on=date(2026, 12, 1)),
                )
            },
            "You promised: “call”",
            "Je hebt beloofd: “call”",
        ),
        ({"promises": (Promised(mine=False, text="ask around"),)}, "They promised: “ask around”", "Aan jou is beloofd"),
        ({"last_note": "the move"}, "Last time it was about “the move”", "De vorige keer ging het over"),
        (
            {"last_note": "the move", "last_note_on": date(2026, 5, 3)},
            "Last time, on 3 May 2026, it was about “the move”",
            "De vorige keer, op 3 mei 2026, ging het over “the move”",
        ),
    ],
)
def test_the_suggestion_is_concrete(change: dict[str, object], en: str, nl: str) -> None:
    someone = replace(person("noor", "warm", 120), **change)  # type: ignore[arg-type] # a table of several types
    assert suggestions([someone], Texts.load("en"), week_number=48)[0].startswith(en)
    assert suggestions([someone], Texts.load("nl"), week_number=48)[0].startswith(nl)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("kind", "circle", "late"),
    [("warm", "warm", 120), ("lukewarm", "lukewarm", 120), ("cold", "cold", 120), ("asleep", "warm", 300)],
)
def test_no_two_of_a_digest_get_the_same_opener_while_there_is_another(
    lang: str, kind: str, circle: str, late: float
) -> None:
    texts = Texts.load(lang)
    own = {texts.gettext(each) for each in OPENERS[kind]}
    people = [person(f"p{number}", circle, late) for number in range(len(own))]
    for week in range(1, 54):
        said = suggestions(people, texts, week_number=week)
        assert set(said) == own
        assert suggestions(people[::-1], texts, week_number=week) == said[::-1]
    assert len(own) >= 4


def test_openers_differ_from_week_to_week_and_may_repeat_when_they_run_out() -> None:
    texts, one = Texts.load("en"), person("noor", "warm", 120)
    said = [suggestions([one], texts, week_number=week)[0] for week in range(1, 30)]
    assert set(said) == set(OPENERS["warm"])
    assert said == [suggestions([one], texts, week_number=week)[0] for week in range(1, 30)]
    many = [person(f"p{number}", "warm", 120) for number in range(12)]
    counts = [suggestions(many, texts, week_number=3).count(each) for each in OPENERS["warm"]]
    assert sorted(counts) == [2, 2, 2, 3, 3]


def test_a_promise_takes_no_opener_from_the_others() -> None:
    texts = Texts.load("en")
    keeper = replace(person("a", "warm", 120), promises=(Promised(mine=True, text="call"),), channel="mail")
    others = [person(f"p{number}", "warm", 120) for number in range(3)]
    said = suggestions([keeper, *others], texts, week_number=48)
    assert said[0].startswith("You promised: “call”")
    assert said[0].endswith("A short mail is enough.")
    assert said[1:] == suggestions(others, texts, week_number=48)


def test_long_notes_are_cut_at_a_word() -> None:
    cut = short("word " * 100)
    assert len(cut) <= 165
    assert cut.endswith("word …")


FACTS = DigestFacts(
    now=NOW,
    owner_name="Sam",
    lang="en",
    zone="Europe/Amsterdam",
    people=MANY,
    new_people=tuple(NewPerson(contact_id=f"n{n}", name=f"New {n}", evidence="You wrote once.") for n in range(8)),
    talks=(
        DigestTalk(title="Later", start_at=NOW + timedelta(days=8), zone="UTC"),
        DigestTalk(title="Past", start_at=NOW - timedelta(hours=1), zone="UTC"),
        DigestTalk(
            title="Coffee", start_at=NOW + timedelta(days=2), zone="UTC", names=("Noor", "Jan"), type_label="keep up"
        ),
    ),
)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_full_digest_has_its_sections_in_order(lang: str) -> None:
    found = digest(FACTS, Texts.load(lang))
    assert found is not None
    assert [(each.key, len(each.entries)) for each in found.sections] == [
        ("reconnect", 5),
        ("new_people", 5),
        ("talks", 1),
    ]
    assert found.picked == ("w3", "w2", "l3", "l2", "a-often")
    said = [line for each in found.sections for entry in each.entries for line in (entry.title, *entry.lines)]
    assert all(line and "!" not in line and "{" not in line for line in said)
    assert found == digest(FACTS, Texts.load(lang))


def test_languages_differ_in_every_sentence() -> None:
    en, nl = digest(FACTS, Texts.load("en")), digest(FACTS, Texts.load("nl"))
    assert en is not None
    assert nl is not None
    assert {en.title, en.greeting, en.closing}.isdisjoint({nl.title, nl.greeting, nl.closing})
    for a, b in zip(en.sections, nl.sections, strict=True):
        assert {a.title, a.intro}.isdisjoint({b.title, b.intro})


@pytest.mark.parametrize("people", [(), (person("fresh", "warm", 10),)])
def test_nothing_to_say_is_no_digest(people: tuple[DigestPerson, ...]) -> None:
    empty = DigestFacts(now=NOW, owner_name="Sam", lang="en", zone="UTC", people=people, talks=FACTS.talks[:2])
    assert digest(empty, Texts.load("en")) is None
