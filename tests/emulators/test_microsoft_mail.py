"""The emulated Outlook mail: folders, rounds, headers, sending, drafts, batches."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import NOW
from tests.emulators.asking import Clock
from tests.emulators.graph import INBOX, SCOPES, Graph, code, mime, of
from tests.emulators.microsoft import Person

FIELDS = {"$select": "from,receivedDateTime,isRead,internetMessageHeaders"}


def mail(number: int, **more: str) -> dict[str, str]:
    return {"From": '"Bo Example" <bo@example.com>', "To": "anna@example.com", "Message-ID": f"<{number}@x>"} | more


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [one["id"] for one in items]


@pytest.mark.parametrize("spelling", ["delta", "delta()", "microsoft.graph.delta()", "microsoft.graph.delta"])
@pytest.mark.parametrize("folder", ["/me/mailFolders/inbox", "/me/mailFolders('inbox')", "/me/mailFolders/{id}"])
def test_round_is_followed_in_every_spelling(msgraph: Graph, anna: Person, folder: str, spelling: str) -> None:
    first = [anna.receives(mail(number)) for number in range(12)]
    inbox = of(msgraph.get("/me/mailFolders/inbox")["id"])
    found, link = msgraph.round(f"{folder.replace('{id}', inbox)}/messages/{spelling}?$select=from")
    assert ids(found) == first
    assert set(found[0]) == {"id", "@odata.etag", "from"}
    assert msgraph.round(link)[0] == []
    assert msgraph.town.breaches == []


def test_round_tells_what_came_changed_and_left(msgraph: Graph, anna: Person) -> None:
    first, second, third = (anna.receives(mail(number)) for number in range(3))
    _, link = msgraph.round(f"{INBOX}?$select=isRead")
    anna.moves(first, "archive")
    anna.deletes(second)
    anna.reads(third)
    fourth = anna.receives(mail(4))
    found, _ = msgraph.round(link)
    assert [one.get("@removed") for one in found] == [{"reason": "deleted"}] * 2 + [None] * 2
    assert ids(found) == [first, second, third, fourth]
    assert found[2]["isRead"] is True
    elsewhere, _ = msgraph.round("/me/mailFolders/archive/messages/delta")
    assert ids(elsewhere) == [first]
    msgraph.prefer = ""
    mutable, _ = msgraph.round(link)
    assert not {*ids(mutable)} & {first, second, third, fourth}
    assert mutable[0]["id"] != msgraph.round("/me/mailFolders/archive/messages/delta")[0][0]["id"]
    assert msgraph.town.breaches == []


def test_change_during_a_round_comes_with_the_next(msgraph: Graph, anna: Person) -> None:
    first = [anna.receives(mail(number)) for number in range(12)]
    page = msgraph.get(INBOX)
    anna.deletes(first[11])
    anna.reads(first[10])
    rest = msgraph.get(page["@odata.nextLink"])
    assert ids(page["value"] + rest["value"]) == first[:10]
    found, _ = msgraph.round(rest["@odata.deltaLink"])
    assert [(one["id"], "@removed" in one) for one in found] == [(first[11], True), (first[10], False)]


def test_round_narrowed_by_its_options(msgraph: Graph, anna: Person) -> None:
    old, new = (anna.receives(mail(number), at=NOW - timedelta(days=30 - number)) for number in (0, 20))
    filtered = {"$filter": "receivedDateTime ge 2026-11-01T00:00:00Z", "$orderby": "receivedDateTime desc"}
    assert ids(msgraph.get(INBOX, **filtered)["value"]) == [new]
    assert ids(msgraph.get(INBOX, **{"$orderby": "receivedDateTime desc"})["value"]) == [new, old]
    created = msgraph.get(INBOX, changeType="created")
    anna.reads(old)
    third = anna.receives(mail(3))
    assert ids(msgraph.round(created["@odata.deltaLink"])[0]) == [third]
    assert msgraph.town.breaches == []


def test_replay_and_first_round_with_removed(msgraph: Graph, anna: Person) -> None:
    first, second = anna.receives(mail(1)), anna.receives(mail(2))
    _, link = msgraph.round(INBOX)
    msgraph.town.faults.add("GET /me/mailFolders/{id}/messages/delta", "replay")
    assert ids(msgraph.round(link)[0]) == [first, second]
    anna.deletes(first)
    assert ids(msgraph.round(INBOX)[0]) == [second]
    msgraph.town.removes_at_first = True
    assert [(one["id"], "@removed" in one) for one in msgraph.round(INBOX)[0]] == [(second, False), (first, True)]


def test_lean_update_tells_what_changed_alone(msgraph: Graph, anna: Person) -> None:
    id_ = anna.receives(mail(1))
    _, link = msgraph.round(f"{INBOX}?$select=from,isRead")
    msgraph.town.lean_updates = True
    anna.reads(id_)
    assert {*msgraph.round(link)[0][0]} == {"@odata.etag", "id", "isRead"}


@pytest.mark.parametrize(
    ("how", "status", "reason", "located"),
    [
        ("410", 410, "syncStateNotFound", True),
        ("410-bare", 410, "syncStateNotFound", False),
        ("syncStateNotFound", 404, "syncStateNotFound", False),
        ("syncStateInvalid", 400, "syncStateInvalid", False),
        ("resyncRequired", 400, "resyncRequired", False),
    ],
)
def test_lost_state(msgraph: Graph, anna: Person, how: str, status: int, reason: str, *, located: bool) -> None:
    id_ = anna.receives(mail(1))
    _, link = msgraph.round(f"{INBOX}?$select=from,isRead")
    anna.forget_delta("mail", how)
    answer = msgraph.ask("GET", link)
    assert (answer.status_code, code(answer), "Location" in answer.headers) == (status, reason, located)
    if located:
        found, again = msgraph.round(answer.headers["Location"])
        assert {*found[0]} == {"@odata.etag", "id", "from", "isRead"}
        assert ids(found) == [id_]
        assert msgraph.round(again)[0] == []
    assert msgraph.town.breaches == []


def test_link_takes_no_parameters_and_serves_its_folder_only(msgraph: Graph) -> None:
    _, link = msgraph.round(INBOX)
    assert msgraph.ask("GET", f"{link}&$select=from").status_code == 400
    assert msgraph.ask("GET", link.replace("inbox", "sentitems")).status_code == 400
    assert [one.partition(": ")[2] for one in msgraph.town.breaches] == [
        "A delta link takes no further parameters.", "The delta token belongs elsewhere.",
    ]  # fmt: skip


def test_headers_come_only_when_selected(msgraph: Graph, anna: Person) -> None:
    id_ = anna.receives(mail(1, **{"List-Id": "<l.example>"}))
    assert "internetMessageHeaders" not in msgraph.get(f"/me/messages/{of(id_)}")
    for path in (f"/me/messages/{of(id_)}", "/me/messages", INBOX):
        given = msgraph.get(path, **FIELDS)
        one = given["value"][0] if "value" in given else given
        assert {"name": "List-Id", "value": "<l.example>"} in one["internetMessageHeaders"]
    msgraph.town.headers_in_delta = False
    assert "internetMessageHeaders" not in msgraph.get(INBOX, **FIELDS)["value"][0]
    assert "internetMessageHeaders" in msgraph.get("/me/messages", **FIELDS)["value"][0]
    msgraph.town.headers_in_lists = False
    assert "internetMessageHeaders" not in msgraph.get("/me/messages", **FIELDS)["value"][0]
    msgraph.town.basic_hides_headers = True
    assert "internetMessageHeaders" not in msgraph.get(f"/me/messages/{of(id_)}", **FIELDS)
    assert msgraph.town.breaches == []


def test_meeting_mail_has_its_own_type(msgraph: Graph, anna: Person) -> None:
    anna.receives(mail(1), meeting="meetingRequest")
    cast = "microsoft.graph.eventMessage/meetingMessageType"
    (found,) = msgraph.get(INBOX, **{"$select": f"from,{cast}"})["value"]
    assert found["@odata.type"] == "#microsoft.graph.eventMessageRequest"
    assert found["meetingMessageType"] == "meetingRequest"
    assert msgraph.town.breaches == []


def test_lists_are_filtered_ordered_and_paged(msgraph: Graph, anna: Person) -> None:
    for number in range(12):
        anna.receives(mail(number), at=NOW + timedelta(minutes=number % 5))
    found = msgraph.get("/me/messages", **{"$filter": "internetMessageId eq '<7@x>'", "$select": "internetMessageId"})
    assert [one["internetMessageId"] for one in found["value"]] == ["<7@x>"]
    query = {"$orderby": "receivedDateTime", "$top": "5", "$count": "true", "$select": "receivedDateTime"}
    page = msgraph.get("/me/messages", **query)
    rows, count = list(page["value"]), page["@odata.count"]
    while "@odata.nextLink" in page:
        page = msgraph.get(page["@odata.nextLink"])
        rows += page["value"]
    times = [one["receivedDateTime"] for one in rows]
    assert (count, len({one["id"] for one in rows}), times) == (12, 12, sorted(times))
    assert msgraph.get("/me/messages", **{"$filter": "from/emailAddress/address eq 'bo@example.com'"})["value"]
    assert msgraph.town.breaches == []


def test_folders(msgraph: Graph, anna: Person) -> None:
    mine = anna.add_folder("Clients")
    anna.add_folder("Inner", parent=mine)
    anna.add_folder("Secret", hidden=True)
    anna.receives(mail(1), folder=mine)
    found = {one["displayName"]: one for one in msgraph.get("/me/mailFolders", **{"$top": "50"})["value"]}
    assert {*found} >= {"Inbox", "Sent Items", "Clients"}
    assert not {*found} & {"Inner", "Secret"}
    assert (found["Clients"]["id"], found["Clients"]["childFolderCount"]) == (mine, 1)
    assert found["Clients"]["totalItemCount"] == 1
    tree, link = msgraph.round("/me/mailFolders/delta?$select=displayName")
    assert "Inner" in [one["displayName"] for one in tree]
    anna.removes_folder(mine)
    assert msgraph.round(link)[0] == [{"id": mine, "@removed": {"reason": "deleted"}}]
    assert msgraph.ask("GET", f"/me/mailFolders/{of(mine)}").status_code == 404
    assert msgraph.town.breaches == []


def send_mime(msgraph: Graph, body: bytes) -> Any:
    return msgraph.ask("POST", "/me/sendMail", data=body, headers={"Content-Type": "text/plain"})


def test_mime_keeps_its_headers_and_arrives(msgraph: Graph, anna: Person) -> None:
    bo = msgraph.town.person("bo@example.com")
    answer = send_mime(msgraph, mime("Auto-Submitted: auto-generated\r\nBcc: kim@example.com\r\n"))
    assert (answer.status_code, answer.content) == (202, b"")
    (effect,) = msgraph.town.history
    assert (effect.method, effect.key) == ("POST /me/sendMail", "<own@keepwarm>")
    assert effect.more["to"] == ["bo@example.com", "kim@example.com"]
    (sent,) = msgraph.get("/me/mailFolders/sentitems/messages")["value"]
    assert (sent["id"], sent["internetMessageId"]) == (effect.more["mail"], "<own@keepwarm>")
    (arrived,) = bo.mails
    assert arrived.header("Auto-Submitted") == "auto-generated"
    assert arrived.header("Bcc") == ""
    assert msgraph.town.breaches == []


def test_message_id_may_be_written_anew(msgraph: Graph, anna: Person) -> None:
    msgraph.town.rewrites_message_id = True
    send_mime(msgraph, mime())
    assert msgraph.town.history[0].key.endswith("exchangelabs.com>")
    assert anna.mails[0].header("Message-ID") == msgraph.town.history[0].key


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"not base64!", 400, "ErrorMimeContentInvalidBase64String"),
        (b"", 400, "BadRequest"),
        (mime(to=""), 400, "ErrorInvalidRecipients"),
        (mime(sender="eve@example.com"), 403, "ErrorSendAsDenied"),
    ],
)
def test_mime_that_is_refused(msgraph: Graph, body: bytes, status: int, reason: str) -> None:
    answer = send_mime(msgraph, body) if body else msgraph.ask("POST", "/me/sendMail")
    assert (answer.status_code, code(answer)) == (status, reason)
    assert msgraph.town.history == []


@pytest.mark.parametrize("names", [("message", "saveToSentItems"), ("Message", "SaveToSentItems")])
def test_json_in_either_case(msgraph: Graph, anna: Person, names: tuple[str, str]) -> None:
    to = {"emailAddress": {"address": "bo@example.com", "name": "Bo"}}
    own = [{"name": "X-Keepwarm", "value": "1"}]
    message = {"subject": "Hi", "toRecipients": [to], "internetMessageHeaders": own}
    assert msgraph.ask("POST", "/me/sendMail", json={names[0]: message}).status_code == 202
    assert anna.mails[0].header("x-keepwarm") == "1"
    assert msgraph.ask("POST", "/me/sendMail", json={names[0]: message, names[1]: False}).status_code == 202
    assert len(anna.mails) == 1
    assert msgraph.town.breaches == []
    message["internetMessageHeaders"] = [{"name": "Auto-Submitted", "value": "auto-generated"}]
    answer = msgraph.ask("POST", "/me/sendMail", json={names[0]: message})
    assert (answer.status_code, code(answer)) == (400, "InvalidInternetMessageHeader")


def test_sent_mail_may_lag(msgraph: Graph, clock: Clock) -> None:
    msgraph.town.sent_lag = timedelta(seconds=30)
    send_mime(msgraph, mime())
    query = {"$filter": "internetMessageId eq '<own@keepwarm>'"}
    assert msgraph.get("/me/messages", **query)["value"] == []
    clock.on(seconds=30)
    assert len(msgraph.get("/me/messages", **query)["value"]) == 1


@pytest.mark.parametrize("form", ["json", "mime"])
def test_draft_is_kept_and_sent_under_one_id(msgraph: Graph, anna: Person, form: str) -> None:
    msgraph.token = anna.grant(*SCOPES, "Mail.ReadWrite")["access_token"]
    if form == "json":
        to = {"emailAddress": {"address": "bo@example.com"}}
        body = {"toRecipients": [to], "subject": "Hi", "internetMessageId": "<own@keepwarm>"}
        made = msgraph.post("/me/messages", body)
    else:
        answer = msgraph.ask("POST", "/me/messages", data=mime(), headers={"Content-Type": "text/plain"})
        assert answer.status_code == 201
        made = answer.json()
    assert (made["isDraft"], made["internetMessageId"]) == (True, "<own@keepwarm>")
    assert made["parentFolderId"] == msgraph.get("/me/mailFolders/drafts")["id"]
    msgraph.post(f"/me/messages/{of(made['id'])}/send", None, 202)
    sent = msgraph.get(f"/me/messages/{of(made['id'])}", **{"$select": "isDraft,parentFolderId"})
    assert (sent["isDraft"], sent["parentFolderId"]) == (False, msgraph.get("/me/mailFolders/sentitems")["id"])
    assert msgraph.ask("POST", f"/me/messages/{of(made['id'])}/send").status_code == 400
    assert [one.method for one in msgraph.town.history] == ["POST /me/messages", "POST /me/messages/{id}/send"]
    assert msgraph.town.breaches == []


def test_mail_is_changed_moved_and_deleted(msgraph: Graph, anna: Person) -> None:
    msgraph.token = anna.grant("Mail.ReadWrite")["access_token"]
    id_ = anna.receives(mail(1))
    path = f"/me/messages/{of(id_)}"
    etag = msgraph.get(path)["@odata.etag"]
    read = msgraph.ask("PATCH", path, json={"isRead": True}, headers={"If-Match": etag})
    assert (read.status_code, read.json()["isRead"]) == (200, True)
    assert msgraph.ask("PATCH", path, json={"isRead": False}, headers={"If-Match": etag}).status_code == 412
    msgraph.post(f"{path}/move", {"destinationId": "archive"})
    assert msgraph.ask("DELETE", path).status_code == 204
    assert msgraph.get(path)["parentFolderId"] == msgraph.get("/me/mailFolders/deleteditems")["id"]
    assert msgraph.ask("DELETE", path).status_code == 204
    assert msgraph.ask("GET", path).status_code == 404
    assert msgraph.town.breaches == []


def batch(msgraph: Graph, *parts: dict[str, Any]) -> Any:
    return msgraph.ask("POST", "/$batch", json={"requests": list(parts)})


def part(id_: str, url: str, **more: Any) -> dict[str, Any]:
    return {"id": id_, "method": "GET", "url": url, "headers": {"Prefer": 'IdType="ImmutableId"'}} | more


def test_batch_is_answered_part_by_part(msgraph: Graph, anna: Person) -> None:
    id_ = anna.receives(mail(1))
    msgraph.town.faults.add("GET /me", "429", retry_after=3)
    send = part("4", "/me/sendMail", method="POST", body=mime().decode(), headers={"Content-Type": "text/plain"})
    got = part("1", f"/me/messages/{of(id_)}?$select=from")
    answer = batch(msgraph, got, part("2", "/me"), part("3", "/me/messages/none"), send)
    found = {one["id"]: one for one in answer.json()["responses"]}
    assert [one["id"] for one in answer.json()["responses"]] != ["1", "2", "3", "4"]
    assert {id_: one["status"] for id_, one in found.items()} == {"1": 200, "2": 429, "3": 404, "4": 202}
    assert found["2"]["headers"]["Retry-After"] == "3"
    assert found["1"]["body"]["from"]["emailAddress"]["name"] == "Bo Example"
    assert msgraph.town.history[0].key == "<own@keepwarm>"
    assert msgraph.town.breaches == []


def test_batch_part_has_headers_of_its_own(msgraph: Graph, anna: Person) -> None:
    id_ = anna.receives(mail(1))
    (found,) = batch(msgraph, part("1", "/me/messages", headers={})).json()["responses"]
    assert found["body"]["value"][0]["id"] != id_


def test_batch_depends(msgraph: Graph) -> None:
    answer = batch(msgraph, part("1", "/me/messages/none"), part("2", "/me", dependsOn=["1"]), part("3", "/me"))
    assert {one["id"]: one["status"] for one in answer.json()["responses"]} == {"1": 404, "2": 424, "3": 200}


@pytest.mark.parametrize(
    ("parts", "breach"),
    [
        ([part(str(number), "/me") for number in range(21)], "has 21 parts"),
        ([part("1", "/me"), part("1", "/me")], "unique"),
        ([part("1", "/me/sendMail", method="POST", body={}, headers={})], "Content-Type"),
        ([part("1", "/v1.0/me")], "relative"),
        ([part("1", "/me", dependsOn=["2"])], "depends on 2"),
        ([{"id": "1", "url": "/me"}], "method is required"),
    ],
)
def test_batch_that_is_refused_whole(msgraph: Graph, parts: list[dict[str, Any]], breach: str) -> None:
    assert batch(msgraph, *parts).status_code == 400
    assert [breach in one for one in msgraph.town.breaches] == [True], msgraph.town.breaches
    assert msgraph.town.history == []


def test_raw_bytes_need_the_right_to_bodies(msgraph: Graph, anna: Person) -> None:
    id_ = anna.receives(mail(1))
    assert msgraph.ask("GET", f"/me/messages/{of(id_)}/$value").status_code == 403
    msgraph.token = anna.grant("Mail.Read")["access_token"]
    whole = msgraph.ask("GET", f"/me/messages/{of(id_)}/$value").content
    assert b"Message-ID: <1@x>" in whole
