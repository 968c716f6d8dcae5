"""A follow-up as a calendar event."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from integrations.wire.ical import write_event
from keepwarm.followups import Due, event_of, uid_of
from keepwarm.questions import Note, Situation

AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
NOOR = Due(
    contact_id="c1",
    name="Noor",
    due_at=AT,
    rhythm=timedelta(days=90),
    cycle="1",
    reason="Jullie spraken elkaar 4 maanden geleden.",
)
SITUATION = Situation(type="keep_up", lang="nl", register="je", circle="warm", name="Noor", organisation="Voorbeeld BV")


def test_it_says_why_what_and_three_questions() -> None:
    event = event_of("fu-1", NOOR, AT, situation=SITUATION, zone="Europe/Amsterdam", url="https://example.org/c1")
    assert event.title == "Contact met Noor"
    assert event.description.split("\n\n") == [
        "Jullie spraken elkaar 4 maanden geleden.",
        "Een kort bericht is genoeg: vraag hoe het gaat en vertel hoe het met jou is.",
        event.description.split("\n\n")[2],
        "https://example.org/c1",
    ]
    assert event.description.count("\n– ") == 3
    assert (event.uid, event.reminder_minutes, event.end_at - event.start_at) == (
        uid_of("fu-1"),
        0,
        timedelta(minutes=15),
    )
    assert event.uid == "fu-1@keepwarm"


def test_the_same_input_gives_the_same_event() -> None:
    first, second = (event_of("fu-1", NOOR, AT, situation=SITUATION, zone="UTC") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("channel", "circle", "begins"),
    [
        ("telephone", "warm", "Call"),
        ("mail", "cold", "A few lines"),
        ("", "cold", "Write two lines"),
        ("", "odd", "A short"),
    ],
)
def test_the_suggestion_fits_channel_and_circle(channel: str, circle: str, begins: str) -> None:
    english = replace(SITUATION, lang="en")
    event = event_of("f", replace(NOOR, channel=channel, circle=circle, reason=""), AT, situation=english, zone="UTC")
    assert event.description.startswith(begins)
    assert event.title == "Get in touch with Noor"


def test_what_an_owner_pasted_cannot_keep_the_event_from_being_written() -> None:
    """A control character in a name or a note made every writing of the event fail, without a word to anybody."""
    noted = replace(SITUATION, last=Note(on=AT.date(), text="pasted\x07\u2028text"))
    person = replace(NOOR, name="No\x1bor\u202e" + "x" * 500, address="noor@example.org")
    event = event_of("f", person, AT, situation=noted, zone="UTC")
    assert write_event(event, stamp=AT)
    assert event.title.startswith("Contact met Noorx")
    assert len(event.title) < 140
    assert event.description.startswith("noor@example.org\n\n")
