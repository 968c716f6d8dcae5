"""What an effect answers: a call to make, or the reason not to make one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keepwarm.store import Tx
from keepwarm.store.accounts import Owner
from keepwarm.store.outbox import OutboxRow
from workers.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """Not wanted any more; ``reason`` is a sentence."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call into the world. ``once``: never repeat it on an unknown outcome. ``note`` keeps what it taught us."""

    act: Callable[[], Any]
    once: bool
    note: Callable[[Tx, Any], None] = lambda _tx, _outcome: None
    outcome: Callable[[Any], tuple[str, str]] = lambda _outcome: ("sent", "")


Effect = Callable[[Runtime, OutboxRow, Owner], Call | Skip]
