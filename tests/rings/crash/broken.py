"""The engine with one of its protections taken out, to show that the checker sees it. Called by `worker`.

- ``key``     every try is another mail and another event
- ``fence``   whoever comes late writes and sends all the same
- ``order``   the note that a mail is being sent is made only after the call
- ``deadline``  what is too late goes out
"""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import true

from keepwarm.followups import events
from keepwarm.store import outbox
from workers import deliver, nextsteps
from workers.effects import calendar
from workers.runtime import Runtime


def break_it(what: str) -> None:
    if what:
        {"key": _key, "fence": _fence, "order": _order, "deadline": _deadline}[what]()


def _key() -> None:
    def new_id(*_: Any) -> str:
        return f"<{secrets.token_hex(8)}@keepwarm.local>"

    Runtime.message_id = new_id  # type: ignore[method-assign]
    events.uid_of = calendar.uid_of = nextsteps.uid_of = new_id  # type: ignore[assignment]


def _fence() -> None:
    """The conditions that stand in every write of the outbox."""
    outbox._held = lambda row: outbox.table.c.id == row.id
    outbox.sending = lambda tx, row, _now: outbox._write(tx, row, outbox._held(row), true(), state="sending")


def _order() -> None:
    outbox.sending = lambda *_: None


def _deadline() -> None:
    deliver._too_late = lambda *_: False
