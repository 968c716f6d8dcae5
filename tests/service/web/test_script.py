"""What the script does in a real browser, attribute by attribute; and that all of it works without it.

Drives Chromium (Debian package ``chromium``) over a page of the test's own, ``/stage``, and over Today.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from flask import Blueprint, Flask, abort, flash, render_template_string, request
from flask.typing import ResponseReturnValue
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect, sync_playwright
from werkzeug.serving import make_server

from keepwarm.store import Store
from service import create_app
from service.desk import to
from tests.conftest import absent
from tests.service.web import world
from tests.service.web.conftest import runtime_over, signed_in
from tests.service.web.screen import FLAGS, Quiet

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAMES = ("Anna", "Bram", "Noor", "Noud")
STAGE = """{% extends "base.html" %}{% block title %}Stage{% endblock %}{% block main %}<h1>Stage</h1>
<form method="get" action="/stage" data-search="found">
<label>Search <input type="search" name="q" value="{{ q }}"></label><button>Go</button>
<label>Letter <select name="letter"><option value="">all</option><option>N</option></select></label></form>
<div id="found"><p data-found>{{ names|length }} found</p>
<ul>{% for each in names %}<li>{{ each }}</li>{% endfor %}</ul></div>
<div id="part">{% for each in left %}<form method="post" action="/stage" data-tap="part">{{ parts.token() }}
<button name="gone" value="{{ each }}">Tap {{ each }}</button></form>{% endfor %}</div>
<form><label><input type="checkbox" data-select-all="id"> All</label>{% for each in names %}
<input type="checkbox" name="id" value="{{ each }}" aria-label="{{ each }}">{% endfor %}
<input type="checkbox" name="other"></form>
<label>Text <textarea id="text" data-copied="Copied">A text</textarea></label>
<button type="button" data-copy="text">Copy</button><button type="button" data-print hidden>Print</button>
<a href="mailto:noor@example.net?subject=A%26body%3Db&amp;body=A%20text" data-takes="text">Mail</a>
<a href="https://wa.me/31612345678?text=A%20text" data-takes="text">Chat</a>
<a href="/more" data-key="x">Onward</a>{% endblock %}"""


@dataclass(slots=True, kw_only=True)
class Stage:
    """The address of the app, its owner's cookie, and what was asked of the page of the test's own."""

    address: str = ""
    cookie: str = ""
    asked: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)


def _blueprint(stage: Stage) -> Blueprint:
    pages = Blueprint("stage", __name__)

    @pages.route("/stage", methods=["GET", "POST"])
    def page() -> ResponseReturnValue:
        if request.method == "POST":
            return _tapped(stage)
        q, letter = request.args.get("q", ""), request.args.get("letter", "")
        stage.asked.append(q)
        if q == "n":
            time.sleep(0.7)  # the older answer comes last
        names = [each for each in NAMES if q in each.lower() and letter in each]
        left = [each for each in ("one", "two", "three", "broken", "away") if each not in stage.sent]
        return render_template_string(STAGE, q=q, names=names, left=left)

    return pages


def _tapped(stage: Stage) -> ResponseReturnValue:
    gone = request.form["gone"]
    stage.sent.append(gone)
    if gone == "broken":
        abort(500)
    flash(f"{gone} is gone.", "said")
    return to("more.overview" if gone == "away" else "stage.page")


@pytest.fixture
def stage(sqlite_store: Store, tmp_path: Path, now: datetime) -> Iterator[Stage]:
    made, owner_id = Stage(), world.settle(sqlite_store, now).owner_id
    app: Flask = create_app(runtime_over(sqlite_store, tmp_path, now))
    app.register_blueprint(_blueprint(made))
    cookie = signed_in(app, owner_id).client.get_cookie("keepwarm")
    assert cookie
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    made.address, made.cookie = f"http://127.0.0.1:{server.server_port}", cookie.value
    yield made
    server.shutdown()
    thread.join(timeout=10)
    server.server_close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        absent("Chromium is not there: apt-get install chromium")
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


def opened(
    chromium: Chromium, stage: Stage, path: str = "/stage", *, scripts: bool = True, workers: bool = False
) -> Page:
    """A page of the owner's, signed in; ``window.same`` tells later whether it was loaded anew."""
    context = chromium.new_context(
        java_script_enabled=scripts,
        service_workers="allow" if workers else "block",
        permissions=["clipboard-read", "clipboard-write"],
    )
    context.set_default_timeout(10_000)
    context.add_cookies([{"name": "keepwarm", "value": stage.cookie, "url": stage.address}])
    page = context.new_page()
    page.add_init_script("window.printed = 0; window.print = () => { window.printed += 1; };")
    page.goto(stage.address + path)
    if scripts:
        page.evaluate("window.same = true")
    return page


def same(page: Page) -> bool:
    return bool(page.evaluate("window.same === true"))


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.name"))


# --- search as you type ---------------------------------------------------------------------------------------------


def test_search_answers_while_typing_and_says_how_many(chromium: Chromium, stage: Stage) -> None:
    page = opened(chromium, stage)
    page.get_by_label("Search").press_sequentially("noo", delay=20)
    expect(page.locator("#found li")).to_have_text(["Noor"])
    expect(page.locator("#heard")).to_have_text("1 found")
    assert same(page)
    assert page.url == f"{stage.address}/stage?q=noo"
    assert stage.asked == ["", "noo"], "one question for a word typed in one go"
    assert page.evaluate("document.activeElement.name") == "q"
    page.get_by_label("Search").fill("")
    page.get_by_label("Letter").select_option("N")
    expect(page.locator("#found li")).to_have_text(["Noor", "Noud"])
    assert page.url == f"{stage.address}/stage?letter=N"


def test_an_older_answer_never_covers_a_newer_one(chromium: Chromium, stage: Stage) -> None:
    page = opened(chromium, stage)
    page.get_by_label("Search").press("n")
    page.wait_for_timeout(350)  # the slow question is on its way
    page.get_by_label("Search").press_sequentially("oud")
    expect(page.locator("#found li")).to_have_text(["Noud"])
    page.wait_for_timeout(700)
    expect(page.locator("#found li")).to_have_text(["Noud"])
    assert stage.asked == ["", "n", "noud"]


def test_search_works_without_script(chromium: Chromium, stage: Stage) -> None:
    page = opened(chromium, stage, scripts=False)
    page.get_by_label("Search").fill("noo")
    page.get_by_role("button", name="Go").click()
    expect(page.locator("#found li")).to_have_text(["Noor"])


# --- one tap --------------------------------------------------------------------------------------------------------


def test_a_tap_takes_over_the_part_and_keeps_the_place(chromium: Chromium, stage: Stage) -> None:
    page = opened(chromium, stage)
    page.get_by_role("button", name="Tap one").press("Enter")
    expect(page.locator("#said .said p")).to_have_text("one is gone.")
    expect(page.locator("#heard")).to_have_text("one is gone.")
    assert page.get_by_role("button", name="Tap one").count() == 0
    assert same(page)
    assert focused(page) == "Tap two", "what took the place of the form tapped"
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#said .said")).to_have_count(0)
    assert stage.sent == ["one"]


def test_a_tap_that_leads_elsewhere_shows_that_page(chromium: Chromium, stage: Stage) -> None:
    page = opened(chromium, stage)
    page.get_by_role("button", name="Tap away").click()
    expect(page.get_by_role("heading", name="More", exact=True)).to_be_visible()
    expect(page.locator("#said .said p")).to_have_text("away is gone.")
    assert page.url == f"{stage.address}/more"
    page.go_back()
    expect(page.get_by_role("heading", name="Stage")).to_be_visible()


def test_a_tap_that_fails_is_sent_the_ordinary_way(chromium: Chromium, stage: Stage) -> None:
    page = opened(chromium, stage)
    page.get_by_role("button", name="Tap broken").click()
    expect(page.get_by_role("heading", name="Something went wrong on our side")).to_be_visible()
    assert stage.sent == ["broken", "broken"]


def test_somebody_is_answered_on_today_and_taken_back(chromium: Chromium, stage: Stage) -> None:
    page = opened(chromium, stage, "/")
    here = page.locator("#week .somebody", has_text="Tomas Lind")
    here.get_by_role("button", name="I got in touch").click()
    expect(page.locator("#said")).to_contain_text("you were in touch with Tomas Lind")
    expect(here).to_have_count(0)
    assert same(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#said")).to_contain_text("Taken back.")
    expect(here).to_have_count(1)


def test_today_works_without_script(chromium: Chromium, stage: Stage) -> None:
    page = opened(chromium, stage, "/", scripts=False)
    here = page.locator("#week .somebody", has_text="Tomas Lind")
    here.get_by_role("button", name="Later").click()
    expect(page.locator("#said")).to_contain_text("Tomas Lind is left in peace until Tuesday 24 November.")
    assert page.url == f"{stage.address}/"
    assert here.count() == 0
    assert page.locator("[data-close]:visible, [data-keys]:visible").count() == 0
    page.get_by_text("Questions", exact=True).click()
    expect(page.locator(".talk .questions").first).to_be_visible()


# --- keys -----------------------------------------------------------------------------------------------------------


def test_keys_lead_to_the_field_the_rooms_and_the_list(chromium: Chromium, stage: Stage) -> None:
    page = opened(chromium, stage)
    page.keyboard.press("/")
    assert focused(page) == "q"
    page.keyboard.type("?gp/")
    assert page.locator("dialog[open]").count() == 0, "never while typing"
    assert page.get_by_label("Search").input_value() == "?gp/"
    page.get_by_role("heading", name="Stage").click()
    page.keyboard.press("?")
    expect(page.locator("dialog[open]")).to_contain_text("Onward")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+x")
    page.keyboard.press("x")
    page.wait_for_url("**/more")
    page.keyboard.press("g")
    page.keyboard.press("p")
    page.wait_for_url("**/contacts")


def test_keys_can_be_switched_off(chromium: Chromium, stage: Stage) -> None:
    page = opened(chromium, stage)
    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.get_by_label("Use these shortcuts in this browser").uncheck()
    page.locator("dialog").get_by_role("button", name="Close").click()
    page.keyboard.press("x")
    page.keyboard.press("?")
    assert page.url == f"{stage.address}/stage"
    assert page.locator("dialog[open]").count() == 0
    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.get_by_label("Use these shortcuts in this browser").check()
    page.keyboard.press("Escape")
    page.keyboard.press("x")
    page.wait_for_url("**/more")


# --- small things ---------------------------------------------------------------------------------------------------


def test_all_are_ticked_a_text_is_copied_a_page_is_printed(chromium: Chromium, stage: Stage) -> None:
    page = opened(chromium, stage)
    page.get_by_label("All", exact=True).check()
    assert page.locator("[name=id]:checked").count() == len(NAMES)
    assert page.locator("[name=other]:checked").count() == 0
    page.get_by_label("All", exact=True).uncheck()
    assert page.locator("[name=id]:checked").count() == 0
    page.get_by_label("Text").fill("Another text")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "Another text"
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed") == 1


def test_links_take_the_text_along_as_it_was_edited(chromium: Chromium, stage: Stage) -> None:
    page = opened(chromium, stage)
    assert carried(page) == ("A text", "A text")
    page.get_by_label("Text").fill("Beste $& Noor,\nkoffie & thee?")
    assert carried(page) == ("Beste $& Noor,\r\nkoffie & thee?", "Beste $& Noor,\nkoffie & thee?")
    page.get_by_label("Text").fill("")
    assert carried(page) == ("", "")
    page.get_by_label("Text").fill("Kept by the browser")
    page.goto(f"{stage.address}/more")
    page.go_back()
    typed = page.get_by_label("Text").input_value()
    expect(page.get_by_role("link", name="Chat")).to_have_attribute(
        "href", f"https://wa.me/31612345678?text={quote(typed)}"
    )


def carried(page: Page) -> tuple[str, str]:
    """What goes along to the mail program and to WhatsApp; the rest of both addresses stays."""
    mail, chat = (str(page.get_by_role("link", name=name).get_attribute("href")) for name in ("Mail", "Chat"))
    before, _, body = mail.partition("&body=")
    assert before == "mailto:noor@example.net?subject=A%26body%3Db"
    where, _, text = chat.partition("?text=")
    assert where == "https://wa.me/31612345678"
    return unquote(body), unquote(text)


# --- without a connection -------------------------------------------------------------------------------------------

KEPT = """async () => { const all = {}; for (const name of await caches.keys()) all[name] =
(await (await caches.open(name)).keys()).map((each) => new URL(each.url).pathname).sort(); return all; }"""


def wait_for_copy(page: Page) -> None:
    page.wait_for_function("async () => Boolean(await (await caches.open('keepwarm-copy')).match('/offline'))")


def test_without_a_connection_the_copy_of_talks_is_shown_and_nothing_else_is_kept(
    chromium: Chromium, stage: Stage
) -> None:
    page = opened(chromium, stage, "/", workers=True)
    wait_for_copy(page)
    for path in ("/contacts", "/more", "/"):
        page.goto(stage.address + path)
    kept = page.evaluate(KEPT)
    assert kept.pop("keepwarm-copy") == ["/offline"]
    assert all(each.startswith("/static/") for each in kept.pop("keepwarm-still"))
    assert kept == {}
    page.context.set_offline(True)
    page.goto(f"{stage.address}/contacts")
    expect(page.get_by_role("heading", name="Coffee with Noor")).to_be_visible()
    expect(page.locator(".questions").first).to_be_visible()
    expect(page.locator("main")).to_contain_text("This is a copy, made on Monday 23 November, 10:00 (Amsterdam).")
    assert page.locator("body").evaluate("node => getComputedStyle(node).marginTop") == "0px", "the stylesheet is there"
    assert page.get_by_role("link", name="Noor Willemse").count() == 0
    page.context.set_offline(False)
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("heading", name="Hello Sam")).to_be_visible()


def test_the_copy_goes_at_sign_out(chromium: Chromium, stage: Stage) -> None:
    page = opened(chromium, stage, "/", workers=True)
    wait_for_copy(page)
    page.reload()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    page.wait_for_function("async () => !(await caches.keys()).includes('keepwarm-copy')")


def test_the_copy_goes_when_the_session_has_ended_elsewhere(chromium: Chromium, stage: Stage) -> None:
    page = opened(chromium, stage, "/", workers=True)
    wait_for_copy(page)
    page.context.clear_cookies()
    page.goto(stage.address)
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    page.wait_for_function("async () => !(await caches.keys()).includes('keepwarm-copy')")
