"""What Graph sends by itself: change notifications and lifecycle events, several in one body. The queue is
`stand.pushes`.

PROVIDERS.md, section 4, Subscriptions and Lifecycle; samples in ../shared/contracts/microsoft/examples.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tests.emulators.microsoft.forged import forge
from tests.emulators.microsoft.subscriptions import Subscription
from tests.emulators.stand.pushes import Delivered, Parts, Queue, Waiting
from tests.emulators.stand.values import Json, stamp

if TYPE_CHECKING:
    from tests.emulators.microsoft.person import Person
    from tests.emulators.microsoft.town import Microsoft

CHANGE, LIFECYCLE = "change", "lifecycle"
EVENTS = ("reauthorizationRequired", "subscriptionRemoved", "missed")
TOGETHER = 5  # items of one body at most
TYPES = {"mail": "Message", "events": "Event", "contacts": "Contact"}
SPELLINGS = (
    "Users/{oid}/{kind}s/{id}", "users/{oid}/{low}s/{id}", "Users('{oid}')/{kind}s('{id}')", "me/{low}s('{id}')",
)  # fmt: skip
HEADERS = {"Content-Type": "application/json; charset=utf-8"}


class Pushes(Queue):
    """``slow_after`` (seconds): answers that take longer are listed in ``slow``."""

    def __init__(self, town: Microsoft) -> None:
        super().__init__(
            town.closing, takes=lambda _, status: 200 <= status < 300, together=TOGETHER, bundle=bundle
        )  # fmt: skip
        self.slow_after = 3.0
        self._town = town

    @property
    def slow(self) -> list[Delivered]:
        return [one for one in self.done if one.seconds > self.slow_after]

    def of_change(self, one: Subscription, change: str, key: str) -> None:
        self._item(CHANGE, one.url, changed(self._town, one, change, key))

    def of_lifecycle(self, one: Subscription, event: str) -> None:
        """To the lifecycle address, if there is one."""
        if one.lifecycle_url:
            self._item(LIFECYCLE, one.lifecycle_url, head(one) | {"lifecycleEvent": event})

    def forged(self, kind: str, person: Person, *, subscription: str = "", lifecycle: str = "") -> Parts:
        """Headers and body of a notification that must not be believed (see `forged.FORGERIES`), or a "genuine" one;
        of a ``lifecycle`` event where one is named."""
        return HEADERS, forge(self._town, kind, person, subscription=subscription, lifecycle=lifecycle)

    def _item(self, kind: str, url: str, item: Json) -> None:
        self.put(Waiting(kind=kind, address=url, parts=lambda: _of([item]), item=item))


def bundle(group: Sequence[Waiting]) -> Parts:
    return _of([one.item for one in group])


def _of(items: list[Json]) -> Parts:
    return HEADERS, json.dumps({"value": items}).encode()


def head(one: Subscription) -> Json:
    """What every item says of its subscription; no clientState where none was given."""
    given: Json = {
        "subscriptionId": one.id, "subscriptionExpirationDateTime": stamp(one.until), "tenantId": one.person.tid,
    }  # fmt: skip
    return given | ({"clientState": one.state} if one.state is not None else {})


def changed(town: Microsoft, one: Subscription, change: str, key: str) -> Json:
    """One item; the resource is spelt in another way each time."""
    kind, number = TYPES[one.kind], town.number()
    id_ = one.person.ids.given(key, immutable=one.immutable)
    spelling = SPELLINGS[number % len(SPELLINGS)]
    resource = spelling.format(oid=one.person.oid, kind=kind, low=kind.lower(), id=id_)
    about = {"@odata.type": f"#Microsoft.Graph.{kind}", "@odata.id": resource, "id": id_}
    etag = {} if change == "deleted" else {"@odata.etag": f'W/"CQAAABYAAAB{number}"'}
    return head(one) | {
        "id": f"lsgTZMr9Kw{number:06d}", "changeType": change, "resource": resource, "resourceData": about | etag,
    }  # fmt: skip
