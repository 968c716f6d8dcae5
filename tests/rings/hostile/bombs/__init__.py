"""The named bombs (RELIABILITY.md E5 and what the code itself invites), and what is to become of each.

A bomb is one item: a mail's headers, what stands in a calendar, a card, a row, a friend, an entry. Files that are a
bomb as a whole stand in `FILES`. Nothing is stored here: all are made by code.
"""

from __future__ import annotations

from tests.rings.hostile.bombs import archives, calendars, cards, files, mails, tables
from tests.rings.hostile.bombs.bomb import Bomb

MAILS: dict[str, Bomb] = mails.BOMBS
CALENDARS: dict[str, Bomb] = calendars.BOMBS
CARDS: dict[str, Bomb] = cards.BOMBS
ROWS: dict[str, Bomb] = tables.ROWS
FRIENDS: dict[str, Bomb] = tables.FRIENDS
ENTRIES: dict[str, archives.EntryBomb] = archives.ENTRIES
FILES: dict[str, Bomb] = files.FILES | archives.FILES | tables.FILES

ITEMS: dict[str, dict[str, Bomb]] = {
    "mail": MAILS,
    "ics": CALENDARS,
    "vcf": CARDS,
    "row": ROWS,
    "friend": FRIENDS,
    "file": FILES,
}
