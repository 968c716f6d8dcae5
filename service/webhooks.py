"""The receiver: POST /webhooks/<provider>. Proves a notice, marks its streams stale, wakes a worker, answers.

Called by providers, at most known by what they prove: no session, no cookie, no form token. The order is the defence
(RELIABILITY.md G8-G12): body within 64 KiB, proof, and only then the database. A push is a hint: a stream that waits
already needs neither a write nor a call, so a burst about one mailbox costs one of each. Nothing is said about why
something was refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import HTTPException

from integrations import PROVIDERS
from integrations.base import Pushable
from keepwarm.errors import NotAuthentic, TryAgainLater
from keepwarm.store import AWAY, accounts
from keepwarm.types import Handshake, Push
from service.desk import runtime
from service.notices import Notices
from service.wake import wake_stream
from workers import logs
from workers.runtime import Runtime

pages = Blueprint("webhooks", __name__)

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")  # all end here, so that none meets a page
AGAIN_SECONDS = 30  # ours: when to come back after a 503; a provider that reads it not has a pace of its own


@pages.route("/webhooks/<provider>", methods=METHODS, provide_automatic_options=False)
def receive(provider: str) -> Response:
    """204 taken or not ours, 200 handshake, 401 not proven, 413 too long, 429 too much unproven, 503 come again."""
    if request.method != "POST":
        return _plain(405, Allow="POST")
    engine, notices = runtime(), _notices()
    kind = engine.load(provider) if provider in PROVIDERS else None
    if kind is None or not issubclass(kind, Pushable):
        return _plain(404)
    found = _proven(engine, kind, notices)
    if isinstance(found, Handshake):
        return Response(found.body, content_type="text/plain; charset=utf-8")
    return found if isinstance(found, Response) else _take(engine, provider, found, notices)


def _proven(engine: Runtime, kind: Any, notices: Notices) -> Handshake | Sequence[Push] | Response:
    """What the request says if it proves it, else the answer."""
    try:
        return kind.parse_push(_headers(), request.args, request.get_data(), engine.push_secret)  # type: ignore[no-any-return]  # a provider's
    except HTTPException as broken:  # too long, or it broke off
        notices.refused(request.remote_addr, engine.ticks())
        return _plain(broken.code or 400)
    except TryAgainLater:
        return _come_again()
    except NotAuthentic:
        pass
    except Exception as slip:  # noqa: BLE001 - one foreign item: a slip of ours in reading it must not let it through
        logs.line("notice not read", error=type(slip).__name__, where=logs.where(slip), loud=True)
    return _plain(429 if notices.refused(request.remote_addr, engine.ticks()) else 401)


def _headers() -> Mapping[str, str]:
    return {name.lower(): value for name, value in request.headers}


def _take(engine: Runtime, provider: str, pushes: Sequence[Push], notices: Notices) -> Response:
    """Mark what these are about. The answer comes after the commit and never waits for a broker that is away."""
    try:
        known, wanted = _mark(engine, provider, {each.subscription_ref for each in pushes})
    except AWAY:
        return _come_again()
    for stream_id in wanted:
        wake_stream(engine, stream_id)
    strange = [each for each in pushes if each.subscription_ref not in known]
    notices.taken(known=len(pushes) - len(strange), strange=len(strange))
    ended = bool(strange) and not known and all(each.channel for each in strange)
    return _plain(404 if ended else 204)


def _mark(engine: Runtime, provider: str, ids: set[str]) -> tuple[set[str], list[str]]:
    """The subscriptions that are ours, and the streams to wake."""
    with engine.store.system(write=False) as tx:
        found = accounts.pushed(tx, provider, ids)
    known, news = {each.subscription_id for each in found}, {each.stream_id for each in found if not each.waits}
    if not news:
        return known, []
    with engine.store.hint() as tx:
        return known, accounts.mark_pushed(tx, news, engine.now())


def _notices() -> Notices:
    found: Notices = current_app.extensions["keepwarm.notices"]
    return found


def _come_again() -> Response:
    return _plain(503, **{"Retry-After": str(AGAIN_SECONDS)})


def _plain(status: int, **headers: str) -> Response:
    """An answer without a body: there is nothing to tell."""
    return Response(status=status, headers=headers, content_type="text/plain; charset=utf-8")
