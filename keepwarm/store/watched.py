"""One sentence about what is looked after, and whether all is well. Called by `digesting` and `workers`.

So that silence never means a dead system (RELIABILITY.md H9).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from keepwarm.store.database import Tx
from keepwarm.store.imports import batches
from keepwarm.store.outbox import recent
from keepwarm.store.streams import StreamState, streams
from keepwarm.store.world import World
from keepwarm.texts import mark
from keepwarm.types import StreamKind
from keepwarm.zones import local

LATELY = timedelta(days=2)  # ours: an alarm is repeated after a day (RELIABILITY.md C12)
OLD = timedelta(days=60)  # ours: files older than this no longer tell whom one is in touch with

_WELL = mark("All is well. Keepwarm looks after {people}, and last read something of yours on {date}.")
_WELL_EMPTY = mark("All is well. Keepwarm looks after {people}.")
_OLD = mark("Keepwarm looks after {people}, but has read nothing of yours since {date}. Add newer files.")
_SILENT = mark("Keepwarm looks after {people}, but not everything works: the page Health says what does not.")


def watched(tx: Tx, at_now: World) -> str:
    """The sentence, in the owner's language."""
    people = at_now.texts.ngettext("{number} person", "{number} people", len(at_now.people))
    if not all_well(tx, at_now.now):
        return at_now.texts(_SILENT, people=people)
    connected = _connected(tx)
    read = [each.compared_at for each in connected if each.compared_at]
    read += [each.finished_at for each in batches(tx) if each.finished_at and not each.undone_at]
    if not read:
        return at_now.texts(_WELL_EMPTY, people=people)
    last = max(read)
    sentence = _WELL if connected or at_now.now - last < OLD else _OLD
    return at_now.texts(sentence, people=people, date=at_now.texts.date(local(last, at_now.owner.zone).date()))


def all_well(tx: Tx, now: datetime) -> bool:
    """Whether everything is read, and no alarm was raised lately about what has gone quiet."""
    alarmed = recent(tx, "alarm", now - LATELY)
    return not alarmed and not any(each.last_error for each in _connected(tx))


def _connected(tx: Tx) -> list[StreamState]:
    return [each for each in streams(tx) if each.stream.kind is not StreamKind.FILES]
