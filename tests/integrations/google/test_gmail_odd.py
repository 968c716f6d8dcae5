"""Gmail at its oddest: lists and messages that are none, refusals, and the quota."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from integrations.base import Allowance, Unlimited
from integrations.google import listing
from integrations.google.calls import FULL, STRANGE, Calls, Reply
from integrations.google.gmail import FAILS, TWICE, Mailbox
from integrations.google.headers import item
from integrations.wire.http import AWAY
from integrations.wire.within import TRIES
from keepwarm.errors import Rejected, TryAgainLater
from keepwarm.types import Broken, Message, Page, Skipped
from tests.conftest import NOW
from tests.emulators.google import Google, Person
from tests.integrations.google.sides import Clock
from tests.integrations.google.test_gmail import (
    GET,
    HISTORY,
    LIST,
    Opens,
    came,
    changes,
    froms,
    mailbox,
    numbers,
    to_the_end,
    until_refused,
    writers,
)

__all__ = ["mailbox"]  # the fixture


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
    assert [each.address.address for each in froms(found)] == ["a@example.com"]


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
    assert writers(pages) == (numbers(range(8, 4, -1), range(3, -1, -1)) if where == GET else [])
    rest, _ = to_the_end(mailbox, pages[-1].cursor if pages else "")
    assert sorted(writers([*pages, *rest])) == numbers(range(9))


@pytest.mark.parametrize("where", [GET, LIST])
@pytest.mark.parametrize("kind", ["403-scope", "403-disabled"])
def test_what_is_not_allowed_is_not_tried_again(
    town: Google, robin: Person, mailbox: Mailbox, where: str, kind: str
) -> None:
    came(robin, 3)
    town.faults.add(where, kind, times=None)
    _, error = until_refused(mailbox)
    assert isinstance(error, Rejected)


@pytest.mark.usefixtures("no_hour")
def test_a_mail_at_which_gmail_always_fails_holds_up_no_other(town: Google, robin: Person, mailbox: Mailbox) -> None:
    _, cursor = to_the_end(mailbox)
    came(robin, 2)
    pages = list[Page]()
    for number in range(TRIES):
        town.faults.add(GET, "500")  # at the first of the batch
        some, error = until_refused(mailbox, cursor)
        assert isinstance(error, TryAgainLater)
        pages += some
        cursor = some[-1].cursor
        came(robin, 1, first=number + 2)
    assert writers(pages) == numbers(range(1, TRIES + 1))
    town.faults.add(GET, "500")
    rest, _ = to_the_end(mailbox, cursor)
    assert writers(rest) == [str(TRIES + 1)]
    assert [each.reason for page in rest for each in page.broken] == [FAILS]


def test_of_a_batch_only_the_refused_are_asked_for_again_and_fewer_at_once(
    town: Google, robin: Person, mailbox: Mailbox
) -> None:
    _, cursor = to_the_end(mailbox)
    came(robin, 100)
    before = town.requests[GET]
    for after in (10, 9, 8):  # some parts are one too many at the same time, and the others pass
        town.faults.add(GET, "429", after=after, form="none")
    pages, error = until_refused(mailbox, cursor)
    assert isinstance(error, TryAgainLater)
    assert len(writers(pages)) == 47
    assert json.loads(pages[-1].cursor)["parts"] == 25
    rest, cursor = to_the_end(mailbox, pages[-1].cursor)
    assert [len(each.items) for each in rest] == [25, 26, 2]
    assert sorted(writers([*pages, *rest]), key=int) == numbers(range(100))
    assert town.requests[GET] - before == 103
    assert json.loads(cursor).keys() == {"history"}


@pytest.mark.parametrize(("fault", "rests"), [("429", True), ("403-user-rate", True), ("503", False)])
def test_an_account_rests_after_a_part_that_was_too_fast(
    town: Google, robin: Person, opening: Opens, fault: str, rests: bool
) -> None:
    came(robin, 2)
    told = Noting()
    opened = opening(town, robin, "mail", budget=told)
    town.faults.add(GET, fault)
    _, error = until_refused(Mailbox(Calls(opened), opened))
    assert isinstance(error, TryAgainLater)
    assert [name for name, _ in told.refusals] == ([f"google/{opened.known_as}"] if rests else [])


def test_a_mail_that_left_spam_while_its_list_was_read_is_read(town: Google, robin: Person, mailbox: Mailbox) -> None:
    """It stands where it first came, before those that were read."""
    _, cursor = to_the_end(mailbox)
    (spam,) = came(robin, 1, labels=("SPAM",))
    came(robin, 3, first=1)
    town.faults.add(GET, "500", after=2)
    pages, _ = until_refused(mailbox, cursor)
    assert writers(pages) == ["1", "2"]
    robin.moves(spam, add=("INBOX",), remove=("SPAM",))
    rest, _ = to_the_end(mailbox, pages[-1].cursor)
    assert sorted(writers([*pages, *rest])) == ["0", "1", "2", "3"]


def test_a_mail_that_was_looked_at_in_spam_is_looked_at_again_when_it_left(
    town: Google, robin: Person, mailbox: Mailbox
) -> None:
    """Both while one page of the history is read, as another mail of it fails."""
    _, cursor = to_the_end(mailbox)
    first, _ = came(robin, 2)
    robin.moves(first, add=("SPAM",), remove=("INBOX",))
    town.faults.add(GET, "500", after=1)
    pages, error = until_refused(mailbox, cursor)
    assert isinstance(error, TryAgainLater)
    assert writers(pages) == []
    robin.moves(first, add=("INBOX",), remove=("SPAM",))
    rest, _ = to_the_end(mailbox, pages[-1].cursor)
    assert sorted(writers([*pages, *rest])) == ["0", "1"]


def test_a_failure_of_all_mails_sets_none_aside(town: Google, robin: Person, mailbox: Mailbox) -> None:
    came(robin, 3)
    cursor = ""
    for _ in range(TRIES + 2):
        town.faults.add(GET, "503", times=3)
        some, _ = until_refused(mailbox, cursor)
        cursor = some[-1].cursor
    assert writers(to_the_end(mailbox, cursor)[0]) == ["2", "1", "0"]


@dataclass
class Noting(Unlimited):
    """A budget that notes what was refused."""

    refusals: list[tuple[str, timedelta]] = field(default_factory=list)

    def refused(self, name: str, least: timedelta) -> None:
        self.refusals.append((name, least))


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
