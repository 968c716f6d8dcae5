"""A page becomes rows once, with its counts and its cursor, whatever comes twice."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from keepwarm.errors import LeaseLost
from keepwarm.store import Store, accounts, contacts, duties, items, views
from keepwarm.types import CalendarEvent, Gone, Item, MailMark, Page, Reply, StreamKind
from tests import make

ANN = "Ann Example <ann@example.com>"


@pytest.fixture
def me(store: Store) -> str:
    return make.owner(store)


def kept(store: Store, me: str, batch_id: str) -> accounts.SourceCount:
    with store.reading(me) as tx:
        return accounts.batch(tx, batch_id).sources[0]


def connected(store: Store, me: str, now: datetime) -> str:
    """The stream of an account that stays connected."""
    with store.transaction(me) as tx:
        account = accounts.ensure_account(tx, provider="fake", now=now)
        return accounts.create_stream(tx, account_id=account.id, kind=StreamKind.CALENDAR, now=now).id


def synced(store: Store, me: str, stream_id: str, page: Page, now: datetime) -> items.Kept:
    with store.transaction(me) as tx:
        accounts.mark_stale(tx, stream_id, now)
        held = accounts.lease_stream(tx, stream_id, now)
        assert held is not None
        found = items.keep_page(tx, held, page, now)
        accounts.finish_stream(tx, held, now)
    return found


def test_a_source_that_begins_anew_is_counted_anew(store: Store, me: str) -> None:
    mails = make.both_ways(ANN)
    with store.transaction(me) as tx:
        batch_id, held = make.lease(tx)
        first = make.page(*mails, skipped=(make.skipped(),), broken=(make.broken(),), last=False)
        items.keep_page(tx, held, first, make.NOW)
        anew = make.page(*mails, make.message(ANN, make.OWNER), skipped=(make.skipped("spam"),), source_anew=True)
        items.keep_page(tx, held, anew, make.NOW)
    count = kept(store, me, batch_id)
    assert (count.read, count.stored, count.known, count.skipped, count.quarantined) == (4, 1, 2, 1, 0)
    assert count.reasons == {"spam": 1}


def test_read_is_the_sum_of_what_became_of_it(store: Store, me: str, now: datetime) -> None:
    mail = make.message(ANN, make.OWNER)
    found = [
        *make.both_ways(ANN),
        mail,
        mail,
        make.message(make.OWNER, ANN, marks=MailMark.OURS),
        make.event([ANN], ours=True),
    ]
    with store.transaction(me) as tx:
        batch_id, held = make.lease(tx)
        page = make.page(*found, skipped=(make.skipped(), make.skipped("spam", "2")), broken=(make.broken(),), known=4)
        assert items.keep_page(tx, held, page, now).stored == 3
    count = kept(store, me, batch_id)
    assert (count.read, count.stored, count.known, count.skipped, count.quarantined) == (13, 3, 5, 4, 1)
    assert count.reasons == {"draft": 1, "spam": 1, "ours": 2}
    with store.reading(me) as tx:
        assert [each.position for each in duties.quarantined(tx)] == ["1"]


def test_the_same_file_again_adds_nothing(store: Store, me: str, now: datetime) -> None:
    found = [*make.both_ways(ANN), make.event([ANN]), make.card("Ann Example", "ann@example.com")]
    make.imported(store, me, *found)
    again = kept(store, me, make.imported(store, me, *found))
    assert (again.stored, again.known) == (0, 4)
    with store.reading(me) as tx:
        assert (views.health(tx, now).mails, views.health(tx, now).events) == (2, 1)


def test_a_grown_file_adds_what_is_new(store: Store, me: str) -> None:
    first = make.both_ways(ANN)
    make.imported(store, me, *first)
    again = kept(store, me, make.imported(store, me, *first, make.message(ANN, make.OWNER, ref="new")))
    assert (again.stored, again.known) == (1, 2)


def test_a_page_without_its_lease_stores_nothing(store: Store, me: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        batch_id, held = make.lease(tx)
        stream_id = accounts.batch(tx, batch_id).stream_id
        later = accounts.lease_stream(tx, stream_id, now + timedelta(minutes=5))
        assert later is not None
    with pytest.raises(LeaseLost), store.transaction(me) as tx:
        items.keep_page(tx, held, make.page(*make.both_ways(ANN)), now)
    with store.reading(me) as tx:
        assert views.health(tx, now).mails == 0
        assert accounts.batch(tx, batch_id).sources == []


def _keep_and_crash(store: Store, me: str, stream_id: str, page: Page) -> None:
    with store.transaction(me) as tx:
        held = accounts.lease_stream(tx, stream_id, make.NOW)
        assert held is not None
        items.keep_page(tx, held, page, make.NOW)
        raise ZeroDivisionError


def test_cursor_and_rows_stand_or_fall_together(store: Store, me: str, now: datetime) -> None:
    stream_id = connected(store, me, now)
    page = Page(items=tuple(make.both_ways(ANN)), cursor="after", last=True)
    with pytest.raises(ZeroDivisionError):
        _keep_and_crash(store, me, stream_id, page)
    with store.reading(me) as tx:
        assert [each.stream.cursor for each in accounts.streams(tx)] == [""]
        assert views.health(tx, now).mails == 0
    synced(store, me, stream_id, page, now)
    with store.reading(me) as tx:
        assert [each.stream.cursor for each in accounts.streams(tx)] == ["after"]


@pytest.mark.parametrize(
    ("change", "raised"),
    [
        ({"start": make.NOW + timedelta(days=4)}, 1),
        ({"minutes": 90}, 1),
        ({"cancelled": True}, 1),
        ({"people": [(ANN, Reply.DECLINED)]}, 1),
        ({"title": "Another title"}, 0),
        ({"location": "Elsewhere"}, 0),
    ],
    ids=["start", "end", "cancelled", "reply", "title", "location"],
)
def test_a_changed_event_is_stored_and_told(store: Store, me: str, now: datetime, change: dict, raised: int) -> None:  # type: ignore[type-arg]
    stream_id = connected(store, me, now)
    fields = {"people": [ANN], "start": now + timedelta(days=3)}
    synced(store, me, stream_id, Page(items=(make.event(**fields),)), now)
    found = synced(store, me, stream_id, Page(items=(make.event(**fields | change),)), now)
    assert (found.stored, found.known) == (1, 0)
    with store.reading(me) as tx:
        assert views.event(tx, str(found.event_ids[0])).generation == raised


def test_touches_follow_a_changed_event(store: Store, me: str, now: datetime) -> None:
    stream_id = connected(store, me, now)
    event = {"start": now - timedelta(days=3)}
    synced(store, me, stream_id, Page(items=(make.event([ANN], **event),)), now)  # type: ignore[arg-type]
    with store.transaction(me) as tx:
        contacts.detect(tx, now)
        assert [each.meetings for each in contacts.contacts(tx, states=None, now=now)] == [1]
    declined = make.event([(ANN, Reply.DECLINED)], start=now - timedelta(days=3))
    synced(store, me, stream_id, Page(items=(declined,)), now)
    with store.transaction(me) as tx:
        assert [each.meetings for each in contacts.contacts(tx, states=None, now=now)] == [0]


def test_what_the_provider_no_longer_has_goes(store: Store, me: str, now: datetime) -> None:
    stream_id = connected(store, me, now)
    mail, event, card = make.message(ANN, make.OWNER), make.event([ANN]), make.card("Ann Example", "ann@example.com")
    synced(store, me, stream_id, Page(items=(mail, event, card)), now)
    refs = (("message", mail.ref), ("event", f"{event.uid}|"), ("card", f"vcf|{card.ref}"))
    synced(store, me, stream_id, Page(gone=tuple(Gone(kind=kind, ref=ref) for kind, ref in refs)), now)
    with store.reading(me) as tx:
        [left] = views.events_between(tx, event.start_at, event.end_at)
        assert (left.gone, left.generation, views.health(tx, now).mails) == (True, 1, 0)
    again: tuple[Item, ...] = (event,)
    assert synced(store, me, stream_id, Page(items=again), now).stored == 1
    with store.reading(me) as tx:
        assert not views.event(tx, left.id).gone


def test_touches_follow_the_owners_word_on_addresses(store: Store, me: str, now: datetime) -> None:
    mails = [*make.both_ways(ANN, me="other@example.org"), make.event([ANN], organiser="other@example.org")]
    make.imported(store, me, *mails)
    with store.transaction(me) as tx:
        assert contacts.detect(tx, now).proposed == 0
        accounts.set_own_address(tx, "Other@Example.org", own=True)
        before = items.rebuild_touches(tx)
        assert items.rebuild_touches(tx) == before == 3
        assert contacts.detect(tx, now).proposed == 1
        accounts.set_own_address(tx, "other@example.org", own=False)
        assert items.rebuild_touches(tx) == 2  # both of a meeting in the owner's calendar; no mails


def test_plus_addresses_of_the_owner_are_the_owner(store: Store, me: str, now: datetime) -> None:
    make.imported(store, me, *make.both_ways(ANN, me="owner+news@example.org"))
    with store.transaction(me) as tx:
        assert contacts.detect(tx, now).proposed == 1


def test_two_versions_of_an_event_in_one_page_leave_the_later(store: Store, me: str, now: datetime) -> None:
    first: CalendarEvent = make.event([ANN], title="First")
    second = make.event([ANN], title="Second")
    count = kept(store, me, make.imported(store, me, first, second, first))
    assert (count.read, count.stored, count.known) == (3, 2, 1)
    with store.reading(me) as tx:
        [event] = views.events_between(tx, first.start_at, first.end_at)
        assert event.title == "Second"
