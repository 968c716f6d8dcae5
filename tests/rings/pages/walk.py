"""Finds the pages of the app by following links, as a person would who opens everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException

from tests.service.web.conftest import Browser

AT_MOST = 2  # of one kind of page, with other people or another question
# For machines: files, the feed, the probes, and what an installed app fetches.
LETTERS = ("/html", "/digest")  # how the addresses of mails end: no script may look inside, not even ours
NOT_PAGES = frozenset({
    "static", "feed.calendar", "health.live", "health.ready", "health.sync_state", "phone.manifest", "phone.worker",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """``paths``: pages in HTML, as found; ``endpoints``: how many of each kind; ``broken``: path and status."""

    paths: list[str] = field(default_factory=list)
    endpoints: Counter[str] = field(default_factory=Counter)
    broken: list[tuple[str, int]] = field(default_factory=list)


class Links(HTMLParser):
    """The addresses that a page leads to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.found += [found for name in ("href", "src") if tag in ("a", "iframe") and (found := named.get(name))]


def walked(app: Flask, browser: Browser, start: str = "/", beside: Sequence[str] = ()) -> Walk:
    """Everything that links lead to from ``start`` and from the pages ``beside`` it, for whoever uses this browser."""
    walk, waiting, seen = Walk(), [start, *beside], {start, *beside}
    while waiting:
        path = waiting.pop(0)
        endpoint = endpoint_of(app, path)
        if endpoint is None or endpoint in NOT_PAGES or walk.endpoints[endpoint] >= AT_MOST:
            continue
        answer = browser.get(path, follow=True)
        walk.endpoints.update({endpoint, endpoint_of(app, answer.request.path) or endpoint})  # where it led, too
        if answer.status_code != 200:
            walk.broken.append((path, answer.status_code))
        elif answer.mimetype == "text/html":
            walk.paths.append(path)
            for each in _inside(path, answer.text):
                if each not in seen:
                    seen.add(each)
                    waiting.append(each)
    return walk


def endpoint_of(app: Flask, path: str) -> str | None:
    """Which page answers there; None where none does, or only a form's button."""
    try:
        return str(app.url_map.bind("127.0.0.1").match(urlsplit(path).path, method="GET")[0])
    except HTTPException:
        return None


def _inside(path: str, page: str) -> list[str]:
    """Addresses of this app alone, without the part behind ``#``."""
    found = []
    for link in Links(page).found:
        there = urlsplit(urljoin(f"http://127.0.0.1{path}", link))
        if there.scheme == "http" and there.netloc == "127.0.0.1":
            found.append(there.path + (f"?{there.query}" if there.query else ""))
    return found


def never_seen(app: Flask, walk: Walk) -> set[str]:
    """Pages of the app's map that no link led to."""
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    return pages - NOT_PAGES - walk.endpoints.keys()
