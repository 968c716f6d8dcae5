"""Reading mail folders: the first round, what came later, and whatever goes wrong on the way, against the emulator."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.base import Opening
from integrations.microsoft import asmail, mail, rounds
from integrations.microsoft.calls import Calls, Reply
from integrations.microsoft.deltas import NEXT
from integrations.microsoft.mail import Mailbox
from integrations.microsoft.rounds import NO_FOLDER
from integrations.wire.mime import read_message
from keepwarm.errors import CursorExpired, Rejected, TryAgainLater
from keepwarm.types import MailMark, Message, Page, Skipped, StreamKind
from tests.conftest import NOW
from tests.emulators.microsoft import Microsoft, Person
from tests.integrations.microsoft.mails import Told, changes, froms

Opens = Callable[..., Opening]
DELTA, BATCH, GET = "GET /me/mailFolders/{id}/messages/delta", "POST /$batch", "GET /me/messages/{id}"
FOLDER, FOLDERS = "GET /me/mailFolders/{id}", "GET /me/mailFolders"


# --- Places, at the emulator


@pytest.fixture
def opened(town: Microsoft, robin: Person, opening: Opens) -> Opening:
    return opening(town, robin, "mail")


@pytest.fixture
def mailbox(opened: Opening) -> Mailbox:
    return Mailbox(Calls(opened), opened)


def ref(person: Person, name: str) -> str:
    """The id of a folder, by its well-known name."""
    folder = person.mailbox.folder(name)
    assert folder is not None
    return person.ids.fixed(folder.key)


def came(person: Person, number: int, *, first: int = 0, **more: Any) -> list[str]:
    """Mails of so many people, each a minute after the other; their ids."""
    return [
        person.receives(
            {"From": f"P{each} <p{each}@example.com>", "To": person.address, "Message-ID": f"<{each}@example.com>"},
            at=NOW - timedelta(days=1) + timedelta(minutes=each), **more,
        )
        for each in range(first, first + number)
    ]  # fmt: skip


def writers(pages: list[Page]) -> list[int]:
    """Who wrote the mails of these pages: the numbers in their addresses, sorted."""
    return sorted(
        int(each.partition("@")[0].lstrip("p")) for one in pages for mail in one.items for each in froms(mail)
    )


def to_the_end(mailbox: Mailbox, folder: str, cursor: str = "") -> tuple[list[Page], str]:
    pages = list(changes(mailbox, folder, cursor))
    assert [each.last for each in pages] == [False] * (len(pages) - 1) + [True]
    return pages, pages[-1].cursor


@pytest.fixture
def lean(town: Microsoft) -> Iterator[None]:
    """Pages hold no headers, though they are selected."""
    before, town.headers_in_delta = town.headers_in_delta, False
    yield
    town.headers_in_delta = before


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of ten mails."""
    monkeypatch.setattr(rounds, "SMALLER", (10,))


def test_inbox_and_sent_are_usual_in_any_language_and_some_folders_never(robin: Person, mailbox: Mailbox) -> None:
    for known, name in (("inbox", "Postvak IN"), ("sentitems", "Verzonden items")):
        folder = robin.mailbox.folder(known)
        assert folder is not None
        folder.name = name
    robin.mailbox.add("Projects")
    found = mailbox.places()
    assert [(each.name, each.usual) for each in found] == [
        ("Postvak IN", True), ("Verzonden items", True), ("Archive", False), ("Projects", False),
    ]  # fmt: skip
    assert [each.ref for each in found[:2]] == [ref(robin, "inbox"), ref(robin, "sentitems")]
    assert {each.kind for each in found} == {StreamKind.MAIL}


def test_folders_come_in_pages(town: Microsoft, robin: Person, mailbox: Mailbox) -> None:
    for number in range(130):
        robin.mailbox.add(f"F{number:03}")
    before = town.requests[FOLDERS]
    assert len(mailbox.places()) == 133
    assert town.requests[FOLDERS] == before + 2


@pytest.mark.parametrize("where", [FOLDERS, FOLDER, BATCH])
@pytest.mark.parametrize("fault", ["429", "503", "500"])
def test_folders_that_cannot_be_told_now_are_told_later(
    town: Microsoft, mailbox: Mailbox, where: str, fault: str
) -> None:
    town.faults.add(where, fault)
    with pytest.raises(TryAgainLater):
        mailbox.places()
    assert len(mailbox.places()) == 3


@dataclass
class Folders(Told):
    """Well-known folders by their name, and a list of folders that a test made up."""

    def call(self, method: str, path: str, params: Any = (), **more: Any) -> Reply:
        if method == "GET":
            return self.get(path, params)
        names = [each["url"].split("?")[0].rpartition("/")[2] for each in more["body"]["requests"]]
        answers = [{"id": str(place), "status": 200, "body": {"id": name}} for place, name in enumerate(names)]
        return Reply(status=200, told={"responses": answers})


def test_folders_inside_others_are_named_with_them() -> None:
    inner = [{"id": "x", "displayName": "Old"}, {"id": "y"}, {"id": 5}, 7]
    listed = [
        {"id": "inbox", "displayName": "Inbox", "childFolders": inner},
        {"id": "deleteditems", "displayName": "Bin", "childFolders": [{"id": "z", "displayName": "Thrown away"}]},
        {"id": "odd", "displayName": 5, "childFolders": 5}, {"displayName": "nameless"}, 5, None,
    ]  # fmt: skip
    found = Mailbox(Folders(pages=[{"value": listed}]), None).places()  # type: ignore[arg-type]
    assert [(each.ref, each.name) for each in found] == [
        ("inbox", "Inbox"), ("odd", ""), ("y", "Inbox/"), ("x", "Inbox/Old"),
    ]  # fmt: skip


@pytest.mark.parametrize("told", [{}, [], {"value": 5}, {"value": {}}, {"value": [], NEXT: "https://graph/1"}])
def test_what_is_no_list_of_folders_is_never_none(told: Any) -> None:
    with pytest.raises(TryAgainLater):
        Mailbox(Folders(pages=[told]), None).places()  # type: ignore[arg-type]


# --- What is read


def test_all_mail_is_read_and_then_what_came(robin: Person, mailbox: Mailbox) -> None:
    inbox = ref(robin, "inbox")
    came(robin, 230)
    pages, cursor = to_the_end(mailbox, inbox)
    assert writers(pages) == list(range(230))
    assert [len(each.items) for each in pages] == [100, 100, 30]
    pages, cursor = to_the_end(mailbox, inbox, cursor)
    assert writers(pages) == []
    came(robin, 3, first=300)
    pages, cursor = to_the_end(mailbox, inbox, cursor)
    assert writers(pages) == [300, 301, 302]
    assert writers(to_the_end(mailbox, inbox, cursor)[0]) == []


def test_an_empty_folder_is_one_last_page(robin: Person, mailbox: Mailbox) -> None:
    assert [(each.last, each.items) for each in changes(mailbox, ref(robin, "inbox"))] == [(True, ())]


HEADERS = {
    "From": "Zoë <zoe@example.com>", "to": "robin@example.org, Ann <ANN@Example.com>", "CC": "c@example.com",
    "Message-Id": "<one@example.com>", "Date": "Mon, 1 Jan 1990 00:00:00 +0000", "LIST-UNSUBSCRIBE": "<mailto:x@y.org>",
}  # fmt: skip


@pytest.mark.parametrize("more", [{}, {"Message-Id": ""}], ids=["with Message-ID", "without"])
@pytest.mark.parametrize("told_there", [True, False], ids=["in the page", "by themselves"])
def test_a_mail_is_the_same_as_from_a_file(
    town: Microsoft, robin: Person, mailbox: Mailbox, more: dict[str, str], told_there: bool
) -> None:
    headers = {name: value for name, value in (HEADERS | more).items() if value}
    at = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    robin.receives(headers, at=at)
    before, town.headers_in_delta = town.headers_in_delta, told_there
    (found,) = to_the_end(mailbox, ref(robin, "inbox"))[0][0].items
    town.headers_in_delta = before
    filed = read_message("".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode())
    assert isinstance(found, Message)
    assert (found.ref, found.participants, found.marks) == (filed.ref, filed.participants, filed.marks)
    assert found.at == at  # Graph's own, not the sender's word
    assert found.marks == MailMark.BULK


@pytest.mark.parametrize("told_there", [True, False])
def test_what_the_owner_sent_is_marked(town: Microsoft, robin: Person, mailbox: Mailbox, told_there: bool) -> None:
    robin.sends({"From": robin.address, "To": "ann@example.com", "Message-ID": "<s@example.org>"})
    before, town.headers_in_delta = town.headers_in_delta, told_there
    batches = town.requests[BATCH]
    pages, cursor = to_the_end(mailbox, ref(robin, "sentitems"))
    robin.sends({"From": robin.address, "To": "ann@example.com", "Message-ID": "<t@example.org>"})
    pages += to_the_end(mailbox, ref(robin, "sentitems"), cursor)[0]
    town.headers_in_delta = before
    assert [MailMark.SENT in each.marks for one in pages for each in one.items if isinstance(each, Message)] == [
        True
    ] * 2
    assert town.requests[BATCH] == batches  # nothing was asked for one by one


@pytest.mark.parametrize("told_there", [True, False])
@pytest.mark.parametrize("name", ["inbox", "sentitems"])
def test_our_own_mails_are_left_out(
    town: Microsoft, robin: Person, mailbox: Mailbox, name: str, told_there: bool
) -> None:
    headers = {"From": robin.address, "To": robin.address, "X-Keepwarm": "1"}
    (robin.sends if name == "sentitems" else robin.receives)(headers)
    before, town.headers_in_delta = town.headers_in_delta, told_there
    (found,) = to_the_end(mailbox, ref(robin, name))[0]
    town.headers_in_delta = before
    assert [each.reason for each in found.skipped] == ["ours"]


@pytest.mark.usefixtures("lean", "small")
@pytest.mark.parametrize("status", [200, 403])
def test_headers_that_the_scope_hides_are_asked_for_no_more_in_this_round(
    town: Microsoft, robin: Person, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """In the next they are: the scope may have become larger meanwhile, or it was an archive without any."""
    monkeypatch.setattr("integrations.microsoft.mail.MOST", 5)
    hides = Reply(status=status, told={})
    came(robin, 50)
    with monkeypatch.context() as patch:
        asked = list[int]()
        patch.setattr(mail, "fetch", lambda _, some: asked.append(len(some)) or dict.fromkeys(some, hides))
        pages, cursor = to_the_end(mailbox, ref(robin, "inbox"))
    assert (writers(pages), asked) == (list(range(50)), [5])
    machines(robin, 50)
    (found,) = to_the_end(mailbox, ref(robin, "inbox"), cursor)[0]
    assert [MailMark.LIST in each.marks for each in found.items if isinstance(each, Message)] == [True]


@pytest.mark.usefixtures("lean")
def test_headers_of_one_mail_that_are_refused_say_nothing_of_the_others(
    town: Microsoft, robin: Person, mailbox: Mailbox
) -> None:
    for number in range(3):
        machines(robin, number)
    town.faults.add(GET, "403", after=1)
    pages, cursor = to_the_end(mailbox, ref(robin, "inbox"))
    machines(robin, 3)
    pages += to_the_end(mailbox, ref(robin, "inbox"), cursor)[0]
    marks = [each.marks for one in pages for each in one.items if isinstance(each, Message)]
    assert [MailMark.LIST in each for each in marks] == [True, False, True, True]


def machines(robin: Person, number: int) -> None:
    robin.receives({"From": f"p{number}@example.com", "To": robin.address, "List-Id": "<l.example.com>"})


def test_a_draft_is_left_out(robin: Person, mailbox: Mailbox) -> None:
    robin.mailbox.take(b"From: a@example.com\r\nTo: b@example.com\r\n\r\n", robin.inbox_folder, at=NOW, draft=True)
    (found,) = to_the_end(mailbox, ref(robin, "inbox"))[0]
    assert (found.items, [each.reason for each in found.skipped]) == ((), ["draft"])
    assert all(isinstance(each, Skipped) for each in found.skipped)


@pytest.mark.usefixtures("lean")
def test_what_machines_wrote_is_known_by_headers_asked_for_by_themselves(robin: Person, mailbox: Mailbox) -> None:
    for number, more in enumerate(({"Auto-Submitted": "auto-replied"}, {"List-Id": "<l.example.com>"}, {})):
        robin.receives({"From": f"p{number}@example.com", "To": robin.address} | more)
    (found,) = to_the_end(mailbox, ref(robin, "inbox"))[0]
    marks = [each.marks for each in found.items if isinstance(each, Message)]
    assert [bool(each & MailMark.AUTO) for each in marks] == [True, False, False]
    assert [bool(each & MailMark.LIST) for each in marks] == [False, True, False]


@pytest.mark.parametrize("lean", [True, False])
def test_a_mail_moved_in_is_news_and_one_that_is_thrown_away_is_not(
    town: Microsoft, robin: Person, mailbox: Mailbox, lean: bool
) -> None:
    town.lean_updates = lean  # of one merely seen
    inbox = ref(robin, "inbox")
    refs = came(robin, 3)
    cursor = to_the_end(mailbox, inbox)[1]
    robin.moves(came(robin, 1, first=7, folder="archive")[0], "inbox")
    robin.reads(refs[0])
    robin.moves(refs[1], "deleteditems")
    robin.deletes(refs[2])
    (found,) = to_the_end(mailbox, inbox, cursor)[0]
    town.lean_updates = False
    assert (writers([found]), found.gone, found.broken) == ([7] if lean else [0, 7], (), ())
    assert found.known == (1 if lean else 0)


@pytest.mark.usefixtures("lean")
def test_a_mail_that_is_gone_when_it_is_asked_for_is_nothing(town: Microsoft, robin: Person, mailbox: Mailbox) -> None:
    came(robin, 3)
    town.faults.add(GET, "404", after=1)
    (found,) = to_the_end(mailbox, ref(robin, "inbox"))[0]
    assert (writers([found]), found.broken, found.skipped) == ([0, 2], (), ())


def test_nothing_of_the_content_leaves_graph(town: Microsoft, robin: Person, opening: Opens) -> None:
    robin.receives({"From": "a@example.com", "Subject": "Zeppelin", "X-Other": "x"}, text="Zeppelin")
    opened, heard = opening(town, robin, "Mail.Read"), []  # this scope would give all

    class Overheard(Calls):
        def call(self, *args: Any, **named: Any) -> Reply:
            heard.append(super().call(*args, **named))
            return heard[-1]

    for told_there in (True, False):
        before, town.headers_in_delta = town.headers_in_delta, told_there
        (found,) = to_the_end(Mailbox(Overheard(opened), opened), ref(robin, "inbox"))[0]
        town.headers_in_delta = before
        assert len(found.items) == 1
        assert "Zeppelin" not in repr(found)
    assert len(heard) == 5  # twice which folder it is and a page, once the headers
    assert not any("Zeppelin" in repr(_without_headers(each.told)) for each in heard)
    assert town.contents.total() == 0


def _without_headers(told: Any) -> Any:
    """Graph tells headers all or none: the Subject is among them."""
    if isinstance(told, dict):
        return {name: _without_headers(value) for name, value in told.items() if name != asmail.HEADERS}
    return [_without_headers(each) for each in told] if isinstance(told, list) else told


# --- Going on from anywhere


@pytest.mark.parametrize("told_there", [True, False], ids=["with headers", "without"])
@pytest.mark.usefixtures("small")
def test_any_cursor_on_the_way_goes_on_without_loss(
    town: Microsoft, robin: Person, mailbox: Mailbox, told_there: bool
) -> None:
    came(robin, 35)
    inbox, before = ref(robin, "inbox"), town.headers_in_delta
    town.headers_in_delta = told_there
    everything = list(changes(mailbox, inbox))
    assert len(everything) == 4
    for stop in range(1, len(everything)):
        rest, _ = to_the_end(mailbox, inbox, everything[stop - 1].cursor)
        assert writers([*everything[:stop], *rest]) == list(range(35))
    town.headers_in_delta = before


@pytest.mark.usefixtures("small")
def test_what_comes_while_the_first_round_runs_is_not_lost(robin: Person, mailbox: Mailbox) -> None:
    came(robin, 35)
    inbox = ref(robin, "inbox")
    pages = changes(mailbox, inbox)
    first = next(pages)
    came(robin, 2, first=100)
    rest = list(pages)
    news, _ = to_the_end(mailbox, inbox, rest[-1].cursor)
    assert writers([first, *rest, *news]) == [*range(35), 100, 101]


@pytest.mark.parametrize("removes", [True, False])
@pytest.mark.usefixtures("small")
def test_a_mail_that_changes_between_two_pages_is_not_lost(
    town: Microsoft, robin: Person, mailbox: Mailbox, removes: bool
) -> None:
    refs = came(robin, 25)
    inbox, town.removes_at_first = ref(robin, "inbox"), removes
    pages = changes(mailbox, inbox)
    first = next(pages)
    robin.reads(refs[20])
    robin.moves(robin.moves(refs[21], "archive"), "inbox")
    robin.deletes(refs[22])
    rest = list(pages)
    news, _ = to_the_end(mailbox, inbox, rest[-1].cursor)
    town.removes_at_first = False
    assert set(writers([first, *rest, *news])) == {*range(25)} - {22}


@pytest.mark.usefixtures("small", "lean")
def test_a_page_goes_on_after_the_last_that_was_read(
    town: Microsoft, robin: Person, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.microsoft.mail.MOST", 4)
    came(robin, 25)
    inbox = ref(robin, "inbox")
    everything = list(changes(mailbox, inbox))
    assert [len(each.items) for each in everything] == [4, 4, 2, 4, 4, 2, 4, 1]
    for stop in range(1, len(everything)):
        before = town.requests[GET]
        rest, _ = to_the_end(mailbox, inbox, everything[stop - 1].cursor)
        assert writers([*everything[:stop], *rest]) == list(range(25))
        assert town.requests[GET] - before == 25 - sum(len(each.items) for each in everything[:stop])


@pytest.mark.usefixtures("small", "lean")
def test_a_page_whose_last_read_mail_was_deleted_goes_on_behind_it(
    robin: Person, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.microsoft.mail.MOST", 4)
    refs = came(robin, 9)
    inbox = ref(robin, "inbox")
    first = next(changes(mailbox, inbox))
    robin.deletes(refs[3])
    rest, _ = to_the_end(mailbox, inbox, first.cursor)
    assert writers(rest) == [4, 5, 6, 7, 8]


@pytest.mark.parametrize("how", ["410", "410-bare", "syncStateNotFound", "syncStateInvalid", "resyncRequired"])
@pytest.mark.parametrize("stop", [0, -1], ids=["within", "between"])
@pytest.mark.usefixtures("small")
def test_a_state_that_was_lost_asks_for_a_full_pass(robin: Person, mailbox: Mailbox, how: str, stop: int) -> None:
    came(robin, 25)
    inbox = ref(robin, "inbox")
    cursor = list(changes(mailbox, inbox))[stop].cursor
    robin.forget_delta("mail", how)
    with pytest.raises(CursorExpired):
        list(changes(mailbox, inbox, cursor))
    assert writers(to_the_end(mailbox, inbox)[0]) == list(range(25))


def test_a_state_of_another_folder_asks_for_a_full_pass(town: Microsoft, robin: Person, mailbox: Mailbox) -> None:
    cursor = json.loads(to_the_end(mailbox, ref(robin, "inbox"))[1])
    cursor["link"] = cursor["link"].replace("%24deltatoken=", "$deltatoken=").replace("$deltatoken=", "$deltatoken=e30")
    with pytest.raises(CursorExpired):
        list(changes(mailbox, ref(robin, "inbox"), json.dumps(cursor)))
    town.breaches.clear()


def test_a_folder_that_was_removed_is_told(robin: Person, mailbox: Mailbox) -> None:
    folder = robin.add_folder("Projects")
    came(robin, 2, folder=folder)
    pages, cursor = to_the_end(mailbox, folder)
    assert writers(pages) == [0, 1]
    robin.removes_folder(folder)
    with pytest.raises(CursorExpired):
        list(changes(mailbox, folder, cursor))
    with pytest.raises(Rejected) as error:
        list(changes(mailbox, folder))
    assert error.value.reason == NO_FOLDER
