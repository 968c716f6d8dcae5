"""Rounds over a mail folder, by pages that the emulator would not give."""

from __future__ import annotations

import json
from typing import Any

import pytest

from integrations.microsoft import asmail, rounds
from integrations.microsoft.calls import NOT_ALLOWED, STRANGE, Reply
from integrations.microsoft.deltas import DELTA as LINK
from integrations.microsoft.deltas import NEXT
from integrations.microsoft.mail import TWICE, Mailbox
from integrations.microsoft.rounds import NO_FOLDER, Cursor
from integrations.wire.http import TOO_LONG
from keepwarm.errors import CursorExpired, Rejected, TryAgainLater
from keepwarm.types import MailMark, Message
from tests.integrations.microsoft.mails import MACHINE, Told, froms, page, told, until_refused, walked


def test_nothing_of_the_content_is_asked_for() -> None:
    _, calls = walked(page(told(asmail.HEADERS)))
    ((path, params, prefer),) = calls.asked
    assert path == "/me/mailFolders/f/messages/delta()"
    assert set(params["$select"].split(",")) == {*asmail.SELECT, asmail.HEADERS}
    assert not {"subject", "body", "bodyPreview", "uniqueBody"} & set(params["$select"].split(","))
    assert prefer == ("odata.maxpagesize=100",)


def test_ids_are_written_for_a_path() -> None:
    mail = told("A/+=%")
    del mail[asmail.HEADERS]
    _, calls = walked(page(mail), ref="F/+=a?b")
    assert calls.asked[0][0] == "/me/mailFolders/F%2F%2B%3Da%3Fb/messages/delta()"
    assert calls.asked[1] == ["/me/messages/A%2F%2B%3D%25?$select=internetMessageHeaders"]


def test_ids_that_differ_in_case_are_two_mails() -> None:
    (found,), _ = walked(page(told("AAk"), told("aAk")))
    assert len(found.items) == 2


def test_an_item_of_many_changes_is_one_and_what_is_removed_is_nothing() -> None:
    gone = {"id": "c", "@removed": {"reason": "deleted"}}
    (found,), _ = walked(page(told("a"), gone, told("b"), told("a"), {"id": "b"}, {"id": "d", "isRead": True}))
    assert [froms(each) for each in found.items] == [["ann@example.com"]] * 2
    assert (found.known, found.broken, found.gone) == (2, (), ())


def test_a_link_out_of_every_page_is_the_cursor_whole() -> None:
    link = "https://graph.microsoft.com/v1.0/me/x?$deltatoken=" + "aB%2F+=" * 100
    pages, _ = walked(page(told(), link="https://graph/next", end=False), page(link=link))
    assert [(json.loads(each.cursor)["link"], each.last) for each in pages] == [
        ("https://graph/next", False), (link, True),
    ]  # fmt: skip
    both = page(told("b"), link="https://graph/next", end=False) | {LINK: "https://graph/too early"}
    pages, calls = walked(both, page(link=link), cursor=pages[-1].cursor)
    assert [path for path, _, _ in calls.asked] == [link, "https://graph/next"]
    _, calls = walked(page(), cursor=pages[-1].cursor)
    assert [(path, params) for path, params, _ in calls.asked] == [(link, {})]


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        {"value": []},
        {"value": 5, LINK: "https://graph/1"},
        {"value": {"id": "a"}, LINK: "https://graph/1"},
        {"value": [], LINK: 7},
        {"value": [], LINK: ""},
        {"value": [], NEXT: "/me/messages"},
        {"value": [], NEXT: "http://graph/1"},
        {"value": [], NEXT: "https://graph/" + "a" * 20_000},
    ],
    ids=range(10),
)
def test_what_is_no_page_is_never_an_empty_folder(answer: Any) -> None:
    for cursor in ("", Cursor(sent=False, link="https://graph/0").text()):
        with pytest.raises(TryAgainLater) as error:
            walked(answer, cursor=cursor)
        assert error.value.says == STRANGE


@pytest.mark.parametrize("length", [1, 2, 3])
def test_links_in_a_circle_are_left_after_their_mails_were_read(length: int) -> None:
    ring = [page(told(str(each)), link=f"https://graph/{each}", end=False) for each in range(length)]
    calls = Told(pages=[*ring, page(told("z"), link="https://graph/0", end=False)])
    found, error = until_refused(Mailbox(calls, None), "f")  # type: ignore[arg-type]
    assert isinstance(error, TryAgainLater)
    assert error.says == TWICE
    assert sum(len(each.items) for each in found) == length + 1
    assert not any(each.last for each in found)
    assert json.loads(found[-1].cursor)["link"] == f"https://graph/{length - 1}"


@pytest.mark.parametrize("status", [400, 404, 405, 409, 410, 412, 422, 451])
def test_a_link_that_is_refused_is_a_lost_state(status: int) -> None:
    cursor = Cursor(sent=False, link="https://graph/0").text()
    with pytest.raises(CursorExpired):
        walked(Reply(status=status, told={}, code="anything"), cursor=cursor)


@pytest.mark.parametrize(("status", "reason"), [(403, NOT_ALLOWED)])
def test_a_scope_that_is_gone_is_no_lost_state(status: int, reason: str) -> None:
    with pytest.raises(Rejected) as error:
        walked(Reply(status=status, told={}), cursor=Cursor(sent=False, link="https://graph/0").text())
    assert error.value.reason == reason


@pytest.mark.parametrize("code", sorted(rounds.NO_SUCH))
def test_a_folder_that_is_gone_is_told(code: str) -> None:
    with pytest.raises(Rejected) as error:
        walked(Reply(status=400 if "Malformed" in code else 404, told={}, code=code))
    assert error.value.reason == NO_FOLDER


@pytest.mark.parametrize(
    "text",
    ["{", "[]", "1", "null", "{}", '{"other": 1}', '{"link": "https://graph/1"}', '{"sent": 1, "x": 2}', "[" * 99_999],
)
def test_a_cursor_that_is_none_asks_for_a_full_pass(text: str) -> None:
    with pytest.raises(CursorExpired):
        walked(page(), cursor=text)


def test_headers_that_may_not_be_selected_are_asked_for_by_mail() -> None:
    refused = Reply(status=400, told={}, code="ErrorInvalidProperty")
    mail = told("a")
    del mail[asmail.HEADERS]
    pages, calls = walked(refused, page(mail), parts=[{"status": 200, "body": {asmail.HEADERS: MACHINE}}])
    assert asmail.HEADERS not in calls.asked[1][1]["$select"]
    assert [each.marks for each in pages[0].items if isinstance(each, Message)] == [MailMark.AUTO]


@pytest.mark.parametrize("part", [{"status": 403}, {"status": 400}, {"status": 200}, {"status": 200, "body": "eyJ9"}])
def test_a_mail_whose_headers_may_not_be_read_is_read_without(part: dict[str, Any]) -> None:
    mails = [{name: value for name, value in told(f"m{each}").items() if name != asmail.HEADERS} for each in range(50)]
    pages, calls = walked(page(*mails), parts=[part])
    assert sum(len(each.items) for each in pages) == 50
    assert sum(isinstance(each, list) for each in calls.asked) == (3 if part["status"] == 400 else 1)
    bare = [json.loads(each.cursor).get("bare", False) for each in pages]
    assert bare[0] == (part["status"] != 400)
    assert not bare[-1]  # the next round asks again


def test_a_page_too_long_is_asked_for_in_pieces() -> None:
    _, calls = walked(page(told()), longest=20)
    assert [each[2] for each in calls.asked] == [("odata.maxpagesize=100",), ("odata.maxpagesize=20",)]
    with pytest.raises(Rejected) as error:
        walked(page(told()), longest=1)
    assert error.value.reason == TOO_LONG


ODD: list[Any] = [5, None, "a", [], {}, {"id": 7}, {"id": ""}, {"id": ["x"]}, {"id": None, "from": {}}]


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_an_entry_that_names_no_message_is_set_aside(odd: Any) -> None:
    (found,), _ = walked(page(odd, told("a"), odd))
    assert (len(found.items), len(found.broken), found.last) == (1, 2, True)
