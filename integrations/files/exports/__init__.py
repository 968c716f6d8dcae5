"""Lists of connections that people download: which kind a file is, told by its content, and a reader for each kind.

Called by the importer of `integrations.files`. Reading order: `table` (rows of any CSV, bounded), `linkedin`, `google`,
`outlook`, `facebook`, `own` (what Keepwarm itself gives to take along). Column names and quirks as the programs write
them in 2026; every odd row is set aside alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

from integrations.files.exports import facebook, google, linkedin, outlook, own
from integrations.files.exports.table import decoded, heads
from keepwarm.types import Broken, Item, Skipped

Reader = Callable[[BinaryIO], Iterator[Item | Skipped | Broken]]

READERS: dict[str, Reader] = {
    "linkedin": linkedin.read_connections,
    "linkedin_messages": linkedin.read_messages,
    "google_csv": google.read,
    "outlook_csv": outlook.read,
    "facebook": facebook.read,
    "keepwarm": own.read,
}
_HEADS = {
    "linkedin": linkedin.is_connections,
    "linkedin_messages": linkedin.is_messages,
    "google_csv": google.is_head,
    "outlook_csv": outlook.is_head,
}


def sniff(head: bytes) -> str | None:
    """The kind of an export by its first 64 KiB, None if it is none of these."""
    text = decoded(head[: 64 * 1024])
    if text.lstrip()[:1] in {"{", "["}:
        if own.looks_like(text):
            return "keepwarm"
        return "facebook" if facebook.looks_like(text) else None
    for cells in heads(text):
        for kind, fits in _HEADS.items():
            if fits(cells):
                return kind
    return None
