"""Notices: asked for with a real handshake, heard, prolonged, ended; and what Graph tells of a subscription itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

import pytest

from integrations.base import NoAddress
from integrations.microsoft import notices
from keepwarm.errors import AccessRevoked, Rejected, TryAgainLater
from keepwarm.types import Push, StreamKind
from tests.emulators.microsoft import Microsoft, Person
from tests.emulators.stand.values import Answer
from tests.integrations.conftest import secret_of
from tests.integrations.microsoft.receivers import ADDRESS, Receiver, Side, desk, house, news, receiver, side
from tests.integrations.microsoft.sides import Clock

__all__ = ["desk", "house", "receiver", "side"]  # fixtures

PROLONG = "PATCH /subscriptions/{id}"
KINDS = (StreamKind.MAIL, StreamKind.CALENDAR, StreamKind.CONTACTS)


# --- The life of a subscription


def happens(robin: Person, kind: StreamKind) -> None:
    if kind is StreamKind.MAIL:
        robin.receives({"From": "ann@example.com", "To": robin.address, "Subject": "x"})
    elif kind is StreamKind.CALENDAR:
        day = {"dateTime": "2026-12-01T09:00:00", "timeZone": "UTC"}
        robin.calendar.put({"subject": "x", "start": day, "end": day | {"dateTime": "2026-12-01T10:00:00"}})
    else:
        robin.contacts.put({"displayName": "Ann", "givenName": "Ann"})


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_subscribes_hears_of_news(
    town: Microsoft, receiver: Receiver, robin: Person, side: Side, clock: Clock, kind: StreamKind
) -> None:
    held = side.ask(kind)
    assert (held.secret, held.expires_at, held.pulled) == (secret_of("a1"), clock() + notices.LIFE, False)
    assert receiver.shaken == ["", "lifecycle"]
    assert [(each.url, each.problem) for each in town.handshakes] == [(ADDRESS, ""), (f"{ADDRESS}/lifecycle", "")]
    assert news(town, receiver) == []
    happens(robin, kind)
    assert news(town, receiver) == [Push(kind=kind, subscription_ref="a1", remote_ref=held.remote_ref)]


def test_what_is_asked_for_is_what_can_be_asked_for(
    town: Microsoft, receiver: Receiver, robin: Person, side: Side
) -> None:
    made = [town.subscriptions[side.ask(kind).remote_ref] for kind in KINDS]
    assert [(each.resource, sorted(each.changes)) for each in made] == [
        ("/me/mailFolders('inbox')/messages", ["created"]),
        ("/me/events", ["created", "deleted", "updated"]),
        ("/me/contacts", ["created", "deleted", "updated"]),
    ]
    assert {each.state for each in made} == {secret_of("a1")}
    assert all(each.immutable for each in made)


def test_news_of_another_folder_is_not_for_this_stream(
    town: Microsoft, receiver: Receiver, robin: Person, side: Side
) -> None:
    side.ask("mail")
    robin.sends({"From": robin.address, "To": "ann@example.com", "Subject": "x"})
    assert news(town, receiver) == []


def test_a_subscription_is_prolonged_and_keeps_its_secret(
    town: Microsoft, receiver: Receiver, side: Side, clock: Clock
) -> None:
    first = side.ask("mail")
    clock.goes(minutes=2100)
    again = side.ask("mail", name="b2", existing=first)
    assert (again.remote_ref, again.secret) == (first.remote_ref, first.secret)
    assert again.expires_at == clock() + notices.LIFE
    assert receiver.shaken == ["", "lifecycle"]


def test_a_subscription_that_is_gone_is_made_anew(
    town: Microsoft, receiver: Receiver, side: Side, clock: Clock
) -> None:
    first = side.ask("mail")
    clock.goes(minutes=4300)
    second = side.ask("mail", name="b2", existing=first)
    assert second.secret == secret_of("b2")
    assert second.remote_ref not in {"", first.remote_ref}


@pytest.mark.parametrize("fault", ["400", "403"])
def test_a_subscription_that_is_not_prolonged_is_made_anew(
    town: Microsoft, receiver: Receiver, side: Side, fault: str
) -> None:
    first = side.ask("mail")
    town.faults.add(PROLONG, fault, times=None)
    second = side.ask("mail", name="b2", existing=first)
    assert (second.secret, second.remote_ref != first.remote_ref) == (secret_of("b2"), True)
    assert second.remote_ref in town.subscriptions


def test_one_that_has_run_out_is_not_asked_about(town: Microsoft, receiver: Receiver, side: Side, clock: Clock) -> None:
    first = side.ask("mail")
    clock.goes(minutes=4201)
    before = town.requests[PROLONG]
    assert side.ask("mail", name="b2", existing=first).secret == secret_of("b2")
    assert town.requests[PROLONG] == before


def test_a_subscription_that_leads_to_an_older_address_is_made_anew(
    town: Microsoft, receiver: Receiver, side: Side
) -> None:
    first = side.ask("mail", address="https://old.example.org/webhooks/microsoft")
    second = side.ask("mail", name="b2", existing=first)
    assert (second.secret, second.remote_ref != first.remote_ref) == (secret_of("b2"), True)
    assert town.subscriptions[second.remote_ref].url == ADDRESS


def test_the_end_is_the_end_and_twice_is_once(town: Microsoft, receiver: Receiver, robin: Person, side: Side) -> None:
    held = side.ask("mail")
    side.end(held)
    side.end(held)
    happens(robin, StreamKind.MAIL)
    assert (held.remote_ref in town.subscriptions, news(town, receiver)) == (False, [])


def test_a_dead_grant_cannot_ask_and_has_nothing_to_end(
    town: Microsoft, receiver: Receiver, robin: Person, side: Side
) -> None:
    held = side.ask("mail")
    town.withdraw(robin, at_once=True)
    with pytest.raises(AccessRevoked):
        side.ask("mail", existing=held)
    side.end(held)


def test_nobody_is_told_where_nobody_is_reached(town: Microsoft, robin: Person, side: Side) -> None:
    before = town.requests.total()
    for kind in KINDS:
        with pytest.raises(NoAddress):
            side.ask(kind, address="")
    assert town.requests.total() == before


def test_of_calendars_the_main_one_alone_tells(town: Microsoft, receiver: Receiver, robin: Person, side: Side) -> None:
    told = side.calls.get("/me/calendars").told["value"]
    assert side.ask("calendar", place=str(told[0]["id"])).remote_ref
    with pytest.raises(Rejected) as refused:
        side.ask("calendar", place="AAMkAnother=")
    assert refused.value.reason == notices.OTHER_CALENDAR
    assert not isinstance(refused.value, NoAddress)


def test_a_mailbox_that_cannot_subscribe_says_so(
    town: Microsoft, receiver: Receiver, robin: Person, side: Side
) -> None:
    """RELIABILITY.md C8."""
    town.no_subscriptions(robin)
    for kind in KINDS:
        with pytest.raises(Rejected) as refused:
            side.ask(kind)
        assert refused.value.reason == notices.UNWATCHED


def test_a_life_that_is_too_long_is_refused_in_words(
    town: Microsoft, receiver: Receiver, side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(town, "longest_subscription", 1440)
    with pytest.raises(Rejected) as refused:
        side.ask("mail")
    assert refused.value.reason == notices.UNWATCHED
    monkeypatch.setattr(town, "longest_subscription", 10_080)
    assert side.ask("mail").remote_ref


SPOILT: dict[str, Callable[[Answer], Answer]] = {
    "encoded": lambda answer: replace(answer, body=quote_plus(answer.body.decode()).encode()),
    "decoded twice": lambda answer: replace(answer, body=answer.body.replace(b"+", b" ").replace(b"%3A2", b":2")),
    "as HTML": lambda answer: replace(answer, headers={"Content-Type": "text/html"}),
    "refused": lambda _: Answer(status=401),
    "nothing": lambda answer: replace(answer, closes="silent"),
    "late": lambda answer: time.sleep(1.2) or answer,
}


@pytest.mark.parametrize("spoils", SPOILT.values(), ids=list(SPOILT))
def test_a_handshake_that_fails_says_who_can_mend_it(
    town: Microsoft, receiver: Receiver, side: Side, monkeypatch: pytest.MonkeyPatch, spoils: Any
) -> None:
    receiver.spoils = spoils
    monkeypatch.setattr(town, "patience", 1.0)
    with pytest.raises(Rejected) as refused:
        side.ask("mail")
    assert refused.value.reason == notices.NO_HANDSHAKE


@pytest.mark.parametrize("method", ["POST /subscriptions", "PATCH /subscriptions/{id}"])
@pytest.mark.parametrize("fault", ["429", "503", "504", "cut"])
def test_trouble_is_for_later(town: Microsoft, receiver: Receiver, side: Side, method: str, fault: str) -> None:
    held = side.ask("mail")
    town.faults.add(method, fault)
    with pytest.raises(TryAgainLater):
        side.ask("mail", existing=held if method.startswith("PATCH") else None)


def test_a_subscription_whose_answer_was_lost_is_proven_and_nobodys(
    town: Microsoft, receiver: Receiver, robin: Person, side: Side
) -> None:
    """RELIABILITY.md B5: it is not asked for again at once; what it tells names an id that the store never kept."""
    town.faults.add("POST /subscriptions", "applied-then-504")
    with pytest.raises(TryAgainLater):
        side.ask("mail", name="lost")
    held = side.ask("mail", name="kept")
    happens(robin, StreamKind.MAIL)
    assert {each.subscription_ref for each in news(town, receiver)} == {"lost", "kept"}
    assert held.secret == secret_of("kept")


UNTIL: dict[str, tuple[Any, timedelta]] = {
    "as asked": ("2026-11-26T07:00:00Z", timedelta(days=2, hours=22)),
    "seven digits": ("2026-11-26T07:00:00.0000000Z", timedelta(days=2, hours=22)),
    "another zone": ("2026-11-26T12:30:00+05:30", timedelta(days=2, hours=22)),
    "no zone": ("2026-11-26T07:00:00", timedelta(days=2, hours=22)),
    "longer than any": ("2036-11-26T07:00:00Z", timedelta(days=7)),
    "over already": ("2026-11-22T07:00:00Z", timedelta(days=1)),
    "no text": (1795000000, timedelta(days=1)),
    "no moment": ("soon", timedelta(days=1)),
    "none": (None, timedelta(days=1)),
    "the first year": ("0001-01-01T00:00:00+14:00", timedelta(days=1)),
}


@pytest.mark.parametrize(("told", "after"), UNTIL.values(), ids=list(UNTIL))
def test_its_life_is_what_the_answer_says(told: Any, after: timedelta) -> None:
    now = datetime.fromisoformat("2026-11-23T09:00:00+00:00")
    assert notices._until({"expirationDateTime": told}, now) == now + after


# --- Lifecycle (RELIABILITY.md C7)


@pytest.mark.parametrize(
    ("event", "about"), [("reauthorizationRequired", "renew"), ("subscriptionRemoved", "ended"), ("missed", "news")]
)
def test_each_lifecycle_event_is_what_it_is(
    town: Microsoft, receiver: Receiver, side: Side, event: str, about: str
) -> None:
    held = side.ask("contacts")
    town.lifecycle(held.remote_ref, event)
    told = Push(kind=StreamKind.MAIL, subscription_ref="a1", remote_ref=held.remote_ref, about=about)
    assert news(town, receiver) == [told]
