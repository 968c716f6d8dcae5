"""The owner's settings, a form for each group: who they are, when and how much, which mails, a pause.

How one signs in: `access`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Any

from flask import Blueprint, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.bounds import PACE
from keepwarm.foreign import one_line
from keepwarm.mails import KINDS, SHOWN, STOPPABLE
from keepwarm.pace import Pace
from keepwarm.store import accounts, outbox, views
from keepwarm.texts import LANGUAGES, Texts, mark
from keepwarm.zones import local
from service import guess, typed
from service.desk import Desk, here, say, sorry, to
from service.feed import rotate
from service.letters import framed
from service.sampling import is_closed
from service.sending import ask, asked_sample
from service.wake import wake_outbox
from workers import samples

pages = Blueprint("settings", __name__)

# highest choice for each ceiling
CEILINGS = {name: PACE[name][-1] for name in ("weekly_people", "daily_nudges", "weekly_nudges", "weekly_follow_ups")}
NAME_LENGTH = 120  # characters; ours
TIMES = ("quiet_from", "quiet_to", "digest_time", "brief_time")
SAMPLES_AN_HOUR = 5  # ours: enough to see most kinds, too few to flood one's own mailbox

SHOULD_BE: Mapping[str, str] = {
    "time": mark("“{told}” is no time like 08:30."),
    "number": typed.NO_NUMBER,
    "days": mark("Leave at least one day of the week."),
    "list": mark("“{told}” is not on the list."),
}
KEPT = mark("{problems} The rest of this group was saved; this stays as it was.")

# What each kind of mail is for, in a sentence, in the order of a week.
MAILS_SAY: Mapping[str, str] = {
    "digest": mark("Once a week: a few people, why now, and what could be said. Nothing when there is nothing to say."),
    "booked": mark("When a talk enters your calendar: what is it for, and what to read beforehand."),
    "brief": mark("Four to six questions that fit the person and your goal, and what was said last time."),
    "note": mark("An hour before the start: who, when, three questions. No new demands."),
    "after": mark("Half an hour after a talk: what was said, tips, names, promises. Less than a minute."),
    "nudge": mark("On the day that thanks or a promise are due; each is named once."),
    "well": mark("When there was nothing to say for a month: one line that all is well, or what is not."),
    "alarm": mark("When something has gone quiet that should not. This one always comes."),
}

GROUPS = ("you", "rhythm", "quiet", "mails", "held")

Problems = list[tuple[str, dict[str, object]]]  # keys of SHOULD_BE, with what fills their places


@pages.get("/settings")
def overview() -> ResponseReturnValue:
    return _page()


def _page() -> str:
    """All groups; what was said of one stands in it, and a form that was refused is as it was typed."""
    desk, default = here(), Pace()
    named = (*TIMES, *CEILINGS, "digest_weekday")
    with desk.reading() as tx:
        owner = accounts.owner(tx)  # as it is now: this may be the answer to a form
        calendar_zone = views.main_zone(tx)
    kept, told = owner.settings, request.form
    pace = {name: told.get(name, str(kept.get(name, getattr(default, name)))[:5]) for name in named}
    usual = {name: str(getattr(default, name))[:5] for name in named}
    free = set(range(7)) - _ticked_days() if "days" in told else set(kept.get("weekend", default.weekend))
    return render_template(
        "settings.html", pace=pace, usual=usual, ceilings=CEILINGS, languages=LANGUAGES, zones=guess.zones(),
        countries=guess.countries(desk.owner.lang), kinds={each: MAILS_SAY[each] for each in STOPPABLE},
        names=KINDS, free=free, usual_free=default.weekend, owner=owner, at=_group(), told=told,
        regions=guess.regions(owner.country), calendar_zone="" if calendar_zone == owner.zone else calendar_zone,
        nearby=[
            (label, each) for label, each in ROOMS if each in current_app.view_functions and not is_closed(desk, each)
        ],
    )  # fmt: skip


# Further rooms of "Settings and data", those that there are.
ROOMS = (
    (mark("Question lists"), "questions.overview"),
    (mark("Never contact"), "never.overview"),
    (mark("Your data"), "data.overview"),
    (mark("Accounts and health"), "accounts.overview"),
    (mark("Devices signed in"), "access.overview"),
)


@pages.post("/settings")
def save() -> ResponseReturnValue:
    """Save the group that was sent; what is not in it stays as it is."""
    desk = here()
    problems: Problems = []
    fields = _about(problems)
    texts = Texts.load(fields.get("lang", desk.owner.lang))  # told in the language just chosen
    with desk.writing() as tx:
        accounts.update_owner(tx, **fields, settings=_pace(problems) | _days(problems) | _stopped())
    if problems:
        told = " ".join(texts(SHOULD_BE[kind], **values) for kind, values in problems)
        return _refused(texts(KEPT, problems=told))
    say(texts.gettext("Saved."))
    return _back()


def _refused(why: str) -> ResponseReturnValue:
    """The page as it was typed; the form's own address leads to its group."""
    sorry(why)
    return _page(), 400


def _back() -> ResponseReturnValue:
    """To the group that was sent, where it is said what became of it."""
    return to("settings.overview", group=_group(), _anchor=_group())


def _group() -> str | None:
    """Where on the page one was."""
    group = request.values.get("group", "")
    return group if group in GROUPS else None


def _about(problems: Problems) -> dict[str, Any]:
    """Name, language, zone and country; what is not on our lists stays as it is."""
    form = request.form
    choices = {
        "lang": LANGUAGES,
        "zone": guess.zones(),
        "country": ["", *(code for code, _name in guess.countries("en"))],
    }
    fields: dict[str, Any] = {}
    for name, known in choices.items():
        if name in form and form[name] in known:
            fields[name] = form[name]
        elif name in form:
            problems.append(("list", {"told": one_line(form[name], 40)}))
    if "name" in form:
        fields["name"] = one_line(form["name"], NAME_LENGTH)
    if (region := _region(fields.get("country", here().owner.country), problems)) is not None:
        fields["region"] = region
    return fields


def _region(country: str, problems: Problems) -> str | None:
    """The region chosen, none where it belongs to the country before; None to leave it as it is."""
    moved, told = country != here().owner.country, request.form.get("region")
    if told is None:
        return "" if moved else None
    if told in {"", *(code for code, _name in guess.regions(country))}:
        return told
    if not moved:
        problems.append(("list", {"told": one_line(told, 40)}))
    return "" if moved else None


def _pace(problems: Problems) -> dict[str, Any]:
    """Pace overrides by field name of `Pace`; times as "HH:MM"."""
    found: dict[str, Any] = {}
    for name in TIMES:
        if name in request.form:
            clock = _clock(request.form[name])
            if clock is None:
                problems.append(("time", {"told": one_line(request.form[name], 20)}))
            else:
                found[name] = f"{clock:%H:%M}"
    for name in (*CEILINGS, "digest_weekday"):
        if name not in request.form:
            continue
        value = typed.number(request.form[name], PACE[name])
        if value is None:
            problems.append(("number", {"told": one_line(request.form[name], 20), "most": PACE[name][-1]}))
        else:
            found[name] = value
    return found


def _days(problems: Problems) -> dict[str, Any]:
    """The days on which nothing comes; only where the form had them at all."""
    if "days" not in request.form:
        return {}
    wanted = _ticked_days()
    if not wanted:
        problems.append(("days", {}))
        return {}
    return {"weekend": sorted(set(range(7)) - wanted)}


def _ticked_days() -> set[int]:
    return {int(each) for each in request.form.getlist("day") if each in {"0", "1", "2", "3", "4", "5", "6"}}


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


# --- each kind of mail: how it looks, and one of it now -----------------------------------------------------------


@pages.get("/settings/mails/<kind>")
def preview(kind: str) -> ResponseReturnValue:
    desk = here()
    found = _sample(desk, kind)
    held = desk.owner.is_held(desk.now)
    return render_template("sample.html", kind=kind, name=KINDS[kind], says=MAILS_SAY[kind], found=found, held=held)


@pages.get("/settings/mails/<kind>/html")
def preview_html(kind: str) -> ResponseReturnValue:
    """The mail as it would be made, for the frame on its page: styles of its own, nothing that acts or loads."""
    found = _sample(here(), kind)
    return framed(found.mail.html)


def _sample(desk: Desk, kind: str) -> samples.Sample:
    if kind not in SHOWN:
        abort(404)
    return samples.sample(desk.runtime, desk.owner, kind, f"preview:{kind}")


@pages.post("/settings/mails/<kind>/send")
def send(kind: str) -> ResponseReturnValue:
    """One of this kind now, through the outbox like every mail."""
    desk, _ = here(), here().texts
    if kind not in SHOWN:
        abort(404)
    with desk.writing() as tx:
        if outbox.samples_since(tx, desk.now - timedelta(hours=1)) >= SAMPLES_AN_HOUR:
            sorry(_("You had five in the last hour, which is as many as we send. Nothing was sent; try again later."))
        else:
            ask(desk, tx, "mail", asked_sample(desk.runtime, tx, kind, desk.now))
    wake_outbox(desk.runtime, desk.owner.id)
    return to("settings.preview", kind=kind)


# --- the switch -----------------------------------------------------------------------------------------------------


@pages.post("/settings/held")
def held() -> ResponseReturnValue:
    """The switch that stops everything that goes out, for good or until a day, and starts it again."""
    desk, _ = here(), here().texts
    stop, until = request.form.get("held") == "yes", typed.day(request.form.get("until", ""))
    if stop and until is None and request.form.get("until", "").strip():
        return _refused(_("This is no day like 2027-01-04. Nothing was changed."))
    if stop and until is not None and until <= local(desk.now, desk.owner.zone).date():
        return _refused(_("Choose a day that is still ahead, or none. Nothing was changed."))
    with desk.writing() as tx:
        paused = until.isoformat() if stop and until else None
        accounts.update_owner(tx, held=stop and until is None, settings={"held_until": paused})
    if not stop:
        say(_("Keepwarm is at work again."))
    elif until:
        say(_("Everything is held until {date}.", date=desk.texts.date(until)))
    else:
        say(_("Everything is held: no mail and no calendar entry goes out."))
    return _back()


@pages.post("/settings/feed")
def new_feed() -> ResponseReturnValue:
    """A new address for the calendar feed; the old one stops working at once."""
    desk, _ = here(), here().texts
    rotate(desk.runtime, desk.owner)
    say(_("The calendar has a new address. The old one no longer works: subscribe again with the new one."))
    return to("calendar.overview", _anchor="feed")
