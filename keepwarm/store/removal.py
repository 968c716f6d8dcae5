"""placeholder"""

from __future__ import annotations

from datetime import datetime

from keepwarm.store.database import Tx


def undo_batch(tx: Tx, batch_id: str, now: datetime) -> dict[str, int]:
    raise NotImplementedError
