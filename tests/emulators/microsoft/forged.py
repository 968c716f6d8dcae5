"""Notifications that a receiver must not believe, each wrong in one thing. `pushes.py` offers them to tests.

RELIABILITY.md, G8, G12; PROVIDERS.md, section 4, Subscriptions.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tests.emulators.microsoft.subscriptions import Subscription
from tests.emulators.stand.values import Json

if TYPE_CHECKING:
    from tests.emulators.microsoft.person import Person
    from tests.emulators.microsoft.town import Microsoft

HUGE = 4 << 20  # bytes
ITEMS: Mapping[str, Callable[[Json, str], Json]] = {  # the true item, and another subscription's state
    "genuine": lambda item, _: item,
    "wrong-state": lambda item, _: item | {"clientState": "0" * 64},
    "no-state": lambda item, _: {name: part for name, part in item.items() if name != "clientState"},
    "null-state": lambda item, _: item | {"clientState": None},
    "empty-state": lambda item, _: item | {"clientState": ""},
    "number-state": lambda item, _: item | {"clientState": 7},
    "longer-state": lambda item, _: item | {"clientState": f"{item.get('clientState')}0"},
    "other-state": lambda item, other: item | {"clientState": other},
    "unknown-subscription": lambda item, _: item | {"subscriptionId": str(uuid.UUID(int=7))},
    "no-subscription": lambda item, _: {name: part for name, part in item.items() if name != "subscriptionId"},
}
BODIES: Mapping[str, Callable[[Json], bytes]] = {
    "mixed": lambda item: _of([item, item | {"clientState": "0" * 64}, item]),
    "not-json": lambda _: b'{"value": [',
    "no-list": lambda item: json.dumps({"value": item}).encode(),
    "no-items": lambda _: _of([7, None, []]),
    "deep": lambda _: b'{"value": ' + b"[" * 100_000,
    "huge": lambda item: _of([item | {"padding": "x" * HUGE}]),
}
FORGERIES = (*(kind for kind in ITEMS if kind != "genuine"), *BODIES)  # "mixed" holds two true items


def forge(town: Microsoft, kind: str, person: Person, *, subscription: str = "", lifecycle: str = "") -> bytes:
    """The body. ``subscription`` may stay empty for the person's first one."""
    from tests.emulators.microsoft.pushes import changed, head

    if kind not in (*FORGERIES, "genuine"):
        raise ValueError(f"no such forgery: {kind}")
    own = [one for one in town.subscriptions.values() if one.person is person and subscription in ("", one.id)]
    item = head(own[0]) | {"lifecycleEvent": lifecycle} if lifecycle else changed(town, own[0], "created", "mail:0")
    if kind in BODIES:
        return BODIES[kind](item)
    return _of([ITEMS[kind](item, _other(town, own[0]))])


def _other(town: Microsoft, own: Subscription) -> str:
    """The state of another subscription, or a made up one."""
    others = (one.state for one in town.subscriptions.values() if one is not own and one.state != own.state)
    return next((state for state in others if state), "another")


def _of(items: list[object]) -> bytes:
    return json.dumps({"value": items}).encode()
