"""Notices are asked for in time, asked for again before they end, and given up with what they are about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from integrations.base import NoAddress
from integrations.fake import Fake
from integrations.wire import echo
from keepwarm.errors import AccessRevoked, Rejected, TryAgainLater
from keepwarm.store import accounts
from keepwarm.store.accounts import Standing, StreamState
from keepwarm.types import Place, Stream, StreamKind, Subscription
from tests.workers.conftest import House
from workers import connecting, public, schedule, subscriptions, upkeep

HERE = "https://keepwarm.example.org"


class Channels(Fake):
    """Makes a new order each time, as calendar channels are made."""

    def subscribe(self, stream: Stream, address: str, secret: str, existing: Subscription | None) -> Subscription:
        if not address:
            raise NoAddress("needs an address")
        found = super().subscribe(stream, address, secret, None)
        ref = secret.partition(".")[0]
        self._world.subscriptions[ref] = self._world.subscriptions.pop(found.remote_ref)
        return replace(found, remote_ref=ref)


@pytest.fixture
def told(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """The fake account can tell of news, and our address is reached."""
    monkeypatch.setattr(schedule, "PUSHED", ("fake",))
    monkeypatch.setattr(upkeep, "PUSHED", ("fake",))
    monkeypatch.setattr(public, "problem", lambda _: "")
    house.runtime = replace(house.runtime, settings=replace(house.runtime.settings, public_url=HERE))
    return house


def over(house: House, provider: type) -> House:
    house.runtime = replace(house.runtime, load=lambda _: provider)
    return house


def state(house: House) -> StreamState:
    with house.store.reading(house.owner_id) as tx:
        return next(each for each in accounts.streams(tx) if each.provider == "fake")


def standing(house: House) -> list[Standing]:
    with house.store.reading(house.owner_id) as tx:
        return accounts.subscriptions(tx)


def asked(house: House) -> list[str]:
    return [row for name, row in upkeep.sweep(house.runtime).wake if name == "subscribe_stream"]


def test_a_new_stream_is_asked_about_once(told: House) -> None:
    stream_id = told.stream()
    assert asked(told) == [stream_id]
    assert subscriptions.renew(told.runtime, stream_id) == "push"
    assert subscriptions.renew(told.runtime, stream_id) == "held"
    assert asked(told) == []
    assert (state(told).notices, state(told).polled_why) == ("push", "")
    assert [address for address, _ in told.world.subscriptions.values()] == [f"{HERE}/webhooks/fake"]


def test_a_new_stream_does_not_wait_behind_a_hundred_that_are_to_be_prolonged(told: House) -> None:
    with told.store.transaction(told.owner_id) as tx:
        account = accounts.accounts(tx)[0].id
        for number in range(100):
            made = accounts.create_stream(tx, account_id=account, kind=StreamKind.MAIL, place_ref=str(number))
            accounts.note_notices(tx, made.id, "push", "", told.moment - timedelta(days=1))
    new = told.stream()
    assert asked(told)[0] == new


def test_a_mailbox_is_asked_about_daily_and_others_at_half_their_life(told: House) -> None:
    mail, calendar = told.stream(), told.stream(StreamKind.CALENDAR)
    for each in (mail, calendar):
        subscriptions.renew(told.runtime, each)
    told.later(hours=24)
    assert asked(told) == [mail]
    told.later(hours=61)
    assert set(asked(told)) == {mail, calendar}


def test_a_new_order_stands_before_the_old_one_is_ended(told: House) -> None:
    stream_id = over(told, Channels).stream(StreamKind.CALENDAR)
    subscriptions.renew(told.runtime, stream_id)
    (old,) = standing(told)
    seen: list[int] = []
    told.world.before_call = lambda verb: seen.append(len(told.world.subscriptions)) if verb == "unsubscribe" else None
    told.later(days=4)
    assert subscriptions.renew(told.runtime, stream_id) == "push"
    (new,) = standing(told)
    assert seen == [2]
    assert new.id != old.id
    assert list(told.world.subscriptions) == [new.id]


def test_a_leftover_is_ended_the_next_time(told: House) -> None:
    stream_id = over(told, Channels).stream(StreamKind.CALENDAR)
    subscriptions.renew(told.runtime, stream_id)

    def away(verb: str) -> None:
        if verb == "unsubscribe":
            raise TryAgainLater(timedelta(minutes=1))

    told.world.before_call = away
    told.later(days=4)
    subscriptions.renew(told.runtime, stream_id)
    assert len(standing(told)) == len(told.world.subscriptions) == 2
    told.world.before_call = lambda _: None
    told.later(minutes=16)
    assert subscriptions.renew(told.runtime, stream_id) == "push"
    assert [each.id for each in standing(told)] == list(told.world.subscriptions)
    assert len(standing(told)) == 1


def test_an_order_that_is_asked_for_anew_is_though_a_leftover_stands(told: House) -> None:
    """As when access was given anew: what stands may have ended with what was given before."""
    stream_id = over(told, Channels).stream(StreamKind.CALENDAR)
    subscriptions.renew(told.runtime, stream_id)
    (first,) = standing(told)
    with told.store.transaction(told.owner_id) as tx:
        leftover = replace(first, id="e" * 32, remote_ref="older", expires_at=first.expires_at - timedelta(hours=1))
        accounts.keep_subscription(tx, leftover)
    with told.store.system() as tx:
        accounts.order_anew(tx, {stream_id}, set())
    assert subscriptions.renew(told.runtime, stream_id) == "push"
    (newest,) = standing(told)
    assert newest.id not in {first.id, leftover.id}
    assert list(told.world.subscriptions) == [newest.id]


@pytest.mark.parametrize("trouble", [TryAgainLater(timedelta(minutes=1)), AccessRevoked("over")])
def test_once_the_last_order_has_run_out_we_say_that_we_look(told: House, trouble: Exception) -> None:
    stream_id = over(told, Channels).stream(StreamKind.CALENDAR)
    subscriptions.renew(told.runtime, stream_id)
    (kept,) = standing(told)

    def fails(verb: str) -> None:
        if verb == "subscribe":
            raise trouble

    told.world.before_call = fails
    while told.moment < kept.expires_at + timedelta(minutes=15):
        told.later(hours=1)
        if asked(told):
            assert subscriptions.renew(told.runtime, stream_id) == "later"
        heard = state(told).notices, state(told).polled_why
        assert heard == (("push", "") if told.moment < kept.expires_at else ("", subscriptions.UNHEARD))
    told.world.before_call = lambda _: None
    told.later(minutes=16)
    assert asked(told) == [stream_id]
    assert subscriptions.renew(told.runtime, stream_id) == "push"
    assert (state(told).notices, state(told).polled_why) == ("push", "")


def test_where_nobody_reaches_us_it_is_looked_at_and_says_why(told: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public, "problem", lambda _: echo.PRIVATE)
    stream_id = over(told, Channels).stream(StreamKind.CALENDAR)
    assert subscriptions.renew(told.runtime, stream_id) == "polled"
    assert (state(told).notices, state(told).polled_why) == ("", echo.PRIVATE)
    monkeypatch.setattr(public, "problem", lambda _: "")
    told.later(hours=7)
    assert subscriptions.renew(told.runtime, stream_id) == "push"
    assert state(told).polled_why == ""


def test_what_the_provider_does_not_tell_of_is_shown(told: House) -> None:
    class Silent(Fake):
        def subscribe(self, *_: object) -> Subscription:  # type: ignore[override]  # refuses whatever it is asked
            raise Rejected("Nobody tells of this.")

    stream_id = over(told, Silent).stream()
    assert subscriptions.renew(told.runtime, stream_id) == "polled"
    assert state(told).polled_why == "Nobody tells of this."


def test_a_failed_try_is_made_again_after_a_quarter(told: House) -> None:
    stream_id = told.stream()
    told.world.throttle = timedelta(minutes=1)
    assert subscriptions.renew(told.runtime, stream_id) == "later"
    told.world.throttle = None
    told.later(minutes=14)
    assert asked(told) == []
    told.later(minutes=1)
    assert subscriptions.renew(told.runtime, stream_id) == "push"


@pytest.mark.parametrize("kind", [StreamKind.MAIL, StreamKind.CALENDAR])
def test_with_a_third_of_renewals_failing_there_is_never_a_gap(told: House, kind: StreamKind) -> None:
    """R7: 60 days."""
    chance, stream_id = Random(7), over(told, Channels).stream(kind)
    subscriptions.renew(told.runtime, stream_id)

    def sometimes(verb: str) -> None:
        if verb == "subscribe" and chance.random() < 0.3:
            raise TryAgainLater(timedelta(minutes=1))

    told.world.before_call = sometimes
    for _ in range(60 * 24 * 4):
        told.later(minutes=15)
        with told.store.system(write=False) as tx:
            due = accounts.without_notices(tx, ("fake",), told.moment)
        for each in due:
            subscriptions.renew(told.runtime, each)
            assert max(each.expires_at for each in standing(told)) > told.moment + timedelta(days=1)


def test_choosing_less_and_letting_go_ends_what_stood(told: House) -> None:
    mail, calendar = told.stream(), told.stream(StreamKind.CALENDAR)
    for each in (mail, calendar):
        subscriptions.renew(told.runtime, each)
    account_id = state(told).stream.account_id
    connecting_places = [Place(ref="", name="Mail", kind=StreamKind.MAIL)]
    provider = type("Few", (Fake,), {"places": lambda _: connecting_places})
    connecting.choose(over(told, provider).runtime, told.owner_id, account_id, [("mail", "")])
    assert len(told.world.subscriptions) == len(standing(told)) == 1
    assert connecting.disconnect(told.runtime, told.owner_id, account_id, remove_events=False) == ""
    assert told.world.subscriptions == {}
    assert told.world.revoked


def test_a_mailbox_that_another_owner_hears_about_goes_on(told: House) -> None:
    class Shared(Fake):
        def subscribe(self, stream: Stream, address: str, secret: str, existing: Subscription | None) -> Subscription:
            found = super().subscribe(stream, address, secret, existing)
            self._world.subscriptions = {"robin@example.com": ("", "")}
            return replace(found, remote_ref="robin@example.com")

    first, second = over(told, Shared).stream(), told.stream(StreamKind.CONTACTS)
    for each in (first, second):
        subscriptions.renew(told.runtime, each)
    with told.store.reading(told.owner_id) as tx:
        streams = [each.stream for each in accounts.streams(tx) if each.provider == "fake"]
    subscriptions.unsubscribe(told.runtime, streams[0])
    assert list(told.world.subscriptions) == ["robin@example.com"]
    subscriptions.unsubscribe(told.runtime, streams[1])
    assert told.world.subscriptions == {}


# --- whether we are reached


@pytest.mark.parametrize(
    ("url", "says"),
    [("", public.NONE_SET), ("http://keepwarm.example.org", public.NOT_ENCRYPTED), ("https://127.0.0.1", echo.PRIVATE)],
)
def test_an_address_that_cannot_be_reached_says_why(house: House, url: str, says: str) -> None:
    runtime = replace(house.runtime, settings=replace(house.runtime.settings, public_url=url))
    assert public.problem(runtime) == says
    assert public.address(runtime) == ""


def test_what_was_found_is_believed_for_a_while(told: House, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[str] = []
    monkeypatch.setattr(public, "problem", lambda _: tries.append("") or echo.NOBODY)
    for minutes in (0, 10, 4, 2):
        told.later(minutes=minutes)
        assert public.why_not(told.runtime) == echo.NOBODY
    assert len(tries) == 2
    monkeypatch.setattr(public, "problem", lambda _: "")
    told.later(minutes=16)
    assert public.address(told.runtime) == HERE
    monkeypatch.setattr(public, "problem", lambda _: echo.NOBODY)
    told.later(hours=23)
    assert public.address(told.runtime) == HERE
    told.later(hours=2)
    assert public.address(told.runtime) == ""


def test_what_goes_wrong_in_an_unknown_way_is_not_called_heard_for_ever(told: House) -> None:
    """Nobody tells us any more: that is to be seen, as after any other failure."""
    stream_id = told.stream()
    subscriptions.renew(told.runtime, stream_id)

    def broken(verb: str) -> None:
        if verb == "subscribe":
            raise ValueError("an answer that nobody thought of")

    told.world.before_call = broken
    for _ in range(10):
        told.later(hours=24)
        with suppress(ValueError):
            subscriptions.renew(told.runtime, stream_id)
    assert standing(told)[0].expires_at < told.moment
    assert (state(told).notices, state(told).polled_why) == ("", subscriptions.UNHEARD)
