"""A real browser for tests: headless Chromium (Debian package ``chromium``), and the app served on loopback for it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.conftest import absent

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PHONE = 360
LEFT = "net::ERR_ABORTED"  # how Chromium ends what it was fetching when it is sent elsewhere


class Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Nothing: the browser's console is what counts."""


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The app at a free loopback port, in a thread; its address without a slash at the end."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()


def program() -> str:
    """Where Chromium is; skips where it is not, which in CI is a failure."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        absent("Chromium is not there: apt-get install chromium")
    return str(found)


@contextmanager
def opened() -> Iterator[Chromium]:
    where = program()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=where, args=list(FLAGS))
        yield browser
        browser.close()


def listened(page: Page, said: list[str]) -> Page:
    """Everything the page's console says, a refusal by the CSP too, and every request that failed is added to ``said``;
    what the browser itself gives up as it goes on to another page is no failure."""
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("requestfailed", lambda each: each.failure == LEFT or said.append(f"{each.url}: {each.failure}"))
    return page


def width_of(page: Page) -> int:
    """How wide the page is, in pixels, measured without the page's own scripts."""
    measure = "node => node.ownerDocument.documentElement.scrollWidth"
    return int(page.locator("body").evaluate(measure))


def unfold(page: Page) -> None:
    """Open everything that is folded in, one inside another too."""
    page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true })")
