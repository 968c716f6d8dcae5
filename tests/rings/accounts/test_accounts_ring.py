"""A delivery ends at every step, and answers are cut: one event, at most one mail, and nothing lost in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from keepwarm.types import StreamKind
from tests import make
from tests.integrations.open.sides import Town
from tests.rings.accounts.answers import Looks, bare, bare_reports, cut, dead, emptied, hiding, through
from tests.rings.accounts.furnishing import NOOR, TALK, furnish
from tests.rings.accounts.history import Mail, Wanted, complaints, of_events, of_mails
from tests.rings.accounts.home import Home, MakeHome, own_calendar
from tests.rings.conftest import Ring
from tests.servers.dav import Asked, Given

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ANN = "Ann Example <ann@example.com>"
EVENT, MAIL = "Get in touch with Ann Example", "Prepared: your talk"
CARRIED = "after commit workers.deliver._carry_out #1"  # noted that it is being sent
NOTED = "after commit workers.deliver._call #1"
VERBS = ("PUT", "MKCALENDAR", "DELETE")
ANSWERS = {"500": 500, "504": 504, "503": 503, "none": 0}


def follow_up(home: Home) -> str:
    """A follow-up that is to be written; its row."""
    home.knows(ANN, days_ago=200)
    home.prepare()
    (row,) = home.rows("follow_up_put")
    return row.id


def brief(home: Home) -> str:
    """A mail about a talk whose time has come; its row."""
    home.knows(NOOR)
    home.talk(TALK)
    home.at(TALK - timedelta(days=1))
    home.prepare()
    (row,) = home.rows("brief")
    home.at(row.run_at)
    return row.id


def told(home: Home) -> list[str]:
    return [MAIL for row in home.rows("brief") if row.state == "unknown"]


def wrong(home: Home, *, events: int = 0, mails: int = 0, uncertain: bool = False) -> list[str]:
    wanted = Wanted(
        events=(EVENT,) * events, mails=(MAIL,) * mails, address=home.address, told=told(home),
        uncertain=[MAIL] if uncertain else [],
    )  # fmt: skip
    return list(complaints(home.diary, home.post, wanted))


def drawn(ring: Ring, points: list[str], sample: int, *always: str) -> list[str]:
    """Those to end at: all in full; else a few, and those that are always tried."""
    if ring.full:
        return points
    return sorted({*ring.chance().sample(points, min(sample, len(points))), *always}, key=points.index)


@pytest.fixture(autouse=True)
def kind_sink(town: Town) -> Iterator[None]:
    yield
    town.sink.say = ""


# Ended anywhere


def test_ended_anywhere_a_follow_up_stands_once(make_home: MakeHome, ring: Ring) -> None:
    first = make_home()
    points = first.points(follow_up(first))
    assert wrong(first, events=1) == []
    tried = drawn(ring, points, 1, "after PUT #1", "after MKCALENDAR #1")
    for point in tried:
        home = make_home()
        home.die_at(point, follow_up(home))
        home.settle()
        assert wrong(home, events=1) == [], point
        assert [each.state for each in home.follow_ups()] == ["placed"], point
        assert len(home.diary.collections()) == 2, point
    ring.record(points=len(points), tried=len(tried))


def test_ended_anywhere_a_mail_arrives_once_or_is_told_as_uncertain(make_home: MakeHome, ring: Ring) -> None:
    first = make_home()
    points = first.points(brief(first))
    assert wrong(first, mails=1) == []
    around = points[points.index(CARRIED) : points.index(NOTED)]
    uncertain = 0
    tried = drawn(ring, points, 1, "before call open.send #1", "before copy #1", "after call open.send #1")
    for point in tried:
        home = make_home()
        home.die_at(point, brief(home))
        home.settle()
        uncertain += len(told(home))
        assert wrong(home, mails=1, uncertain=point in around) == [], point
    ring.record(points=len(points), tried=len(tried), told_as_uncertain=uncertain)


def test_a_follow_up_deleted_between_two_steps_stays_away(make_home: MakeHome, ring: Ring) -> None:
    """Deleted before we heard that it stands, it may come back once: CalDAV keeps no trace of what was there, so that
    looks like a writing that never arrived. Deleted again, it stays away.
    """
    first = make_home()
    points = first.points(follow_up(first))
    unheard = points[points.index("after PUT #1") : points.index(NOTED)]
    removed, returned = remove_ours(first), 0
    first.settle()
    assert wrong(first) == []
    tried = points if ring.full else [ring.chance().choice(unheard)]  # before them nothing stands, after them: above
    for point in tried:
        home = make_home()
        home.die_at(point, follow_up(home))
        standing = remove_ours(home)
        home.settle()
        if point in unheard:
            assert wrong(home, events=1) == [], point
            returned += remove_ours(home)
        home.settle()
        home.later(days=7).drain()
        removed += standing
        assert wrong(home, events=1 - standing) == [], point
    ring.record(points=len(points), tried=len(tried), removed=removed, back_once=returned)


def remove_ours(home: Home) -> int:
    """The owner deletes our events in another program; how many there were."""
    found = home.diary.entries(but=[own_calendar(home)])
    for each in found:
        home.diary.remove(each.href)
    return len(found)


# Carried out, and the answer is cut


def test_carried_out_without_an_answer_is_done_once(make_home: MakeHome, ring: Ring) -> None:
    """Each request by itself in full, else all three in one story."""
    each_alone = [{verb: how} for verb in VERBS for how in ANSWERS]
    ways = each_alone if ring.full else [{verb: ring.chance(verb).choice(sorted(ANSWERS)) for verb in VERBS}]
    for how in ways:
        home = make_home()
        home.door.alter = cut({verb: ANSWERS[each] for verb, each in how.items()}, times=ring.chance().randint(1, 2))
        follow_up(home)
        home.drain()
        home.settle()
        assert wrong(home, events=1) == [], how
        assert sorted(home.diary.collections()) == [f"/{home.diary.user}/keepwarm/", own_calendar(home)], how
        home.reads(*make.both_ways(ANN, at=home.moment - timedelta(minutes=90)))
        home.drain()
        home.settle()
        assert wrong(home) == [], how
        assert [each.state for each in home.follow_ups()] == ["removed"], how
    ring.record(ways=len(ways))


@pytest.mark.parametrize(("say", "sent"), [("drop-after", True), ("451 not now", False)])
def test_a_mail_without_an_answer_is_never_sent_twice(make_home: MakeHome, town: Town, say: str, sent: bool) -> None:
    home = make_home()
    row_id = brief(home)
    town.sink.say = say
    home.deliver(row_id)
    town.sink.say = ""
    assert len(home.post.handed_in()) == sent
    home.settle()
    home.later(minutes=15).drain()
    assert wrong(home, mails=1) == []
    assert told(home) == []


# What a server forgets


def town_of_talks(home: Home) -> None:
    """All that `furnish` makes, and read."""
    furnish(home)
    home.look()


def deeds(home: Home) -> list[tuple[str, str]]:
    """What was done or is to be done, by key."""
    return sorted((row.key, row.state) for row in home.rows())


def test_a_mailbox_that_is_numbered_anew_has_no_effect(make_home: MakeHome, ring: Ring) -> None:
    home = make_home()
    town_of_talks(home)
    before, held, sent = deeds(home), home.held(), home.post.handed_in()
    assert held[0] >= 9
    validity = [each.stream.cursor for each in home.streams(StreamKind.MAIL)]
    for name in ("", "Sent"):
        home.post.dovecot.renumber(home.post.user, name)
    home.look()
    assert [each.stream.cursor for each in home.streams(StreamKind.MAIL)] != validity
    assert (deeds(home), home.held(), home.post.handed_in()) == (before, held, sent)
    ring.record(mails=held[0])


def test_a_dead_token_has_no_effect(make_home: MakeHome) -> None:
    home = make_home()
    town_of_talks(home)
    before, held = deeds(home), home.held()
    home.door.alter = looks = Looks(dead, left=1_000)
    home.look()
    assert looks.told
    assert (deeds(home), home.held()) == (before, held)


@pytest.mark.parametrize("false", [emptied, bare, bare_reports], ids=["emptied", "bare", "bare reports"])
def test_a_calendar_that_is_empty_for_one_look_loses_nothing(
    make_home: MakeHome, false: Callable[[Asked], Given | None]
) -> None:
    home = make_home()
    town_of_talks(home)
    before, held = deeds(home), home.held()
    home.door.alter = looks = Looks(false)
    home.look()
    assert looks.told
    assert (deeds(home), home.held()) == (before, held)
    looks.left = 0
    home.later(hours=2).look()
    assert (deeds(home), home.held()) == (before, held)
    assert not any(each.held_since or each.last_error for each in home.streams())


def test_a_calendar_that_stays_empty_is_believed_at_the_second_look(make_home: MakeHome) -> None:
    home = make_home()
    town_of_talks(home)
    home.door.alter = Looks(emptied)
    home.look()
    assert home.held()[2] == 0
    home.later(minutes=6).look()
    assert home.held()[2] == 9


def test_our_calendar_left_out_of_a_listing_is_written_to_all_the_same(make_home: MakeHome) -> None:
    home = make_home()
    home.runtime.open_account(home.owner_id, home.streams()[0].stream.account_id).ensure_calendar()
    home.door.alter = hiding("keepwarm")
    assert home.deliver(follow_up(home)) == "sent"
    home.settle()
    home.door.alter = through
    home.settle()
    assert wrong(home, events=1) == []
    assert [each.state for each in home.follow_ups()] == ["placed"]


# The checker can fail

GOOD = Mail(key="1", subject="Prepared: your talk", to=("r@example.org",))
WANTED = Wanted(events=(EVENT,), mails=(MAIL,), address="r@example.org")
HISTORIES: dict[str, tuple[list[str], list[Mail], dict[str, list[Mail]]]] = {
    "": ([EVENT], [GOOD], {"INBOX": [GOOD]}),
    "lost: an event": ([], [GOOD], {}),
    "lost: no mail": ([EVENT], [], {}),
    "doubled: 2 events": ([EVENT, EVENT], [GOOD], {}),
    "doubled: 2 mails": ([EVENT], [GOOD, GOOD], {}),
    "doubled: 2 copies": ([EVENT], [GOOD], {"Sent": [GOOD, GOOD]}),
    "outside": ([EVENT], [Mail(key="1", subject=MAIL, to=("noor@lantern.example",))], {}),
    "unasked: 1 events": ([EVENT, "Other"], [GOOD], {}),
    "unasked: a mail": ([EVENT], [GOOD, Mail(key="2", subject="Hello", to=GOOD.to)], {}),
}


@pytest.mark.parametrize("says", HISTORIES, ids=lambda says: says or "nothing")
def test_each_kind_of_wrong_is_said(says: str) -> None:
    titles, sent, folders = HISTORIES[says]
    found = [*of_events(titles, WANTED), *of_mails(sent, folders, WANTED)]
    assert any(each.startswith(says) for each in found) if says else found == []
