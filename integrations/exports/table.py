"""People as a table that spreadsheets open (RFC 4180), and in which no cell is a formula to them.

A cell that begins with =, +, -, @ or a blank that hides one gets an apostrophe in front (OWASP, "CSV injection", read
2026-11): programs show the text and do not compute it. The mark at the beginning tells Excel that it is UTF-8.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from integrations.exports.values import Person
from keepwarm.foreign import one_line

BOM = b"\xef\xbb\xbf"
LONGEST = 2_000
_FORMULA = re.compile(r"[\s\W_]*?[=+\-@\uff1d\uff0b\uff0d\uff20\u2212|%]")
_HARMLESS = re.compile(r"[\w(\"'\[{«„“‘]")
ADDRESSES = 3  # columns for e-mail; what is beyond stands in the last


def separator(lang: str) -> str:
    """What Excel expects between cells where the comma stands in numbers."""
    return ";" if lang == "nl" else ","


def head_row(names: Sequence[str], lang: str) -> bytes:
    return BOM + _line(names, lang)


def row(person: Person, lang: str) -> bytes:
    first = person.addresses[: ADDRESSES - 1]
    addresses = (*first, *[""] * (ADDRESSES - 1 - len(first)), ", ".join(person.addresses[ADDRESSES - 1 :]))
    cells = (
        person.name, person.organisation, person.role, *addresses, ", ".join(person.phones),
        ", ".join(person.links), person.birthday, ", ".join(person.labels), *person.told,
    )  # fmt: skip
    return _line([safe(one_line(each, LONGEST)) for each in cells], lang)


def safe(cell: str) -> str:
    """The cell as a spreadsheet takes it for text."""
    return cell if not cell or _HARMLESS.match(cell) or not _FORMULA.match(cell) else f"'{cell}"


def _line(cells: Sequence[str], lang: str) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=separator(lang), quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n").writerow(cells)
    return out.getvalue().encode("utf-8", "ignore")
