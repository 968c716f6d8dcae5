"""Notices that are fetched: each is handed on before it is acknowledged, and nothing that is broken stops the rest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from integrations.base import House
from integrations.google import pubsub
from integrations.google.calls import DISABLED
from integrations.wire import oauth
from keepwarm.errors import KeepwarmError, MisconfiguredError, TryAgainLater
from keepwarm.settings import Settings
from keepwarm.types import Push, StreamKind
from tests.emulators.google import Google
from tests.integrations.google.sides import REACH, Clock

PULL, ACKNOWLEDGE = "pubsub.projects.subscriptions.pull", "pubsub.projects.subscriptions.acknowledge"


@pytest.fixture
def house(town: Google, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> House:
    """With an empty subscription, and no token fetched yet."""
    monkeypatch.setattr(pubsub, "PURSE", pubsub.Purse())
    town.requests.clear()
    town.subscriptions.clear()
    topic = town.topic("mail")
    settings = Settings(
        home=str(tmp_path),
        google_base=town.base,
        google_topic=topic,
        google_subscription=town.subscribe("pulled", topic),
        google_pull_key=str(town.service_key_file(tmp_path)),
    )
    return House(
        settings=settings, address="http://127.0.0.1:8420", now=clock, secret_of=lambda name: name, reach=REACH
    )


class Taken(list[str]):
    """The mailboxes that were handed on, and how often ``take`` was called."""

    calls = 0
    fails = False

    def take(self, pushes: Sequence[Push]) -> None:
        if self.fails:
            raise RuntimeError("the database is away")
        self.calls += 1
        assert all(each.kind is StreamKind.MAIL and not each.subscription_ref for each in pushes)
        self += [each.remote_ref for each in pushes]


@pytest.fixture
def taken() -> Taken:
    return Taken()


def tell(town: Google, house: House, *addresses: str) -> None:
    for number, each in enumerate(addresses):
        town.publish(house.settings.google_topic, json.dumps({"emailAddress": each, "historyId": number}).encode())


def left(town: Google, house: House) -> int:
    """Messages that were not acknowledged."""
    return len(town.subscriptions[house.settings.google_subscription].notes)


def changed(house: House, **settings: Any) -> House:
    return replace(house, settings=replace(house.settings, **settings))


def test_what_waits_is_handed_on_and_acknowledged(town: Google, house: House, taken: Taken) -> None:
    tell(town, house, "Robin@example.org", "ann@example.org")
    assert pubsub.pull(house, taken.take) == 2
    assert taken == ["robin@example.org", "ann@example.org"]
    assert left(town, house) == 0
    assert pubsub.pull(house, taken.take) == 0
    assert taken.calls == 1


def test_many_notices_about_one_mailbox_are_one(town: Google, house: House, taken: Taken) -> None:
    tell(town, house, *["robin@example.org"] * 20)
    assert pubsub.pull(house, taken.take) == 20
    assert taken == ["robin@example.org"]


def test_all_that_waits_is_fetched(town: Google, house: House, taken: Taken) -> None:
    tell(town, house, *[f"p{number}@example.org" for number in range(250)])
    assert pubsub.pull(house, taken.take) == 250
    assert (len(set(taken)), taken.calls, left(town, house)) == (250, 3, 0)


def test_one_pull_has_an_end(town: Google, house: House, taken: Taken) -> None:
    tell(town, house, *[f"p{number}@example.org" for number in range(1100)])
    assert pubsub.pull(house, taken.take) == 1000
    assert left(town, house) == 100


def test_what_could_not_be_kept_comes_again(town: Google, house: House, taken: Taken, clock: Clock) -> None:
    tell(town, house, "robin@example.org")
    taken.fails = True
    with pytest.raises(RuntimeError):
        pubsub.pull(house, taken.take)
    assert left(town, house) == 1
    taken.fails = False
    clock.goes(seconds=11)
    assert pubsub.pull(house, taken.take) == 1
    assert left(town, house) == 0


def test_an_acknowledgement_that_got_lost_costs_one_more_hint(
    town: Google, house: House, taken: Taken, clock: Clock
) -> None:
    tell(town, house, "robin@example.org")
    town.faults.add(ACKNOWLEDGE, "503")
    with pytest.raises(TryAgainLater):
        pubsub.pull(house, taken.take)
    clock.goes(seconds=11)
    assert pubsub.pull(house, taken.take) == 1
    assert taken == ["robin@example.org"] * 2


BROKEN = (
    b"",
    b"x",
    b"\xff",
    b"[]",
    b"[" * 20_000,
    b'{"emailAddress": 7}',
    b'{"emailAddress": "nobody"}',
    b'{"historyId": 1}',
)


@pytest.mark.parametrize("data", BROKEN)
def test_what_cannot_be_read_is_dropped_and_the_rest_arrives(
    town: Google, house: House, taken: Taken, data: bytes
) -> None:
    tell(town, house, "robin@example.org")
    town.publish(house.settings.google_topic, data)
    tell(town, house, "ann@example.org")
    assert pubsub.pull(house, taken.take) == 2
    assert (taken, left(town, house)) == (["robin@example.org", "ann@example.org"], 0)


def test_nothing_but_broken_ones_hands_nothing_on(town: Google, house: House, taken: Taken) -> None:
    town.publish(house.settings.google_topic, b"x")
    assert pubsub.pull(house, taken.take) == 0
    assert (taken.calls, left(town, house)) == (0, 0)


def test_one_token_serves_until_it_ends(town: Google, house: House, taken: Taken, clock: Clock) -> None:
    for _ in range(5):
        pubsub.pull(house, taken.take)
    assert town.requests["oauth.token"] == 1
    clock.goes(minutes=59, seconds=1)
    pubsub.pull(house, taken.take)
    assert town.requests["oauth.token"] == 2


def test_a_token_that_died_early_is_renewed(town: Google, house: House, taken: Taken) -> None:
    pubsub.pull(house, taken.take)
    town.grants.access.clear()
    tell(town, house, "robin@example.org")
    assert pubsub.pull(house, taken.take) == 1
    assert town.requests["oauth.token"] == 2


NO_SETUP: dict[str, dict[str, str]] = {
    "no key": {"google_pull_key": ""},
    "no subscription": {"google_subscription": ""},
    "it is pushed": {"google_push_account": "push@example.org", "public_url": "https://keepwarm.example.org"},
}


@pytest.mark.parametrize("settings", NO_SETUP.values(), ids=list(NO_SETUP))
def test_without_set_up_nothing_is_asked(town: Google, house: House, taken: Taken, settings: dict[str, str]) -> None:
    assert pubsub.pull(changed(house, **settings), taken.take) == 0
    assert town.requests.total() == 0


def test_a_subscription_that_is_not_there_is_named(town: Google, house: House, taken: Taken) -> None:
    gone = changed(house, google_subscription=f"projects/{town.project}/subscriptions/none")
    with pytest.raises(MisconfiguredError) as refused:
        pubsub.pull(gone, taken.take)
    assert str(refused.value) == pubsub.NO_SUBSCRIPTION


def test_a_subscription_that_pushes_is_named(town: Google, house: House, taken: Taken) -> None:
    name = town.subscribe("pushed", house.settings.google_topic, push="https://keepwarm.example.org/x")
    with pytest.raises(MisconfiguredError) as refused:
        pubsub.pull(changed(house, google_subscription=name), taken.take)
    assert str(refused.value) == pubsub.PUSHED


@pytest.mark.parametrize(
    ("fault", "error", "says"),
    [
        ("403-scope", MisconfiguredError, pubsub.NOT_ALLOWED),
        ("403-disabled", MisconfiguredError, DISABLED),
        ("403-rate", TryAgainLater, ""),
        ("403-quota", TryAgainLater, ""),
        ("429", TryAgainLater, ""),
        ("503", TryAgainLater, ""),
        ("cut", TryAgainLater, ""),
    ],
)
def test_a_refusal_names_its_remedy(
    town: Google, house: House, taken: Taken, fault: str, error: type[KeepwarmError], says: str
) -> None:
    town.faults.add(PULL, fault)
    with pytest.raises(error) as refused:
        pubsub.pull(house, taken.take)
    assert str(refused.value) == says or not says


@pytest.mark.parametrize("fault", ["503", "429", "cut"])
def test_a_token_that_cannot_be_had_is_for_later(town: Google, house: House, taken: Taken, fault: str) -> None:
    town.faults.add("oauth.token", fault)
    with pytest.raises(TryAgainLater):
        pubsub.pull(house, taken.take)


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"client_email": "a", "private_key_id": "b", "private_key": "c"}']
)
def test_a_file_that_is_no_key_is_named(house: House, taken: Taken, tmp_path: Path, content: str) -> None:
    file = tmp_path / "other.json"
    file.write_text(content)
    for path in (str(file), str(tmp_path / "none.json")):
        with pytest.raises(MisconfiguredError) as refused:
            pubsub.pull(changed(house, google_pull_key=path), taken.take)
        assert str(refused.value) == pubsub.BAD_KEY


def test_a_key_that_google_does_not_know_is_named(town: Google, house: House, taken: Taken, tmp_path: Path) -> None:
    told: dict[str, Any] = json.loads(Path(house.settings.google_pull_key).read_text())
    file = tmp_path / "stranger.json"
    file.write_text(json.dumps(told | {"client_email": "stranger@example.org"}))
    with pytest.raises(MisconfiguredError) as refused:
        pubsub.pull(changed(house, google_pull_key=str(file)), taken.take)
    assert str(refused.value) == oauth.WRONG_KEY


def test_no_key_and_no_token_is_in_a_repr(house: House, taken: Taken) -> None:
    pubsub.pull(house, taken.take)
    robot = pubsub._robot(house.settings.google_pull_key)
    assert pubsub.PURSE.token
    assert pubsub.PURSE.token not in repr(pubsub.PURSE)
    assert "key=" not in repr(robot)
