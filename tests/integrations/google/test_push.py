"""Notices: asked for, proven, ended. Forged ones come by the table and by the thousands; none is believed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from integrations.base import House, NoAddress, Notice, Opening
from integrations.google import push
from integrations.google.calls import Calls
from integrations.wire import jwt
from keepwarm.errors import AccessRevoked, KeepwarmError, Rejected, TryAgainLater
from keepwarm.settings import Settings
from keepwarm.types import Push, Stream, StreamKind, Subscription
from tests.emulators.google import Google, Person
from tests.integrations.conftest import secret_of
from tests.integrations.google.sides import REACH, Clock

ADDRESS = "https://keepwarm.example.org"
HOOKS = f"{ADDRESS}/webhooks/google"
ACCOUNT = "push@keepwarm-test.iam.gserviceaccount.com"


@pytest.fixture
def operator(town: Google) -> dict[str, Any]:
    """The settings of an operator to whom Gmail's notices are pushed."""
    topic = town.topic("mail")
    name = town.subscribe("mail", topic, push=f"{HOOKS}/gmail", account=ACCOUNT)
    return {"google_topic": topic, "google_subscription": name, "google_push_account": ACCOUNT}


@pytest.fixture
def house(town: Google, clock: Clock, operator: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> House:
    """With no keys of Google's fetched yet, and nothing waiting from the test before."""
    monkeypatch.setattr(jwt, "KEYRING", jwt.Keyring())
    town.pushes.waiting.clear()
    settings = Settings(home="", google_base=town.base, **operator)
    return House(settings=settings, address=ADDRESS, now=clock, secret_of=secret_of, reach=REACH)


@pytest.fixture
def robin(town: Google) -> Person:
    return town.person(f"Robin.{len(town.people)}@example.org")


class Side:
    """An account whose notices are asked for."""

    def __init__(self, opened: Opening) -> None:
        self.opened, self.calls = opened, Calls(opened)

    def ask(
        self,
        kind: str,
        *,
        address: str = HOOKS,
        name: str = "a1",
        existing: Subscription | None = None,
        place: str = "",
    ) -> Subscription:
        stream = Stream(id="s", owner_id="o", account_id="a", kind=StreamKind(kind), place_ref=place)
        return push.subscribe(self.calls, self.opened, stream, address, secret_of(name), existing)

    def end(self, held: Subscription) -> None:
        push.unsubscribe(self.calls, self.opened, held)


@pytest.fixture
def side(town: Google, robin: Person, house: House, opening: Callable[..., Opening]) -> Callable[..., Side]:
    def made(**settings: Any) -> Side:
        opened = opening(town, robin, "mail", "calendar", "contacts")
        return Side(replace(opened, operator=replace(opened.operator, **_operator(house) | settings)))

    return made


def _operator(house: House) -> dict[str, Any]:
    return {
        name: getattr(house.settings, name) for name in ("google_topic", "google_subscription", "google_push_account")
    }


def notice(part: str, headers: Mapping[str, str], body: bytes = b"") -> Notice:
    return Notice(part=part, headers={name.lower(): value for name, value in headers.items()}, body=body)


def waiting(town: Google, house: House) -> list[Sequence[Push]]:
    """What the notices say that Google would deliver now, in order."""
    found = [(each.kind, *each.parts()) for each in town.pushes.waiting]
    town.pushes.waiting.clear()
    return [push.parse(notice(kind, dict(headers), body), house) for kind, headers, body in found]


# --- Mail


def test_a_watch_tells_of_news_by_the_name_that_it_has(town: Google, house: House, robin: Person, side: Any) -> None:
    held = side().ask("mail")
    assert held == Subscription(
        remote_ref=robin.address.lower(), secret=secret_of("a1"), expires_at=house.now() + timedelta(days=7)
    )
    told = Push(kind=StreamKind.MAIL, remote_ref=held.remote_ref)
    assert waiting(town, house) == [[told]]
    robin.receives({"From": "ann@example.com", "To": robin.address, "Subject": "x"})
    assert waiting(town, house) == [[told]]


@pytest.mark.parametrize("label", push.UNHEARD)
def test_what_is_never_read_makes_no_noise(town: Google, house: House, robin: Person, side: Any, label: str) -> None:
    side().ask("mail")
    town.pushes.waiting.clear()
    robin.receives({"From": "ann@example.com", "Subject": "x"}, labels=(label,))
    assert waiting(town, house) == []


def test_a_watch_is_prolonged_and_keeps_its_secret(town: Google, side: Any, clock: Clock) -> None:
    first = side().ask("mail")
    clock.goes(days=1)
    again = side().ask("mail", name="b2", existing=first)
    assert (again.remote_ref, again.secret) == (first.remote_ref, first.secret)
    assert again.expires_at == first.expires_at + timedelta(days=1)


def test_the_end_of_a_watch_is_the_end_of_its_notices(town: Google, house: House, robin: Person, side: Any) -> None:
    here = side()
    held = here.ask("mail")
    town.pushes.waiting.clear()
    here.end(held)
    here.end(held)
    robin.receives({"From": "ann@example.com", "Subject": "x"})
    assert waiting(town, house) == []


PULL: dict[str, dict[str, str]] = {
    "no topic": {"google_topic": ""},
    "no subscription": {"google_subscription": ""},
    "no account, no key": {"google_push_account": ""},
}


@pytest.mark.parametrize("missing", PULL.values(), ids=list(PULL))
def test_what_the_operator_did_not_set_up_is_said(town: Google, side: Any, missing: dict[str, str]) -> None:
    before = town.requests.total()
    with pytest.raises(Rejected) as refused:
        side(**missing).ask("mail")
    assert refused.value.reason == (push.NO_WAY if "google_push_account" in missing else push.NO_TOPIC)
    assert not isinstance(refused.value, NoAddress)
    assert town.requests.total() == before


def test_without_an_address_news_of_mail_is_fetched_if_a_key_is_there(side: Any) -> None:
    assert side(google_push_account="", google_pull_key="/key.json").ask("mail", address="").pulled
    assert not side(google_pull_key="/key.json").ask("mail").pulled
    with pytest.raises(NoAddress):
        side().ask("mail", address="")


def test_a_topic_that_gmail_does_not_take_is_named(town: Google, side: Any) -> None:
    wrong = {
        "projects/another/topics/mail": push.OTHER_PROJECT,
        f"projects/{town.project}/topics/none": push.TOPIC_GONE,
        town.topic("shut", gmail_may_publish=False): push.NO_RIGHT,
    }
    for topic, says in wrong.items():
        with pytest.raises(Rejected) as refused:
            side(google_topic=topic).ask("mail")
        assert refused.value.reason == says


@pytest.mark.parametrize(
    ("fault", "error"),
    [("403-rate", TryAgainLater), ("403-quota", TryAgainLater), ("429", TryAgainLater), ("503", TryAgainLater),
     ("403-scope", Rejected), ("403-disabled", Rejected)],
)  # fmt: skip
def test_a_refusal_that_is_not_about_the_topic_keeps_its_remedy(
    town: Google, side: Any, fault: str, error: type[KeepwarmError]
) -> None:
    here = side()
    town.faults.add("gmail.users.watch", fault)
    with pytest.raises(error) as refused:
        here.ask("mail")
    assert str(refused.value) not in {push.NO_RIGHT, push.OTHER_PROJECT, push.TOPIC_GONE}


def test_a_refused_grant_cannot_ask_and_has_nothing_to_end(town: Google, robin: Person, side: Any) -> None:
    here = side()
    held, channel = here.ask("mail"), here.ask("calendar", place=robin.calendar.id)
    town.withdraw(robin)
    for kind in ("mail", "calendar"):
        with pytest.raises(AccessRevoked):
            here.ask(kind, place=robin.calendar.id)
    here.end(held)
    here.end(channel)


# --- Calendars and contacts


def test_a_channel_tells_of_news_by_its_id_and_its_resource(
    town: Google, house: House, robin: Person, side: Any
) -> None:
    held = side().ask("calendar", name="c1", place=robin.calendar.id)
    assert held.secret == secret_of("c1")
    assert held.expires_at == house.now() + timedelta(days=7)
    assert waiting(town, house) == [[]]  # that it stands is no news
    robin.calendar.put({"summary": "x", "start": {"date": "2026-12-01"}, "end": {"date": "2026-12-02"}})
    told = Push(kind=StreamKind.CALENDAR, subscription_ref="c1", remote_ref=held.remote_ref, channel=True)
    assert waiting(town, house) == [[told]]


def test_a_channel_is_never_prolonged_and_two_stand_until_one_is_ended(
    town: Google, house: House, robin: Person, side: Any
) -> None:
    here = side()
    first = here.ask("calendar", name="d1", place=robin.calendar.id)
    second = here.ask("calendar", name="d2", place=robin.calendar.id, existing=first)
    assert second.secret == secret_of("d2")
    assert {"d1", "d2"} <= town.channels.keys()
    here.end(first)
    here.end(first)
    assert "d1" not in town.channels
    assert "d2" in town.channels


def test_nobody_is_told_where_nobody_is_reached(town: Google, robin: Person, side: Any) -> None:
    with pytest.raises(NoAddress):
        side().ask("calendar", address="", place=robin.calendar.id)


def test_a_calendar_of_odd_letters_is_asked_about(town: Google, robin: Person, side: Any) -> None:
    with pytest.raises(Rejected):
        side().ask("calendar", name="e1", place="en.dutch#holiday@group.v.calendar.google.com/../x")
    assert town.breaches == []


def test_contacts_have_no_notices(side: Any) -> None:
    with pytest.raises(Rejected) as refused:
        side().ask("contacts")
    assert refused.value.reason == push.NO_CONTACTS


@pytest.mark.parametrize(
    "told", [{}, {"expiration": None}, {"expiration": "soon"}, {"expiration": []}, {"expiration": "9" * 400}]
)
def test_an_end_that_cannot_be_read_is_tomorrow(told: dict[str, Any], now: datetime) -> None:
    assert push._until(told, now) == now + timedelta(days=1)
