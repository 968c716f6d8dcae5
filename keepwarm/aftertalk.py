"""What a talk gave: names that came up, read from what the owner typed. Called by `keepwarm.store.notes`' callers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from keepwarm.foreign import one_line

MOST = 20  # names of one talk; ours
_ADDRESS = re.compile(r"[^\s@<>,;()]{1,64}@[^\s@<>,;()]+\.[^\s@<>,;()]{2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewName:
    """Somebody who came up in a talk. ``address`` in lower case; ``about``: where they work, or what they do."""

    name: str
    address: str = ""
    about: str = ""


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
