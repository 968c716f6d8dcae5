"""Whom the owner asks to see: filters out of an address or a form, and back into one. Called by the list and `many`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import request, url_for

from keepwarm.circles import CIRCLES
from keepwarm.foreign import one_line
from keepwarm.store.finding import FRESH, SORTS, TABS, Wish
from keepwarm.store.tagging import Tag, tag_key
from keepwarm.texts import Texts
from service import typed
from service.words import ORIGINS, word

OF_STATE = {"proposed": "new", "ignored": "left_out", "never": "never"}  # how addresses said it before there were tabs
LONGEST = 100  # characters of what is searched for; ours
DEFAULT = Wish()
# Field of the form → field of the wish.
FIELDS = {
    "tab": "tab", "q": "words", "circle": "circle", "fresh": "fresh", "at": "organisation", "origin": "origin",
    "tag": "tag", "close": "close", "untalked": "untalked", "sort": "sort",
}  # fmt: skip
CHIPS = ("q", "circle", "fresh", "at", "origin", "tag", "close", "untalked")


def wish_in(given: Mapping[str, str]) -> Wish:
    """What was asked for; anything odd is left out."""
    return Wish(
        tab=_among(given, "tab", TABS) or OF_STATE.get(given.get("state", ""), DEFAULT.tab),
        words=one_line(given.get("q", ""), LONGEST),
        circle=_among(given, "circle", CIRCLES),
        fresh=_among(given, "fresh", FRESH),
        organisation=one_line(given.get("at", ""), LONGEST),
        origin=_among(given, "origin", ORIGINS),
        tag=tag_key(given.get("tag", "")),
        close=given.get("close") == "yes",
        untalked=given.get("untalked") == "yes",
        sort=_among(given, "sort", SORTS) or DEFAULT.sort,
    )


def _among(given: Mapping[str, str], name: str, known: tuple[str, ...]) -> str:
    found = given.get(name, "")
    return found if found in known else ""


def as_fields(wish: Wish) -> dict[str, str]:
    """The wish as fields of an address or a form; what is as usual is left out."""
    found: dict[str, str] = {}
    for name, attribute in FIELDS.items():
        value = getattr(wish, attribute)
        if value != getattr(DEFAULT, attribute):
            found[name] = "yes" if value is True else str(value)
    return found


def chips(wish: Wish, texts: Texts, tags: list[Tag]) -> list[tuple[str, str]]:
    """What narrows the list, in words, each with the address of the list without it."""
    spelled = {each.key: each.word for each in tags}
    said: dict[str, str] = {
        "q": texts("“{words}”", words=wish.words),
        "circle": word(texts, "circle", wish.circle),
        "fresh": word(texts, "fresh", wish.fresh),
        "at": texts("at {organisation}", organisation=wish.organisation),
        "origin": texts("from {origin}", origin=word(texts, "origin", wish.origin)),
        "tag": f"#{spelled.get(wish.tag, wish.tag)}",
        "close": texts("closest to me"),
        "untalked": texts("no talk yet"),
    }
    fields = as_fields(wish)
    return [(said[name], without(wish, name)) for name in CHIPS if name in fields]


def without(wish: Wish, name: str) -> str:
    attribute = FIELDS[name]
    usual: Any = {attribute: getattr(DEFAULT, attribute)}
    return url_for("contacts.everybody", **as_fields(replace(wish, **usual)))  # type: ignore[arg-type]  # url_for's values


def page_number() -> int:
    """The page asked for, from 0; 0 for anything odd."""
    return typed.number(request.values.get("page", ""), typed.PAGES) or 0
