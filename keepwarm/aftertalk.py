"""What a talk gave, as it was written down: when it was, names that came up. Called before `keepwarm.store.notes`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time

from keepwarm.errors import NotPossible
from keepwarm.foreign import one_line
from keepwarm.texts import mark
from keepwarm.zones import local, to_utc

MOST = 20  # names of one talk; ours
TEXT_LONGEST = 4_000  # characters of what was said, and of tips; ours
PROMISE_LONGEST = 500  # the same of a promise
NOON = time(12)  # when a talk without an hour is taken to have been

AHEAD = mark(
    "The day you chose is still ahead, and here you note what was said in a talk. Choose the day on which you talked."
)
_ADDRESS = re.compile(r"[^\s@<>,;()]{1,64}@[^\s@<>,;()]+\.[^\s@<>,;()]{2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewName:
    """Somebody who came up in a talk. ``address`` in lower case; ``about``: where they work, or what they do."""

    name: str
    address: str = ""
    about: str = ""


def moment_of(day: date, now: datetime, zone: str) -> datetime:
    """When a talk of that day was: at noon, or now if it is today. Raises NotPossible for a day still ahead."""
    today = local(now, zone).date()
    if day > today:
        raise NotPossible(AHEAD)
    return now if day == today else to_utc(day, NOON, zone)


def new_names(text: str) -> list[NewName]:
    """One person a line: "Guus Gijs", "Guus Gijs, Lantern", "Guus Gijs <guus@example.org>", in any mixture."""
    found = [name for line in re.split(r"[\n;]", text) if (name := _read(line))]
    return list({each.name.casefold(): each for each in found}.values())[:MOST]


def _read(line: str) -> NewName | None:
    found = _ADDRESS.search(line)
    address = found[0].lower() if found else ""
    rest = line.replace(found[0], " ") if found else line
    name, _, about = re.sub(r"[<>()]", " ", rest).strip(" ,-•*\t").partition(",")
    name, about = one_line(name, 200).strip(" ,"), one_line(about, 200).strip(" ,")
    return NewName(name=name or address, address=address, about=about) if name or address else None
