"""Outlook's mail at its oddest: odd rounds, refusals, and how many requests at once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from integrations.microsoft import rounds
from integrations.microsoft.calls import Calls
from integrations.microsoft.mail import FAILS, Mailbox
from integrations.wire.http import AWAY
from integrations.wire.within import TRIES
from keepwarm.errors import Rejected, TryAgainLater
from keepwarm.store import Store
from keepwarm.types import Message, Page
from tests.emulators.microsoft import Microsoft, Person
from tests.integrations.microsoft.mails import changes, until_refused
from tests.integrations.microsoft.test_mail import (
    BATCH,
    DELTA,
    FOLDER,
    GET,
    Opens,
    came,
    lean,
    mailbox,
    opened,
    ref,
    small,
    to_the_end,
    writers,
)
from workers.budgets import Purses

__all__ = ["lean", "mailbox", "opened", "small"]  # fixtures


# --- Rounds that are odd, and refusals


@pytest.mark.parametrize("fault", ["short-page", "empty-page", "repeated-item", "repeated-link"])
@pytest.mark.usefixtures("small")
def test_pages_may_be_short_empty_or_repeated(town: Microsoft, robin: Person, mailbox: Mailbox, fault: str) -> None:
    came(robin, 17)
    inbox = ref(robin, "inbox")
    town.faults.add(DELTA, fault)
    pages, cursor = to_the_end(mailbox, inbox)
    assert set(writers(pages)) == set(range(17))
    came(robin, 17, first=20)
    town.faults.add(DELTA, fault)
    assert set(writers(to_the_end(mailbox, inbox, cursor)[0])) == set(range(20, 37))


def test_a_round_may_tell_what_was_told(town: Microsoft, robin: Person, mailbox: Mailbox) -> None:
    came(robin, 3)
    inbox = ref(robin, "inbox")
    first, cursor = to_the_end(mailbox, inbox)
    town.faults.add(DELTA, "replay")
    again, _ = to_the_end(mailbox, inbox, cursor)
    assert {each.ref for one in again for each in one.items if isinstance(each, Message)} == {
        each.ref for one in first for each in one.items if isinstance(each, Message)
    }


REFUSALS: list[tuple[str, dict[str, Any], timedelta, str]] = [
    ("429", {"retry_after": 300}, timedelta(seconds=300), ""),
    ("429", {"retry_after": 300, "form": "date"}, timedelta(seconds=300), ""),
    ("429", {"form": "none"}, timedelta(minutes=1), ""),
    ("503", {"retry_after": 300}, timedelta(seconds=300), ""),
    ("503", {"retry_after": 300, "form": "date"}, timedelta(seconds=300), ""),
    ("504", {}, timedelta(minutes=1), ""),
    ("500", {}, timedelta(minutes=1), AWAY),
    ("502", {}, timedelta(minutes=1), AWAY),
]


@pytest.mark.parametrize(("kind", "options", "wait", "says"), REFUSALS)
@pytest.mark.parametrize("where", [FOLDER, DELTA, BATCH, GET])
@pytest.mark.usefixtures("small", "lean")
def test_who_is_refused_keeps_what_was_read_and_goes_on(
    town: Microsoft,
    robin: Person,
    mailbox: Mailbox,
    where: str,
    kind: str,
    options: dict[str, Any],
    wait: timedelta,
    says: str,
) -> None:
    came(robin, 25)
    inbox = ref(robin, "inbox")
    town.faults.add(where, kind, after={FOLDER: 0, GET: 14}.get(where, 1), **options)
    pages, error = until_refused(mailbox, inbox)
    assert isinstance(error, TryAgainLater)
    assert (error.says, error.after) == (says, wait)
    assert writers(pages) == [each for each in range({FOLDER: 0, GET: 20}.get(where, 10)) if each != 14]
    rest, _ = to_the_end(mailbox, inbox, pages[-1].cursor if pages else "")
    assert writers([*pages, *rest]) == list(range(25))


@pytest.mark.parametrize("kind", ["cut", "truncated"])
@pytest.mark.parametrize("where", [DELTA, BATCH, GET])
@pytest.mark.usefixtures("small", "lean")
def test_half_an_answer_is_none(town: Microsoft, robin: Person, mailbox: Mailbox, where: str, kind: str) -> None:
    came(robin, 25)
    inbox = ref(robin, "inbox")
    town.faults.add(where, kind, after=1)
    pages, error = until_refused(mailbox, inbox)
    assert isinstance(error, TryAgainLater)
    rest, _ = to_the_end(mailbox, inbox, pages[-1].cursor if pages else "")
    assert writers([*pages, *rest]) == list(range(25))


def test_what_is_not_allowed_is_not_tried_again(town: Microsoft, robin: Person, opening: Opens) -> None:
    opened = opening(town, robin, "contacts")
    with pytest.raises(Rejected):
        list(changes(Mailbox(Calls(opened), opened), ref(robin, "inbox")))
    town.breaches.clear()  # to ask beyond its scopes is one


@pytest.mark.usefixtures("lean", "no_hour")
def test_a_mail_at_which_graph_always_fails_holds_up_no_other(town: Microsoft, robin: Person, mailbox: Mailbox) -> None:
    inbox, pages = ref(robin, "inbox"), list[Page]()
    _, cursor = to_the_end(mailbox, inbox)
    came(robin, 2)
    for number in range(TRIES):
        town.faults.add(GET, "500")  # at the first of the batch
        some, error = until_refused(mailbox, inbox, cursor)
        assert isinstance(error, TryAgainLater)
        pages += some
        cursor = some[-1].cursor
        came(robin, 1, first=number + 2)
    assert writers(pages) == list(range(1, TRIES + 1))
    town.faults.add(GET, "500")
    rest, _ = to_the_end(mailbox, inbox, cursor)
    assert writers(rest) == [TRIES + 1]
    assert [each.reason for one in rest for each in one.broken] == [FAILS]


@pytest.mark.usefixtures("lean")
def test_of_a_batch_only_the_refused_are_asked_for_again_and_fewer_at_once(
    town: Microsoft, robin: Person, mailbox: Mailbox
) -> None:
    came(robin, 40)
    inbox, before = ref(robin, "inbox"), town.requests[GET]
    for after in (5, 9):  # four at a time are taken, and these are one too many
        town.faults.add(GET, "429", after=after, form="none")
    pages, error = until_refused(mailbox, inbox)
    assert isinstance(error, TryAgainLater)
    assert len(writers(pages)) == 18
    rest, _ = to_the_end(mailbox, inbox, pages[-1].cursor)
    assert [len(each.items) for each in rest] == [10, 11, 1]
    assert writers([*pages, *rest]) == list(range(40))
    assert town.requests[GET] - before == 42


@pytest.mark.usefixtures("lean")
def test_a_page_that_is_asked_again_may_have_another_order(town: Microsoft, robin: Person, mailbox: Mailbox) -> None:
    """What was read of it is not read again, and what was not is, wherever it stands now."""
    inbox = ref(robin, "inbox")
    _, cursor = to_the_end(mailbox, inbox)
    mails = came(robin, 4)
    town.faults.add(GET, "500", after=2)
    pages, _ = until_refused(mailbox, inbox, cursor)
    assert writers(pages) == [0, 1, 3]
    robin.reads(mails[1])  # one that was read moves behind the one that was not
    came(robin, 1, first=4)
    rest, _ = to_the_end(mailbox, inbox, pages[-1].cursor)
    assert writers([*pages, *rest]) == [0, 1, 2, 3, 4]


@pytest.mark.usefixtures("lean")
def test_a_failure_of_all_mails_sets_none_aside(town: Microsoft, robin: Person, mailbox: Mailbox) -> None:
    came(robin, 3)
    inbox, cursor = ref(robin, "inbox"), ""
    for _ in range(TRIES + 2):
        town.faults.add(GET, "503", times=3)
        some, _ = until_refused(mailbox, inbox, cursor)
        cursor = some[-1].cursor
    assert writers(to_the_end(mailbox, inbox, cursor)[0]) == [0, 1, 2]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.usefixtures("small")
def test_whatever_fails_all_mail_arrives_in_the_end(
    town: Microsoft, robin: Person, mailbox: Mailbox, seed: int
) -> None:
    came(robin, 60)
    inbox, before = ref(robin, "inbox"), town.headers_in_delta
    town.headers_in_delta = seed % 2 == 0
    town.faults.random(seed, 0.1)
    cursor, found = "", set[int]()
    for _ in range(400):
        try:
            for each in changes(mailbox, inbox, cursor):
                cursor = each.cursor
                found |= set(writers([each]))
            break
        except TryAgainLater:
            continue
    town.headers_in_delta = before
    assert found == set(range(60))


# --- How many requests, and how many at once (PERFORMANCE.md H2)


@pytest.mark.parametrize("told_there", [True, False], ids=["with headers", "without"])
def test_requests_are_as_many_as_pages(town: Microsoft, robin: Person, mailbox: Mailbox, told_there: bool) -> None:
    number = 2000 if told_there else 600
    came(robin, number, silent=True)
    before, town.headers_in_delta = town.headers_in_delta, told_there
    asked, batches = town.requests.total(), town.requests[BATCH]
    pages, _ = to_the_end(mailbox, ref(robin, "inbox"))
    town.headers_in_delta = before
    assert writers(pages) == list(range(number))
    batches = town.requests[BATCH] - batches
    parts = 0 if told_there else number  # are counted, too
    whole = town.requests.total() - asked - parts
    assert batches == parts / 20
    assert whole - batches == number / rounds.SIZE + 1  # which folder it is
    assert told_there is False or whole <= number / rounds.SIZE * 1.05


def test_four_folders_at_once_are_three_times_as_quick(
    town: Microsoft, robin: Person, opening: Opens, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "SMALLER", (10,))
    folders = [ref(robin, "inbox"), *(robin.add_folder(f"F{number}") for number in range(3))]
    for number, folder in enumerate(folders):
        came(robin, 30, first=number * 30, folder=folder, silent=True)
    budget = Purses(store=store, now=town.now)

    def read(folder: str) -> list[int]:
        opened = opening(town, robin, "mail", budget=budget)
        return writers(to_the_end(Mailbox(Calls(opened), opened), folder)[0])

    town.faults.add(DELTA, "slow", times=None, seconds=0.3)
    begun = time.monotonic()
    alone = [read(each) for each in folders]
    one_by_one, begun = time.monotonic() - begun, time.monotonic()
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(read, folders))
    at_once = time.monotonic() - begun
    assert alone == together == [list(range(number * 30, number * 30 + 30)) for number in range(4)]
    assert town.limits.peak[robin] <= 4
    assert one_by_one / at_once >= 3


def test_many_who_read_at_once_are_never_five(
    town: Microsoft, robin: Person, opening: Opens, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "SMALLER", (20,))
    folders = [robin.add_folder(f"G{number}") for number in range(8)]
    for number, folder in enumerate(folders):
        came(robin, 40, first=number * 40, folder=folder, silent=True)
    budget = Purses(store=store, now=town.now)

    def read(folder: str) -> list[int]:
        opened = opening(town, robin, "mail", budget=budget)
        return writers(to_the_end(Mailbox(Calls(opened), opened), folder)[0])

    town.faults.add(DELTA, "slow", times=None, seconds=0.05)
    refused = town.refused.total()
    with ThreadPoolExecutor(8) as threads:
        found = [each for some in threads.map(read, folders) for each in some]
    assert found == list(range(320))
    assert 2 <= town.limits.peak[robin] <= 4
    assert town.refused.total() == refused
