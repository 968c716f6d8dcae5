"""Taking a change back, with what stands in a calendar because of it. Called by the pages, the links and the command.

Rows are put back by `keepwarm.store.changes`; a follow-up that returns to its hour, or to the calendar, is
written like any other move.
"""

from __future__ import annotations

from contextlib import suppress

from keepwarm.errors import NotFound
from keepwarm.followups import uid_of
from keepwarm.store import changes, corrections
from keepwarm.store.changes import Change
from keepwarm.store.follow_ups import FollowUp
from workers import nextsteps
from workers.runtime import Runtime


def undo(runtime: Runtime, owner_id: str, change_id: int | None = None) -> Change:
    """Take back the newest change of this owner, or this one. Raises NotFound, NotPossible."""
    with runtime.store.transaction(owner_id) as tx:
        ids, whom = changes.follow_ups_of(tx, change_id), corrections.whom(tx, change_id)
        change = changes.undo(tx, runtime.now(), change_id)
        back = [nextsteps.put_back(runtime, tx, each) for each in ids]
        if whom is not None:
            nextsteps.tell_anew(runtime, tx, whom)
    for each in back:
        _show(runtime, owner_id, each)
    return change


def _show(runtime: Runtime, owner_id: str, moved: FollowUp) -> None:
    """Our own calendar shows it at once; others follow through the outbox."""
    if not moved.account_id:
        with suppress(NotFound):  # not in the calendar yet
            runtime.open_local(owner_id).move_event(uid_of(moved.id), moved.at)
