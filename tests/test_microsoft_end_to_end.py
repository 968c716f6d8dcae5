"""A newcomer clicks "Microsoft", consents, and the main job runs on their account by change notifications; then leaves.

`keepwarm run` with all its processes behind a public address that speaks TLS, Chromium on the page, and Microsoft as
the emulator plays it, held to Graph's OpenAPI. Slow: a clock is moved, and sweeps are waited for.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from integrations.wire import net
from tests.emulators.microsoft import Microsoft, Person, microsoft
from tests.servers.dav import Authority, door
from tests.service.web.test_browser import chromium
from tests.test_end_to_end import EVE, MONDAY, TALK, House, house, wait_for
from tests.test_google_end_to_end import ME, NOOR, PUSHED, leave_steps, looked, page, shot, sign_up

__all__ = ["chromium", "house", "page"]  # fixtures
pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(900)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Robin's account at Microsoft, and the public address behind which Keepwarm runs."""

    town: Microsoft
    robin: Person
    address: str

    def starts(self) -> list[str]:
        """When the events begin that stand in the calendar that Keepwarm made."""
        made = [each for each in self.robin.calendars.values() if each.name == "Keepwarm"]
        return [each["start"]["dateTime"] for calendar in made for each in calendar.events]

    def exchange(self, number: int, at: datetime, *, silent: bool = False) -> None:
        """A mail each way."""
        told = {"Message-ID": f"<m{number}@example.com>", "Subject": "private"}
        self.robin.sends(told | {"From": ME, "To": NOOR}, at=at, silent=silent)
        back = {"From": NOOR, "To": ME, "Message-ID": f"<r{number}@lantern.example>"}
        self.robin.receives(told | back, at=at + timedelta(hours=1), silent=silent)


@pytest.fixture
def outside(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    with ExitStack() as stack:
        (tmp_path / "authority").mkdir()
        authority = Authority(tmp_path / "authority")
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.pem))
        net.tls_context.cache_clear()
        clock = lambda: datetime.now(UTC) + timedelta(seconds=house.offset)  # noqa: E731 - it reads the house
        town = stack.enter_context(microsoft(authority, clock=clock))
        address = stack.enter_context(door(authority, to=house.port)).rstrip("/")
        town.pushes.to, town.pushes.mode = address, "at once"
        town.redirect_uris = [f"{address}/oauth/microsoft/callback"]
        secret = tmp_path / "secret"
        secret.write_text(town.client_secret)
        house.settings |= {
            "KEEPWARM_PUBLIC_URL": address, "KEEPWARM_ALLOW_HOSTS": "127.0.0.0/8", "SSL_CERT_FILE": str(authority.pem),
            "KEEPWARM_MICROSOFT_BASE": town.base, "KEEPWARM_MICROSOFT_CLIENT": town.client_id,
            "KEEPWARM_MICROSOFT_SECRET": str(secret),
        }  # fmt: skip
        yield Outside(town=town, robin=town.person(ME, name="Robin Example"), address=address)
        assert town.breaches == []
        assert not town.contents, "a mail's subject or body was asked for"
    net.tls_context.cache_clear()


def test_a_click_and_a_consent_are_enough(house: House, outside: Outside, page: Page, tmp_path: Path) -> None:
    for number in range(4):  # a warm tie that has grown cold
        outside.exchange(number, MONDAY - timedelta(days=200 - number), silent=True)
    token = house.start(MONDAY).partition("/start")[2]
    sign_up(page, f"{outside.address}/start{token}")
    leave_steps(page, outside.address)
    _connect(page, outside, tmp_path)

    wait_for(lambda: house.command("contacts", "--state", "proposed"), within=60)
    assert house.command("accept", "--all") == {"accepted": 1}
    (first,) = wait_for(outside.starts)

    wait_for(lambda: {"mail", "calendar", "contacts"} <= _heard(house))
    time.sleep(11)  # what comes right after a look waits for the sweep (`keepwarm.store.subscriptions.CALM`)
    before = looked(house, "mail")
    outside.exchange(9, MONDAY - timedelta(hours=2))
    wait_for(lambda: looked(house, "mail") != before, within=PUSHED)
    wait_for(lambda: outside.starts() != [first])

    guest = {"emailAddress": {"address": "noor@lantern.example", "name": "Noor Jansen"}, "type": "required"}
    times = {"start": _when(TALK), "end": _when(TALK + timedelta(hours=1))}
    outside.robin.calendar.put({"subject": "Coffee", "attendees": [guest | _ACCEPTED], **times})
    wait_for(lambda: house.command("upcoming", "--days", "14")["talks"], within=PUSHED)
    assert house.stop() == 0

    house.start(EVE)  # a week later: every access token is dead, every subscription has run out
    (brief,) = wait_for(lambda: [each for each in outside.robin.mails if b"X-Keepwarm" in each.raw][:1])
    assert b"Noor" in brief.raw
    wait_for(lambda: any(each.until > outside.town.now() for each in outside.town.subscriptions.values()))

    page.goto(f"{outside.address}/accounts")
    page.locator("summary", has_text="Disconnect").click()
    shot(page, tmp_path, "disconnect")
    page.get_by_role("button", name="Disconnect").click()
    page.get_by_text("Disconnected.").wait_for(timeout=60_000)
    assert outside.starts() == []
    assert [each for each in outside.town.subscriptions.values() if each.until > outside.town.now()] == []
    assert house.stop() == 0


_ACCEPTED = {"status": {"response": "accepted"}}


def _heard(house: House) -> set[str]:
    """The kinds of streams of which Microsoft tells us."""
    (account,) = house.command("accounts")
    return {str(each["kind"]) for each in account["streams"] if each.get("notices") == "push"}


def _when(at: datetime) -> dict[str, Any]:
    return {"dateTime": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.0000000"), "timeZone": "UTC"}


def _connect(page: Page, outside: Outside, shots: Path) -> None:
    """As a person would: Microsoft, accept, mail too, accept."""
    page.goto(f"{outside.address}/accounts/connect")
    shot(page, shots, "connect")
    page.get_by_role("button", name="Go on with Microsoft").click()
    page.get_by_role("button", name="Accept").click()
    page.get_by_role("heading", name="And your mail?").wait_for()
    shot(page, shots, "mail")
    page.get_by_role("button", name="Ask Microsoft").click()
    page.get_by_role("button", name="Accept").click()
    page.get_by_role("heading", name="Accounts").wait_for()
    shot(page, shots, "accounts")
