"""Entering: a session for this device, its cookie, and the cookie by which a device is known again.

A sign-in, a new password, and whatever else changes how one signs in give the browser a new token: what somebody may
have planted or copied before is worth nothing afterwards (OWASP "Session Management Cheat Sheet", fixation).
"""

from __future__ import annotations

from flask import Response, after_this_request, current_app, request, session
from itsdangerous import BadData, URLSafeSerializer

from keepwarm.store import Tx, access
from service import devices
from service.desk import Desk, runtime

DEVICE = "keepwarm_device"  # the cookie that says who signed in here before; it opens nothing
DEVICE_DAYS = 365  # ours
PEOPLE_AT_MOST = 5  # on one device


def enter(tx: Tx, owner_id: str) -> None:
    """A new session of this owner on this device, and nothing of what the browser held before."""
    token = access.new_session(tx, owner_id, runtime().now(), device=devices.called(request.user_agent.string))
    _carry(token)
    know_device(owner_id)


def start_anew(desk: Desk) -> None:
    """End every session of this owner and begin one here."""
    with desk.runtime.store.system() as tx:
        access.end_sessions(tx, desk.owner.id)
        enter(tx, desk.owner.id)


def rotate(desk: Desk) -> None:
    """The same session under another token."""
    with desk.runtime.store.system() as tx:
        token = access.rotate(tx, session["token"], desk.now)
    if token:
        _carry(token)


def _carry(token: str) -> None:
    session.clear()
    session["token"] = token
    session.permanent = True


# --- known devices ----------------------------------------------------------------------------------------------------


def device_of(owner_id: str) -> str:
    """The id of this device if this owner signed in on it before; else empty."""
    return _known().get(owner_id, "")


def know_device(owner_id: str) -> None:
    """Let the answer to this request say that this owner signed in here."""
    known = _known()
    known = {owner_id: known.pop(owner_id, runtime().new_id()), **known}
    made = _signer().dumps(dict(list(known.items())[:PEOPLE_AT_MOST]))
    made = made if isinstance(made, str) else made.decode()

    @after_this_request
    def _set(answer: Response) -> Response:
        answer.set_cookie(
            DEVICE, made, max_age=DEVICE_DAYS * 86_400, httponly=True, samesite="Lax",
            secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        )  # fmt: skip
        return answer


def _known() -> dict[str, str]:
    """Owner id → device id, as our own signature vouches."""
    try:
        found = _signer().loads(request.cookies.get(DEVICE, ""))
    except BadData:
        return {}
    return {str(key): str(each) for key, each in found.items()} if isinstance(found, dict) else {}


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(runtime().key("devices"), salt="known devices")
