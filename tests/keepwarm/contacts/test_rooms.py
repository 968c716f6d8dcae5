"""RELIABILITY.md E1: rooms and things among attendees are nobody, whether a calendar says so or not; people are."""

from __future__ import annotations

from itertools import product

import pytest

from integrations.wire.ical import read_calendar
from keepwarm.contacts import AddressFacts, judge
from keepwarm.types import CalendarEvent
from tests.integrations.wire.ical.make import NOW, calendar, event

SAID = {  # CUTYPE (RFC 5545 section 3.2.3) → whether it says that this is no person
    "": False, ";CUTYPE=INDIVIDUAL": False, ";CUTYPE=individual": False, ";CUTYPE=UNKNOWN": False,
    ";CUTYPE=X-SOMETHING": False, ";CUTYPE=ROOM": True, ";CUTYPE=room": True, ";CUTYPE=RESOURCE": True,
    ";CUTYPE=GROUP": True,
}  # fmt: skip
PLACES = {  # the address → whether it says so by itself
    "noor@example.org": False, "room4@example.org": False, "c_188@resource.calendar.google.com": True,
    "team@group.calendar.google.com": True, "nl.dutch#holiday@group.v.calendar.google.com": True,
    "x@import.calendar.google.com": True,
}  # fmt: skip


@pytest.mark.parametrize(("said", "place"), [*product(SAID, PLACES)])
def test_what_a_calendar_says_of_an_attendee(said: str, place: str) -> None:
    lines = ("DTSTART:20261124T100000Z", "DTEND:20261124T110000Z", f"ATTENDEE{said};PARTSTAT=ACCEPTED:mailto:{place}")
    [found] = read_calendar(calendar(event("u", *lines)), zone="UTC", now=NOW)
    assert isinstance(found, CalendarEvent)
    [who] = found.participants
    assert who.resource is (SAID[said] or PLACES[place])


ROOMS = (
    "Conference Room 4", "Meeting Room North", "Room 2.04", "Boardroom", "Board Room", "Zaal Noord", "Zaal 3",
    "Vergaderzaal 1", "Vergaderruimte Oost", "Vergaderkamer 2.04", "Kamer 12", "Ruimte Zuid", "Collegezaal B",
    "Lecture Hall 5", "Projector", "Beamer 2", "Leaseauto 3", "Pool Car", "Spreekkamer 4", "Overlegruimte 5",
    "Auditorium", "Aula", "Meeting Point", "Huddle 3", "Teams Room 7", "Concertzaal", "Gymzaal", "Zoom Room",
    "Bespreekkamer", "Stilteruimte 1", "HQ-3-Meeting Room (12)",
)  # fmt: skip
PEOPLE = (
    "Jan Kamer", "Piet Zaal", "Roomer Bakker", "Ann Room", "Hall Andersson", "Bea Mer", "Huub Lokaal", "Noor Zaalberg",
    "Karin Kamerling", "Room van Dijk",
)  # fmt: skip


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_that_nobody_called_one_is_told_by_its_name(name: str) -> None:
    """Only where it never wrote and nobody wrote to it: who answers mail is somebody, whatever their name."""
    met = AddressFacts(address="x12@work.example", names=((name, 3),), meetings=4)
    assert judge(met).reason == "resource"
    wrote = AddressFacts(address="x12@work.example", names=((name, 3),), meetings=4, sent=2, received=2, authored=2)
    assert judge(wrote).reason != "resource"


@pytest.mark.parametrize("name", PEOPLE)
def test_people_with_such_names_are_people(name: str) -> None:
    assert judge(AddressFacts(address="x12@work.example", names=((name, 3),), meetings=4)).human


def test_one_human_name_is_enough() -> None:
    names = (("Zaal Noord", 3), ("Noor Smit", 1))
    assert judge(AddressFacts(address="x12@work.example", names=names, meetings=4)).human
