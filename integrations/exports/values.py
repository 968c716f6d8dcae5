"""One person and one occasion, as other programs know them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """``addresses``: e-mail, the one used most first; ``profiles`` and ``links``: addresses on the web.

    ``labels``: how the owner knows them, in words. ``birthday``: YYYY-MM-DD or --MM-DD. ``told``: further cells of a
    table, by the name of their column.
    """

    uid: str
    name: str
    organisation: str = ""
    role: str = ""
    addresses: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    birthday: str = ""
    labels: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """A talk or a follow-up. ``start`` and ``end`` aware; of a whole day the days, the end being the day after."""

    uid: str
    title: str
    start: datetime | date
    end: datetime | date
    zone: str = "UTC"
    location: str = ""
    description: str = ""
    cancelled: bool = False
