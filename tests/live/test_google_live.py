"""A real Google account: read, written to and heard from, with nothing of ours left there at the end.

Needs ``KEEPWARM_LIVE_GOOGLE_HOME``: the data folder of a Keepwarm to which an account *made for tests* was connected
with all it may allow (docs/google.md), beside that Keepwarm's own settings (``KEEPWARM_GOOGLE_CLIENT`` …). Sends one
mail, to the account itself. The only test that leaves this machine, so it has to be let out:

    pytest -m slow --force-enable-socket tests/live
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

import pytest

from keepwarm.store import accounts
from keepwarm.types import Address, Mail, OurEvent, StreamKind
from workers.runtime import Runtime

HOME = os.environ.get("KEEPWARM_LIVE_GOOGLE_HOME", "")
PAGES = 5  # of each stream: enough to see that it is read

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not HOME, reason="needs a real account: KEEPWARM_LIVE_GOOGLE_HOME"),
]


@pytest.fixture(scope="module")
def runtime() -> Runtime:
    return Runtime.build({**os.environ, "KEEPWARM_HOME": HOME})


@pytest.fixture(scope="module")
def account(runtime: Runtime) -> tuple[str, accounts.Account]:
    """Its owner and the account."""
    with runtime.store.system(write=False) as tx:
        owners = [each.id for each in accounts.owners(tx)]
    for owner_id in owners:
        with runtime.store.reading(owner_id) as tx:
            found = next((each for each in accounts.accounts(tx) if each.provider == "google"), None)
        if found:
            return owner_id, found
    raise AssertionError("no Google account is connected there")


@pytest.fixture
def google(runtime: Runtime, account: tuple[str, accounts.Account]) -> Iterator[Any]:
    provider = runtime.open_account(account[0], account[1].id)
    yield provider
    provider.remove_all_events()


def test_all_that_was_allowed_works(google: Any) -> None:
    assert [each.name for each in google.verify() if not each.ok] == []


def test_each_stream_is_read_from_its_beginning(runtime: Runtime, account: tuple[str, Any], google: Any) -> None:
    with runtime.store.reading(account[0]) as tx:
        streams = [each.stream for each in accounts.streams(tx) if each.stream.account_id == account[1].id]
    assert {each.kind for each in streams} >= {StreamKind.CALENDAR}
    for each in streams:
        pages = list(islice(google.changes(type(each)(**{**_fields(each), "cursor": ""})), PAGES))
        assert pages, each.kind
        assert all(page.cursor for page in pages)


def _fields(stream: Any) -> dict[str, Any]:
    return {name: getattr(stream, name) for name in ("id", "owner_id", "account_id", "kind", "place_ref")}


def test_an_event_stands_once_and_stays_away_when_it_was_deleted(runtime: Runtime, google: Any) -> None:
    start = runtime.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=30)
    event = OurEvent(
        uid=f"live-{start:%Y%m%d%H}@keepwarm", title="Keepwarm tries this", description="It goes in a moment.",
        start_at=start, end_at=start + timedelta(minutes=15), zone="Europe/Amsterdam", reminder_minutes=10,
    )  # fmt: skip
    place = google.ensure_calendar()
    assert google.ensure_calendar() == place
    first, second = (google.put_event(place, event) for _ in range(2))
    assert first == second == google.get_event(place, event.uid)
    google.delete_event(place, event.uid)
    google.delete_event(place, event.uid)
    assert google.get_event(place, event.uid) is None


def test_a_mail_to_oneself_is_found_again(runtime: Runtime, account: tuple[str, Any], google: Any) -> None:
    if not account[1].settings.get("send") or not account[1].settings.get("mail"):
        pytest.skip("sending and reading mail were not both allowed")
    own = Address(address=account[1].settings["address"], name="Keepwarm")
    key = f"<live-{runtime.new_id()}@keepwarm.local>"
    mail = Mail(
        message_id=key, sender=own, to=own, subject="Keepwarm tries this", text="Nothing to do.\n",
        html="<p>Nothing to do.</p>\n", at=runtime.now(), lang="en",
    )  # fmt: skip
    google.send(mail)
    for _ in range(20):
        if google.find(key):
            return
        time.sleep(3)
    raise AssertionError("it was sent and is not found")
