"""What a browser tells about its person before we know them: language, country, time zone. Called by `service.auth`."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global
from flask import request
from holidays import country_holidays, list_supported_countries

from keepwarm.texts import LANGUAGES

# Zone and country guessed from the browser's language: shown, correctable, and a small script asks the browser itself.
BY_LANGUAGE = {
    "nl": ("Europe/Amsterdam", "NL"),
    "nl-be": ("Europe/Brussels", "BE"),
    "en-gb": ("Europe/London", "GB"),
    "en-ie": ("Europe/Dublin", "IE"),
    "en-us": ("America/New_York", "US"),
    "en-ca": ("America/Toronto", "CA"),
    "en-au": ("Australia/Sydney", "AU"),
    "en-nz": ("Pacific/Auckland", "NZ"),
    "de": ("Europe/Berlin", "DE"),
    "fr": ("Europe/Paris", "FR"),
}
ORDINARY = 2026  # a year like any other, to see which regions differ
REGION_LONGEST = 8  # characters of a code; as the store has it
AREAS = ("Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")


def language() -> str:
    """The language to speak to a stranger: theirs if we have it, else English."""
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def place() -> tuple[str, str]:
    """Time zone and country, guessed from the first language that says something."""
    for tag in request.accept_languages.values():
        for known in (tag.lower(), tag.lower().partition("-")[0]):
            if known in BY_LANGUAGE:
                return BY_LANGUAGE[known]
    return ("UTC", "")


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """Zones to choose from, sorted, UTC last."""
    return (*sorted(name for name in available_timezones() if name.startswith(AREAS)), "UTC")


@lru_cache(maxsize=len(LANGUAGES))
def countries(lang: str) -> tuple[tuple[str, str], ...]:
    """Countries whose public holidays we know, as (code, name in ``lang``), by name."""
    names = Locale.parse(lang).territories
    known = ((code, names[code]) for code in list_supported_countries() if code in names)
    return tuple(sorted(known, key=lambda each: each[1]))


def country_of(zone: str) -> str:
    """The country that a time zone is of; empty for none, or for one whose public holidays we do not know."""
    found = str(get_global("zone_territories").get(zone, ""))
    return found if found in dict(countries(LANGUAGES[0])) else ""


@lru_cache(maxsize=64)
def regions(country: str) -> tuple[tuple[str, str], ...]:
    """Regions of a country that have holidays of their own, as (code, name), by name; may be empty."""
    known = list_supported_countries(include_aliases=False).get(country, [])
    everywhere = set(country_holidays(country, years=ORDINARY)) if known else set()
    own = [code for code in known if set(country_holidays(country, subdiv=code, years=ORDINARY)) != everywhere]
    names = country_holidays(country).get_subdivision_aliases() if own else {}
    told = ((code, next(iter(names.get(code, ())), code)) for code in own if len(code) <= REGION_LONGEST)
    return tuple(sorted(told, key=lambda each: each[1]))
