"""Where a form of one page leads back to, if another page sent people there: the first steps do.

Called by `accounts`, `consent` and `files`. A form says so by name (``back``), so that nothing is remembered for later.
"""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from service.desk import to

# name → the page to go on with once it is done, and the one to come back to if it did not work
WAYS: dict[str, tuple[str, str]] = {
    "connect": ("first.meet", "first.connect"),
}


def asked() -> str:
    """The name that came with this request; empty where none did, or one that we do not know."""
    found = request.values.get("back", "")
    return found if found in WAYS else ""


def onward(back: str, usual: str, **values: object) -> Response:
    return to(WAYS[back][0]) if back in WAYS else to(usual, **values)


def again(back: str, usual: str, **values: object) -> Response:
    return to(WAYS[back][1]) if back in WAYS else to(usual, **values)


def onward_name(back: str, usual: str) -> str:
    """The same as the name of a page, for a link."""
    return WAYS[back][0] if back in WAYS else usual
