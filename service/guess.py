"""What a browser tells about its person before we know them: language, country, time zone. Called by `service.auth`."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import available_timezones

from babel import Locale
from flask import request
from holidays import list_supported_countries

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
