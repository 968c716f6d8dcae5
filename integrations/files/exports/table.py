"""The rows of any CSV export as a bounded stream; an odd row never stops the rest. Called by the readers beside it."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import BinaryIO

from integrations.wire.wide import as_utf8
from keepwarm.texts import mark
from keepwarm.types import Broken, Skipped

MAX_FIELD = 64 * 1024
MAX_ROW = 256 * 1024
MAX_ROWS = 200_000
_PREAMBLE = 50  # lines looked at for the column names

IsHead = Callable[[list[str]], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: its cells by column name in lower case, without outer blanks; of columns named alike the first."""

    position: str
    cells: dict[str, str]

    def first(self, *names: str) -> str:
        """The first of these columns that is filled, else empty."""
        return next(filter(None, (self.cells.get(name, "") for name in names)), "")


def decoded(data: bytes) -> str:
    """The text of some bytes: UTF-16 by its mark, UTF-8, else Windows-1252."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", "replace")
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as wrong:
        cut_short = wrong.reason == "unexpected end of data"
        return data.decode("utf-8", "ignore") if cut_short else data.decode("cp1252", "replace")


def heads(text: str) -> Iterator[list[str]]:
    """The first lines of a text as possible column names, in lower case."""
    for line in text.splitlines()[:_PREAMBLE]:
        yield _cells(line, _separator(line), lower=True)


def rows(stream: BinaryIO, is_head: IsHead) -> Iterator[Row | Skipped | Broken]:
    """The rows after the line of column names that ``is_head`` knows, whatever stands before it."""
    lines = deque[str]()
    source = _lines(stream)
    head, separator = _head(source, is_head)
    if not head:
        yield Broken(
            position="file", digest=sha256(b"").hexdigest(), reason=mark("The column names of this file are not known.")
        )
        return
    number = 0
    while record := _record(lines, source, separator, len(head)):
        number += 1
        if number > MAX_ROWS:
            yield Skipped(position=f"row {number}", reason="too_many")
            return
        if record.strip(f'{separator}\r\n "'):
            yield _row(record, head, separator, position=f"row {number}")
        elif record.strip():
            yield Skipped(position=f"row {number}", reason="empty")


def _lines(stream: BinaryIO) -> Iterator[str]:
    return map(decoded, iter(partial(as_utf8(stream).readline, MAX_ROW), b""))


def _separator(line: str) -> str:
    return max(",;\t", key=line.count)


def _head(source: Iterator[str], is_head: IsHead) -> tuple[list[str], str]:
    """The column names in lower case and what separates them; an empty list if no early line holds them."""
    for _ in range(_PREAMBLE):
        line = next(source, None)
        if line is None:
            break
        separator = _separator(line)
        cells = _cells(line, separator, lower=True)
        if is_head(cells):
            return cells, separator
    return [], ","


def _record(lines: deque[str], source: Iterator[str], separator: str, columns: int) -> str:
    """The next whole row, its quoted line breaks included; empty at the end.

    A quote that is never closed, or closed where the row then has too many columns, spoils its own line and no other:
    what was read ahead is given back.
    """
    taken = [lines.popleft() if lines else next(source, "")]
    quotes, size = taken[0].count('"'), len(taken[0])
    while quotes % 2 and size <= MAX_ROW:
        line = lines.popleft() if lines else next(source, "")
        if not line:
            break
        taken.append(line)
        quotes, size = quotes + line.count('"'), size + len(line)
    record = "".join(taken)
    if len(taken) > 1 and (quotes % 2 or size > MAX_ROW or len(_cells(record, separator)) > columns):
        lines.extendleft(reversed(taken[1:]))
        return taken[0]
    return record


def _cells(record: str, separator: str, *, lower: bool = False) -> list[str]:
    """The cells of one row; an empty list where the library gives up."""
    try:
        cells = next(csv.reader([record.rstrip("\r\n").replace("\0", "")], delimiter=separator), [])
    except csv.Error:
        return []
    return [cell.strip("\ufeff \t\r\n").lower() if lower else cell.strip() for cell in cells]


def _row(record: str, head: list[str], separator: str, *, position: str) -> Row | Broken:
    cells = _cells(record, separator)
    odd = record.count('"') % 2 or not cells or len(record) > MAX_ROW or max(map(len, cells)) > MAX_FIELD
    if odd:
        digest = sha256(record.encode("utf-8", "surrogatepass")).hexdigest()
        return Broken(position=position, digest=digest, reason=mark("The row is not written as the others are."))
    found = dict[str, str]()
    for name, cell in zip(head, cells, strict=False):
        if cell and name:
            found.setdefault(name, cell)
    return Row(position=position, cells=found)
