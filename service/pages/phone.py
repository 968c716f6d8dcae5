"""Keepwarm on a phone's home screen: the manifest, the worker that keeps one page, and that page.

The worker (`static/worker.js`) keeps the static files and the page below, which alone may outlive a connection: coming
talks and their questions. It is a copy, says so and of when, and goes at sign-out.
Follows W3C "Web Application Manifest" and "Service Workers" (read November 2026).
"""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, current_app, g, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue

from keepwarm.store import views
from keepwarm.zones import local
from service.ahead import ahead
from service.desk import here
from service.week import DAYS

pages = Blueprint("phone", __name__)

TALKS_AT_MOST = 8  # ours: the page stays small
KEEP = "Keepwarm-Copy"  # the header by which the worker knows the one page that it may keep
ICONS = (
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("icon-mask.png", "512x512", "maskable"),
)


@pages.get("/manifest.webmanifest")
def manifest() -> ResponseReturnValue:
    """Fetched without a session; in the language of the browser."""
    _ = g.texts
    icons = [
        {"src": url_for("static", filename=name), "sizes": sizes, "type": "image/png", "purpose": purpose}
        for name, sizes, purpose in ICONS
    ]
    icons.append({"src": url_for("static", filename="favicon.svg"), "sizes": "any", "type": "image/svg+xml"})
    answer = jsonify(
        id="/", name="Keepwarm", short_name="Keepwarm", lang=_.lang, start_url="/", scope="/", display="standalone",
        description=_("Keepwarm helps you stay in touch with the people you know."),
        background_color="#faf6f0", theme_color="#ffffff", icons=icons,
        shortcuts=[{"name": _("Talks"), "url": "/coming"}, {"name": _("People"), "url": "/contacts"}],
    )  # fmt: skip
    answer.mimetype = "application/manifest+json"
    return answer


@pages.get("/worker.js")
def worker() -> Response:
    """From the root, so that its scope is the whole app."""
    return current_app.send_static_file("worker.js")


@pages.get("/offline")
def offline() -> ResponseReturnValue:
    """Talks of the coming days with their questions, today's unfolded. Reads no message that waits for a page."""
    desk = here()
    with desk.reading() as tx:
        at_now = views.world(tx, desk.now)
        found = views.talks_until(tx, at_now, desk.now + timedelta(days=DAYS))
        talks = ahead(tx, at_now, found[:TALKS_AT_MOST], asked_of=TALKS_AT_MOST)
    today = local(desk.now, desk.owner.zone).date()
    on_day = [local(each.talk.event.start_at, desk.owner.zone).date() == today for each in talks]
    body = render_template("offline.html", copy=True, talks=list(zip(talks, on_day, strict=True)))
    return body, {KEEP: "yes"}
