"""The guard around each row of an export. Called by the readers beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b, sha256

from integrations.files.exports.table import Row
from keepwarm.texts import mark
from keepwarm.types import Broken, Item, Skipped

Found = Item | Skipped | Broken


def guarded(found: Iterable[Row | Skipped | Broken], read: Callable[[Row], Found]) -> Iterator[Found]:
    """What ``read`` makes of each row; a row it cannot read is set aside alone."""
    for row in found:
        if not isinstance(row, Row):
            yield row
            continue
        try:
            yield read(row)
        except Exception:  # noqa: BLE001 - the guard around one foreign item
            digest = sha256(repr(row.cells).encode("utf-8", "replace")).hexdigest()
            yield Broken(position=row.position, digest=digest, reason=mark("The row cannot be read."))


def hashed(*parts: str) -> str:
    """A reference made of content."""
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
