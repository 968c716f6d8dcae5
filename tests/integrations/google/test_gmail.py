"""Reading Gmail: the first pass, what came later, and whatever goes wrong on the way, against the emulator."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.base import Opening
from integrations.google import listing
from integrations.google.calls import Calls, Reply
from integrations.google.gmail import MARGIN, Mailbox
from integrations.google.listing import Cursor
from integrations.wire.mime import read_message
from keepwarm.errors import CursorExpired, KeepwarmError
from keepwarm.types import MailMark, Message, Page, Role, Skipped, Stream, StreamKind
from tests.conftest import NOW
from tests.emulators.google import Google, Person
from tests.emulators.google.mailbox import composed

Opens = Callable[..., Opening]
GET, LIST, HISTORY = (f"gmail.users.{name}" for name in ("messages.get", "messages.list", "history.list"))


@pytest.fixture
def mailbox(town: Google, robin: Person, opening: Opens) -> Mailbox:
    opened = opening(town, robin, "mail")
    return Mailbox(Calls(opened), opened)


def came(person: Person, number: int, *, first: int = 0, **more: Any) -> list[str]:
    """Mails of so many people, each a minute after the other; their ids."""
    return [
        person.receives(
            {"From": f"P{each} <p{each}@example.com>", "To": person.address, "Message-ID": f"<{each}@example.com>"},
            at=NOW - timedelta(days=1) + timedelta(minutes=each), **more,
        )
        for each in range(first, first + number)
    ]  # fmt: skip


def changes(mailbox: Mailbox, cursor: str = "", *, since: datetime | None = None) -> Iterator[Page]:
    there = Stream(id="s", owner_id="o", account_id="a", kind=StreamKind.MAIL, cursor=cursor, since=since)
    return mailbox.changes(there)


def writers(pages: list[Page]) -> list[str]:
    """Who wrote the mails of these pages: the number in their address."""
    found = [person.address.address for page in pages for each in page.items for person in froms(each)]
    return [address.partition("@")[0].lstrip("p") for address in found]


def froms(mail: Any) -> list[Any]:
    return [each for each in mail.participants if each.role is Role.FROM]


def numbers(*of: range) -> list[str]:
    return [str(each) for some in of for each in some]


def to_the_end(mailbox: Mailbox, cursor: str = "") -> tuple[list[Page], str]:
    pages = list(changes(mailbox, cursor))
    assert [each.last for each in pages] == [False] * (len(pages) - 1) + [True]
    return pages, pages[-1].cursor


def until_refused(mailbox: Mailbox, cursor: str = "") -> tuple[list[Page], Exception]:
    """The pages up to the refusal, and that."""
    pages = []
    try:
        for page in changes(mailbox, cursor):
            pages.append(page)  # noqa: PERF402 - the error comes in the middle
    except KeepwarmError as error:
        return pages, error
    raise AssertionError("nothing was refused")


# --- What is read


def test_all_mail_is_read_the_newest_first_and_then_what_came(robin: Person, mailbox: Mailbox) -> None:
    came(robin, 120)
    pages, cursor = to_the_end(mailbox)
    assert writers(pages) == numbers(range(119, -1, -1))
    assert json.loads(cursor).keys() == {"history"}
    again, cursor = to_the_end(mailbox, cursor)
    assert writers(again) == []
    came(robin, 3, first=200)
    news, cursor = to_the_end(mailbox, cursor)
    assert writers(news) == numbers(range(200, 203))
    assert writers(to_the_end(mailbox, cursor)[0]) == []


def test_an_empty_mailbox_is_one_last_page(mailbox: Mailbox) -> None:
    assert [(page.last, page.items) for page in changes(mailbox)] == [(True, ())]


def test_there_is_one_place(mailbox: Mailbox) -> None:
    assert [(each.kind, each.ref, each.usual) for each in mailbox.places()] == [(StreamKind.MAIL, "mail", True)]


HEADERS = {
    "From": "Zoë <zoe@example.com>", "to": "robin@example.org, Ann <ANN@Example.com>", "CC": "c@example.com",
    "Message-Id": "<one@example.com>", "Date": "Mon, 1 Jan 1990 00:00:00 +0000", "LIST-UNSUBSCRIBE": "<mailto:x@y.org>",
}  # fmt: skip


@pytest.mark.parametrize("more", [{}, {"Message-Id": ""}], ids=["with Message-ID", "without"])
def test_a_mail_is_the_same_as_from_a_file(robin: Person, mailbox: Mailbox, more: dict[str, str]) -> None:
    headers = {name: value for name, value in (HEADERS | more).items() if value}
    at = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    robin.receives(headers, at=at)
    (found,) = to_the_end(mailbox)[0][0].items
    filed = read_message(composed(headers, "", at))
    assert isinstance(found, Message)
    assert (found.ref, found.participants, found.marks) == (filed.ref, filed.participants, filed.marks)
    assert found.at == at  # Gmail's own, not the sender's word
    assert found.marks == MailMark.BULK


def test_what_the_owner_sent_is_marked(robin: Person, mailbox: Mailbox) -> None:
    robin.sends({"From": robin.address, "To": "ann@example.com"})
    (found,) = to_the_end(mailbox)[0][0].items
    assert isinstance(found, Message)
    assert MailMark.SENT in found.marks


@pytest.mark.parametrize(
    ("labels", "reason"),
    [(("DRAFT",), "draft"), (("SPAM",), "spam"), (("TRASH", "SENT"), "trash"), (("CHAT",), "chat")],
)
def test_what_is_no_mail_is_left_out(robin: Person, mailbox: Mailbox, labels: tuple[str, ...], reason: str) -> None:
    cursor = to_the_end(mailbox)[1]
    (position,) = came(robin, 1, labels=labels)
    (page,) = to_the_end(mailbox, cursor)[0]
    assert (page.items, page.skipped) == ((), (Skipped(position=position, reason=reason),))


def test_drafts_are_left_out_of_the_first_pass(robin: Person, mailbox: Mailbox) -> None:
    came(robin, 1, labels=("DRAFT",))
    came(robin, 1, first=1, labels=("SPAM",))
    came(robin, 1, first=2)
    (page,) = to_the_end(mailbox)[0]
    assert (writers([page]), [each.reason for each in page.skipped]) == (["2"], ["draft"])


def test_a_mail_that_leaves_the_bin_is_news_and_one_that_is_seen_is_not(robin: Person, mailbox: Mailbox) -> None:
    (spam,), (plain,) = came(robin, 1, labels=("SPAM",)), came(robin, 1, first=1)
    cursor = to_the_end(mailbox)[1]
    robin.moves(spam, remove=("SPAM",))
    robin.moves(plain, remove=("UNREAD",))
    assert writers(to_the_end(mailbox, cursor)[0]) == ["0"]


def test_a_message_of_many_changes_is_read_once(town: Google, robin: Person, mailbox: Mailbox) -> None:
    cursor = to_the_end(mailbox)[1]
    (one,) = came(robin, 1, labels=("SPAM",))
    for _ in range(3):
        robin.moves(one, remove=("SPAM",))
        robin.moves(one, add=("SPAM",))
    robin.moves(one, remove=("SPAM",))
    before = town.requests[GET]
    assert writers(to_the_end(mailbox, cursor)[0]) == ["0"]
    assert town.requests[GET] == before + 1


def test_a_message_that_is_gone_when_it_is_fetched_is_nothing(robin: Person, mailbox: Mailbox) -> None:
    cursor = to_the_end(mailbox)[1]
    for one in came(robin, 3)[1:]:
        robin.deletes(one)
    (page,) = to_the_end(mailbox, cursor)[0]
    assert (writers([page]), page.broken, page.skipped) == (["0"], (), ())


def test_no_subject_and_nothing_of_a_body_is_fetched(town: Google, robin: Person, opening: Opens) -> None:
    robin.receives({"From": "a@example.com", "Subject": "Zeppelin", "X-Other": "Zeppelin"}, text="Zeppelin")
    opened, heard = opening(town, robin, "gmail.readonly"), []  # this scope would give all

    class Overheard(Calls):
        def call(self, *args: Any, **named: Any) -> Reply:
            heard.append(super().call(*args, **named))
            return heard[-1]

    pages, _ = to_the_end(Mailbox(Overheard(opened), opened))
    assert len(pages[0].items) == 1
    assert len(heard) == 3
    assert not any(b"Zeppelin" in each.body for each in heard)


# --- Going on from anywhere


def test_what_comes_while_the_first_pass_runs_is_not_lost(robin: Person, mailbox: Mailbox) -> None:
    came(robin, 60)
    pages = changes(mailbox)
    first = next(pages)
    came(robin, 2, first=100)
    rest = list(pages)
    news, _ = to_the_end(mailbox, rest[-1].cursor)
    assert set(writers([first, *rest, *news])) == set(numbers(range(60), range(100, 102)))


def test_any_cursor_on_the_way_goes_on_without_loss(
    town: Google, robin: Person, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    came(robin, 130)
    monkeypatch.setattr(listing, "LISTED", "60")
    everything = list(changes(mailbox))
    assert len(everything) == 5
    for stop in range(1, len(everything)):
        before = everything[:stop]
        rest, _ = to_the_end(mailbox, before[-1].cursor)
        assert writers([*before, *rest]) == numbers(range(129, -1, -1))


def test_a_pass_goes_on_after_its_last_mail_was_deleted(robin: Person, mailbox: Mailbox) -> None:
    ids = came(robin, 80)
    first = next(changes(mailbox))
    for each in ids[28:33]:  # the last five that were read: 79 down to 30
        robin.deletes(each)
    rest, _ = to_the_end(mailbox, first.cursor)
    assert set(numbers(range(28))) <= set(writers(rest))


def test_news_of_many_pages_go_on_from_each(robin: Person, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    cursor = to_the_end(mailbox)[1]
    came(robin, 25)
    monkeypatch.setattr(listing, "LISTED", "10")
    everything, end = to_the_end(mailbox, cursor)
    assert [len(each.items) for each in everything] == [10, 10, 5]
    came(robin, 1, first=90)
    for stop in (1, 2):
        rest, _ = to_the_end(mailbox, everything[stop - 1].cursor)
        assert writers([*everything[:stop], *rest]) == numbers(range(25), range(90, 91))
    assert writers(to_the_end(mailbox, end)[0]) == ["90"]


def test_a_history_that_was_forgotten_asks_for_a_full_pass(robin: Person, mailbox: Mailbox) -> None:
    came(robin, 2)
    cursor = to_the_end(mailbox)[1]
    came(robin, 1, first=2)
    robin.forget_history()
    with pytest.raises(CursorExpired):
        list(changes(mailbox, cursor))
    assert writers(to_the_end(mailbox)[0]) == ["2", "1", "0"]


def test_after_a_lost_place_what_is_old_is_not_read_again(
    town: Google, robin: Person, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Back to a page of the list that holds nothing newer than a week before the last compare."""
    monkeypatch.setattr(listing, "LISTED", "10")
    compared = NOW - timedelta(days=1) + timedelta(minutes=100) + MARGIN  # so that the mail 100 is the first in doubt
    came(robin, 125)
    before = town.requests[GET]
    pages = list(changes(mailbox, since=compared))
    assert writers(pages) == numbers(range(124, 94, -1), range(94, 84, -1))
    assert town.requests[GET] - before == 40
    assert [each.last for each in pages] == [False] * 3 + [True]
    assert json.loads(pages[-1].cursor).keys() == {"history"}
    assert writers(to_the_end(mailbox, pages[-1].cursor)[0]) == []
    rest, cursor = to_the_end(mailbox, pages[1].cursor)  # it is known wherever it goes on
    assert writers([*pages[:2], *rest]) == writers(pages)
    came(robin, 1, first=200)
    assert writers(to_the_end(mailbox, cursor)[0]) == ["200"]


@pytest.mark.parametrize("text", ["{", "[]", '{"other": 1}', "1", "null", "{}"])
def test_a_cursor_that_is_none_asks_for_a_full_pass(mailbox: Mailbox, text: str) -> None:
    with pytest.raises(CursorExpired):
        list(changes(mailbox, text))


def test_a_page_token_that_is_too_old_begins_its_list_again(town: Google, robin: Person, mailbox: Mailbox) -> None:
    came(robin, 3)
    pages, end = to_the_end(mailbox, Cursor(history="77", way="all", token="gone", read="x" * 8, tries=2).text())
    assert town.breaches == ["gmail.users.messages.list: Invalid token"]
    town.breaches.clear()
    assert (writers(pages), end) == (["2", "1", "0"], '{"history": "77"}')
