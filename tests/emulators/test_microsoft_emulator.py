"""The emulated Microsoft is held to its contract, its limits and a plan of faults."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.conftest import NOW
from tests.emulators.asking import Clock
from tests.emulators.graph import EVENT, INBOX, SCOPES, VIEW, Graph, code, of
from tests.emulators.microsoft import Person, microsoft
from tests.emulators.microsoft.contract import contract
from tests.emulators.microsoft.desk import HANDLERS
from tests.servers.dav import Authority

SUBSCRIPTION = {
    "changeType": "created", "notificationUrl": "https://keepwarm.example/hook", "resource": "/me/messages",
    "expirationDateTime": "2026-11-24T09:00:00Z",
}  # fmt: skip


@pytest.mark.parametrize(
    ("verb", "path", "body", "breach"),
    [
        ("GET", "/me/messages?$select=id,fromm", None, "fromm is no property"),
        ("GET", "/me/messages?$select=id,body", None, "Mail.ReadBasic does not show body"),
        ("GET", f"{INBOX}?$select=bodyPreview", None, "Mail.ReadBasic does not show bodyPreview"),
        ("GET", "/me/messages?$expand=attachments", None, "Mail.ReadBasic does not show attachments"),
        ("GET", "/me/messages?$top=1001", None, "not a number in its range"),
        ("GET", "/me/messages?top=5", None, "parameter top is unknown"),
        ("GET", "/me/messages?$filter=subjct eq 'x'", None, "subjct is no property"),
        ("GET", "/me/messages?$filter=subject is 'x'", None, "compares subject with nothing"),
        ("GET", "/me/messages?$orderby=receivedDateTime down", None, "has no such direction"),
        ("GET", f"{INBOX}?$orderby=receivedDateTime asc", None, "desc only"),
        ("GET", f"{INBOX}?$filter=isRead eq true", None, "receivedDateTime only"),
        ("GET", f"{INBOX}?changeType=moved", None, "created, updated or deleted"),
        ("GET", f"{INBOX}?$deltatoken=made-up", None, "cannot be read"),
        ("GET", "/me/calendarView/delta", None, "requires a time window"),
        ("GET", "/me/calendarView/delta?startDateTime=2026-11-01T00:00:00Z", None, "endDateTime is missing"),
        ("GET", f"{VIEW}&$select=subject", None, "parameter $select is unknown"),
        ("GET", f"{VIEW}&$filter=isAllDay eq true", None, "parameter $filter is unknown"),
        ("GET", f"{VIEW}&$expand=instances", None, "parameter $expand is unknown"),
        ("GET", f"{VIEW}&$orderby=subject", None, "parameter $orderby is unknown"),
        ("GET", "/me/contacts/delta?$filter=surname eq 'x'", None, "parameter $filter is unknown"),
        ("GET", "/me/nothing", None, "no such method"),
        ("GET", "/me/Messages", None, "no such method"),
        ("POST", "/me/events", EVENT | {"titel": "1"}, "body.titel is unknown"),
        ("POST", "/me/events", EVENT | {"showAs": "Free"}, "body.showAs is none of the listed values"),
        ("POST", "/me/events", EVENT | {"isReminderOn": "yes"}, "body.isReminderOn is not of the type boolean"),
        ("POST", "/me/events", EVENT | {"iCalUId": "x"}, "iCalUId is read-only"),
        ("POST", "/me/events", {"subject": "Talk"}, "start needs a dateTime"),
        ("POST", "/me/events", EVENT | {"start": {"dateTime": "2026-11-24T10:00:00Z", "timeZone": "UTC"}}, "offset"),
        ("POST", "/me/events", EVENT | {"start": {"dateTime": "2026-11-24T10:00:00", "timeZone": "Mars"}}, "known"),
        ("POST", "/me/events", EVENT | {"isAllDay": True}, "midnight"),
        ("POST", "/me/events", EVENT | {"end": EVENT["start"] | {"dateTime": "2026-11-24T09:00:00"}}, "ends before"),
        ("POST", "/me/events", EVENT | {"singleValueExtendedProperties": [{"id": "Key", "value": "x"}]}, "proper id"),
        ("POST", "/me/sendMail", {"Massage": {}}, "body.Massage is unknown"),
        ("POST", "/me/sendMail", {"message": {"toRecipients": [{"address": "x@y.z"}]}}, "address is unknown"),
        ("POST", "/me/sendMail", None, "the body is missing"),
        ("POST", "/subscriptions", SUBSCRIPTION | {"notificationUrl": "http://x.example"}, "must be https"),
        ("POST", "/subscriptions", SUBSCRIPTION | {"resource": "/me/mailfolders/inbox/messages"}, "not spelt"),
        ("POST", "/subscriptions", SUBSCRIPTION | {"changeType": "created,moved"}, "changeType"),
        ("POST", "/subscriptions", SUBSCRIPTION | {"clientState": "x" * 129}, "too long"),
        ("POST", "/subscriptions", SUBSCRIPTION | {"expirationDateTime": "tomorrow"}, "wrong format"),
    ],
)
def test_breach_of_request_is_noted(msgraph: Graph, verb: str, path: str, body: Any, breach: str) -> None:
    assert msgraph.ask(verb, path, json=body).status_code == 400
    assert [breach in found for found in msgraph.town.breaches] == [True], msgraph.town.breaches


@pytest.mark.parametrize(
    ("verb", "path", "has", "wants"),
    [
        ("GET", "/me", "Mail.Read", "User.Read"),
        ("GET", "/me/mailboxSettings", "User.Read", "MailboxSettings.Read"),
        ("GET", "/me/messages", "Mail.Send", "Mail.ReadBasic"),
        ("GET", INBOX, "Calendars.Read", "Mail.ReadBasic"),
        ("POST", "/me/sendMail", "Mail.ReadWrite", "Mail.Send"),
        ("POST", "/me/messages", "Mail.Send", "Mail.ReadWrite"),
        ("GET", VIEW, "Mail.Read", "Calendars.Read"),
        ("POST", "/me/events", "Calendars.Read", "Calendars.ReadWrite"),
        ("POST", "/me/calendars", "Calendars.Read", "Calendars.ReadWrite"),
        ("GET", "/me/contacts/delta", "User.Read", "Contacts.Read"),
    ],
)
def test_each_method_asks_for_its_permission(
    msgraph: Graph, anna: Person, verb: str, path: str, has: str, wants: str
) -> None:
    msgraph.token = anna.grant(has)["access_token"]
    bodies = {"/me/sendMail": {"message": {}}, "/me/messages": {}, "/me/events": EVENT, "/me/calendars": {"name": "K"}}
    answer = msgraph.ask(verb, path, json=bodies.get(path) if verb == "POST" else None)
    assert (answer.status_code, code(answer)) == (403, "ErrorAccessDenied")
    assert [wants in found for found in msgraph.town.breaches] == [True]


def test_subscription_asks_for_the_permission_of_its_resource(msgraph: Graph, anna: Person) -> None:
    msgraph.token = anna.grant("Contacts.Read")["access_token"]
    assert msgraph.ask("POST", "/subscriptions", json=SUBSCRIPTION).status_code == 403


def test_every_handler_is_of_the_contract() -> None:
    assert HANDLERS.keys() <= contract().names


def test_answer_of_wrong_shape_is_noted(msgraph: Graph, anna: Person) -> None:
    anna.calendar.put(EVENT | {"_raw": {"attendees": "many"}})
    assert msgraph.get("/me/events")["value"][0]["attendees"] == "many"
    assert msgraph.town.breaches == ["GET /me/events: answer.value[0].attendees is not a list"]
    msgraph.town.checks_answers = False
    msgraph.get("/me/events")
    assert len(msgraph.town.breaches) == 1


def test_method_not_emulated_is_501(msgraph: Graph) -> None:
    assert msgraph.ask("GET", "/me/outlook/masterCategories").status_code == 501
    assert msgraph.town.breaches == ["GET /v1.0/me/outlook/masterCategories: not emulated"]


def test_bodies_given_away_are_counted(msgraph: Graph, anna: Person) -> None:
    anna.receives({"From": "bo@example.com", "Subject": "Secret"})
    msgraph.get("/me/messages", **{"$select": "id,from"})
    assert not msgraph.town.contents
    assert "bodyPreview" not in msgraph.get("/me/messages")["value"][0]
    assert msgraph.town.contents == {"GET /me/messages": 1}


def test_dead_and_foreign_tokens_are_401(msgraph: Graph, anna: Person, clock: Clock) -> None:
    msgraph.token = anna.grant("https://outlook.office.com/SMTP.Send")["access_token"]
    assert "audience" in msgraph.ask("GET", "/me").json()["error"]["message"]
    msgraph.token = anna.grant("User.Read")["access_token"]
    assert msgraph.get("/me")["id"] == anna.oid
    clock.on(hours=1)
    answer = msgraph.ask("GET", "/me")
    assert (answer.status_code, code(answer)) == (401, "InvalidAuthenticationToken")
    assert msgraph.town.breaches == []


def test_challenge_wants_a_new_sign_in(msgraph: Graph, anna: Person) -> None:
    msgraph.town.challenges(anna)
    answer = msgraph.ask("GET", "/me")
    assert answer.status_code == 401
    assert 'error="insufficient_claims", claims="' in answer.headers["WWW-Authenticate"]


def test_ids_of_the_two_kinds_are_kept_apart(msgraph: Graph, anna: Person) -> None:
    first, second = (anna.receives({"From": "bo@example.com", "Message-ID": f"<{n}>"}) for n in range(2))
    assert first != second
    assert first.lower() == second.lower()
    assert set("/+=") <= set(first)
    path = f"/me/messages/{of(first)}"
    assert msgraph.get(path)["id"] == first
    mutable = anna.ids.given(anna.key(first), immutable=False)
    anna.moves(first, "archive")
    assert msgraph.get(path)["id"] == first
    assert msgraph.ask("GET", f"/me/messages/{of(mutable)}").status_code == 404
    assert msgraph.ask("GET", f"/me/messages/{first}").status_code == 400  # not encoded
    msgraph.prefer = ""
    assert msgraph.get("/me/messages")["value"][0]["id"] not in (first, second, mutable)
    assert msgraph.ask("GET", path).status_code == 400
    assert [one.partition(": ")[2] for one in msgraph.town.breaches] == [
        "no such method", 'an immutable id is used without Prefer: IdType="ImmutableId"',
    ]  # fmt: skip


def test_ids_are_translated(msgraph: Graph, anna: Person) -> None:
    id_ = anna.receives({"From": "bo@example.com"})
    mutable = anna.ids.given(anna.key(id_), immutable=False)
    body = {"InputIds": [mutable], "sourceIdType": "restId", "TargetIdType": "restImmutableEntryId"}
    assert msgraph.post("/me/translateExchangeIds", body, 200)["value"] == [{"sourceId": mutable, "targetId": id_}]


def test_who_one_is(msgraph: Graph, anna: Person) -> None:
    anna.aliases.add("a.example@example.com")
    found = msgraph.get("/me", **{"$select": "id,mail,proxyAddresses"})
    assert found["proxyAddresses"] == ["SMTP:anna@example.com", "smtp:a.example@example.com"]
    assert msgraph.get("/me/mailboxSettings", **{"$select": "timeZone"}) == {"timeZone": "W. Europe Standard Time"}
    kim = msgraph.town.person("kim@outlook.com", personal=True)
    msgraph.token = kim.grant("User.Read")["access_token"]
    own = msgraph.get("/me", **{"$select": "id,proxyAddresses"})
    assert own["proxyAddresses"] == []
    assert kim.oid == f"00000000-0000-0000-{own['id'][:4]}-{own['id'][4:]}"
    assert msgraph.town.breaches == []


def test_quota_is_a_sliding_window(msgraph: Graph, clock: Clock) -> None:
    msgraph.town.quota_on, msgraph.town.limits.most = True, 3
    assert [msgraph.ask("GET", "/me").status_code for _ in range(3)] == [200] * 3
    answer = msgraph.ask("GET", "/me")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "601")
    assert msgraph.town.refused == {"GET /me": 1}
    clock.on(minutes=10)
    assert msgraph.ask("GET", "/me").status_code == 200


def test_fifth_request_at_once_is_refused(msgraph: Graph, anna: Person) -> None:
    msgraph.town.latency = 0.3
    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(pool.map(lambda _: msgraph.ask("GET", "/me").status_code, range(6)))
    assert statuses == [200] * 4 + [429] * 2
    assert msgraph.town.peak_at_once[anna] >= 5
    assert msgraph.town.refused == {"GET /me": 2}


@pytest.mark.parametrize(
    ("kind", "options", "status", "header"),
    [
        ("429", {"retry_after": 7}, 429, "7"),
        ("429", {"form": "date", "retry_after": 60}, 429, "Mon, 23 Nov 2026 09:01:00 GMT"),
        ("429", {"form": "none"}, 429, None),
        ("503", {"retry_after": 9}, 503, "9"),
        ("401", {}, 401, None),
        ("403", {}, 403, None),
        ("404", {}, 404, None),
        ("500", {}, 500, None),
        ("502", {}, 502, None),
        ("504", {}, 504, None),
        ("mailbox-down", {}, 503, None),
    ],
)
def test_fault_refuses_once(
    msgraph: Graph, kind: str, options: dict[str, Any], status: int, header: str | None
) -> None:
    msgraph.town.faults.add("GET /me", kind, **options)
    answer = msgraph.ask("GET", "/me")
    assert (answer.status_code, answer.headers.get("Retry-After")) == (status, header)
    assert msgraph.ask("GET", "/me").status_code == 200
    assert msgraph.town.faults.struck == [("GET /me", kind)]
    assert msgraph.town.breaches == []


@pytest.mark.parametrize(
    ("kind", "applied", "status"),
    [
        ("applied-then-500", 1, 500),
        ("applied-then-504", 1, 504),
        ("applied-then-cut", 1, None),
        ("truncated", 1, None),
        ("cut", 0, None),
    ],
)
def test_fault_around_an_effect(msgraph: Graph, anna: Person, kind: str, applied: int, status: int | None) -> None:
    msgraph.town.faults.add("POST /me/events", kind)
    if status:
        assert msgraph.ask("POST", "/me/events", json=EVENT).status_code == status
    else:
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            msgraph.ask("POST", "/me/events", json=EVENT)
    assert (len(anna.calendar.events), len(msgraph.town.history)) == (applied, applied)


def test_faults_know_near_spellings_and_no_others(msgraph: Graph) -> None:
    msgraph.town.faults.add("GET /me/mailFolders/{mailFolder-id}/messages/delta()", "500")
    assert msgraph.ask("GET", INBOX).status_code == 500
    with pytest.raises(ValueError, match="no such fault"):
        msgraph.town.faults.add("GET /me", "418")


def test_pages_may_be_odd(msgraph: Graph, anna: Person) -> None:
    for number in range(5):
        anna.receives({"From": "bo@example.com", "Message-ID": f"<{number}>"})
    msgraph.prefer += ", odata.maxpagesize=4"
    for kind in ("empty-page", "short-page", "repeated-item"):
        msgraph.town.faults.add(f"GET {INBOX.replace('inbox', '{id}')}", kind)
    sizes, given = [], msgraph.get(INBOX)
    while "@odata.nextLink" in given:
        sizes.append(len(given["value"]))
        given = msgraph.get(given["@odata.nextLink"])
    assert (sizes, len(given["value"])) == ([0, 2], 4)  # the last holds one twice
    msgraph.town.faults.add("*", "repeated-link", times=None)
    link = msgraph.get(INBOX)["@odata.nextLink"]
    assert msgraph.get(link)["@odata.nextLink"] == link
    listed = msgraph.get("/me/messages")["@odata.nextLink"]
    assert msgraph.get(listed)["@odata.nextLink"] == listed


def test_slow_and_random_faults(msgraph: Graph) -> None:
    msgraph.town.faults.add("GET /me", "slow", seconds=0.01)
    assert msgraph.ask("GET", "/me").status_code == 200
    msgraph.town.faults.random(7, 0.5, kinds=("500", "503"))
    assert {msgraph.ask("GET", "/me").status_code for _ in range(20)} == {200, 500, 503}
    msgraph.town.faults.clear()
    assert msgraph.ask("GET", "/me").status_code == 200


def test_every_thread_ends(authority: Authority) -> None:
    before = threading.active_count()
    with microsoft(authority, lambda: NOW) as town:
        token = town.person("bo@example.com").grant(*SCOPES)["access_token"]
        client = Graph(town=town, pem=str(authority.pem), token=token)
        client.get("/me")
        town.pushes.to, town.pushes.mode = "http://127.0.0.1:1", "at once"
        town.pushes.wait()
    assert threading.active_count() == before
    client.line.close()
