"""The app: its blueprints, what every template has at hand, its pages for errors. Called by `service.create_app`."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from babel.dates import get_day_names
from flask import Flask, current_app, g, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import HTTPException

from keepwarm.errors import NotFound, NotPossible
from keepwarm.plan import FINDINGS
from keepwarm.store import accounts, views
from keepwarm.texts import Texts, mark
from keepwarm.zones import local
from service import auth, display, feed, navigation, refusing, security, still, webhooks, words
from service.desk import Desk
from service.marker import Marker
from service.notices import Notices
from service.pages import PAGES, reply
from service.shrinking import shrink
from service.throttle import Throttle
from workers.runtime import Runtime

ERRORS: dict[int, tuple[str, str]] = {
    400: (
        mark("That did not come through"),
        mark("The form was too old or not complete. Nothing was changed: go back, reload the page and try once more."),
    ),
    403: (mark("Not here"), mark("This page is not meant for you. Nothing was changed.")),
    404: (mark("Nothing here"), mark("This page does not exist, or no longer. There may be a slip in the address.")),
    409: (mark("That does not fit any more"), mark("Something else happened in the meantime. Nothing was changed.")),
    405: (mark("Not this way"), mark("This address only takes what a form sends. Nothing was changed.")),
    413: (
        mark("Too much at once"),
        mark("What was sent is larger than this page takes. Nothing was changed; files go in at the page Files."),
    ),
    500: (
        mark("Something went wrong on our side"),
        mark("Nothing of yours is lost. Try again in a moment; if it stays, the page Health may tell more."),
    ),
}


def build(runtime: Runtime) -> Flask:
    """The web app over this runtime."""
    app = Flask("service")
    app.extensions["keepwarm"] = runtime
    app.extensions["keepwarm.throttle"] = Throttle(engine=runtime)
    security.secure(app, secret=runtime.key("sessions"), https=runtime.settings.public_url.startswith("https://"))
    app.after_request(shrink)  # the last word: functions run in reverse order
    still.version_all(app)
    _speak(app)
    app.before_request(auth.admit)  # before the CSRF check: that one reads the form, within the limits set here
    app.extensions["keepwarm.notices"] = notices = Notices()
    app.extensions["keepwarm.marker"] = marker = Marker(runtime)
    app.wsgi_app = webhooks.Receiver(runtime, notices, marker, app.wsgi_app)  # type: ignore[method-assign]  # Flask's own way
    csrf = CSRFProtect(app)
    csrf.exempt(reply.pages)  # their links are signed
    for blueprint in (auth.pages, feed.pages, *PAGES):
        app.register_blueprint(blueprint)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(NotFound, lambda _error: _error_page(404))
    app.register_error_handler(NotPossible, _not_possible)
    app.register_error_handler(500, lambda _error: _error_page(500))
    return app


def _speak(app: Flask) -> None:
    """What every template has at hand, and how values reach the page."""
    app.jinja_options = {**app.jinja_options, "finalize": display.clean, "trim_blocks": True, "lstrip_blocks": True}
    app.context_processor(_at_hand)
    app.jinja_env.filters.update(
        address=display.shown_address,
        profile=display.profile,
        linked=display.linked,
        short=display.short,
        file_name=display.file_name,
        capitalise=display.capitalised,
        initials=display.initials,
    )


def _at_hand() -> dict[str, Any]:
    texts: Texts = g.get("texts") or Texts.load("en")
    desk = g.get("desk")
    values: dict[str, Any] = {
        "texts": texts,
        "_": texts.gettext,
        "ngettext": texts.ngettext,
        "desk": desk,
        "word": partial(words.word, texts),
        "reason": partial(words.sentence, texts),
        "weekday": lambda number: get_day_names("wide", locale=texts.lang)[number],
        "local": lambda at: local(at, desk.owner.zone) if desk else at,
        **refusing.AT_HAND,
        "begins": lambda event, zone: texts.moment(event.start_at, zone, place=views.hour_may_mislead(event, zone)),
        "findings": FINDINGS,
        "revoked": _revoked(desk) if desk else [],
        "rooms": navigation.rooms,
        "by_key": navigation.by_key,
        "new_people": navigation.new_people,
        "seconds": lambda number: timedelta(seconds=number),
        "people_of": lambda talk, everybody: [everybody[each] for each in talk.contacts if each in everybody],
    }
    parts = current_app.jinja_env.get_template("parts.html")
    return values | {"parts": parts.make_module(values)}


def _revoked(desk: Desk) -> list[str]:
    """Names of accounts that only the owner can mend."""
    with desk.reading() as tx:
        dead = accounts.withdrawn(tx)
        return [each.name for each in accounts.accounts(tx) if each.id in dead] if dead else []


def _error_page(code: int, says: str = "") -> ResponseReturnValue:
    title, usual = ERRORS.get(code, ERRORS[400] if code < 500 else ERRORS[500])
    texts: Texts = g.get("texts") or Texts.load("en")
    return render_template("error.html", title=texts(title), says=says or texts(usual)), code


def _http_error(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if code < 400 or error.response is not None:
        return error
    return _error_page(code)


def _not_possible(error: NotPossible) -> ResponseReturnValue:
    """The wish contradicts the state of things: the message says what was kept and what to do."""
    texts: Texts = g.get("texts") or Texts.load("en")
    return _error_page(409, texts(str(error)))
