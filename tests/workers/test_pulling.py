"""Where nobody reaches us, Gmail's notices are fetched from its subscription, and lead to a look as if sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from keepwarm.errors import TryAgainLater
from keepwarm.store import accounts, duties
from keepwarm.types import Grant, StreamKind
from tests.emulators.google import Google, Person
from tests.integrations.google import sides
from tests.integrations.google.sides import Clock
from tests.workers.conftest import NOW, House
from workers import public, pulling, subscriptions, sync, upkeep
from workers.schedule import POLLED, PUSHED

PURPOSES = ("calendar", "mail")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Google]:
    with sides.towns(tmp_path_factory.mktemp("town"), Clock(NOW)) as made:
        yield made
        assert made.breaches == []


@pytest.fixture
def robin(town: Google) -> Person:
    return town.person(f"robin{len(town.people)}@example.com")


@pytest.fixture
def mail(quick_plain_house: House, town: Google, robin: Person, tmp_path: Path) -> str:
    """The stream of a mailbox at Google, whose operator set pulling up and has no public address."""
    house, topic = quick_plain_house, town.topic("news")
    more = {"google_topic": topic, "google_subscription": town.subscribe("news", topic)}
    more |= {"google_pull_key": str(town.service_key_file(tmp_path))}
    operator = sides.operator(town, tmp_path, **more, allow_hosts=("localhost",), database_url="sqlite://")
    house.runtime = replace(house.runtime, settings=replace(operator, home=str(house.runtime.home)))
    opened = sides.opening(town, robin, *PURPOSES, home=tmp_path)
    with house.store.transaction(house.owner_id) as tx:
        account = accounts.ensure_account(
            tx, provider="google", name=robin.address, settings=opened.settings, now=house.moment
        )
        keys = house.runtime.keys
        accounts.keep_grant(
            tx, account.id, keys.seal(house.owner_id, account.id, Grant(values=opened.grant.values)), keys.id
        )
        return accounts.create_stream(
            tx, account_id=account.id, kind=StreamKind.MAIL, place_ref="mail", now=house.moment
        ).id


def test_news_is_fetched_and_only_the_mailbox_it_is_about_is_looked_at(
    quick_plain_house: House, robin: Person, mail: str
) -> None:
    house = quick_plain_house
    assert sync.sync_stream(house.runtime, mail).outcome == "done"
    assert subscriptions.renew(house.runtime, mail) == "pull"
    house.later(seconds=30)
    assert pulling.pull(house.runtime, "google") == [mail]  # a watch tells at once that it stands
    assert pulling.pull(house.runtime, "google") == []
    assert sync.sync_stream(house.runtime, mail).outcome == "done"
    house.later(seconds=30)
    robin.receives({"From": "Noor <noor@lantern.example>", "To": robin.address, "Message-ID": "<1@lantern.example>"})
    assert pulling.pull(house.runtime, "google") == [mail]
    assert sync.sync_stream(house.runtime, mail).items == 1


def test_what_was_not_marked_is_not_acknowledged(
    quick_plain_house: House, robin: Person, mail: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = quick_plain_house
    subscriptions.renew(house.runtime, mail)

    def away(*_: object) -> None:
        raise TryAgainLater(timedelta(minutes=1))

    with monkeypatch.context() as patch:
        patch.setattr(accounts, "pushed", away)
        with pytest.raises(TryAgainLater):
            pulling.pull(house.runtime, "google")
    with house.store.system(write=False) as tx:
        assert all(each.last_ok_at is None for each in duties.duties(tx, house.moment) if each.name == "pull")


def test_without_any_set_up_everything_is_looked_at_and_says_why(
    quick_plain_house: House, robin: Person, mail: str
) -> None:
    house = quick_plain_house
    house.runtime = replace(house.runtime, settings=replace(house.runtime.settings, google_pull_key=""))
    assert subscriptions.renew(house.runtime, mail) == "polled"
    with house.store.reading(house.owner_id) as tx:
        (state,) = accounts.streams(tx)
    assert state.notices == ""
    assert "KEEPWARM_GOOGLE_PUSH_ACCOUNT" in state.polled_why
    assert pulling.pull(house.runtime, "google") == []
    sync.sync_stream(house.runtime, mail)
    house.later(seconds=POLLED["google"])
    assert ("sync_stream", mail) in upkeep.sweep(house.runtime).wake
    assert "google" in PUSHED
    assert public.address(house.runtime) == ""
