"""Pictures of the network: the map, how fresh each circle was over time, talks and new names over the months.

Drawn as SVG on the server; beside each stands a table with the same facts. Where what stands is reckoned in
`keepwarm.pictures`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from babel.dates import format_date
from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from keepwarm.foreign import one_line
from keepwarm.pictures import (
    LOOKS,
    MOST,
    RINGS,
    Group,
    Someone,
    Span,
    bars,
    by_organisation,
    by_origin,
    last_months,
    last_weeks,
    look_of,
    network,
    rim_name,
)
from keepwarm.store import histories, picturing
from keepwarm.store.picturing import Known, Wish
from keepwarm.texts import Texts, mark
from service.desk import here
from service.pages.people.wishes import page_number
from service.words import ORIGINS, word

pages = Blueprint("pictures", __name__)

GROUPINGS = ("organisation", "origin")
COLUMNS = {"months": last_months, "weeks": last_weeks}
NAME = 80  # characters of a name; ours
RING_WORDS = {
    "close": mark("closest"),
    "warm": mark("warm"),
    "lukewarm": mark("lukewarm"),
    "cold": mark("cold"),
}
LOOK_WORDS = {
    "fresh": mark("fresh"),
    "due": mark("time to get in touch"),
    "asleep": mark("a while ago"),
    "new": mark("new, or without a rhythm"),
}
REST_WORDS = {
    "organisation": {"*": mark("other organisations"), "": mark("no organisation")},
    "origin": {"*": mark("other origins"), "": mark("origin not known")},
}


@pages.get("/pictures")
def overview() -> ResponseReturnValue:
    """The network map. Everything one may choose stands in the address."""
    desk, wish = here(), _wish()
    grouping = request.args.get("by", "")
    grouping = grouping if grouping in GROUPINGS else GROUPINGS[0]
    with desk.reading() as tx:
        found = picturing.facts(tx, desk.now, wish)
    lines = request.args.get("lines") == "yes"
    chosen = {
        "by": grouping, "ring": wish.ring, "organisation": wish.organisation, "origin": wish.origin,
        "due": "yes" if wish.due else "", "lines": "yes" if lines else "",
    }  # fmt: skip
    picture = _map(desk.texts, found.people, grouping) if found.people else {}
    return render_template(
        "pictures/map.html", facts=found, picture=picture, by=grouping, lines=lines, wish=wish, most=MOST, rings=RINGS,
        looks=LOOKS, page=page_number(), chosen={key: each for key, each in chosen.items() if each}, **_words(),
        by_ring=_by_ring(found.people), names={each.id: each.name for each in found.people},
    )  # fmt: skip


def _by_ring(people: Sequence[Known]) -> list[tuple[str, list[Known]]]:
    """For the list beside the map: from within, in each ring by name."""
    ordered = sorted(people, key=lambda each: (each.name.casefold(), each.id))
    rings = [(ring, [each for each in ordered if each.ring == ring]) for ring in RINGS]
    return [(ring, there) for ring, there in rings if there]


def _wish() -> Wish:
    asked = request.args
    return Wish(
        ring=asked.get("ring", "") if asked.get("ring") in RINGS else "",
        organisation=one_line(asked.get("organisation", ""), 200),
        origin=asked.get("origin", "") if asked.get("origin") in ORIGINS else "",
        due=asked.get("due") == "yes",
        start=page_number() * MOST,
    )


def _words() -> dict[str, Any]:
    texts = here().texts
    return {
        "ring_word": lambda key: texts(RING_WORDS[key]),
        "look_word": lambda key: texts(LOOK_WORDS[key]),
        "look_of": look_of,
        "rim_name": rim_name,
    }


def _map(texts: Texts, people: Sequence[Known], grouping: str) -> dict[str, Any]:
    """What the template draws: the map, the name of each group, and a line about each person."""
    if grouping == "organisation":
        of, groups = by_organisation({each.id: one_line(each.organisation, NAME) for each in people})
    else:
        of, groups = by_origin({each.id: sorted(each.origins, key=_said_first) for each in people})
    everybody = [_someone(each, of[each.id]) for each in people]
    return {
        "drawn": network(everybody, groups, {key: texts(text) for key, text in RING_WORDS.items()}),
        "group_names": {each.key: _group_name(texts, each, grouping) for each in groups},
        "said": {each.id: _line(texts, each) for each in people},
    }


def _line(texts: Texts, each: Known) -> str:
    """ "Noor Willemse, Harbour Museum: fresh, last in touch 3 days ago"."""
    name = one_line(each.name, NAME) or texts("(no name)")
    who = f"{name}, {one_line(each.organisation, NAME)}" if each.organisation else name
    look = texts(LOOK_WORDS[look_of(each.state)])
    if each.last_at is None:
        return texts("{who}: {look}", who=who, look=look)
    return texts("{who}: {look}, last in touch {ago}", who=who, look=look, ago=texts.ago(here().now - each.last_at))


def _said_first(origin: str) -> int:
    return ORIGINS.index(origin) if origin in ORIGINS else len(ORIGINS)


def _someone(each: Known, group: str) -> Someone:
    return Someone(
        id=each.id, name=one_line(each.name, NAME), ring=each.ring, look=look_of(each.state), strength=each.strength,
        since=each.since, group=group, brought_by=each.brought_by,
    )  # fmt: skip


def _group_name(texts: Texts, group: Group, grouping: str) -> str:
    if group.key in REST_WORDS[grouping]:
        return texts(REST_WORDS[grouping][group.key])
    return group.name if grouping == "organisation" else word(texts, "origin", group.name)


# --- over time ------------------------------------------------------------------------------------------------------


@pages.get("/pictures/warmth")
def warmth() -> ResponseReturnValue:
    """How many of each circle were fresh, at the end of each month or week."""
    desk = here()
    by = request.args.get("by", "")
    by = by if by in COLUMNS else "months"
    spans = COLUMNS[by](desk.now, desk.owner.zone)
    with desk.reading() as tx:
        rows = histories.warmth(tx, desk.now, [each.end for each in spans])
    return render_template(
        "pictures/warmth.html", rows=[each for each in rows if not each.is_empty], by=by,
        columns=_columns(spans, by),
        titles=[_long(each.day, by) for each in spans], **_words(),
    )  # fmt: skip


@pages.get("/pictures/months")
def months() -> ResponseReturnValue:
    """Talks and new names in the last twelve months."""
    desk = here()
    spans = last_months(desk.now, desk.owner.zone)
    with desk.reading() as tx:
        talks = histories.talks_by_span(tx, spans)
        names = histories.new_names_by_span(tx, spans)
    return render_template(
        "pictures/months.html", picture=bars(talks, names), talks=talks, new_names=names,
        columns=[_short(each.day, "months") for each in spans], titles=[_long(each.day, "months") for each in spans],
    )  # fmt: skip


def _columns(spans: Sequence[Span], by: str) -> list[str]:
    """What stands under the columns; under every other week, for a date is wider than its column."""
    step = 2 if by == "weeks" else 1
    last = len(spans) - 1
    return ["" if (last - place) % step else _short(each.day, by) for place, each in enumerate(spans)]


def _short(day: date, by: str) -> str:
    """A column's name as it fits under it: "Nov", "23/11"."""
    lang = here().texts.lang
    return format_date(day, "LLL", locale=lang).rstrip(".") if by == "months" else f"{day.day}/{day.month}"


def _long(day: date, by: str) -> str:
    texts = here().texts
    if by == "months":
        return format_date(day, "LLLL y", locale=texts.lang)
    return texts.gettext("week of {date}", date=texts.short_date(day))
