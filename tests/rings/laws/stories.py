"""Short lives in which one thing goes wrong, told with the machine's own rules: in each some defect of `broken` shows.

A sound engine lives through all of them without breaking a law; `test_breaking` sees to both.
"""

from __future__ import annotations

from collections.abc import Callable

from keepwarm.store import outbox
from tests.rings.laws.house import Work, death_at, drain
from tests.rings.laws.machine import Laws
from tests.rings.laws.truth import PEOPLE
from workers import tasks

Story = Callable[[Laws], None]

KNOWN, NEW = PEOPLE[0], PEOPLE[4]  # in the network from the beginning; not in touch yet
BEFORE_SENDING, AFTER_SENDING = "before call fake.send", "after call fake.send"
A_PAGE_IN_HAND = "page fake.changes"
LEASED = 2  # the second moment of a delivery: its claim stands


def lived(life: Laws, story: Story) -> None:
    """Three people, one of them to be spoken to in two days; then the story, then the end. Raises Violation."""
    try:
        life.a_life_begins(3, 2, False)
        life.the_laws_hold()
        story(life)
        life.the_laws_hold()
    finally:
        life.teardown()


# --- question lists


def a_list_is_sent(life: Laws) -> None:
    life.house.works(_the_list(life), life.knows())


def its_worker_dies_before_the_call(life: Laws) -> None:
    life.house.works(_the_list(life), life.knows(), death_at(BEFORE_SENDING))
    life.a_lease_runs_out(work=True)


def its_worker_dies_after_the_call(life: Laws) -> None:
    life.house.works(_the_list(life), life.knows(), death_at(AFTER_SENDING))
    life.a_lease_runs_out(work=True)


def its_answer_gets_lost(life: Laws) -> None:
    life.an_answer_gets_lost()
    a_list_is_sent(life)
    life.a_lease_runs_out(work=True)


def nobody_worked_until_the_talk(life: Laws) -> None:
    life.a_talk_comes_near(0, -4, work=False)
    life.house.works(drain, life.knows())


def everything_is_stopped(life: Laws) -> None:
    life.stops_everything(stop=True)
    a_list_is_sent(life)


def its_worker_wakes_while_everything_is_stopped(life: Laws) -> None:
    """Another has sent the list meanwhile; then all goes on."""
    life.house.stall(_the_list(life), life.knows(), LEASED)
    life.a_lease_runs_out(work=True)
    life.stops_everything(stop=True)
    life.a_stalled_worker_goes_on(0, dies=False)
    life.stops_everything(stop=False)
    life.time_passes(61, work=True)


def the_talk_is_cancelled_late(life: Laws) -> None:
    """It is read that the talk is off, and before anybody planned anew the list was due."""
    life.a_talk_is_cancelled(0, early=False)
    life.a_hint_comes()
    life.house.works(lambda runtime: tasks._inline(runtime, "sync_stream", life.house.streams["agenda"]), life.knows())
    life.the_laws_hold()
    a_list_is_sent(life)


def _the_list(life: Laws) -> Work:
    """Its hour comes, and a worker takes it up."""
    with life.house.store.reading(life.house.owner_id) as tx:
        row = next(each for each in outbox.rows(tx) if each.kind == "brief")
    life.house.moment = max(life.house.moment, row.run_at)
    return lambda runtime: tasks._inline(runtime, "deliver", row.id)


# --- reading


def two_read_one_stream(life: Laws) -> None:
    """The first sleeps with a page in its hand until its lease is over; the second comes further."""
    life.a_mail(KNOWN, ours=False, ago=1, also=None, early=False)
    life.a_hint_comes()
    life.house.stall(_reading(life), life.knows(), A_PAGE_IN_HAND)
    life.a_mail(KNOWN, ours=True, ago=1, also=None, early=False)
    life.a_lease_runs_out(work=True)
    life.the_laws_hold()
    life.a_stalled_worker_goes_on(0, dies=False)


def a_reader_dies_with_a_page_in_its_hand(life: Laws) -> None:
    """At each of its moments in turn."""
    for point in range(1, 12):
        life.a_mail(KNOWN, ours=False, ago=point, also=None, early=False)
        life.a_hint_comes()
        life.house.works(_reading(life), life.knows(), death_at(point))
        life.the_laws_hold()
        life.a_lease_runs_out(work=False)


def the_same_is_told_twice(life: Laws) -> None:
    life.mails_both_ways(NEW, 20)
    life.all_is_done()
    for which in range(8):
        life.the_same_again(which, early=False)
    life.all_is_done()


def what_we_made_comes_back(life: Laws) -> None:
    a_list_is_sent(life)
    life.what_we_made_comes_back()
    life.all_is_done()


def a_talk_is_moved(life: Laws) -> None:
    life.a_talk_is_moved(0, 3, early=False)
    life.all_is_done()


def _reading(life: Laws) -> Work:
    return lambda runtime: tasks._inline(runtime, "sync_stream", life.house.streams["post"])


# --- people and their entries in the calendar


def somebody_is_never_to_be_contacted(life: Laws) -> None:
    life.says(PEOPLE[1], "never")
    life.mails_both_ways(PEOPLE[1], 3)
    life.a_card(PEOPLE[1], there=True)
    life.all_is_done()
    life.time_passes(60 * 24 * 15, work=True)


def somebody_erased_writes_again(life: Laws) -> None:
    life.a_card(PEOPLE[1], there=True)
    life.all_is_done()
    life.erases(PEOPLE[1])
    life.mails_both_ways(PEOPLE[1], 3)
    life.a_card(PEOPLE[1], there=True)
    life.all_is_done()


def an_entry_is_deleted_by_hand(life: Laws) -> None:
    life.deletes_an_entry(0)
    life.time_passes(60 * 24, work=True)
    life.all_is_done()
    life.time_passes(60 * 24 * 15, work=True)


def an_entry_is_moved_by_hand(life: Laws) -> None:
    life.moves_an_entry(0, 5)
    life.time_passes(61, work=True)
    life.mails_both_ways(PEOPLE[1], 1)
    life.all_is_done()


def an_answer_about_an_entry_gets_lost(life: Laws) -> None:
    life.mails_both_ways(NEW, 200)
    life.all_is_done()
    life.says(NEW, "active")
    life.wants_a_rhythm(NEW, 14)
    life.an_answer_gets_lost()
    life.all_is_done()
    life.time_passes(61, work=True)
