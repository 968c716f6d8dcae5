"""A newcomer clicks "Google", consents, and the main job runs on their account by push; then they leave, without trace.

`keepwarm run` with all its processes behind a public address that speaks TLS, Chromium on the page, and Google as the
emulator plays it, held to Google's own documents. Slow: a clock is moved, and sweeps are waited for.
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
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from integrations.wire import net
from tests.emulators.google import Google, Person, google
from tests.servers.dav import Authority, door
from tests.service.web.screen import PHONE
from tests.service.web.test_browser import chromium
from tests.test_end_to_end import EVE, MONDAY, TALK, House, house, wait_for

__all__ = ["chromium", "house"]  # fixtures
pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(900)]

ME = "robin@example.com"
NOOR = "Noor Jansen <noor@lantern.example>"
PUSHED = 25.0  # seconds: far below the five minutes after which everything is looked at anyway


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Robin's account at Google, and the public address behind which Keepwarm runs."""

    town: Google
    robin: Person
    address: str

    def events(self) -> list[dict[str, Any]]:
        """What stands in calendars that Keepwarm made."""
        made = [each for each in self.robin.calendars.values() if each.app]
        return [each for calendar in made for each in calendar.events.values() if each["status"] != "cancelled"]

    def starts(self) -> list[str]:
        return [each["start"]["dateTime"] for each in self.events()]

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
        town = stack.enter_context(google(authority, clock=clock))
        address = stack.enter_context(door(authority, to=house.port)).rstrip("/")
        topic = town.topic("news")
        push = f"{address}/webhooks/google/gmail"
        subscription = town.subscribe("news", topic, push=push, account=town.robot)
        town.pushes.to, town.pushes.mode = address, "at once"
        house.settings |= {
            "KEEPWARM_PUBLIC_URL": address, "KEEPWARM_ALLOW_HOSTS": "127.0.0.0/8", "SSL_CERT_FILE": str(authority.pem),
            "KEEPWARM_GOOGLE_BASE": town.base, "KEEPWARM_GOOGLE_TOPIC": topic,
            "KEEPWARM_GOOGLE_CLIENT": str(town.client_file(tmp_path, [f"{address}/oauth/google/callback"])),
            "KEEPWARM_GOOGLE_SUBSCRIPTION": subscription, "KEEPWARM_GOOGLE_PUSH_ACCOUNT": town.robot,
        }  # fmt: skip
        yield Outside(town=town, robin=town.person(ME, name="Robin Example"), address=address)
        assert town.breaches == []
    net.tls_context.cache_clear()


@pytest.fixture
def page(chromium: Chromium) -> Iterator[Page]:
    context = chromium.new_context(ignore_https_errors=True, viewport={"width": PHONE, "height": 780})
    yield context.new_page()
    context.close()


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

    wait_for(lambda: outside.robin.watching and outside.town.channels)
    _told_at_once(page, outside, tmp_path)
    time.sleep(11)  # what comes right after a look waits for the sweep (`keepwarm.store.subscriptions.CALM`)
    before = looked(house, "mail")
    outside.exchange(9, MONDAY - timedelta(hours=2))
    wait_for(lambda: looked(house, "mail") != before, within=PUSHED)
    wait_for(lambda: outside.starts() != [first])

    guest = {"email": "noor@lantern.example", "displayName": "Noor Jansen", "responseStatus": "accepted"}
    times = {"start": _when(TALK), "end": _when(TALK + timedelta(hours=1))}
    outside.robin.calendar.put({"summary": "Coffee", "attendees": [guest], **times})
    wait_for(lambda: house.command("upcoming", "--days", "14")["talks"], within=PUSHED)
    assert house.stop() == 0

    token = house.start(EVE)  # a week later: every token is dead, every watch and channel has run out
    (brief,) = wait_for(lambda: [each for each in outside.robin.mails if b"X-Keepwarm" in each.raw])
    assert {"SENT", "INBOX"} <= set(brief.labels)
    assert b"Noor" in brief.raw
    wait_for(lambda: outside.robin.watching and outside.robin.watching.until > EVE + timedelta(days=6))

    _disconnect(page, outside, tmp_path)
    assert outside.events() == []
    assert [each for each in outside.robin.calendars.values() if each.app] == []
    assert outside.robin.watching is None
    assert [each for each in outside.town.channels.values() if each.until > outside.town.now()] == []
    assert not outside.town.grants.lives(outside.robin.sub, outside.town.now())
    assert house.stop() == 0


def looked(house: House, kind: str) -> str:
    """When this stream was last compared with Google."""
    (account,) = house.command("accounts")
    return next(str(each["compared_at"]) for each in account["streams"] if each["kind"] == kind)


def _when(at: datetime) -> dict[str, str]:
    return {"dateTime": at.isoformat(), "timeZone": "Europe/Amsterdam"}


def sign_up(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("E-mail address").fill(ME)
    page.get_by_label("Password ten characters").fill("a long enough secret")
    page.get_by_role("button", name="Begin", exact=True).click()


def leave_steps(page: Page, address: str) -> None:
    """Done with the first steps, so that follow-ups begin. To ask for another page too soon would stop it."""
    page.wait_for_url(lambda url: "/start" not in url)
    page.goto(f"{address}/first/done")
    page.get_by_role("button", name="On to Today").click()
    page.wait_for_url(f"{address}/")


def _connect(page: Page, outside: Outside, shots: Path) -> None:
    """As a person would: Google, allow, mail too, allow."""
    page.goto(f"{outside.address}/accounts/connect")
    shot(page, shots, "connect")
    page.get_by_role("button", name="Go on with Google").click()
    page.screenshot(path=str(shots / "consent.png"), full_page=True)
    page.get_by_role("button", name="Allow").click()
    page.get_by_role("heading", name="And your mail?").wait_for()
    shot(page, shots, "mail")
    page.get_by_role("button", name="Ask Google").click()
    page.get_by_role("button", name="Allow").click()
    page.get_by_role("heading", name="Accounts").wait_for()
    shot(page, shots, "accounts")


def _told_at_once(page: Page, outside: Outside, shots: Path) -> None:
    page.goto(f"{outside.address}/accounts")
    shot(page, shots, "told")
    assert page.get_by_text("tells of news at once").count() == 2, page.inner_text("main")


def _disconnect(page: Page, outside: Outside, shots: Path) -> None:
    page.goto(f"{outside.address}/accounts")
    page.locator("summary", has_text="Disconnect").click()
    shot(page, shots, "disconnect")
    page.get_by_role("button", name="Disconnect").click()
    page.get_by_text("Disconnected.").wait_for(timeout=60_000)


def shot(page: Page, shots: Path, name: str) -> None:
    page.screenshot(path=str(shots / f"{name}.png"), full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
