"""The first run as a newcomer walks it, on a phone: with files and with a mailbox of their own, by keyboard alone and
without scripts. Everything is real: `keepwarm run` with all its processes, and Chromium; for the mailbox also Dovecot,
Radicale and a name server on loopback.

What is promised: a first useful result (the next meeting with its questions) within five minutes of the first page.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from tests.servers.mail import PASSWORD as MAILBOX
from tests.service.web.test_browser import PHONE, chromium, fits, watched
from tests.test_accounts_end_to_end import Outside, outside
from tests.test_accounts_end_to_end import told as mail_of
from tests.test_end_to_end import MONDAY, House, house

__all__ = ["chromium", "house", "outside"]  # fixtures
pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(900)]

ME = "robin@home.test"
PASSWORD = "a long enough secret"
USEFUL_WITHIN = 300.0  # seconds; PRODUCT.md section 5.2
TALK = datetime(2027, 3, 10, 15, 0, tzinfo=MONDAY.tzinfo)  # the Wednesday after
FRIENDS = ("Noor Jansen", "Emre Kaya", "Sanne Vliet", "Tomas Lind", "Aisha Brand", "Pieter Duin")


def address_of(name: str) -> str:
    first, last = name.lower().split()
    return f"{first}@{last}.example.com"


def letters() -> list[tuple[str, bytes]]:
    """(folder, mail): two each way with everybody."""
    found, number = [], 0
    for place, name in enumerate(FRIENDS):
        them = f"{name} <{address_of(name)}>"
        for turn in range(2):
            at = MONDAY - timedelta(days=40 * (place + 1) + 9 * turn)
            found.append(("Sent", mail_of(number, at, sender=ME, to=them)))
            found.append(("INBOX", mail_of(number + 1, at + timedelta(hours=3), sender=them, to=ME)))
            number += 2
    return found


def calendar() -> str:
    lines = (
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//example//EN", "BEGIN:VEVENT", "UID:first-1@example.com"),
        *("DTSTAMP:20270301T080000Z", f"DTSTART;TZID=Europe/Amsterdam:{TALK:%Y%m%dT%H%M%S}"),
        f"DTEND;TZID=Europe/Amsterdam:{TALK + timedelta(hours=1):%Y%m%dT%H%M%S}",
        *("SUMMARY:Coffee with Vera", f"ORGANIZER:mailto:{ME}", f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}"),
        "ATTENDEE;PARTSTAT=ACCEPTED;CN=Vera Sluis:mailto:vera@sluis.example.com",
        *("END:VEVENT", "END:VCALENDAR", ""),
    )
    return "\r\n".join(lines)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """A mailbox, a calendar and an address book, as somebody may have them."""
    box = b"".join(b"From x Mon Mar  1 08:00:00 2027\n" + text.replace(b"\r\n", b"\n") + b"\n" for _, text in letters())
    made = {
        "Mail.mbox": box,
        "calendar.ics": calendar().encode(),
        "People.vcf": b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Vera Sluis\r\nORG:Sluis Water\r\n"
        b"EMAIL:vera@sluis.example.com\r\nEND:VCARD\r\n",
    }
    for name, body in made.items():
        (tmp_path / name).write_bytes(body)
    return [tmp_path / name for name in made]


class Mouse:
    """Somebody who taps what they see."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, selector: str) -> None:
        self.page.locator(selector).first.click()

    def type(self, selector: str, text: str) -> None:
        self.page.locator(selector).first.fill(text)

    def choose(self, selector: str) -> None:
        self.page.locator(selector).first.check()

    def give(self, selector: str, files: Sequence[Path]) -> None:
        self.page.locator(selector).first.set_input_files(list(files))


class Keys(Mouse):
    """Somebody without a mouse: Tab until it is there, then Enter, Space or letters."""

    def reach(self, selector: str) -> None:
        wanted = self.page.locator(selector).first
        wanted.wait_for(state="attached")
        for _ in range(250):
            if wanted.evaluate("node => node === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never reaches {selector} on {self.page.url}")

    def press(self, selector: str) -> None:
        self.reach(selector)
        self.page.keyboard.press("Enter")

    def type(self, selector: str, text: str) -> None:
        self.reach(selector)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def choose(self, selector: str) -> None:
        """Radio buttons are one stop: the arrows choose among them."""
        name = self.page.locator(selector).first.get_attribute("name")
        self.reach(f"input[name={name}]")
        self.page.keyboard.press("Space")
        for _ in range(10):
            if self.page.locator(selector).first.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrows never reach {selector}")

    def give(self, selector: str, files: Sequence[Path]) -> None:
        self.reach(selector)
        with self.page.expect_file_chooser() as chooser:
            self.page.keyboard.press("Enter")
        chooser.value.set_files(list(files))


def sign_up(hands: Mouse, address: str) -> None:
    hands.page.goto(address)
    hands.type("input[name=email]", ME)
    hands.type("input[name=password]", PASSWORD)
    hands.press("main form button")
    hands.page.wait_for_url("**/first/goal")


def aim(hands: Mouse) -> None:
    hands.choose("input[value=explore_market]")
    hands.press("main form.panel > button")
    hands.page.wait_for_url("**/first/connect")


def look(hands: Mouse, began: float) -> float:
    """Wait for the meeting and its questions; the seconds since the first page, and the list is asked for."""
    page = hands.page
    page.wait_for_url("**/first/meet*")
    until = time.monotonic() + USEFUL_WITHIN
    while not page.locator("#meeting").count() and time.monotonic() < until:
        if page.locator("#live a[href*=found]").count():
            hands.press("#live a[href*=found]")
        page.wait_for_timeout(500)
    page.locator("#meeting").wait_for()
    took = time.monotonic() - began
    assert page.get_by_text("Coffee with Vera").first.is_visible()
    assert page.locator("#meeting ol.questions > li").count() >= 4
    assert fits(page)
    hands.type("#meeting form:has(button) textarea[name=text]", "What is the water like?")
    hands.press("#meeting form:has([name=text]) button")
    page.locator("#meeting li", has_text="What is the water like?").wait_for()
    hands.press("#meeting form[action$='/send'] button")
    page.locator("main .said", has_text="Vera").wait_for()
    return took


def pick(hands: Mouse, choices: dict[str, str]) -> None:
    """A tap each; where there are no scripts, marks and one button."""
    page = hands.page
    if page.locator(".taps").first.is_visible():
        for name, choice in choices.items():
            hands.press(f".picks > li:has-text('{name}') button[value$=' {choice}']")
            page.locator(f"li.{choice}:has-text('{name}')").wait_for()
        return
    for name, choice in choices.items():
        hands.choose(f".picks > li:has-text('{name}') input[value={choice}]")
    hands.press("div.radios button")
    page.wait_for_url("**/first/origins*")
    hands.press(".way a[href='/first/pick']")
    page.wait_for_url("**/first/pick*")


def the_rest(hands: Mouse, shots: Path) -> None:
    """From the people to Today."""
    page = hands.page
    hands.press("a[href='/first/pick']")
    page.wait_for_url("**/first/pick*")
    choices = dict.fromkeys(FRIENDS[:4], "warm") | {FRIENDS[5]: "out"}
    pick(hands, choices)
    assert page.get_by_text("5 of 15").is_visible()  # four, and Vera
    assert page.locator("li.warm").count() >= 4
    assert page.locator("li.out").count() == 1
    assert fits(page)
    page.screenshot(path=str(shots / "pick.png"), full_page=True)
    hands.press(".first-on button")

    page.wait_for_url("**/first/origins*")
    assert fits(page)
    hands.type("input[name=family]", "Aunt Riet, The Bakery")
    hands.press("form:has(input[name=family]) button")
    page.wait_for_url("**/first/plan*")
    for number in range(1, 4):
        hands.press("#talks ul.list button")
        page.locator("#talks section.panel").nth(number - 1).wait_for()
    assert page.locator("#talks section.panel").count() == 3
    assert fits(page)
    hands.press(".first-on button")

    page.wait_for_url("**/first/rhythm*")
    assert page.locator("#entries li").count() > 0
    assert fits(page)
    hands.press("main form.panel button")
    page.wait_for_url("**/first/done*")
    assert fits(page)
    page.screenshot(path=str(shots / "done.png"), full_page=True)
    hands.press("form[action='/first/done'] button")
    page.wait_for_url(lambda url: url.endswith("/"))
    assert page.get_by_role("heading", name="Hello").is_visible()
    assert page.get_by_text("Coffee with Vera").first.is_visible()


@pytest.mark.parametrize(
    ("hands", "scripts"), [(Keys, True), (Mouse, False)], ids=["by keyboard alone", "without scripts"]
)
def test_files_are_enough(
    house: House, chromium: Chromium, files: list[Path], tmp_path: Path, hands: Callable[[Page], Mouse], scripts: bool
) -> None:
    said: list[str] = []
    them = hands(watched(chromium, said, scripts=scripts))
    address, began = house.start(MONDAY), time.monotonic()
    sign_up(them, address)
    aim(them)
    assert fits(them.page)
    them.give("form[action='/files'] input[type=file]", files)
    them.press("form[action='/files'] button")
    assert look(them, began) < USEFUL_WITHIN
    the_rest(them, tmp_path)
    assert said == []
    assert house.stop() == 0


def test_an_address_and_a_password_are_enough(outside: Outside, chromium: Chromium, tmp_path: Path) -> None:
    for folder, text in letters():
        outside.dovecot.deliver("robin", text, *([] if folder == "INBOX" else [folder]))
    assert outside.dav.call("MKCALENDAR", f"{outside.radicale}{ME}/own/").status == 201
    outside.put(f"{ME}/own/coffee.ics", calendar())
    said: list[str] = []
    them = Mouse(watched(chromium, said, scripts=True))
    address, began = outside.home.start(MONDAY), time.monotonic()
    sign_up(them, address)
    aim(them)
    assert them.page.locator("form[action='/accounts/connect'] input[name=address]").input_value() == ME
    them.type("form[action='/accounts/connect'] input[name=password]", MAILBOX)
    them.press("form[action='/accounts/connect'] button")
    them.page.get_by_text("Connected.").wait_for(timeout=60_000)
    assert them.page.evaluate("document.documentElement.scrollWidth") <= PHONE
    them.press("a.button:has-text('Go on')")
    assert look(them, began) < USEFUL_WITHIN
    the_rest(them, tmp_path)
    assert said == []
    assert outside.home.stop() == 0
