"""The emulated Gmail: lists, history, sending, drafts, batch."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes

from tests.conftest import NOW
from tests.emulators.asking import MAIL, Client, raw
from tests.emulators.google import Person


def test_mails_are_listed_newest_first_in_pages(client: Client, robin: Person) -> None:
    ids = [robin.receives({"From": "a@b.example"}, at=NOW - timedelta(days=1 + day)) for day in range(5)]
    robin.receives({"From": "spam@b.example"}, labels=("SPAM",))
    first = client.get(f"{MAIL}/messages", maxResults=3)
    newer = robin.receives({"From": "a@b.example"})
    second = client.get(f"{MAIL}/messages", maxResults=3, pageToken=first["nextPageToken"])
    assert [one["id"] for one in first["messages"] + second["messages"]] == ids
    assert "nextPageToken" not in second
    assert client.get(f"{MAIL}/messages", maxResults=1)["messages"][0]["id"] == newer
    assert client.town.breaches == []


def test_metadata_scope_gives_headers_alone(client: Client, robin: Person) -> None:
    id_ = robin.receives([("FROM", "a@b.example"), ("Subject", "Hi")])
    found = client.get(f"{MAIL}/messages/{id_}", format="metadata", metadataHeaders=["From", "To"])
    assert found["payload"]["headers"] == [{"name": "FROM", "value": "a@b.example"}]
    assert found["internalDate"] == str(int(NOW.timestamp() * 1000))
    assert client.town.breaches == []
    for path in (f"{MAIL}/messages/{id_}?format=raw", f"{MAIL}/messages/{id_}", f"{MAIL}/messages?q=hi"):
        assert client.ask("GET", path).status_code == 403
    assert len(client.town.breaches) == 3


def test_history_tells_what_changed(client: Client, robin: Person) -> None:
    start = client.get(f"{MAIL}/profile")["historyId"]
    id_ = robin.receives({"From": "a@b.example"})
    robin.moves(id_, remove=("UNREAD",))
    robin.deletes(id_)
    found = client.get(f"{MAIL}/history", startHistoryId=start)
    kinds = [next(name for name in entry if name not in ("id", "messages")) for entry in found["history"]]
    assert kinds == ["messagesAdded", "labelsRemoved", "messagesDeleted"]
    added = client.get(f"{MAIL}/history", startHistoryId=start, historyTypes=["messageAdded"], maxResults=1)
    assert added["history"][0]["messagesAdded"][0]["message"]["id"] == id_
    assert client.ask("GET", f"{MAIL}/messages/{id_}?format=metadata").status_code == 404
    robin.forget_history()
    assert client.ask("GET", f"{MAIL}/history?startHistoryId={start}").status_code == 404
    assert client.get(f"{MAIL}/history", startHistoryId=found["historyId"]) == {"historyId": found["historyId"]}


def test_sent_mail_is_kept_and_arrives(client: Client, robin: Person) -> None:
    bo = client.town.person("bo@example.com")
    client.town.rewrites_message_id = True
    found = client.ask("POST", f"{MAIL}/messages/send", json=raw("bo@example.com, Robin <robin@example.com>")).json()
    assert found["labelIds"] == ["INBOX", "SENT", "UNREAD"]
    assert [mail.header("subject") for mail in bo.mails] == ["Hi"]
    assert robin.mails[0].header("message-id").endswith("@mail.gmail.com>")
    effect = client.town.history[0]
    assert (effect.method, effect.key) == ("gmail.users.messages.send", robin.mails[0].header("message-id"))
    stranger = client.ask("POST", f"{MAIL}/messages/send", json=raw(sender="eve@example.com"))
    assert stranger.status_code == 400
    assert len(client.town.history) == 1


def test_answer_joins_its_thread(client: Client, robin: Person) -> None:
    first = robin.receives({"From": "bo@example.com", "Subject": "Hi", "Message-ID": "<1@b>"})
    answer = raw(more="In-Reply-To: <1@b>\r\n") | {"threadId": first}
    assert client.ask("POST", f"{MAIL}/messages/send", json=answer).json()["threadId"] == first
    other = client.ask("POST", f"{MAIL}/messages/send", json=raw() | {"threadId": first}).json()
    assert other["threadId"] == other["id"]


def test_draft_is_kept_and_sent_by_hand(client: Client, robin: Person) -> None:
    made = client.ask("POST", f"{MAIL}/drafts", json={"message": raw()}).json()
    assert client.get(f"{MAIL}/drafts")["drafts"][0]["id"] == made["id"]
    assert client.get(f"{MAIL}/drafts/{made['id']}", format="minimal")["message"]["labelIds"] == ["DRAFT"]
    assert robin.sends_draft(made["id"]) != made["message"]["id"]
    assert client.get(f"{MAIL}/labels")["labels"][0]["type"] == "system"
    assert client.town.breaches == []


def test_batch_answers_each_part(client: Client, robin: Person) -> None:
    ids = [robin.receives({"From": "a@b.example"}) for _ in range(2)]
    client.town.shuffles_batches = True
    client.town.faults.add("gmail.users.messages.get", "403-rate")
    parts = [f"GET {MAIL}/messages/{id_}?format=minimal HTTP/1.1\r\n\r\n" for id_ in (*ids, "gone")]
    pieces = [
        f"--x\r\nContent-Type: application/http\r\nContent-ID: <{n}>\r\n\r\n{part}\r\n" for n, part in enumerate(parts)
    ]
    answer = client.ask(
        "POST", "/batch/gmail/v1", data="".join(pieces) + "--x--",
        headers={"Content-Type": "multipart/mixed; boundary=x"},
    )  # fmt: skip
    whole = message_from_bytes(
        b"Content-Type: " + answer.headers["Content-Type"].encode() + b"\r\n\r\n" + answer.content
    )
    found = {str(part["Content-ID"]): str(part.get_payload()).split()[1] for part in whole.walk() if part["Content-ID"]}
    assert found == {"<response-2>": "404", "<response-1>": "200", "<response-0>": "403"}
    assert client.town.requests["gmail.users.messages.get"] == 3
