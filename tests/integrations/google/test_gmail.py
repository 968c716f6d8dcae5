"""Reading Gmail: the first pass, what came later, and whatever goes wrong on the way, against the emulator."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from integrations.base import Allowance, Opening, Unlimited
from integrations.google import listing
from integrations.google.calls import FULL, STRANGE, Calls, Reply
from integrations.google.gmail import FAILS, TRIES, TWICE, Mailbox
from integrations.google.headers import item
from integrations.google.listing import Cursor
from integrations.wire.http import AWAY
from integrations.wire.mime import read_message
from keepwarm.errors import CursorExpired, KeepwarmError, Rejected, TryAgainLater
from keepwarm.types import Broken, MailMark, Message, Page, Role, Skipped, Stream, StreamKind
from tests.conftest import NOW
from tests.emulators.google import Google, Person
from tests.emulators.google.mailbox import composed
from tests.integrations.google.sides import Clock

Opens = Callable[..., Opening]
GET, LIST, HISTORY = (f"gmail.users.{name}" for name in ("messages.get", "messages.list", "history.list"))


@pytest.fixture
def robin(town: Google, request: pytest.FixtureRequest) -> Person:
    """Somebody whose mailbox is empty."""
    return town.person(f"p{len(town.people)}@example.org")


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


def changes(mailbox: Mailbox, cursor: str = "") -> Iterator[Page]:
    return mailbox.changes(Stream(id="s", owner_id="o", account_id="a", kind=StreamKind.MAIL, cursor=cursor))


def writers(pages: list[Page]) -> list[str]:
    """Who wrote the mails of these pages: the number in their address."""
    found = [person.address.address for page in pages for each in page.items for person in _froms(each)]
    return [address.partition("@")[0].lstrip("p") for address in found]


def _froms(mail: Any) -> list[Any]:
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


@pytest.mark.parametrize("text", ["{", "[]", '{"other": 1}', "1", "null", "{}"])
def test_a_cursor_that_is_none_asks_for_a_full_pass(mailbox: Mailbox, text: str) -> None:
    with pytest.raises(CursorExpired):
        list(changes(mailbox, text))


def test_a_page_token_that_is_too_old_begins_its_list_again(town: Google, robin: Person, mailbox: Mailbox) -> None:
    came(robin, 3)
    pages, end = to_the_end(mailbox, Cursor(history="77", way="all", token="gone", after="x", tries=2).text())
    assert town.breaches == ["gmail.users.messages.list: Invalid token"]
    town.breaches.clear()
    assert (writers(pages), end) == (["2", "1", "0"], '{"history": "77"}')


# --- Lists that are odd


@pytest.mark.parametrize("fault", ["short-page", "empty-page"])
def test_pages_may_be_short_or_empty(town: Google, robin: Person, mailbox: Mailbox, fault: str) -> None:
    came(robin, 7)
    town.faults.add(LIST, fault)
    pages, cursor = to_the_end(mailbox)
    assert writers(pages) == numbers(range(6, -1, -1))
    came(robin, 7, first=10)
    town.faults.add(HISTORY, fault)
    assert writers(to_the_end(mailbox, cursor)[0]) == numbers(range(10, 17))


def test_a_list_in_a_circle_is_left_after_its_mails_were_read(
    town: Google, robin: Person, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    came(robin, 30)
    monkeypatch.setattr(listing, "LISTED", "10")
    town.faults.add(LIST, "repeated-page-token", after=1)
    pages, error = until_refused(mailbox)
    assert isinstance(error, TryAgainLater)
    assert error.says == TWICE
    rest, _ = to_the_end(mailbox, pages[-1].cursor)
    assert writers([*pages, *rest]) == numbers(range(29, -1, -1))


@dataclass
class Told(Calls):
    """Calls whose lists a test made up; no message is there."""

    profile: Any = field(default_factory=lambda: {"historyId": "5"})
    listed: Any = None
    now: datetime = NOW

    def spend(self, service: str, units: int, *, least: int = 0, bulk: bool = False) -> int:
        return units

    def get(self, address: str, params: Any = (), *, ok: Any = ()) -> Reply:
        told = self.profile if address.endswith("/profile") else self.listed
        return Reply(status=200, told=told if isinstance(told, dict) else {})

    def call(self, *_: Any, **__: Any) -> Reply:
        body = b"--b\r\nContent-ID: <response-0>\r\n\r\nHTTP/1.1 404 Not Found\r\n\r\n{}\r\n--b--"
        return Reply(status=200, told={}, headers={"content-type": "multipart/mixed; boundary=b"}, body=body)


NO_LISTS = [{}, [], {"messages": 5}, {"messages": {"id": "a"}}, {"messages": [], "nextPageToken": 7}]


@pytest.mark.parametrize("told", NO_LISTS)
def test_what_is_no_list_is_never_an_empty_mailbox(opening: Opens, told: Any) -> None:
    with pytest.raises(TryAgainLater) as error:
        list(changes(Mailbox(Told(listed=told), opening)))  # type: ignore[arg-type] # it looks at nothing in it
    assert error.value.says == STRANGE


@pytest.mark.parametrize(
    "told", [{}, {"historyId": None}, {"historyId": [1]}, {"historyId": "9" * 30}, {"historyId": "x"}]
)
def test_a_history_without_a_place_is_none(opening: Opens, told: Any) -> None:
    with pytest.raises(TryAgainLater):
        list(changes(Mailbox(Told(profile=told), opening)))  # type: ignore[arg-type]
    with pytest.raises(TryAgainLater):
        list(changes(Mailbox(Told(listed=told), opening), '{"history": "1"}'))  # type: ignore[arg-type]


ODD: list[Any] = [
    5,
    None,
    "a",
    [],
    {},
    {"id": 7},
    {"id": "../x"},
    {"id": "a b"},
    {"id": ""},
    {"id": "a" * 99},
    {"id": ["x"]},
]


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_an_entry_that_names_no_message_is_set_aside(opening: Opens, odd: Any) -> None:
    for name, entry, cursor in (
        ("messages", odd, ""),
        ("history", {"messagesAdded": [{"message": odd}]}, '{"history": "1"}'),
        ("history", {"labelsRemoved": [{"message": odd, "labelIds": ["SPAM"]}]}, '{"history": "1"}'),
    ):
        told = {name: [entry, {"id": "a"} if name == "messages" else {}], "historyId": "9"}
        pages = list(changes(Mailbox(Told(listed=told), opening), cursor))  # type: ignore[arg-type]
        assert [each.position for page in pages for each in page.broken] == [name]
        assert pages[-1].last


STRANGE_RECORDS = [5, [], {"messagesAdded": 7}, {"messagesAdded": [7]}, {"labelsRemoved": [{"labelIds": ["SPAM"]}]}]


@pytest.mark.parametrize("record", STRANGE_RECORDS, ids=repr)
def test_a_record_that_cannot_be_read_is_set_aside(opening: Opens, record: Any) -> None:
    told = {"history": [record], "historyId": "9"}
    (page,) = changes(Mailbox(Told(listed=told), opening), '{"history": "1"}')  # type: ignore[arg-type]
    assert (len(page.broken), page.last, page.cursor) == (1, True, '{"history": "9"}')


# --- Messages that are odd


def told(headers: Any, **more: Any) -> Reply:
    return Reply(status=200, told={"id": "a", "payload": {"headers": headers}} | more)


FROM = [{"name": "From", "value": "a@example.com"}]
NO_MAILS = {
    "nothing": Reply(status=200, told={}),
    "no payload": Reply(status=200, told={"payload": []}),
    "no headers": told(None),
    "a number of headers": told(7),
    "headers that are none": told([7, None, [], {}, {"name": 1, "value": 2}, {"name": "From"}]),
    "another header": told([{"name": "X-Other", "value": "1"}]),
    "only what we never ask for": told([{"name": "Subject", "value": "x"}]),
}


@pytest.mark.parametrize("name", NO_MAILS)
def test_what_is_no_mail_is_set_aside(name: str) -> None:
    found = item("a", NO_MAILS[name], NOW)
    assert isinstance(found, Broken)
    assert found.position == "a"


@pytest.mark.parametrize("value", ["", "\ud800", ",,,", "x" * 1_000_000, "<>" * 100_000, "\0"])
def test_a_mail_of_nobody_is_left_out(value: str) -> None:
    found = item("a", told([{"name": "Date", "value": "x"}, {"name": "From", "value": value}]), NOW)
    assert found == Skipped(position="a", reason="no_address")


@pytest.mark.parametrize(
    "said",
    [
        None,
        "",
        "x",
        [],
        {},
        "9" * 400,
        "-5",
        "0",
        10**30,
        str(int(datetime(2200, 1, 1, tzinfo=UTC).timestamp() * 1000)),
    ],
)
def test_an_odd_moment_gives_way_to_the_date_header(said: Any) -> None:
    found = item(
        "a", told([*FROM, {"name": "Date", "value": "Mon, 2 Nov 2026 09:00:00 +0000"}], internalDate=said), NOW
    )
    assert isinstance(found, Message)
    assert found.at == datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize("labels", [None, 7, "SPAM", {"SPAM": 1}, [None, 7, ["SPAM"]]])
def test_odd_labels_are_none(labels: Any) -> None:
    assert isinstance(item("a", told(FROM, labelIds=labels), NOW), Message)


def test_a_value_cannot_begin_another_header() -> None:
    headers = [
        {"name": "To", "value": "a@example.com\r\nFrom: forged@example.com\r\n\r\nX"},
        {"name": "Fr\nom", "value": "x"},
    ]
    found = item("a", told([*headers, *FROM]), NOW)
    assert isinstance(found, Message)
    assert [each.address.address for each in _froms(found)] == ["a@example.com"]


# --- Refusals


REFUSALS = [
    ("429", {"retry_after": 300}, timedelta(seconds=300), ""),
    ("429", {"retry_after": 300, "form": "date"}, timedelta(seconds=300), ""),
    ("429", {"retry_after": 300, "form": "message"}, timedelta(seconds=300), ""),
    ("429", {"form": "none"}, timedelta(minutes=1), ""),
    ("403-rate", {}, timedelta(minutes=1), ""),
    ("403-user-rate", {}, timedelta(minutes=1), ""),
    ("403-quota", {}, timedelta(hours=1), FULL),
    ("500", {}, timedelta(minutes=1), AWAY),
    ("503", {}, timedelta(minutes=1), AWAY),
]


@pytest.mark.parametrize(("kind", "options", "wait", "says"), REFUSALS)
@pytest.mark.parametrize("where", [GET, LIST, "gmail.batch", "gmail.users.getProfile"])
def test_who_is_refused_keeps_what_was_read_and_goes_on(
    town: Google,
    robin: Person,
    mailbox: Mailbox,
    where: str,
    kind: str,
    options: dict[str, Any],
    wait: timedelta,
    says: str,
) -> None:
    came(robin, 9)
    town.faults.add(where, kind, after=4 if where == GET else 0, **options)
    pages, error = until_refused(mailbox)
    assert isinstance(error, TryAgainLater)
    assert (error.says, error.after) == (says, wait)
    assert writers(pages) == (numbers(range(8, 4, -1)) if where == GET else [])
    rest, _ = to_the_end(mailbox, pages[-1].cursor if pages else "")
    assert writers([*pages, *rest]) == numbers(range(8, -1, -1))


@pytest.mark.parametrize("where", [GET, LIST])
@pytest.mark.parametrize("kind", ["403-scope", "403-disabled"])
def test_what_is_not_allowed_is_not_tried_again(
    town: Google, robin: Person, mailbox: Mailbox, where: str, kind: str
) -> None:
    came(robin, 3)
    town.faults.add(where, kind, times=None)
    _, error = until_refused(mailbox)
    assert isinstance(error, Rejected)


def test_a_mail_at_which_gmail_always_fails_holds_up_no_other(town: Google, robin: Person, mailbox: Mailbox) -> None:
    came(robin, 3)
    cursor, pages = "", []
    for _ in range(TRIES):
        town.faults.add(GET, "500")  # at the first of the batch
        some, error = until_refused(mailbox, cursor)
        assert isinstance(error, TryAgainLater)
        pages += some
        cursor = some[-1].cursor
    town.faults.add(GET, "500")
    rest, _ = to_the_end(mailbox, cursor)
    assert writers([*pages, *rest]) == ["1", "0"]
    assert [each.reason for page in rest for each in page.broken] == [FAILS]


def test_a_failure_of_all_mails_sets_none_aside(town: Google, robin: Person, mailbox: Mailbox) -> None:
    came(robin, 3)
    cursor = ""
    for _ in range(TRIES + 2):
        town.faults.add(GET, "503", times=3)
        some, _ = until_refused(mailbox, cursor)
        cursor = some[-1].cursor
    assert writers(to_the_end(mailbox, cursor)[0]) == ["2", "1", "0"]


@pytest.mark.parametrize("seed", range(6))
def test_whatever_fails_all_mail_arrives_in_the_end(
    town: Google, robin: Person, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    came(robin, 60)
    monkeypatch.setattr(listing, "LISTED", "25")
    town.faults.random(seed, 0.1)
    cursor, found = "", []
    for _ in range(400):
        try:
            for page in changes(mailbox, cursor):
                cursor = page.cursor
                found += writers([page])
            break
        except TryAgainLater:
            continue
    assert set(found) == set(numbers(range(60)))


# --- The quota (RELIABILITY.md, section 6)


@dataclass
class Sliding(Unlimited):
    """A budget in memory: a strict window of a minute for every purse."""

    clock: Clock
    spent: dict[str, list[tuple[datetime, int]]] = field(default_factory=dict)

    def take(self, purses: Any, units: int, *, least: int = 0) -> Any:
        left, since = units, self.clock() - timedelta(minutes=1)
        for name, limit in purses.items():
            self.spent[name] = [each for each in self.spent.get(name, []) if each[0] > since]
            left = min(left, limit - sum(each for _, each in self.spent[name]))
        if left < (least or units):
            return Allowance(units=0, after=timedelta(seconds=5))
        for name in purses:
            self.spent[name].append((self.clock(), left))
        return Allowance(units=left)


def test_a_first_pass_uses_the_quota_and_is_hardly_refused(
    town: Google, robin: Person, opening: Opens, clock: Clock
) -> None:
    came(robin, 3000, silent=True)
    opened = opening(town, robin, "mail", budget=Sliding(clock))
    mailbox, cursor, spent, seconds = Mailbox(Calls(opened), opened), "", {}, 0
    before, town.quota_on = sum(town.refused.values()), True
    gets = town.requests[GET]
    done = False
    while not done and seconds < 1200:
        for page in _slice(mailbox, cursor):
            cursor, done = page.cursor, page.last
        spent[seconds // 60] = town.requests[GET] - gets
        seconds += 5
        clock.goes(seconds=5)
    town.quota_on = False
    full = seconds // 60 - 1
    assert done
    assert town.requests[GET] - gets == 3000
    assert (spent[full] - spent[0]) * 20 >= 0.9 * 6000 * full
    assert sum(town.refused.values()) - before <= 30


def _slice(mailbox: Mailbox, cursor: str) -> Iterator[Page]:
    """What a worker gets before the budget is used up."""
    try:
        yield from islice(changes(mailbox, cursor), 1000)
    except TryAgainLater:
        return
