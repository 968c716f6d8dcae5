"""What Google sends by itself: Pub/Sub pushes and calendar channel messages. The queue is `stand.pushes`.

PROVIDERS.md, sections 1 and 2; samples in ../shared/contracts/google/examples.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tests.emulators.google.channels import Channel
from tests.emulators.google.forged import forge
from tests.emulators.google.topics import Note, Subscription
from tests.emulators.google.values import Json, stamp
from tests.emulators.stand.posting import Reply, post
from tests.emulators.stand.pushes import AT_ONCE, HELD, Delivered, Parts, Queue, Waiting
from tests.emulators.stand.tokens import key, signed

if TYPE_CHECKING:
    from tests.emulators.google.person import Person
    from tests.emulators.google.town import Google

__all__ = ["AT_ONCE", "HELD", "Delivered", "Parts", "Pushes", "Waiting", "body_of", "posted"]
ACKNOWLEDGED = (102, 200, 201, 202, 204)  # Pub/Sub takes these
AGAIN = (0, 500, 502, 503, 504)  # a channel message comes again; 0: no answer


def taken(kind: str, status: int) -> bool:
    """Whether a message of Gmail's or of a calendar channel need not come again."""
    return status in ACKNOWLEDGED if kind == "gmail" else status not in AGAIN


class Pushes(Queue):
    """The queue of the town; kinds are "gmail" and "calendar"."""

    def __init__(self, town: Google) -> None:
        super().__init__(town.closing, takes=taken, post=lambda *parts: Reply(status=posted(*parts)))
        self._town = town

    def of_channel(self, channel: Channel, state: str) -> None:
        headers = channel.headers(state)
        self.put(Waiting(kind="calendar", address=channel.address, parts=lambda: (headers, b"")))

    def of_note(self, subscription: Subscription, note: Note) -> None:
        parts = lambda: (self.bearer(subscription), body_of(subscription.name, note))  # noqa: E731
        self.put(Waiting(kind="gmail", address=subscription.push, parts=parts))

    def bearer(self, subscription: Subscription) -> dict[str, str]:
        """The headers of a genuine push; no token where the subscription has no account."""
        headers = {"Content-Type": "application/json"}
        if not subscription.account:
            return headers
        return headers | {"Authorization": f"Bearer {signed(self.claims(subscription), key('google'))}"}

    def claims(self, subscription: Subscription) -> Json:
        now = int(self._town.now().timestamp())
        return {
            "aud": subscription.audience or subscription.push, "azp": "113774264463038321964",
            "email": subscription.account, "email_verified": True, "exp": now + 3600, "iat": now, "iss": "https://accounts.google.com",
            "sub": "113774264463038321964",
        }  # fmt: skip

    def forged(self, kind: str, person: Person, *, history_id: int | None = None, subscription: str = "") -> Parts:
        """Headers and body of a push that must not be believed (see `forged.FORGERIES`), or a "genuine" one."""
        return forge(self._town, kind, person, history_id=history_id, subscription=subscription)


def body_of(subscription: str, note: Note) -> bytes:
    """A push in the wrapped form, with both spellings of each name, as in the sample."""
    id_, at = note.id, stamp(note.at)
    message = {"data": base64.b64encode(note.data).decode(), "messageId": id_, "message_id": id_}
    return json.dumps(
        {"message": message | {"publishTime": at, "publish_time": at}, "subscription": subscription}
    ).encode()


def posted(to: str, address: str, headers: Mapping[str, str], body: bytes) -> int:
    """The status of a POST to the path of ``address`` at the host of ``to``; 0 when no answer came."""
    return post(to, address, headers, body).status
