"""A real Microsoft account: read and written to, with nothing of ours left there at the end.

Needs ``KEEPWARM_LIVE_MICROSOFT_HOME``: the data folder of a Keepwarm to which an account *made for tests* was connected
with all it may allow (docs/microsoft.md), beside that Keepwarm's own settings (``KEEPWARM_MICROSOFT_CLIENT`` …). Sends
one mail, to the account itself. It leaves this machine, so it has to be let out:

    pytest -m slow --force-enable-socket tests/live
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.live import account as live

HOME = os.environ.get("KEEPWARM_LIVE_MICROSOFT_HOME", "")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not HOME, reason="needs a real account: KEEPWARM_LIVE_MICROSOFT_HOME"),
]


@pytest.fixture(scope="module")
def account() -> live.Live:
    return live.find(HOME, "microsoft")


@pytest.fixture
def provider(account: live.Live) -> Iterator[Any]:
    opened = account.open()
    yield opened
    opened.remove_all_events()


def test_all_that_was_allowed_works(provider: Any) -> None:
    assert [each.name for each in provider.verify() if not each.ok] == []


def test_each_stream_is_read_from_its_beginning(account: live.Live, provider: Any) -> None:
    live.read_each_stream(account, provider)


def test_an_event_stands_once_and_can_be_taken_away(account: live.Live, provider: Any) -> None:
    live.put_and_remove(account, provider)


def test_a_mail_to_oneself_is_found_again(account: live.Live, provider: Any) -> None:
    live.send_and_find(account, provider)
