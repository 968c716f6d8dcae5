"""The other side: the fake provider, noting every call that got through. Called by the engine; judged by `calls`.

A town keeps its log so that a dead cursor gives what real providers give: a listing of how things are now.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from integrations.base import Opening
from integrations.fake import Fake, World
from keepwarm.errors import CursorExpired
from keepwarm.types import Broken, FoundEvent, Gone, Item, Mail, OurEvent, Page, Stream

Ref = tuple[str, str]  # kind and reference: ("event", "talk-1@example.org")

WORKER = threading.local()  # what the worker of this thread could know as it began: `truth.Known`


class Hiccup(ConnectionError):
    """The line broke before anything was carried out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """One call that changes the world and got through. ``known``: what its worker could know as it began."""

    verb: str
    at: datetime
    what: Any  # Mail, OurEvent, or the identifier of an event
    known: Any
    step: int


@dataclass
class Town(World):
    """A provider's account: what it holds, what was called, what the owner's hand did in it."""

    told: list[tuple[Ref, int]] = field(default_factory=list)  # beside ``log``: of what, and its version in `truth`
    journal: list[Called] = field(default_factory=list)
    step: int = 0
    handed: int = 0  # how far this epoch's log was handed out
    hiccups: int = 0
    moved: dict[str, datetime] = field(default_factory=dict)  # where the owner put events of ours
    written: dict[str, OurEvent] = field(default_factory=dict)  # as we last wrote them

    def tell(self, ref: Ref, version: int, item: Item | Gone | Broken, *, early: bool = False) -> None:
        """News. ``early``: it overtakes the news before it, if that is of something else and nobody has read it."""
        place = len(self.log)
        if early and place > self.handed and self.told[-1][0] != ref:
            place -= 1
        self.log.insert(place, item)
        self.told.insert(place, (ref, version))

    def forget_cursors(self) -> None:
        """Every cursor is dead, and a listing holds each thing once, as it is now."""
        last = {ref: number for number, (ref, _) in enumerate(self.told)}
        kept = sorted(last.values())
        self.log, self.told = [self.log[each] for each in kept], [self.told[each] for each in kept]
        self.epoch, self.handed = self.epoch + 1, 0

    def owner_moves(self, uid: str, start: datetime) -> None:
        self.user_moves(uid, start)
        self.moved[uid] = start
        if start == self.written[uid].start_at:  # back where it was: as if nobody had touched it
            del self.moved[uid]

    def note(self, verb: str, what: object, at: datetime) -> None:
        self.journal.append(Called(verb=verb, at=at, what=what, known=WORKER.known, step=self.step))
        if isinstance(what, OurEvent) and what.uid not in self.removed_by_user:
            self.written[what.uid] = what


class Post(Fake):
    """The fake provider over a `Town`."""

    _world: Town

    def __init__(self, opening: Opening) -> None:
        super().__init__(opening)
        self._now = opening.now
        self._carried: object = None

    def _call(self, verb: str) -> World:
        town = super()._call(verb)
        if self._world.hiccups:
            self._world.hiccups -= 1
            raise Hiccup(verb)
        if self._carried is not None:
            self._world.note(verb, self._carried, self._now())
            self._carried = None
        return town

    def changes(self, stream: Stream) -> Iterator[Page]:
        epoch = self._world.epoch
        for page in super().changes(stream):
            if self._world.epoch != epoch:
                raise CursorExpired("the listing was dropped")
            self._world.handed = max(self._world.handed, int(page.cursor.partition(":")[2]))
            yield page

    def send(self, mail: Mail) -> str:
        self._carried = mail
        return super().send(mail)

    def put_event(self, calendar_ref: str, event: OurEvent) -> FoundEvent:
        self._carried = event
        return super().put_event(calendar_ref, event)

    def delete_event(self, calendar_ref: str, uid: str) -> None:
        self._carried = uid
        super().delete_event(calendar_ref, uid)
