"""Where one can go: the rooms of the bar, at most six, and everything else on the page More.

Called by every page through the template ``base.html``, and by `service.pages.more`. A place whose page this app does
not have is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import current_app, request

from keepwarm.store import views
from keepwarm.texts import mark
from service.desk import Desk

COUNTED = 99  # beyond that the badge says "99+"; ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A page without values. ``key``: the letter after g on a keyboard; ``around``: blueprints that belong to it."""

    endpoint: str
    label: str
    says: str = ""
    icon: str = ""
    key: str = ""
    around: tuple[str, ...] = ()

    @property
    def current(self) -> bool:
        blueprint = (request.endpoint or "").partition(".")[0]
        return request.endpoint == self.endpoint or blueprint in self.around


ROOMS: Sequence[Place] = (
    Place(endpoint="home.today", label=mark("Today"), icon="today", key="t", around=("home",)),
    Place(
        endpoint="contacts.everybody", label=mark("People"), icon="people", key="p",
        around=("contacts", "judge", "people"),
    ),
    Place(
        endpoint="plan.overview", label=mark("Plan"), icon="plan", key="l",
        around=("plan", "ways", "write", "rounds", "introductions", "organisations"),
    ),
    Place(
        endpoint="coming.overview", label=mark("Talks"), icon="talks", key="k",
        around=("coming", "booking", "talks", "questions", "calendar", "talk_list"),
    ),
    Place(endpoint="pictures.overview", label=mark("Map"), icon="map", key="m", around=("pictures",)),
    Place(endpoint="me.overview", label=mark("Me"), icon="me", key="e", around=("me",)),
)  # fmt: skip


def _other(endpoint: str, label: str, says: str, key: str = "") -> Place:
    return Place(endpoint=endpoint, label=label, says=says, key=key)


OTHERS: Mapping[str, Sequence[Place]] = {
    mark("Your network"): (
        _other("judge.people", mark("New people"), mark("Who would you like to keep in touch with?"), "n"),
        _other("introductions.overview", mark("Introductions"), mark("Who can introduce you, and what is under way.")),
        _other("organisations.overview", mark("Organisations"), mark("Where your people work, and where you could.")),
        _other("rounds.overview", mark("How it goes"), mark("Tell the people who helped you.")),
    ),
    mark("Talks and moments"): (
        _other("calendar.overview", mark("Calendar"), mark("Talks, follow-ups, promises and birthdays by month.")),
        _other("talks.log", mark("Talks that were held"), mark("What was said, to look up and to print.")),
        _other("questions.overview", mark("Question lists"), mark("The questions before a talk, in your words.")),
    ),
    mark("What comes in and goes out"): (
        _other("accounts.overview", mark("Accounts"), mark("Mailbox, calendar and address book."), "a"),
        _other("files.overview", mark("Files"), mark("A mailbox, a calendar or people from a file."), "f"),
        _other("sent.overview", mark("Sent"), mark("The mails you got, and what is about to come.")),
        _other("changes.overview", mark("Last changes"), mark("What you changed, with the way back.")),
        _other("health.overview", mark("Health"), mark("Whether everything runs as it should.")),
    ),
    mark("You and your data"): (
        _other("settings.overview", mark("Settings"), mark("Rhythm, quiet hours, mails, language."), "s"),
        _other("data.overview", mark("Your data"), mark("Take everything along, or erase it.")),
        _other("never.overview", mark("Never contact"), mark("People and addresses that stay away.")),
        _other("access.overview", mark("How I sign in"), mark("Password, and the devices signed in.")),
        _other("first.overview", mark("First steps"), mark("The beginning, step by step.")),
    ),
}


def rooms() -> list[Place]:
    """The places of the bar, in its order."""
    return _there(ROOMS)


def others() -> dict[str, list[Place]]:
    """Everything else by subject, in the order of the page; no subject is empty."""
    found = {subject: _there(places) for subject, places in OTHERS.items()}
    return {subject: places for subject, places in found.items() if places}


def by_key() -> list[Place]:
    """All places that a key leads to."""
    return [place for place in (*rooms(), *(each for places in others().values() for each in places)) if place.key]


def _there(places: Sequence[Place]) -> list[Place]:
    return [place for place in places if place.endpoint in current_app.view_functions]


def new_people(desk: Desk) -> str:
    """How many people wait to be judged, as a badge shows it; empty for none."""
    with desk.reading() as tx:
        number = views.to_judge(tx, at_most=COUNTED + 1)
    return f"{COUNTED}+" if number > COUNTED else str(number or "")
