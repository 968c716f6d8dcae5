"""The emulated change notifications: the handshake, what is told, lifecycle events, forgeries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

import pytest

from tests.conftest import NOW
from tests.emulators.asking import Clock
from tests.emulators.graph import EVENT, HOOK, LIFE, Graph, Receiver, code, of, receiving
from tests.emulators.microsoft import Person
from tests.emulators.microsoft.forged import FORGERIES
from tests.emulators.stand.values import stamp

MINUTES = 4200


@pytest.fixture
def receiver(msgraph: Graph) -> Iterator[Receiver]:
    with receiving() as opened:
        msgraph.town.pushes.to = opened.address
        msgraph.town.patience = 0.5
        yield opened


def wanted(resource: str = "/me/messages", minutes: int = MINUTES, **more: Any) -> dict[str, Any]:
    return {
        "changeType": "created,updated,deleted", "notificationUrl": HOOK, "lifecycleNotificationUrl": LIFE,
        "resource": resource, "expirationDateTime": stamp(NOW + timedelta(minutes=minutes)), "clientState": "s" * 64,
    } | more  # fmt: skip


def items(msgraph: Graph) -> list[dict[str, Any]]:
    """Delivers all, and gives what was told just now."""
    before = len(msgraph.town.pushes.done)
    msgraph.town.pushes.deliver()
    told = [json.loads(one.body)["value"] for one in msgraph.town.pushes.done[before:]]
    return [item for value in told for item in value]


def test_subscription_waits_for_both_addresses(msgraph: Graph, receiver: Receiver) -> None:
    made = msgraph.post("/subscriptions", wanted())
    assert [path for path, _ in receiver.got] == ["/webhooks/microsoft", "/webhooks/microsoft/lifecycle"]
    assert [one.problem for one in msgraph.town.handshakes] == ["", ""]
    assert (made["clientState"], made["expirationDateTime"]) == ("s" * 64, stamp(NOW + timedelta(minutes=MINUTES)))
    (listed,) = msgraph.get("/subscriptions")["value"]
    assert (listed["id"], listed["clientState"]) == (made["id"], None)
    assert [one.method for one in msgraph.town.history] == ["POST /subscriptions"]
    assert msgraph.town.breaches == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"seconds": 0.8}, "no answer"),
        ({"status": 202}, "status"),
        ({"kind": "text/html; charset=utf-8"}, "type"),
        ({"kind": "application/json"}, "type"),
        ({"body": lambda _, encoded: encoded}, "encoded"),
        ({"body": lambda decoded, _: quote_plus(decoded)}, "encoded"),
        ({"body": lambda decoded, _: f"<p>{decoded}</p>"}, "body"),
        ({"body": lambda decoded, _: decoded.replace("+", " ").replace("%3A", ":")}, "body"),
        ({"body": lambda decoded, _: json.dumps(decoded)}, "body"),
    ],
)
def test_handshake_is_refused(msgraph: Graph, receiver: Receiver, change: dict[str, Any], problem: str) -> None:
    for name, value in change.items():
        setattr(receiver, name, value)
    answer = msgraph.ask("POST", "/subscriptions", json=wanted())
    assert (answer.status_code, code(answer)) == (400, "ValidationError")
    assert [one.problem for one in msgraph.town.handshakes] == [problem]
    assert msgraph.town.subscriptions == {}


def test_handshake_does_not_hold_the_town(msgraph: Graph, receiver: Receiver, anna: Person) -> None:
    """The receiver asks Graph itself before it answers."""
    statuses: list[int] = []

    def answer(decoded: str, _: str) -> str:
        statuses.append(msgraph.ask("GET", "/me").status_code)
        return decoded

    receiver.body = answer
    msgraph.town.patience = 5
    other = Graph(town=msgraph.town, pem=msgraph.pem, token=msgraph.token)
    other.post("/subscriptions", wanted())
    other.line.close()
    assert statuses == [200, 200]


@pytest.mark.parametrize(
    ("minutes", "status", "given"), [(4231, 400, 0), (4230, 201, 4230), (5, 201, 45), (-1, 400, 0)]
)
def test_life_of_a_subscription(msgraph: Graph, receiver: Receiver, minutes: int, status: int, given: int) -> None:
    answer = msgraph.ask("POST", "/subscriptions", json=wanted(minutes=minutes))
    assert answer.status_code == status
    if given:
        assert answer.json()["expirationDateTime"] == stamp(NOW + timedelta(minutes=given))


def test_subscription_is_renewed_until_it_is_gone(msgraph: Graph, receiver: Receiver, clock: Clock) -> None:
    made = msgraph.post("/subscriptions", wanted())
    path = f"/subscriptions/{made['id']}"
    clock.on(minutes=30)
    until = stamp(clock.now + timedelta(minutes=MINUTES))
    assert msgraph.ask("PATCH", path, json={"expirationDateTime": until}).json()["expirationDateTime"] == until
    assert msgraph.ask("POST", f"{path}/reauthorize").status_code == 204
    assert msgraph.town.breaches == []
    change = {"expirationDateTime": until, "lifecycleNotificationUrl": LIFE}
    assert msgraph.ask("PATCH", path, json=change).status_code == 400
    assert msgraph.ask("DELETE", path).status_code == 204
    again = msgraph.ask("PATCH", path, json={"expirationDateTime": until})
    assert (again.status_code, code(again)) == (404, "ResourceNotFound")


def test_subscription_runs_out(msgraph: Graph, receiver: Receiver, anna: Person, clock: Clock) -> None:
    made = msgraph.post("/subscriptions", wanted(minutes=45))
    clock.on(minutes=45)
    anna.receives({"From": "bo@example.com"})
    assert msgraph.town.pushes.waiting == []
    assert msgraph.ask("GET", f"/subscriptions/{made['id']}").status_code == 404


def test_subscription_is_its_owners(msgraph: Graph, receiver: Receiver) -> None:
    made = msgraph.post("/subscriptions", wanted())
    bo = msgraph.town.person("bo@example.com")
    msgraph.token = bo.grant("Mail.ReadBasic")["access_token"]
    assert msgraph.ask("GET", f"/subscriptions/{made['id']}").status_code == 404
    assert msgraph.get("/subscriptions")["value"] == []


def test_mailbox_that_cannot_be_subscribed_to(msgraph: Graph, receiver: Receiver, anna: Person) -> None:
    msgraph.town.no_subscriptions(anna)
    assert msgraph.ask("POST", "/subscriptions", json=wanted()).status_code == 403
    assert receiver.got == []
    assert msgraph.town.breaches == []


@pytest.mark.parametrize("immutable", [True, False])
def test_what_changed_is_told(msgraph: Graph, receiver: Receiver, anna: Person, *, immutable: bool) -> None:
    msgraph.prefer = msgraph.prefer if immutable else ""
    made = msgraph.post("/subscriptions", wanted())
    id_ = anna.receives({"From": "bo@example.com"})
    anna.reads(id_)
    anna.moves(id_, "archive")
    anna.deletes(id_)
    told = items(msgraph)
    assert [one["changeType"] for one in told] == ["created", "updated", "deleted", "created", "deleted"]
    assert {one["clientState"] for one in told} == {"s" * 64}
    assert {one["subscriptionId"] for one in told} == {made["id"]}
    assert {one["resourceData"]["@odata.type"] for one in told} == {"#Microsoft.Graph.Message"}
    found = [one["resourceData"]["id"] for one in told]
    assert ([id_] * 5 == found) is immutable
    assert len({*found}) == (1 if immutable else 2)
    assert len({one["resource"].partition(one["resourceData"]["id"])[0] for one in told}) > 1
    check = msgraph.town.contract.schemas.of("#/components/schemas/microsoft.graph.changeNotificationCollection")
    check({"value": told}, "told")


def test_each_resource_has_its_changes(msgraph: Graph, receiver: Receiver, anna: Person) -> None:
    kinds = {
        msgraph.post("/subscriptions", wanted(resource, clientState=resource))["id"]: resource
        for resource in ("/me/mailFolders('inbox')/messages", "/me/events", "/me/contacts")
    }
    anna.receives({"From": "bo@example.com"})
    anna.sends({"From": anna.address, "To": "bo@example.com"})
    event = anna.calendar.put(EVENT)
    anna.contacts.put({"displayName": "Bo"})
    anna.calendar.remove(event)
    told = items(msgraph)
    assert [(kinds[one["subscriptionId"]], one["changeType"]) for one in told] == [
        ("/me/mailFolders('inbox')/messages", "created"), ("/me/events", "created"), ("/me/contacts", "created"),
        ("/me/events", "deleted"),
    ]  # fmt: skip
    assert all(one["clientState"] == kinds[one["subscriptionId"]] for one in told)
    assert len(msgraph.town.pushes.done) == 1  # all in one body


def test_writing_over_graph_is_told_too(msgraph: Graph, receiver: Receiver) -> None:
    msgraph.post("/subscriptions", wanted("me/events"))
    made = msgraph.post("/me/events", EVENT)
    msgraph.ask("DELETE", f"/me/events/{of(made['id'])}")
    assert [one["changeType"] for one in items(msgraph)] == ["created", "deleted"]


def test_grant_that_ended_tells_nothing(msgraph: Graph, receiver: Receiver, anna: Person) -> None:
    msgraph.post("/subscriptions", wanted())
    msgraph.town.withdraw(anna, at_once=True)
    anna.receives({"From": "bo@example.com"})
    assert msgraph.town.pushes.waiting == []


def test_delivery_doubled_shuffled_dropped_and_again(msgraph: Graph, receiver: Receiver, anna: Person) -> None:
    msgraph.post("/subscriptions", wanted())
    receiver.got.clear()
    for _ in range(4):
        anna.receives({"From": "bo@example.com"})
    pushes = msgraph.town.pushes
    pushes.together = 1
    assert pushes.deliver(2, doubled=True, shuffled=3) == [202] * 4
    assert len({body for _, body in receiver.got}) == 2
    pushes.to, there = "http://127.0.0.1:1", pushes.to
    assert pushes.deliver(dropped=1) == [0]
    pushes.to = there
    assert pushes.deliver() == [202]
    assert pushes.waiting == []


def test_delivery_at_once_and_slow_receivers(msgraph: Graph, receiver: Receiver, anna: Person) -> None:
    msgraph.post("/subscriptions", wanted())
    msgraph.town.pushes.mode, msgraph.town.pushes.slow_after = "at once", 0.05
    anna.receives({"From": "bo@example.com"})
    assert msgraph.town.pushes.wait()
    assert msgraph.town.pushes.slow == []
    receiver.seconds = 0.1
    anna.receives({"From": "bo@example.com"})
    assert msgraph.town.pushes.wait()
    assert [one.status for one in msgraph.town.pushes.slow] == [202]


@pytest.mark.parametrize("event", ["reauthorizationRequired", "subscriptionRemoved", "missed"])
def test_lifecycle(msgraph: Graph, receiver: Receiver, anna: Person, event: str) -> None:
    made = msgraph.post("/subscriptions", wanted())
    receiver.got.clear()
    msgraph.town.lifecycle(made["id"], event)
    (told,) = items(msgraph)
    assert (told["lifecycleEvent"], told["subscriptionId"], told["clientState"]) == (event, made["id"], "s" * 64)
    assert not {"changeType", "resource"} & told.keys()
    assert [path for path, _ in receiver.got] == ["/webhooks/microsoft/lifecycle"]
    gone = msgraph.ask("GET", f"/subscriptions/{made['id']}").status_code == 404
    assert gone is (event == "subscriptionRemoved")


def test_no_lifecycle_address_no_event(msgraph: Graph, receiver: Receiver) -> None:
    body = wanted()
    del body["lifecycleNotificationUrl"]
    made = msgraph.post("/subscriptions", body)
    msgraph.town.lifecycle(made["id"], "missed")
    assert msgraph.town.pushes.waiting == []


@pytest.mark.parametrize("lifecycle", ["", "missed"])
@pytest.mark.parametrize("kind", ["genuine", *FORGERIES])
def test_forgeries(msgraph: Graph, receiver: Receiver, anna: Person, kind: str, lifecycle: str) -> None:
    made = msgraph.post("/subscriptions", wanted())
    msgraph.post("/subscriptions", wanted("/me/events", clientState="o" * 64))
    headers, body = msgraph.town.pushes.forged(kind, anna, subscription=made["id"], lifecycle=lifecycle)
    try:
        value = json.loads(body)["value"]
        true = [one for one in value if (one["subscriptionId"], one["clientState"]) == (made["id"], "s" * 64)]
    except (ValueError, KeyError, TypeError, RecursionError):
        true = []
    assert len(true) == {"genuine": 1, "mixed": 2, "huge": 1}.get(kind, 0)
    assert (len(body) > 1 << 20) is (kind == "huge")
    assert msgraph.town.pushes.send(headers, b"{}", address=HOOK) == 202
