"""Which events are talks, and which type is proposed for whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from keepwarm.questions import TYPES
from keepwarm.talks import NOT_A_TALK, WHY_TYPE, Known, NotATalk, Talk, TypeFacts, is_employer, propose_type, talk_of
from keepwarm.texts import Texts
from keepwarm.types import Address, CalendarEvent, Participant, Reply, Role

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
START = NOW + timedelta(days=1)
OWN = frozenset({"me@example.org", "me.too@example.org"})
KNOWN = {
    "noor@example.com": Known(contact_id="c1"),
    "noor@example.net": Known(contact_id="c1"),
    "piet@example.com": Known(contact_id="c2"),
    "gp@example.com": Known(contact_id="c3", private=True),
    "asleep@example.com": Known(contact_id="c4", active=False),
}
Guest = str | tuple[str, Reply]


def guest(given: Guest) -> Participant:
    address, reply = (given, Reply.ACCEPTED) if isinstance(given, str) else given
    return Participant(role=Role.ATTENDEE, address=Address(address=address), reply=reply)


def event(*guests: Guest) -> CalendarEvent:
    return CalendarEvent(
        uid="u1",
        title="Coffee",
        start_at=START,
        end_at=START + timedelta(hours=1),
        zone="Europe/Amsterdam",
        participants=tuple(map(guest, ("me@example.org", *guests))),
    )


def judged(given: CalendarEvent) -> Talk | NotATalk:
    return talk_of(given, own=OWN, known=KNOWN, now=NOW)


NOOR = event("noor@example.com")
CROWD = [f"guest{number}@example.com" for number in range(7)]
ROOM = Participant(role=Role.ATTENDEE, address=Address(address="room@example.org"), resource=True)
TEAM = Participant(role=Role.LIST, address=Address(address="team@example.org"))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (event(), "nobody_known"),
        (event("stranger@example.com"), "nobody_known"),
        (event("asleep@example.com"), "nobody_known"),
        (event("gp@example.com"), "private"),
        (event(("noor@example.com", Reply.DECLINED)), "they_declined"),
        (event("noor@example.com", *CROWD), "crowd"),
        (replace(NOOR, participants=(*NOOR.participants, TEAM)), "crowd"),
        (replace(event("noor@example.com", "piet@example.com"), recurring=True), "team_meeting"),
        (replace(NOOR, cancelled=True), "cancelled"),
        (replace(NOOR, all_day=True), "all_day"),
        (replace(NOOR, ours=True), "ours"),
        (replace(NOOR, start_at=NOW), "past"),
        (event("noor@example.com", ("me.too@example.org", Reply.DECLINED)), "declined"),
    ],
)
def test_what_is_no_talk_says_why(given: CalendarEvent, reason: str) -> None:
    assert judged(given) == NotATalk(reason=reason)
    assert reason in NOT_A_TALK


@pytest.mark.parametrize(
    ("given", "contacts", "people"),
    [
        (NOOR, ("c1",), 2),
        (replace(NOOR, recurring=True), ("c1",), 2),  # a standing talk of two
        (event("noor@example.com", *CROWD[:6]), ("c1",), 8),
        (event("noor@example.com", "noor@example.net", "piet@example.com"), ("c1", "c2"), 3),
        (event("gp@example.com", "piet@example.com"), ("c2",), 3),
        (event("me.too@example.org", "noor@example.com"), ("c1",), 2),
        (replace(NOOR, participants=(*NOOR.participants, ROOM)), ("c1",), 2),
    ],
)
def test_a_talk_names_its_contacts_and_counts_people(
    given: CalendarEvent, contacts: tuple[str, ...], people: int
) -> None:
    found = judged(given)
    assert isinstance(found, Talk)
    assert (found.contact_ids, found.people, found.automatic) == (contacts, people, True)


def test_an_uncertain_hour_gets_no_automatic_mail() -> None:
    found = judged(replace(NOOR, zone_guessed=True))
    assert isinstance(found, Talk)
    assert not found.automatic


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"goal": "learn_vacancy"}, "vacancy"),
        ({"goal": "present_self", "circle": "warm"}, "present_self"),
        ({"goal": "explore_market", "circle": "warm"}, "tips_and_names"),
        ({"goal": "explore_market", "circle": "cold"}, "orientation"),
        ({"goal": "explore_market", "circle": "cold", "role": "HR manager", "sector": "de zorg"}, "sector_fit"),
        ({"goal": "explore_market", "circle": "warm", "role": "HR manager", "sector": "de zorg"}, "tips_and_names"),
        ({"goal": "learn_field", "circle": "warm", "role": "nurse", "sector": "care"}, "orientation"),
        ({"goal": "learn_field", "circle": "warm", "role": "Directeur", "sector": "care"}, "sector_fit"),
        ({"goal": "learn_field", "circle": "warm", "role": "Directeur"}, "orientation"),
        ({"goal": "learn_field", "circle": "warm", "sector": "care", "inside": False}, "tips_and_names"),
        ({"goal": "learn_field", "circle": "cold", "sector": "care", "inside": False}, "orientation"),
        ({"goal": "explore_market", "role": "HR manager", "sector": "care", "inside": False}, "orientation"),
        ({"circle": "warm", "talked_before": True}, "keep_up"),
        ({"circle": "lukewarm", "talked_before": True}, "keep_up"),
        ({"circle": "warm"}, "tips_and_names"),
        ({"origins": ("friends",)}, "tips_and_names"),
        ({"circle": "lukewarm", "origins": ("friends",)}, "orientation"),
        ({"circle": "cold"}, "orientation"),
    ],
)
@pytest.mark.parametrize("lang", ["en", "nl"])
def test_the_type_fits_goal_circle_and_role(facts: dict[str, object], expected: str, lang: str) -> None:
    found = propose_type(TypeFacts(name="Noor", **facts), Texts.load(lang))
    assert found.type == expected
    assert found.type in TYPES
    assert "Noor" in found.why
    assert "{" not in found.why


def test_reasons_are_said_in_dutch_too() -> None:
    assert Texts.load("nl")(NOT_A_TALK["crowd"]) == "Er doen meer dan acht mensen mee."
    assert all(each.count("{name}") == 1 for each in WHY_TYPE.values())


@pytest.mark.parametrize(
    ("role", "yes"),
    [
        ("Afdelingshoofd inkoop", True),
        ("projectmanager", True),
        ("Head of Sales", True),
        ("co-founder", True),
        ("verpleegkundige", False),
        ("threat analyst", False),
        ("", False),
    ],
)
def test_who_hires_is_read_from_the_role(role: str, yes: bool) -> None:
    assert is_employer(role) is yes
