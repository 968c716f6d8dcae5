"""Files of which nothing could be used, each with the reason, in words. Called by the pages `files` and `first`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from keepwarm.store import Tx, duties
from keepwarm.store.accounts import Batch
from keepwarm.store.imports import SourceCount
from keepwarm.texts import Texts, mark
from service.display import file_name, short
from service.words import word

FILES_AT_MOST = 5  # told of one import; ours: its own page lists all
REASONS_AT_MOST = 3  # of one file; ours

EMPTY = mark("There is nothing in it.")
LEFT_OUT = mark("All of it was left out: {reasons}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """``name`` as its owner knows it; ``why``: one or more sentences."""

    name: str
    why: str


def lately(tx: Tx, texts: Texts, batches: Sequence[Batch]) -> list[Unread]:
    """Those given since something could be read. ``batches``: the newest first."""
    return unread(tx, texts, list(takewhile(lambda each: each.barren, batches)))


def unread(tx: Tx, texts: Texts, batches: Sequence[Batch]) -> list[Unread]:
    """The files of those of ``batches`` that gave nothing, in their order; nothing of one that gave something."""
    barren = [each for each in batches if each.barren]
    if not barren:
        return []
    reasons = _reasons(tx, {source.path for batch in barren for source in batch.sources})
    return [
        Unread(name=short(file_name(source.path)), why=_why(texts, source, reasons.get(source.path, [])))
        for batch in barren
        for source in batch.sources[:FILES_AT_MOST]
    ]


def _reasons(tx: Tx, paths: set[str]) -> dict[str, list[str]]:
    """Why something of each file was set aside, each sentence once."""
    found: dict[str, list[str]] = {}
    for each in duties.quarantined(tx):
        if each.place in paths and each.reason and each.reason not in found.setdefault(each.place, []):
            found[each.place].append(each.reason)
    return found


def _why(texts: Texts, source: SourceCount, reasons: Sequence[str]) -> str:
    if reasons:
        return " ".join(texts(each) for each in reasons[:REASONS_AT_MOST])
    if source.reasons:
        skipped = [f"{count} {word(texts, 'skipped', reason)}" for reason, count in source.reasons.items()]
        return texts(LEFT_OUT, reasons=", ".join(skipped))
    return texts(EMPTY)
