"""The owner's settings: language, zone, pace, the switch that stops everything, the password."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.foreign import one_line
from keepwarm.mails import KINDS, STOPPABLE
from keepwarm.pace import Pace
from keepwarm.store import accounts, views
from keepwarm.texts import LANGUAGES, Texts
from keepwarm.zones import local
from service import guess, passwords
from service.auth import start_anew
from service.desk import here, say, sorry, to
from service.feed import rotate

pages = Blueprint("settings", __name__)

CEILINGS = {"weekly_people": 20, "weekly_follow_ups": 20, "weekly_nudges": 20}  # highest choice; ours
NAME_LENGTH = 120  # characters; ours
TIMES = ("quiet_from", "quiet_to", "digest_time", "brief_time")


@pages.get("/settings")
def overview() -> ResponseReturnValue:
    desk, kept = here(), here().owner.settings
    default = Pace()
    pace = {name: str(kept.get(name, getattr(default, name)))[:5] for name in (*TIMES, *CEILINGS, "digest_weekday")}
    with desk.reading() as tx:
        calendar_zone = views.main_zone(tx)
    return render_template(
        "settings.html", pace=pace, ceilings=CEILINGS, languages=LANGUAGES, zones=guess.zones(),
        countries=guess.countries(desk.owner.lang), kinds={each: KINDS[each] for each in STOPPABLE},
        calendar_zone="" if calendar_zone == desk.owner.zone else calendar_zone,
    )  # fmt: skip


@pages.post("/settings")
def save() -> ResponseReturnValue:
    desk = here()
    fields = _about()
    lang = fields.get("lang", desk.owner.lang)  # told in the language just chosen
    with desk.writing() as tx:
        accounts.update_owner(tx, **fields, settings=_pace() | _stopped())
    say(Texts.load(lang).gettext("Saved."))
    return to("settings.overview")


def _about() -> dict[str, Any]:
    """Name, language, zone and country; what is not on our lists stays as it is."""
    form = request.form
    choices = {
        "lang": LANGUAGES,
        "zone": guess.zones(),
        "country": ["", *(code for code, _name in guess.countries("en"))],
    }
    fields: dict[str, Any] = {name: form[name] for name, known in choices.items() if form.get(name) in known}
    fields["name"] = one_line(form.get("name", ""), NAME_LENGTH)
    fields["region"] = one_line(form.get("region", ""), 8).upper()
    return fields


def _pace() -> dict[str, Any]:
    """Pace overrides by field name of `Pace`; times as "HH:MM"."""
    found: dict[str, Any] = {}
    for name in TIMES:
        if (clock := _clock(request.form.get(name, ""))) is not None:
            found[name] = f"{clock:%H:%M}"
    for name, highest in (*CEILINGS.items(), ("digest_weekday", 6)):
        value = request.form.get(name, "")
        if value.isascii() and value.isdigit() and int(value[:4]) <= highest:
            found[name] = int(value)
    return found


def _stopped() -> dict[str, Any]:
    """The kinds of mail not ticked; only where the form had them at all."""
    if "mails" not in request.form:
        return {}
    wanted = request.form.getlist("mail")
    return {"stopped": [each for each in STOPPABLE if each not in wanted] or None}


def _clock(text: str) -> time | None:
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None


@pages.post("/settings/held")
def held() -> ResponseReturnValue:
    """The switch that stops everything that goes out, for good or until a day, and starts it again."""
    desk, _ = here(), here().texts
    stop, until = request.form.get("held") == "yes", _day("until")
    if stop and until is not None and until <= local(desk.now, desk.owner.zone).date():
        sorry(_("Choose a day that is still ahead, or none. Nothing was changed."))
        return to("settings.overview")
    with desk.writing() as tx:
        paused = until.isoformat() if stop and until else None
        accounts.update_owner(tx, held=stop and until is None, settings={"held_until": paused})
    if not stop:
        say(_("Keepwarm is at work again."))
    elif until:
        say(_("Everything is held until {date}.", date=desk.texts.date(until)))
    else:
        say(_("Everything is held: no mail and no calendar entry goes out."))
    return to("settings.overview")


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.form.get(name, "").strip())
    except ValueError:
        return None


@pages.post("/settings/password")
def password() -> ResponseReturnValue:
    desk, _ = here(), here().texts
    with desk.runtime.store.system(write=False) as tx:
        kept = accounts.password_hash(tx, desk.owner.email)
    new = request.form.get("new", "")
    weak = passwords.weakness(new, email=desk.owner.email)
    if not passwords.matches(request.form.get("password", ""), kept[1] if kept else None):
        sorry(_("The present password was not right. Nothing was changed."))
    elif weak:
        sorry(_(weak))
    else:
        secret = passwords.hashed(new)
        with desk.writing() as tx:
            accounts.update_owner(tx, password_hash=secret)
        start_anew(desk)
        say(_("The new password counts from now on, and every other device is signed out."))
    return to("settings.overview")


@pages.post("/settings/feed")
def new_feed() -> ResponseReturnValue:
    """A new address for the calendar feed; the old one stops working at once."""
    desk, _ = here(), here().texts
    rotate(desk.runtime, desk.owner)
    say(_("The calendar has a new address. The old one no longer works: subscribe again with the new one."))
    return to("calendar.overview", _anchor="feed")
