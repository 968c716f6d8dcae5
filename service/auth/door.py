"""The door in front of every page: finds the owner by the session; nobody else gets past the public pages."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, current_app, g, request, session
from flask.typing import ResponseReturnValue

from keepwarm.errors import NotFound
from keepwarm.store import access, accounts
from keepwarm.texts import Texts
from service import guess, sampling
from service.desk import Desk, runtime, to
from service.security import UPLOAD_ENDPOINTS, allow_upload

pages = Blueprint("auth", __name__)

PUBLIC = frozenset(
    {"auth.start", "auth.join", "auth.sign_in", "auth.with_provider", "auth.forgotten", "auth.new_password"}
    | {"auth.new_address"}
    | {"static", "feed.calendar", "health.live", "health.ready", "health.sync_state"}
    | {"reply.show", "reply.act", "phone.manifest", "phone.worker", "data.goodbye"}
    | {"consent.callback"}  # the way back for administrators and for who signs in there; see there
)


def admit() -> ResponseReturnValue | None:
    """Before every request."""
    desk = _desk()
    g.texts = desk.texts if desk else Texts.load(guess.language())
    if desk:
        g.desk = desk
        if closed := sampling.turned_away(desk):
            return closed
        if request.endpoint in UPLOAD_ENDPOINTS:
            allow_upload(upload_folder(desk))
        return None
    if request.endpoint is None or request.endpoint in PUBLIC:
        return None
    return to("auth.sign_in", next=known_page(request.endpoint) or None)


def upload_folder(desk: Desk) -> Path:
    return desk.runtime.owner_home(desk.owner.id) / "uploads"


def _desk() -> Desk | None:
    token = session.get("token")
    if not token or request.endpoint == "static":
        return None
    engine, now = runtime(), runtime().now()
    with engine.store.system(write=False) as tx:
        found = access.session(tx, token, now)
    if found is None:
        return None
    if found.seen_at != access.day_of(now):
        with engine.store.system() as tx:
            access.see(tx, token, now)
    try:
        with engine.store.reading(found.owner_id) as tx:
            mine = accounts.owner(tx)
            owner = sampling.shown_instead(tx, mine)
    except NotFound:
        return None
    visitor = mine if owner.is_sample else None
    return Desk(runtime=engine, owner=owner, texts=engine.texts(owner.lang), now=now, visitor=visitor)


def known_page(name: str) -> str:
    """``name`` if it is a page of ours that needs no values and only shows something; else empty."""
    for rule in current_app.url_map.iter_rules(name) if name in current_app.view_functions else ():
        if not rule.arguments and "GET" in (rule.methods or ()) and name not in PUBLIC:
            return name
    return ""
