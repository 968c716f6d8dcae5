"""A newcomer connects a mailbox, calendar and address book with an address and a password, and the main job runs live.

Everything is real: Dovecot, aiosmtpd, Radicale, a name server on loopback, `keepwarm run` with all its processes, and
Chromium on the page. Slow: a clock is moved, and sweeps are waited for.
"""

from __future__ import annotations

import email
import email.policy
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from integrations.wire import net
from integrations.wire.http import Client
from tests.servers.dav import Authority, radicale
from tests.servers.dns import Dns
from tests.servers.mail import PASSWORD, Dovecot, Sink, dovecot, sink
from tests.service.web.screen import PHONE
from tests.service.web.test_browser import chromium
from tests.test_end_to_end import EVE, MONDAY, TALK, House, house, wait_for
from tests.test_google_end_to_end import leave_steps

__all__ = ["chromium", "house"]  # fixtures
pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(900)]

DOMAIN = "home.test"
ME = f"robin@{DOMAIN}"
NOOR = "Noor Jansen <noor@lantern.example>"
SOON = 10.0  # seconds from an answer to a proposed person, as promised


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What Robin has at home: a mailbox, a way out, a calendar, and the names that lead there."""

    dovecot: Dovecot
    sink: Sink
    radicale: str
    home: House

    @property
    def dav(self) -> Client:
        return Client(net.Reach(allow=("localhost",)), user=ME, password=PASSWORD)

    def put(self, path: str, body: str) -> None:
        kind = {"Content-Type": "text/calendar"}
        answer = self.dav.call("PUT", self.radicale + path, body=body.encode(), headers=kind)
        assert answer.status in {201, 204}, answer.status

    def events(self) -> list[str]:
        """The bodies in the calendar that Keepwarm made."""
        body = self.dav.call("GET", f"{self.radicale}{ME}/keepwarm/").body.decode()
        return re.findall(r"BEGIN:VEVENT.*?END:VEVENT", body, re.DOTALL)

    def starts(self) -> list[str]:
        return [found[1] for each in self.events() if (found := re.search(r"DTSTART[^:]*:(\S+)", each))]


@pytest.fixture
def outside(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    with ExitStack() as stack:
        (tmp_path / "authority").mkdir()
        authority = Authority(tmp_path / "authority", f"mail.{DOMAIN}", f"dav.{DOMAIN}")
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.pem))
        net.tls_context.cache_clear()
        mail = stack.enter_context(dovecot(authority))
        mail.add("robin")
        out = stack.enter_context(sink(authority, store=mail))
        out.passwords[ME] = PASSWORD
        dav = stack.enter_context(radicale(authority, tmp_path / "radicale"))
        (tmp_path / "radicale" / "users").write_text(f"{ME}:{PASSWORD}\n")
        dav_port = dav.rstrip("/").rpartition(":")[2]
        table = {
            (f"_imaps._tcp.{DOMAIN}", "SRV"): [f"0 1 {mail.imaps} mail.{DOMAIN}."],
            (f"_submission._tcp.{DOMAIN}", "SRV"): [f"0 1 {out.port} mail.{DOMAIN}."],
            (f"_caldavs._tcp.{DOMAIN}", "SRV"): [f"0 1 {dav_port} dav.{DOMAIN}."],
            (f"_carddavs._tcp.{DOMAIN}", "SRV"): [f"0 1 {dav_port} dav.{DOMAIN}."],
            (f"mail.{DOMAIN}", "A"): ["127.0.0.1"],
            (f"dav.{DOMAIN}", "A"): ["127.0.0.1"],
        }
        names = stack.enter_context(Dns(table))
        house.settings |= {"KEEPWARM_RESOLVER": names.where, "KEEPWARM_ALLOW_HOSTS": "127.0.0.0/8"}
        house.settings |= {"SSL_CERT_FILE": str(authority.pem)}
        yield Outside(dovecot=mail, sink=out, radicale=dav, home=house)
    net.tls_context.cache_clear()


@pytest.fixture
def page(chromium: Chromium) -> Page:
    return chromium.new_page(viewport={"width": PHONE, "height": 780})


def told(number: int, at: datetime, *, sender: str, to: str) -> bytes:
    lines = [f"From: {sender}", f"To: {to}", f"Message-ID: <m{number}@example.com>", "Subject: private"]
    return "\r\n".join([*lines, f"Date: {at:%a, %d %b %Y %H:%M:%S %z}"]).encode() + b"\r\n\r\nbody\r\n"


def meeting(at: datetime) -> str:
    lines = (
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//example//EN", "BEGIN:VEVENT", "UID:coffee-1@example.com"),
        *("DTSTAMP:20270301T080000Z", f"DTSTART;TZID=Europe/Amsterdam:{at:%Y%m%dT%H%M%S}"),
        f"DTEND;TZID=Europe/Amsterdam:{at + timedelta(hours=1):%Y%m%dT%H%M%S}",
        *("SUMMARY:Coffee", f"ORGANIZER:mailto:{ME}", f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}"),
        "ATTENDEE;PARTSTAT=ACCEPTED;CN=Noor Jansen:mailto:noor@lantern.example",
        *("END:VEVENT", "END:VCALENDAR", ""),
    )
    return "\r\n".join(lines)


def test_an_address_and_a_password_are_enough(outside: Outside, page: Page, tmp_path: Path) -> None:
    here = outside.home
    assert outside.dav.call("MKCALENDAR", f"{outside.radicale}{ME}/office/").status == 201
    address = here.start(MONDAY)
    _sign_up(page, address)
    leave_steps(page, address.partition("/start")[0])
    _connect(page, address, tmp_path)

    for number in range(4):  # a warm tie that has grown cold
        at = MONDAY - timedelta(days=200 - number)
        outside.dovecot.deliver("robin", told(2 * number, at, sender=ME, to=NOOR), "Sent")
        outside.dovecot.deliver("robin", told(2 * number + 1, at + timedelta(hours=1), sender=NOOR, to=ME))
    wait_for(lambda: here.command("contacts", "--state", "proposed"), within=SOON, every=0.1)
    assert here.command("accept", "--all") == {"accepted": 1}
    first = wait_for(outside.starts)
    assert len(first) == 1

    outside.dovecot.deliver("robin", told(8, MONDAY - timedelta(hours=2), sender=ME, to=NOOR), "Sent")
    outside.dovecot.deliver("robin", told(9, MONDAY - timedelta(hours=1), sender=NOOR, to=ME))
    wait_for(lambda: outside.starts() != first)

    outside.put(f"{ME}/office/coffee.ics", meeting(TALK))
    time.sleep(10)
    page.goto(address.partition("/start")[0] + "/")  # opening a page is enough for a look
    wait_for(lambda: here.command("upcoming", "--days", "14")["talks"], within=30)
    assert here.stop() == 0

    here.start(EVE)
    (brief,) = wait_for(lambda: [each for each in outside.sink.taken if "Coffee" in _text(each.content)])
    assert (brief.mail_from, brief.rcpt_tos) == (ME, [ME])
    assert "Noor" in _text(brief.content)
    assert here.stop() == 0
    assert here.command("disconnect", ME, "--remove-events")["says"] is None
    assert outside.events() == []


def _text(content: object) -> str:
    read = email.message_from_bytes(bytes(content or b""), policy=email.policy.default)  # type: ignore[call-overload]  # bytes
    return str(read.get_body(("plain",)).get_content())  # type: ignore[union-attr]


def _sign_up(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("E-mail address").fill(ME)
    page.get_by_label("Password ten characters").fill("a long enough secret")
    page.get_by_role("button", name="Begin", exact=True).click()


def _connect(page: Page, address: str, shots: Path) -> None:
    """As a person would: an address, a password, one button."""
    page.goto(address.partition("/start")[0] + "/accounts/connect")
    page.screenshot(path=str(shots / "form.png"), full_page=True)
    page.get_by_label("E-mail address").fill(ME)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Connect").click()
    page.wait_for_selector(".said", timeout=60_000)
    page.screenshot(path=str(shots / "connect.png"), full_page=True)
    assert page.get_by_text("Connected.").count() == 1, page.inner_text("main")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    page.get_by_role("link", name="Go on").click()
    page.screenshot(path=str(shots / "accounts.png"), full_page=True)
