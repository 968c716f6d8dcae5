"""Reading ends at every page, commit and request: what is stored in the end is what stands on the servers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from integrations.open import comparing, mailbox
from tests.rings.accounts.furnishing import change, furnish
from tests.rings.accounts.home import Home, MakeHome
from tests.rings.conftest import Ring

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (comparing, mailbox):
        monkeypatch.setattr(module, "BLOCK", 3)


def furnished(make_home: MakeHome) -> Home:
    home = make_home()
    furnish(home)
    home.wake()
    return home


def since(make_home: MakeHome) -> Home:
    """All was read, and then much changed."""
    home = furnished(make_home)
    home.drain()
    change(home)
    home.wake()
    return home


BEGINS: dict[str, Callable[[MakeHome], Home]] = {"a first pass": furnished, "what changed": since}


@pytest.mark.parametrize("begin", BEGINS)
def test_ended_anywhere_all_arrives_as_it_stands(make_home: MakeHome, ring: Ring, begin: str) -> None:
    first = BEGINS[begin](make_home)
    points = first.reading_points()
    first.settle()
    mails, events = first.contents()
    assert (len(mails), sum(not gone for *_, gone in events)) >= (9, 7)
    pages = [each for each in points if each.startswith("page ")]
    tried = points if ring.full else sorted({*ring.chance().sample(points, 2), pages[1]}, key=points.index)
    for point in tried:
        home = BEGINS[begin](make_home)
        home.die_reading(point)
        home.settle()
        home.later(minutes=6).settle()
        assert home.contents() == (mails, events), point
        assert not any(each.last_error or each.held_since for each in home.streams()), point
    ring.record(points=len(points), tried=len(tried), pages=len(pages))
