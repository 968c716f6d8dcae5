"""Where a process can end: around every commit and every call of a provider, found by watching and not by a list.

`watched` wraps a runtime so that each such moment has a name, made of who does it and what: code that is added later is
covered by itself. Between two of these moments nothing lasting happens, so to end at each of them is to end anywhere.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from keepwarm.store import Store, Tx
from workers.runtime import Runtime

At = Callable[[str], None]

PLUMBING = ("contextlib", "keepwarm.store.database", __name__)


def watched(runtime: Runtime, at: At) -> Runtime:
    """The same runtime, calling ``at(name)`` before and after every commit and every call of a provider.

    Names are ``before commit MODULE.FUNCTION``, ``after commit …``, ``before call PROVIDER.METHOD``, ``after call …``,
    and ``page PROVIDER.METHOD`` for each page a provider hands out. "before commit" is inside the transaction.
    """
    store = WatchedStore(runtime.store, at)
    return replace(runtime, store=store, load=lambda name: _watched_class(runtime.load(name), name, at))


class WatchedStore(Store):
    """A store over the same engine as another."""

    def __init__(self, store: Store, at: At) -> None:
        self.__dict__.update(store.__dict__)
        self._at = at

    @contextmanager
    def _open(self, owner_id: str, *, write: bool, lasting: bool = True) -> Iterator[Tx]:
        name = _caller() if write else ""
        with super()._open(owner_id, write=write, lasting=lasting) as tx:
            yield tx
            if write:
                self._at(f"before commit {name}")
        if write:
            self._at(f"after commit {name}")


def _caller() -> str:
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(PLUMBING):
        frame = frame.f_back
    return f"{frame.f_globals.get('__name__', '?')}.{frame.f_code.co_name}"


def _watched_class(kind: Any, name: str, at: At) -> Any:
    """A provider whose public methods tell when they are called; ``isinstance`` and class facts stay as they are."""

    def method(verb: str) -> Callable[..., Any]:
        original = getattr(kind, verb)

        def call(self: Any, *given: Any, **named: Any) -> Any:
            at(f"before call {name}.{verb}")
            found = original(self, *given, **named)
            if isinstance(found, Iterator):
                return _pages(found, f"{name}.{verb}", at)
            at(f"after call {name}.{verb}")
            return found

        return call

    verbs = [verb for verb in dir(kind) if not verb.startswith("_") and callable(getattr(kind, verb))]
    return type(kind.__name__, (kind,), {verb: method(verb) for verb in verbs})


def _pages(pages: Iterator[Any], name: str, at: At) -> Iterator[Any]:
    for page in pages:
        at(f"page {name}")
        yield page
