"""What an owner takes along for other programs: table (`table`), calendar (`calendar`). Pure.

Called by `workers.exporting`, entry by entry, so that nothing large stands in memory. Reading order: `values` (what
both are made from), then the writers; an address book is `keepwarm.vcard`. Whatever outsiders wrote is made harmless
for the program that opens it.
"""

from integrations.exports.calendar import calendar_head, calendar_tail, occasion
from integrations.exports.table import head_row, row, separator
from integrations.exports.values import Occasion, Person

__all__ = [
    "Occasion", "Person", "calendar_head", "calendar_tail", "head_row", "occasion", "row", "separator",
]  # fmt: skip
