"""An account that somebody connected for tests, and what is tried with it. Called by the tests of this folder."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import Any

import pytest

from keepwarm.store import accounts
from keepwarm.store.accounts import Account
from keepwarm.types import Address, Mail, OurEvent
from workers.runtime import Runtime

PAGES = 5  # of each stream: enough to see that it is read


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    runtime: Runtime
    owner_id: str
    account: Account

    def open(self) -> Any:
        return self.runtime.open_account(self.owner_id, self.account.id)


def find(home: str, provider: str) -> Live:
    """The first account of the provider in that data folder."""
    runtime = Runtime.build({**os.environ, "KEEPWARM_HOME": home})
    with runtime.store.system(write=False) as tx:
        owners = [each.id for each in accounts.owners(tx)]
    for owner_id in owners:
        with runtime.store.reading(owner_id) as tx:
            for each in accounts.accounts(tx):
                if each.provider == provider:
                    return Live(runtime=runtime, owner_id=owner_id, account=each)
    raise AssertionError(f"no {provider} account is connected there")


def read_each_stream(live: Live, provider: Any) -> None:
    with live.runtime.store.reading(live.owner_id) as tx:
        streams = [each.stream for each in accounts.streams(tx) if each.stream.account_id == live.account.id]
    assert streams
    for each in streams:
        pages = list(islice(provider.changes(replace(each, cursor="")), PAGES))
        assert pages, each.kind
        assert all(page.cursor for page in pages)


def put_and_remove(live: Live, provider: Any) -> None:
    start = live.runtime.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=30)
    event = OurEvent(
        uid=f"live-{live.runtime.new_id()}@keepwarm", title="Keepwarm tries this", description="It goes in a moment.",
        start_at=start, end_at=start + timedelta(minutes=15), zone="Europe/Amsterdam", reminder_minutes=10,
    )  # fmt: skip
    place = provider.ensure_calendar()
    assert provider.ensure_calendar() == place
    first, second = (provider.put_event(place, event) for _ in range(2))
    assert first == second == provider.get_event(place, event.uid)
    provider.delete_event(place, event.uid)
    provider.delete_event(place, event.uid)
    assert provider.get_event(place, event.uid) is None


def send_and_find(live: Live, provider: Any) -> None:
    if not live.account.settings.get("send") or not live.account.settings.get("mail"):
        pytest.skip("sending and reading mail were not both allowed")
    own = Address(address=live.account.settings["address"], name="Keepwarm")
    key = f"<live-{live.runtime.new_id()}@keepwarm.local>"
    provider.send(
        Mail(
            message_id=key,
            sender=own,
            to=own,
            subject="Keepwarm tries this",
            text="Nothing to do.\n",
            html="<p>Nothing to do.</p>\n",
            at=live.runtime.now(),
            lang="en",
        )
    )
    for _ in range(20):
        if provider.find(key):
            return
        time.sleep(3)
    raise AssertionError("it was sent and is not found")
