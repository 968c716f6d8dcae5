"""One more look at a calendar right before a mail about a talk in it goes out (RELIABILITY.md B9).

Called by `workers.effects`. An event from a file is as fresh as it will ever be; one of a connected account is compared
anew if that was not done within the last minute.
"""

from __future__ import annotations

from datetime import timedelta

from keepwarm.errors import TryAgainLater
from keepwarm.store import accounts
from keepwarm.texts import mark
from workers import sync
from workers.runtime import Runtime

FRESH = timedelta(minutes=1)  # ours: so recently compared need not be compared again
RELIED_ON = timedelta(minutes=15)  # RELIABILITY.md C9: older than this, a wrong mail is likelier than a late one hurts
SECONDS = 15.0  # of reading, within the time that a delivery has

UNSEEN = mark("Your calendar cannot be read just now, so it is not certain that this talk still stands.")


def look_again(runtime: Runtime, owner_id: str, event_id: str) -> None:
    """Compare the event's calendar if need be. Raises TryAgainLater where it could not be, and is too old to trust."""
    with runtime.store.reading(owner_id) as tx:
        state = accounts.stream_of_event(tx, event_id)
    if state is None or _age_below(runtime, state, FRESH):
        return
    if state.revoked_at is None:  # else not even the sweep is to try it: a dead password locks people out
        with runtime.store.transaction(owner_id) as tx:
            accounts.mark_stale(tx, state.stream.id, runtime.now())
        sync.sync_stream(runtime, state.stream.id, seconds=SECONDS)
    with runtime.store.reading(owner_id) as tx:
        state = accounts.stream_of_event(tx, event_id)
    if state is not None and not _age_below(runtime, state, RELIED_ON):
        raise TryAgainLater(timedelta(minutes=1), UNSEEN)


def _age_below(runtime: Runtime, state: accounts.StreamState, span: timedelta) -> bool:
    return state.compared_at is not None and runtime.now() - state.compared_at <= span
