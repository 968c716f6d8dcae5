"""A form that could not be kept is answered with its own page, status 400, and with all that was typed.

A view calls `refused` with the page on which the form stands. The templates fill its fields by `typed` and `ticked` and
unfold it by `typing`; these name the endpoint that the form is sent to, so that other forms of the page stay as usual.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import make_response, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from service.desk import sorry


def refused(why: str, page: Callable[[], ResponseReturnValue]) -> Response:
    """The page once more, with the sentence that says what was wrong; where it leads elsewhere by now, that."""
    sorry(why)
    answer = make_response(page())
    if answer.status_code == 200:
        answer.status_code = 400
    return answer


def typing(endpoint: str, **same: str) -> bool:
    """Whether this page answers the form sent to ``endpoint``. ``same``: with these values, where there are several."""
    told = {**request.form, **(request.view_args or {})}
    asked = request.method == "POST" and request.endpoint == endpoint
    return asked and all(str(told.get(name, "")) == value for name, value in same.items())


def typed(endpoint: str, name: str, usual: object = "", **same: str) -> object:
    """What was typed into a field of that form, else what it usually shows."""
    return request.form.get(name, "") if typing(endpoint, **same) else usual


def ticked(endpoint: str, name: str, value: str, usual: bool = False) -> bool:
    """Whether that box of the form was ticked, else whether it usually is."""
    return value in request.form.getlist(name) if typing(endpoint) else bool(usual)


AT_HAND = {"typing": typing, "typed": typed, "ticked": ticked}  # for every template
