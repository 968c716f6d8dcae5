"""The queue of what a provider sends by itself, until it is delivered.

A test sets ``to`` to the receiver's base address and either lets messages go at once (``mode``) or delivers by hand.
What a message is, and which answers are taken for an acknowledgement, is the emulator's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from threading import Condition, Event, Thread
from typing import Any

from tests.emulators.stand.posting import PATIENCE, Reply, post

AT_ONCE, HELD = "at once", "held"
MADE_UP = "made up"
Parts = tuple[Mapping[str, str], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One message to deliver; ``parts`` makes headers and body at that moment; ``tries`` counts failed deliveries.

    ``item`` is what the emulator puts into one body with others of the same ``kind`` and ``address``.
    """

    kind: str
    address: str
    parts: Callable[[], Parts]
    tries: int = 0
    item: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """One delivery and how it was answered; 0: not at all."""

    kind: str
    address: str
    headers: Mapping[str, str]
    body: bytes
    status: int
    seconds: float = 0.0


class Queue:
    """``waiting`` and ``done`` may be read by tests; one may put another `posting.post` into the place of ``post``.

    ``takes`` says whether a kind and its answer's status end it; ``bundle`` makes one message of up to ``together``.
    """

    def __init__(
        self,
        closing: Event,
        *,
        takes: Callable[[str, int], bool],
        together: int = 1,
        bundle: Callable[[Sequence[Waiting]], Parts] = lambda group: group[0].parts(),
        post: Callable[..., Reply] = post,
    ) -> None:
        self.to = ""
        self.mode = HELD
        self.together = together
        self.post = post
        self.waiting: list[Waiting] = []
        self.done: list[Delivered] = []
        self._closing, self._takes, self._bundle, self._busy = closing, takes, bundle, 0
        self._changed = Condition()
        self._worker: Thread | None = None

    def put(self, one: Waiting) -> None:
        with self._changed:
            self.waiting.append(one)

    def deliver(
        self, n: int | None = None, *, doubled: bool = False, shuffled: int | None = None, dropped: int = 0
    ) -> list[int]:
        """Delivers the next ``n`` (all): twice each, in an order drawn from the seed ``shuffled``, without the first
        ``dropped``. The statuses, in the order delivered; what failed waits again."""
        with self._changed:
            chosen, self.waiting = self.waiting[:n], self.waiting[len(self.waiting[:n]) :]
        chosen = [one for one in chosen[dropped:] for _ in range(2 if doubled else 1)]
        if shuffled is not None:
            Random(shuffled).shuffle(chosen)
        return [self._deliver(group).status for group in self._groups(chosen)]

    def send(self, headers: Mapping[str, str], body: bytes, *, address: str) -> int:
        """Delivers something a test made up; the status."""
        return self._deliver([Waiting(kind=MADE_UP, address=address, parts=lambda: (headers, body))]).status

    def wake(self) -> None:
        """Lets the worker look, where messages go at once."""
        if self.mode == AT_ONCE and self.to and self.waiting:
            with self._changed:
                if self._worker is None:
                    self._worker = Thread(target=self._work, daemon=True)
                    self._worker.start()
                self._changed.notify_all()

    def wait(self, seconds: float = PATIENCE) -> bool:
        """Whether everything due has been delivered within that time."""
        self.wake()
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy and not self._due(), seconds)

    def close(self) -> None:
        with self._changed:
            self._changed.notify_all()
        if self._worker:
            self._worker.join(PATIENCE)

    def _groups(self, chosen: Iterable[Waiting]) -> list[list[Waiting]]:
        """What travels together: the same kind and address, up to ``together``, in the order of their first."""
        groups: list[list[Waiting]] = []
        for one in chosen:
            fits = (group for group in groups if _alike(group[0], one) and len(group) < self.together)
            found = next(fits, None)
            if found is None:
                groups.append([one])
            else:
                found.append(one)
        return groups

    def _due(self) -> list[Waiting]:
        """What the worker has to do; a failed one waits for the test."""
        return [one for one in self.waiting if not one.tries] if self.mode == AT_ONCE and self.to else []

    def _work(self) -> None:
        while not self._closing.is_set():
            with self._changed:
                self._changed.wait_for(lambda: bool(self._due()) or self._closing.is_set(), 0.2)
                groups = self._groups(self._due())[:1]
                for one in (one for group in groups for one in group):
                    self.waiting.remove(one)
                self._busy = len(groups)
            for group in groups:
                self._deliver(group)
            with self._changed:
                self._busy = 0
                self._changed.notify_all()

    def _deliver(self, group: list[Waiting]) -> Reply:
        first = group[0]
        headers, body = first.parts() if first.kind == MADE_UP else self._bundle(group)
        reply = self.post(self.to, first.address, headers, body)
        with self._changed:
            self.done.append(
                Delivered(
                    kind=first.kind, address=first.address, headers=headers, body=body, status=reply.status,
                    seconds=reply.seconds,
                )
            )  # fmt: skip
            if first.kind != MADE_UP and not self._takes(first.kind, reply.status):
                self.waiting += [replace(one, tries=one.tries + 1) for one in group]
        return reply


def _alike(one: Waiting, other: Waiting) -> bool:
    return (one.kind, one.address) == (other.kind, other.address)
