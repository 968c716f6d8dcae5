"""Which mail can be listened to.

Called by `workers.listen`, who does it, and `workers.upkeep`, who minds its silence.
"""

from __future__ import annotations

from integrations.base import Listens, able
from keepwarm.store import Tx, accounts
from keepwarm.types import Stream
from workers.runtime import Runtime


def listened(tx: Tx, runtime: Runtime) -> dict[str, tuple[Stream, str]]:
    """Streams that news can be heard about, with their provider, by id: those whose access was withdrawn left out.

    For a system transaction.
    """
    return {
        stream.id: (stream, provider)
        for stream, provider, settings in accounts.mail_streams(tx)
        if able(runtime.load(provider), Listens, settings)
    }
