"""Single headers that a server told → the block that `items.read_mail` reads. Called by adapters of such servers.

Only the headers that `headers` reads come into it: never a subject. Gmail and Graph tell headers in the same form, and
when a mail came by a clock of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.wire.mime import HEAD_LIMIT, cut_head
from integrations.wire.mime.headers import FIELDS

EARLIEST = datetime(1971, 1, 1, tzinfo=UTC)  # the first e-mail was sent that year; before it is a clock's zero
AHEAD = timedelta(days=1)  # clocks differ; ours

_ASKED = frozenset(name.lower() for name in FIELDS)
_BREAKS = re.compile("[\r\n\0]+")


def told_in(listed: Any) -> Iterator[tuple[str, str]]:
    """(lower-case name, value) of each ``{"name", "value"}`` in a list, in order; what is none is left out."""
    for each in listed if isinstance(listed, list) else ():
        name, value = (each.get("name"), each.get("value")) if isinstance(each, dict) else (None, None)
        if isinstance(name, str) and isinstance(value, str):
            yield name.lower(), value


def block(headers: Iterable[tuple[str, str]]) -> bytes:
    """A line for each of the headers that we read, by lower-case name: what could end one is taken out."""
    lines = (f"{name}: {_BREAKS.sub(' ', value)}\r\n" for name, value in headers if name in _ASKED)
    head = "".join(lines).encode("utf-8", "replace")
    return cut_head(head) if len(head) > HEAD_LIMIT else head


def believed(at: datetime, now: datetime) -> datetime | None:
    """The moment at which a mail came; None for one that no mail can have."""
    return at if EARLIEST <= at <= now + AHEAD else None
