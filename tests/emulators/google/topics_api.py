"""Pub/Sub over HTTP: pull, acknowledge, and what a check of the settings reads. `desk.py` calls this."""

from __future__ import annotations

import base64

from tests.emulators.google.topics import Subscription
from tests.emulators.google.values import Call, Handler, Json, Refusal, stamp

MOST = 1000  # messages of one pull


def _subscription(call: Call) -> Subscription:
    found = call.town.subscriptions.get(call.path["subscription"])
    if found is None:
        raise Refusal(404, "notFound", "Resource not found")
    return found


def pull(call: Call) -> Json:
    """What is there now; unlike the real one it never waits."""
    subscription, most = _subscription(call), call.body.get("maxMessages", 0)
    if not 1 <= most <= MOST:
        raise Refusal(400, "badRequest", "maxMessages must be between 1 and 1000", breach=True)
    if subscription.push:
        raise Refusal(400, "failedPrecondition", "It is a push subscription", rpc="FAILED_PRECONDITION")
    if call.fault and call.fault.kind == "empty-page":
        return {}
    found = [
        {
            "ackId": ack,
            "message": {
                "data": base64.b64encode(note.data).decode(),
                "messageId": note.id,
                "publishTime": stamp(note.at),
            },
        }
        for ack, note in subscription.pull(most, call.town.now())
    ]
    return {"receivedMessages": found} if found else {}


def acknowledge(call: Call) -> Json:
    subscription = _subscription(call)
    if not call.body.get("ackIds"):
        raise Refusal(400, "badRequest", "No ack ids specified", breach=True)
    for ack in call.body["ackIds"]:
        subscription.acknowledge(ack, call.town.now())
    return {}


def modify(call: Call) -> Json:
    for ack in call.body.get("ackIds", ()):
        _subscription(call).extend(ack, call.body.get("ackDeadlineSeconds", 0), call.town.now())
    return {}


def subscription_got(call: Call) -> Json:
    found = _subscription(call)
    push: Json = {"pushEndpoint": found.push} if found.push else {}
    if found.push and found.account:
        push["oidcToken"] = {"serviceAccountEmail": found.account, "audience": found.audience or found.push}
    return {
        "name": found.name, "topic": found.topic, "pushConfig": push, "ackDeadlineSeconds": found.deadline,
        "messageRetentionDuration": "604800s", "state": "ACTIVE",
    }  # fmt: skip


def topic_got(call: Call) -> Json:
    found = call.town.topics.get(call.path["topic"])
    if found is None:
        raise Refusal(404, "notFound", "Resource not found")
    return {"name": found.name, "state": "ACTIVE"}


HANDLERS: dict[str, Handler] = {
    "pubsub.projects.subscriptions.pull": pull,
    "pubsub.projects.subscriptions.acknowledge": acknowledge,
    "pubsub.projects.subscriptions.modifyAckDeadline": modify,
    "pubsub.projects.subscriptions.get": subscription_got,
    "pubsub.projects.topics.get": topic_got,
}
