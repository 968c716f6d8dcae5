"""An account that was told to slow down rests as a whole. Called by the adapters of accounts connected by consent.

A storm of refusals must not become one of requests (RELIABILITY.md C14): each stream, each delivery and each renewal
would wait by itself, and together ask every few seconds. What rests is the account; others go on.
"""

from __future__ import annotations

from datetime import timedelta

from integrations.base import Opening
from keepwarm.errors import OutOfBudget


class Pace:
    """The pace of one account at a provider."""

    def __init__(self, opening: Opening, provider: str) -> None:
        self._budget = opening.budget
        self._name = f"{provider}/{opening.known_as}"
        self._rested = False  # it did until a moment ago: the next good answer ends that

    def ask(self) -> None:
        """Before a request. Raises OutOfBudget while the account rests."""
        left = self._budget.rests(self._name)
        self._rested = left is not None
        if left:
            raise OutOfBudget(left)

    def answered(self) -> None:
        """After one that was answered as asked."""
        if self._rested:
            self._budget.granted(self._name)
            self._rested = False

    def refused(self, asked: timedelta) -> None:
        """After one that was refused as too fast; ``asked``: how long we are to wait."""
        self._budget.refused(self._name, asked)
