"""How far a page was read, and what is known of mails at which a provider fails."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integrations.wire.within import ALONE, AMONG, TRIES, TRIES_ALONE, Trying, named
from tests.conftest import NOW

SOON = NOW + timedelta(seconds=AMONG)
LATER = NOW + timedelta(seconds=ALONE)


def failed(cursor: Trying, *names: str, times: int = 1, others: bool = True) -> Trying:
    for _ in range(times):
        cursor = cursor.failed(names, NOW, others=others)
    return cursor


@pytest.mark.parametrize(
    ("times", "others", "at", "among", "expected"),
    [
        (TRIES - 1, True, SOON, True, False),
        (TRIES, True, SOON, True, True),
        (100, True, SOON - timedelta(seconds=1), True, False),
        (TRIES, True, SOON, False, False),
        (100, False, NOW, False, False),
        (100, False, NOW, True, False),
        (TRIES_ALONE, False, LATER - timedelta(seconds=1), False, False),
        (TRIES_ALONE, False, LATER, False, True),
        (TRIES_ALONE, True, LATER, False, True),
        (TRIES_ALONE - 1, False, LATER, False, False),  # nobody tried in between
        (1, True, LATER, True, False),
    ],
)
def test_a_mail_is_hopeless_after_an_hour_among_others_or_after_a_day(
    times: int, others: bool, at: object, among: bool, expected: bool
) -> None:
    cursor = failed(Trying(), "a", times=times, others=others)
    assert cursor.hopeless("a", at, others=among) is expected  # type: ignore[arg-type] # a moment
    assert not cursor.hopeless("b", at, others=among)  # type: ignore[arg-type]


def test_how_often_one_mail_failed_says_nothing_of_another() -> None:
    cursor = failed(failed(Trying(), "a", times=TRIES - 1), "b")
    assert (cursor.failing, cursor.tries) == (named("b"), 1)
    assert failed(cursor, "a").tries == 1


def test_who_failed_before_is_counted_before_others() -> None:
    cursor = failed(failed(Trying(), "b", times=2), "a", "b")
    assert (cursor.failing, cursor.tries) == (named("b"), 3)


def test_a_day_begins_with_the_first_failure() -> None:
    cursor = failed(Trying(), "a", times=TRIES_ALONE, others=False)
    cursor = cursor.failed(["a"], NOW + timedelta(hours=23), others=False)
    assert cursor.hopeless("a", LATER, others=False)


def test_a_cursor_of_before_has_its_day_still_to_come() -> None:
    cursor = Trying(failing=named("a"), tries=3)
    assert not cursor.hopeless("a", LATER, others=False)
    assert cursor.failed(["a"], NOW, others=False).since == int(NOW.timestamp())


def test_fewer_are_asked_for_after_too_many_and_one_more_after_each_that_went_well() -> None:
    cursor, seen = Trying(), []
    for too_many in (False, True, True, True, True, True, True, False, True, *[False] * 20):
        cursor = cursor.paced(20, too_many=too_many)
        seen.append(cursor.parts)
    assert seen == [0, 10, 5, 2, 1, 1, 1, 2, 1, *range(2, 20), 0, 0]
