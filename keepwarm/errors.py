"""Every exception of the product, named by what to do next. Messages name a thing by identifier, never by content."""

from __future__ import annotations

from datetime import timedelta


class KeepwarmError(Exception):
    """The root. ``str(error)`` is safe to show and to log."""


class TryAgainLater(KeepwarmError):
    """The provider is busy or away: the same call may go through after ``after``. ``says``: why, in words for a person.

    ``says`` is a marked sentence, or empty: the other side asked us to wait.
    """

    def __init__(self, after: timedelta, says: str = "") -> None:
        super().__init__(says or "the provider asked us to wait")
        self.after = after
        self.says = says

    def __reduce__(self) -> tuple[type[TryAgainLater], tuple[timedelta, str]]:
        return type(self), (self.after, self.says)  # errors travel between processes (`workers.ahead`)


class OutOfBudget(TryAgainLater):
    """What we may ask of the provider in a minute is used up: go on after ``after`` from where we are. No failure."""


class CursorExpired(KeepwarmError):
    """The resume point is dead: start over without one, with no effects."""


class AccessRevoked(KeepwarmError):
    """The grant no longer works: only the owner can mend it by connecting anew; cursors are kept."""


class Rejected(KeepwarmError):
    """The provider understood and refused for good; ``reason`` is in words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotAuthentic(KeepwarmError):
    """A notification could not be proven: nothing is stored, nothing is revealed."""


class Unreadable(KeepwarmError):
    """One foreign item is broken or beyond our limits: quarantine it and go on. Plain words, no content."""


class LeaseLost(KeepwarmError):
    """Somebody else holds the row now: drop the work, nothing is stored."""


class NotFound(KeepwarmError):
    """No such thing for this owner."""


class NotPossible(KeepwarmError):
    """The wish contradicts the state of things; the message says what was kept and what to do."""


class MisconfiguredError(KeepwarmError):
    """A setting is wrong or missing; the message names the variable."""
