"""Notices that a provider keeps for us to fetch, where nobody reaches us from outside. Called by `workers.tasks`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from integrations.base import Pulls
from keepwarm.store import accounts, duties
from keepwarm.types import Push
from workers.runtime import Runtime


def pull(runtime: Runtime, provider: str) -> list[str]:
    """Streams to look at now: those that the notices which waited are about. Raises what the provider raises."""
    kind: Any = runtime.load(provider)
    wanted: list[str] = []

    def take(pushes: Sequence[Push]) -> None:
        found = accounts.pushed(runtime.store, provider, pushes)
        with runtime.store.hint() as tx:
            wanted.extend(accounts.mark_pushed(tx, {each.stream_id for each in found}, runtime.now()))

    if issubclass(kind, Pulls):
        kind.pull(runtime.house, take)
    with runtime.store.system() as tx:
        duties.ok(tx, "pull", runtime.now())
    return wanted
