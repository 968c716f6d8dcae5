"""The owner: what they want and bring, how they introduce themselves, where they would like to be."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.contacts import organisation_key
from keepwarm.errors import NotPossible
from keepwarm.foreign import one_line, shown
from keepwarm.profile import CHECKS, Profile, checks, spoken_hint, written_hint
from keepwarm.store import Tx, organisations, plans, profiles
from keepwarm.texts import LANGUAGES, mark
from service.desk import done, here, say, to
from service.refusing import refused

pages = Blueprint("me", __name__)

LONGEST = {"role": 200, "wishes": 4_000, "education": 4_000, "experience": 4_000}  # characters; ours
INTRODUCTION_LONGEST = 2_000
MANY = 20  # sectors or regions; ours
TARGETS = 100
FULL = mark("Your list holds a hundred organisations, the most there can be. Nothing was changed.")


@pages.get("/me")
def overview() -> ResponseReturnValue:
    desk = here()
    with desk.reading() as tx:
        mine, wanted = profiles.profile(tx), profiles.targets(tx)
        card = profiles.first_card(tx, desk.now, desk.texts)
        goals = plans.plans(tx)
        known = organisations.known_at(tx, [each.name for each in wanted], desk.now)
    keys = {each.name: organisation_key(each.name) for each in wanted}
    languages = [desk.owner.lang, *(each for each in LANGUAGES if each != desk.owner.lang)]
    hints = {
        lang: (spoken_hint(mine.spoken.get(lang, ""), desk.texts), written_hint(mine.written.get(lang, ""), desk.texts))
        for lang in languages
    }
    return render_template(
        "me.html", mine=mine, goals=goals, keys=keys, filled=_filled(mine),
        card=card, targets=wanted, known=known, languages=languages, hints=hints,
        checks=checks(mine, desk.texts),
    )  # fmt: skip


@pages.post("/me")
def save() -> ResponseReturnValue:
    desk, _ = here(), here().texts
    form = request.form
    fields: dict[str, object] = {name: _text(name, longest) for name, longest in LONGEST.items()}
    fields["role"] = one_line(form.get("role", ""), LONGEST["role"])
    fields |= {name: _listed(form.get(name, "")) for name in ("sectors", "regions")}
    for name in ("spoken", "written"):
        fields[name] = {lang: _text(f"{name}_{lang}", INTRODUCTION_LONGEST) for lang in LANGUAGES}
    fields["checked"] = set(form.getlist("checked")) & CHECKS.keys()
    with desk.writing() as tx:
        if profiles.save_profile(tx, desk.now, **fields):
            done(tx, _("Saved. Question lists draw on it from now on."))
        else:
            say(_("Saved."))
    return to("me.overview")


def _filled(mine: Profile) -> dict[str, int]:
    """How much of each part of the page is there, out of how many: shown beside the part while it is folded."""
    return {
        "looking": sum(map(bool, (mine.role, mine.wishes, mine.sectors, mine.regions))),
        "bring": sum(map(bool, (mine.experience, mine.education))),
        "introduction": len(mine.spoken.keys() | mine.written.keys()),
        "seen": len(mine.checked),
    }


@pages.get("/me/card/print")
def card_on_paper() -> ResponseReturnValue:
    """What to have at hand in a first talk, on one page: also after the card was put away."""
    desk = here()
    with desk.reading() as tx:
        mine, card = profiles.profile(tx), profiles.first_card(tx, desk.now, desk.texts)
        goals = [each for each in plans.plans(tx) if not each.resting]
    return render_template("me_print.html", mine=mine, card=card, goals=goals)


@pages.post("/me/card")
def put_away() -> ResponseReturnValue:
    """The card for a first talk has done its work."""
    desk, _ = here(), here().texts
    with desk.writing() as tx:
        profiles.save_profile(tx, desk.now, card_away=True)
        done(tx, _("Put away. All it says stays on this page."))
    return to("me.overview")


@pages.post("/me/targets")
def add_target() -> ResponseReturnValue:
    desk, _ = here(), here().texts
    link = one_line(request.form.get("link", ""), 500)
    name, why = one_line(request.form.get("name", ""), 200), one_line(request.form.get("why", ""), 500)
    try:
        with desk.writing() as tx:
            _must_have_room(tx)
            profiles.add_target(tx, desk.now, name=name, why=why, link=link)
            done(tx, _("{name} is on your list.", name=name))
    except NotPossible as problem:
        return refused(_(str(problem)), overview)
    return to("me.overview")


def _must_have_room(tx: Tx) -> None:
    if len(profiles.targets(tx)) >= TARGETS:
        raise NotPossible(FULL)


@pages.post("/me/targets/<target_id>/remove")
def remove_target(target_id: str) -> ResponseReturnValue:
    desk, _ = here(), here().texts
    with desk.writing() as tx:
        profiles.remove_target(tx, target_id, desk.now)
        done(tx, _("Taken off your list."))
    return to("me.overview")


def _text(name: str, longest: int) -> str:
    return shown(request.form.get(name, "")).replace("\r\n", "\n").strip()[:longest]


def _listed(text: str) -> list[str]:
    """What stands between commas, semicolons and line ends, each once."""
    parts = text.replace(";", ",").replace("\r", "").replace("\n", ",").split(",")
    return list(dict.fromkeys(found for each in parts if (found := one_line(each, 100))))[:MANY]
