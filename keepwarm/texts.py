"""Words for people: translated sentences, and dates, times and spans as people write them.

Called by every part that says something to the owner. English is the source: the English sentence is the key, so
English needs no catalogue. Other languages merge all ``translations/<lang>/LC_MESSAGES/*.po``, one file per part of the
product. Values go in by name: ``texts("You wrote to {name}.", name=...)``; a sentence that stands in a table is wrapped
in ``mark`` so that the completeness test finds it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, format_timedelta, get_timezone_location
from babel.messages.catalog import Message as Entry
from babel.messages.pofile import read_po

LANGUAGES = ("en", "nl")
Day = date  # inside Texts, ``date`` is a method


def mark(msgid: str) -> str:
    """The sentence itself: only tells the collector of messages that a translation is needed."""
    return msgid


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Everything needed to speak one language. Get it with ``Texts.load``."""

    lang: str
    sentences: Mapping[str, str] = field(default_factory=dict, repr=False)
    plurals: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    @staticmethod
    def load(lang: str) -> Texts:
        """The texts of a language, English for one we do not have. Built once per process."""
        return _load(lang if lang in LANGUAGES else LANGUAGES[0])

    def __call__(self, msgid: str, /, **values: object) -> str:
        return self.gettext(msgid, **values)

    def gettext(self, msgid: str, /, **values: object) -> str:
        """The sentence in this language with ``{name}`` places filled; the English one where no translation is."""
        found = self.sentences.get(msgid) or msgid
        return found.format(**values) if values else found

    def ngettext(self, one: str, many: str, number: int, /, **values: object) -> str:
        """The sentence for this number, which stands for ``{number}``.

        Both languages have two forms, one and other; a language with more brings its own rule here.
        """
        forms = self.plurals.get(one) or (one, many)
        found = forms[int(number != 1)]
        return found.format(number=number, **values)

    def date(self, day: Day) -> str:
        """ "1 December 2026"."""
        return format_date(day, "d MMMM y", locale=self.lang)

    def short_date(self, day: Day) -> str:
        """ "1 December", for a day whose year is plain."""
        return format_date(day, "d MMMM", locale=self.lang)

    def day_and_date(self, day: Day) -> str:
        """ "Tuesday 1 December"."""
        return format_date(day, "EEEE d MMMM", locale=self.lang)

    def time(self, at: datetime, zone: str) -> str:
        """ "09:30" on the clocks of ``zone``."""
        return format_time(at.astimezone(ZoneInfo(zone)), "HH:mm", tzinfo=ZoneInfo(zone), locale=self.lang)

    def moment(self, at: datetime, zone: str, *, place: bool = False) -> str:
        """ "Tuesday 1 December, 09:30"; with ``place`` also whose clock it is, as always in a mail (RELIABILITY.md D9):
        "... 09:30 (Amsterdam)"."""
        local = at.astimezone(ZoneInfo(zone))
        said = f"{self.day_and_date(local.date())}, {self.time(at, zone)}"
        return f"{said} ({self.place(zone)})" if place else said

    def place(self, zone: str) -> str:
        """The city that a zone is named after; the name itself for those without one ("UTC")."""
        if "/" not in zone or zone.startswith("Etc/"):
            return zone.rpartition("/")[2]
        return get_timezone_location(zone, locale=self.lang, return_city=True).rpartition("/")[2]

    def duration(self, span: timedelta) -> str:
        """ "15 minutes", in the largest fitting unit."""
        return format_timedelta(abs(span), threshold=1.2, locale=self.lang)

    def ago(self, span: timedelta) -> str:
        """ "3 months ago" for a span that lies behind us; "today" under a day."""
        if abs(span) < timedelta(days=1):
            return self.gettext("today")
        return format_timedelta(-abs(span), threshold=1.2, granularity="day", add_direction=True, locale=self.lang)

    def join(self, parts: Sequence[str]) -> str:
        """ "a, b and c"; empty for nothing."""
        if len(parts) < 2:
            return "".join(parts)
        return self.gettext("{most} and {last}", most=", ".join(parts[:-1]), last=parts[-1])


@lru_cache(maxsize=len(LANGUAGES))
def _load(lang: str) -> Texts:
    sentences: dict[str, str] = {}
    plurals: dict[str, tuple[str, ...]] = {}
    for entry in _entries(lang):
        if isinstance(entry.id, str) and isinstance(entry.string, str):
            sentences[entry.id] = entry.string
        elif entry.string and all(entry.string):
            plurals[entry.id[0]] = tuple(entry.string)
    return Texts(lang=lang, sentences=sentences, plurals=plurals)


def _entries(lang: str) -> list[Entry]:
    """Translated entries of all catalogues of a language, in order of file name; may be empty."""
    folder = files("keepwarm") / "translations" / lang / "LC_MESSAGES"
    if not folder.is_dir():
        return []
    found: list[Entry] = []
    for path in sorted(folder.iterdir(), key=lambda each: each.name):
        if path.name.endswith(".po"):
            with path.open("rb") as stream:
                found += [entry for entry in read_po(stream, locale=lang) if entry.id and not entry.fuzzy]
    return found
