"""Somebody leaves, has everything taken out of the calendar, or sees how a mail looks: through the engine."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keepwarm.errors import NotFound
from keepwarm.followups import uid_of
from keepwarm.mails import SHOWN
from keepwarm.store import accounts, follow_ups, outbox
from service.sending import asked_sample
from tests.workers.conftest import NOOR, NOW, House
from workers import nextsteps, samples
from workers.leaving import entries, leave


def written(house: House) -> str:
    """A follow-up that stands in the calendar; its id."""
    house.knows(NOOR, days_ago=200)
    house.drain()
    (found,) = [each for each in house.follow_ups() if each.state == "placed"]
    assert uid_of(found.id) in house.world.events
    return found.id


def take(house: House, *, calendars: list[str]) -> None:
    with house.store.transaction(house.owner_id) as tx:
        nextsteps.take_all_away(tx, house.moment, calendars=calendars)
    house.later(minutes=1).drain()


def account_id(house: House) -> str:
    with house.store.reading(house.owner_id) as tx:
        return accounts.accounts(tx)[0].id


def test_everything_leaves_the_calendar_and_stays_away(house: House) -> None:
    follow_up_id = written(house)
    house.world.events["stray@keepwarm"] = house.world.events[uid_of(follow_up_id)]  # nobody knows of it any more
    take(house, calendars=["", account_id(house)])
    assert house.world.events == {}
    assert {each.state for each in house.follow_ups()} == {"deleted"}
    for _ in range(3):
        house.later(days=2).drain()
    assert house.world.events == {}


def test_one_entry_leaves_the_calendar_it_stands_in(house: House) -> None:
    follow_up_id = written(house)
    with house.store.transaction(house.owner_id) as tx:
        nextsteps.take_away(tx, follow_up_id, house.moment)
    house.later(minutes=1).drain()
    assert house.world.events == {}
    house.later(days=3).drain()
    assert house.world.events == {}


def test_everything_leaves_our_own_calendar_too(plain_house: House) -> None:
    plain_house.knows(NOOR, days_ago=200)
    plain_house.drain()
    local = plain_house.runtime.open_local(plain_house.owner_id)
    assert b"BEGIN:VEVENT" in local.feed()
    take(plain_house, calendars=[""])
    assert b"BEGIN:VEVENT" not in local.feed()


def test_what_came_along_planned_is_written_here(house: House) -> None:
    (contact_id,) = house.knows(NOOR, days_ago=200)
    house.drain()
    (first,) = house.follow_ups()
    with house.store.transaction(house.owner_id) as tx:
        nextsteps.take_away(tx, first.id, house.moment)
        # as an import leaves it: planned in this period, and no row of the outbox tells anybody to write it
        follow_ups.change(tx, first.id, state="removed")
        follow_ups.place(
            tx, id="along", contact_id=contact_id, cycle=first.cycle, at=first.at + timedelta(days=7),
            wall=first.wall, zone=first.zone, reason={}, now=house.moment,
        )  # fmt: skip
    house.later(minutes=1).drain()
    assert list(house.world.events) == [uid_of("along")]


def test_leaving_takes_events_rows_and_files_and_nobody_elses(house: House) -> None:
    written(house)
    other = house.runtime.owner_home("someone-else")
    (other / "kept").write_text("x")
    assert entries(house.runtime, house.owner_id) == 1
    assert leave(house.runtime, house.owner_id, remove_events=True) == []
    assert house.world.events == {}
    assert [each.name for each in (house.runtime.home / "owners").iterdir()] == ["someone-else"]
    with house.store.reading(house.owner_id) as tx, pytest.raises(NotFound):
        accounts.owner(tx)
    house.later(days=1).drain()
    assert [each.name for each in (house.runtime.home / "owners").iterdir()] == ["someone-else"]


def test_leaving_keeps_the_events_where_that_is_wished(quick_house: House) -> None:
    written(quick_house)
    leave(quick_house.runtime, quick_house.owner_id, remove_events=False)
    assert len(quick_house.world.events) == 1


def test_a_dead_account_is_no_hindrance_to_leaving(quick_house: House) -> None:
    written(quick_house)
    quick_house.world.revoked = True
    (told,) = leave(quick_house.runtime, quick_house.owner_id, remove_events=True)
    assert "still stands" in told
    with quick_house.store.system() as tx:
        assert accounts.owners(tx) == []


# --- how a mail looks ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", SHOWN)
@pytest.mark.parametrize("lang", ["en", "nl"])
def test_every_kind_of_mail_can_be_seen_by_somebody_with_nothing(
    kind: str, lang: str, quick_plain_house: House
) -> None:
    house = quick_plain_house
    with house.store.transaction(house.owner_id) as tx:
        accounts.update_owner(tx, lang=lang)
        owner = accounts.owner(tx)
    found = samples.sample(house.runtime, owner, kind, "preview")
    assert found.mail.to.address == owner.email
    assert found.mail.subject
    assert found.mail.html
    assert found.own == (kind == "well")
    assert "{" not in found.mail.text


def test_a_sample_speaks_of_ones_own_where_there_is_something(quick_house: House) -> None:
    house = quick_house
    house.knows(NOOR, days_ago=200)
    house.reads(house.talk())
    with house.store.reading(house.owner_id) as tx:
        owner = accounts.owner(tx)
    for kind in ("brief", "note", "booked", "digest"):
        found = samples.sample(house.runtime, owner, kind, "preview")
        assert found.own, kind
        assert "Noor Jansen" in found.mail.text, kind


def test_one_on_request_arrives_once_and_counts_as_no_digest(plain_house: House) -> None:
    house = plain_house
    for _ in range(2):
        with house.store.transaction(house.owner_id) as tx:
            outbox.put(tx, asked_sample(house.runtime, tx, "digest", house.moment), house.moment)
    house.drain()
    assert len(house.runtime.open_local(house.owner_id).list_mails()) == 1
    with house.store.reading(house.owner_id) as tx:
        assert outbox.samples_since(tx, NOW - timedelta(hours=1)) == 1
        assert outbox.recent(tx, "digest", NOW - timedelta(days=9)) == []


def test_one_on_request_comes_although_its_kind_is_stopped(quick_plain_house: House) -> None:
    house = quick_plain_house
    with house.store.transaction(house.owner_id) as tx:
        accounts.update_owner(tx, settings={"stopped": ["digest"]})
        outbox.put(tx, asked_sample(house.runtime, tx, "digest", house.moment), house.moment)
    house.drain()
    assert house.states("sample") == ["sent"]


def test_the_house_is_never_without_somebody_who_runs_it(house: House) -> None:
    """Whoever was there longest takes over, told by a mail and on their page; the last one leaves it empty."""
    made = []
    with house.store.system() as tx:
        for number, email in enumerate(("kim@example.org", "robin@example.com")):
            made.append(accounts.create_owner(tx, email=email, now=NOW + timedelta(days=number)).id)
    for at, gone in enumerate((house.owner_id, *made)):
        leave(house.runtime, gone, remove_events=False)
        with house.store.system(write=False) as tx:
            left = accounts.owners(tx)
        assert [each.id for each in left if each.operator] == made[at : at + 1]
        if left:
            with house.store.reading(left[0].id) as tx:
                assert [row.payload["what"] for row in outbox.rows(tx)] == ["operator"]
                assert accounts.owner(tx).settings == {"new_operator": True}


def test_somebody_else_who_leaves_changes_nothing_of_who_runs_it(house: House) -> None:
    with house.store.system() as tx:
        kim = accounts.create_owner(tx, email="kim@example.org", now=NOW).id
    leave(house.runtime, kim, remove_events=False)
    with house.store.reading(house.owner_id) as tx:
        assert accounts.owner(tx).operator
        assert "new_operator" not in accounts.owner(tx).settings
