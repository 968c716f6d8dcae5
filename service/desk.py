"""What every page has at hand: the runtime, the owner who is signed in, their language and the moment.

Called by every view. ``here()`` is only there for a signed-in owner; `service.auth` lets nobody else through.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from flask import current_app, flash, g, redirect, url_for
from werkzeug.wrappers import Response

from keepwarm.errors import NotFound
from keepwarm.store import Tx, changes
from keepwarm.store.accounts import Owner
from keepwarm.texts import Texts
from workers.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """``owner``: whose pages these are. ``visitor``: who is signed in where these are a sample's, else None."""

    runtime: Runtime
    owner: Owner
    texts: Texts
    now: datetime
    visitor: Owner | None = None

    def reading(self) -> AbstractContextManager[Tx]:
        return self.runtime.store.reading(self.owner.id)

    def writing(self) -> AbstractContextManager[Tx]:
        return self.runtime.store.transaction(self.owner.id)


def runtime() -> Runtime:
    """The runtime that the app was made with."""
    found: Runtime = current_app.extensions["keepwarm"]
    return found


def here() -> Desk:
    """The desk of the owner who is signed in."""
    found: Desk = g.desk
    return found


def operator() -> Desk:
    """The desk of whoever runs this installation. Raises NotFound for everybody else: its pages are not there."""
    desk = here()
    if not desk.owner.operator:
        raise NotFound("There is no such page.")
    return desk


def say(message: str) -> None:
    """Tell the owner on the next page what happened."""
    flash(message, "said")


def sorry(message: str) -> None:
    """Tell the owner on the next page what did not work, and what to do."""
    flash(message, "sorry")


def done(tx: Tx, message: str) -> None:
    """Tell the owner what happened, with a button that takes the change just made in ``tx`` back."""
    latest = changes.latest(tx)
    fresh = latest is not None and latest.at >= here().now
    flash(message, f"undo:{latest.id}" if latest and fresh else "said")


def to(endpoint: str, **values: object) -> Response:
    """Answer a form by sending the browser to a page, so that a reload repeats nothing."""
    return redirect(url_for(endpoint, **values), 303)  # type: ignore[arg-type]  # url_for's values are typed Any
