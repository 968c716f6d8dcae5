"""Finding people in SQL: words, filters, order, pages; and that a row of `listing` is what it would be made anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keepwarm.errors import NotFound, NotPossible
from keepwarm.store import Store, Tx, changes, contacts, finding, likely, listing, notes, plans, tagging, views
from keepwarm.store.finding import Wish
from keepwarm.store.tables import likeness, metadata
from keepwarm.store.tables import listing as table
from tests import make
from tests.keepwarm.store.test_undo import STEPS, bring, imports

# name, organisation, days since the last mail (None: never), mails each way
PEOPLE: tuple[tuple[str, str, int | None, int], ...] = (
    ("Zoë Ångström", "Harbour Museum", 3, 4),
    ("Łukasz Müller", "HARBOUR MUSEUM B.V.", 120, 4),
    ("Noor de Vries", "Waterworks", 400, 4),
    ("Ann Straße", "", 100, 1),
    ("Ben Sample", "", 300, 1),
    ("Cas Invented", "School", None, 0),
)


@pytest.fixture
def me(store: Store) -> str:
    return make.owner(store)


@pytest.fixture
def ids(store: Store, me: str, now: datetime) -> dict[str, str]:
    """People accepted a year and a half ago, by first name."""
    long_ago = now - timedelta(days=500)
    found = {}
    with store.transaction(me) as tx:
        for name, organisation, _, _ in PEOPLE:
            first = name.split()[0]
            origins = ["friends"] if first == "Cas" else ["mail"]
            found[first] = contacts.add_contact(
                tx, name=name, address=f"{len(found)}@example.net", organisation=organisation, origins=origins,
                now=long_ago,
            )  # fmt: skip
        contacts.edit(tx, found["Cas"], long_ago, circle="cold")
    mails = [
        each
        for number, (name, _, days, times) in enumerate(PEOPLE)
        for n in range(times)
        if days is not None
        for each in make.both_ways(f"{name} <{number}@example.net>", at=now - timedelta(days=days + n, hours=2))
    ]
    bring(store, me, mails, "mail", now)
    return found


def names(store: Store, me: str, now: datetime, **wish: object) -> list[str]:
    with store.reading(me) as tx:
        found = finding.find(tx, Wish(**wish), now, limit=50)  # type: ignore[arg-type]  # a test's own words
        assert found.total == len(found.ids)
        rows = contacts.contact_rows(tx, found.ids, now)
        return [rows[each].name.split()[0] for each in found.ids]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("zoe", ["Zoë"]), ("angstrom zoe", ["Zoë"]), ("lukasz", ["Łukasz"]), ("MULLER", ["Łukasz"]),
        ("strasse", ["Ann"]), ("museum", ["Łukasz", "Zoë"]), ("museum mul", ["Łukasz"]), ("vri noo", ["Noor"]),
        ("2@example", ["Noor"]), ("oor", []), ("%", []), ("_", []), ("nobody", []),
    ],
)  # fmt: skip
def test_words_find(store: Store, me: str, ids: dict[str, str], now: datetime, words: str, found: list[str]) -> None:
    assert names(store, me, now, words=words) == found
    with store.reading(me) as tx:
        rows = contacts.contacts(tx, states=None, now=now, search=words)
        assert {row.name.split()[0] for row in rows} == set(found), "the command finds the same"


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        ({"circle": "warm"}, {"Zoë", "Łukasz", "Noor", }), ({"circle": "cold"}, {"Cas"}),
        ({"organisation": "harbour museum"}, {"Zoë", "Łukasz"}), ({"origin": "friends"}, {"Cas"}),
        ({"fresh": "fresh"}, {"Zoë", "Ann"}), ({"fresh": "due"}, {"Łukasz", "Ben"}), ({"fresh": "asleep"}, {"Noor"}),
        ({"fresh": "none"}, {"Cas"}), ({"fresh": "new"}, set()), ({"close": True}, set()),
        ({"tag": "choir"}, {"Zoë", "Ben"}), ({"untalked": True}, {"Zoë", "Łukasz", "Noor", "Ann", "Cas"}),
        ({"tag": "choir", "untalked": True, "circle": "warm", "words": "z"}, {"Zoë"}),
        ({"tab": "private"}, set()), ({"tab": "never"}, set()), ({"words": "walnut"}, {"Ben"}),
    ],
)  # fmt: skip
def test_filters_narrow_and_combine(
    store: Store, me: str, ids: dict[str, str], now: datetime, wish: dict[str, object], found: set[str]
) -> None:
    with store.transaction(me) as tx:
        tagging.add_tag(tx, [ids["Zoë"], ids["Ben"]], "Choir", now)
        notes.add_note(tx, ids["Ben"], now, said="The walnut tree.", at=now - timedelta(days=299))
    assert set(names(store, me, now, **wish)) == found


def test_order_pages_and_tallies(store: Store, me: str, ids: dict[str, str], now: datetime) -> None:
    assert names(store, me, now) == ["Ann", "Ben", "Cas", "Łukasz", "Noor", "Zoë"]
    assert names(store, me, now, sort="last") == ["Zoë", "Ann", "Łukasz", "Ben", "Noor", "Cas"]
    assert names(store, me, now, sort="due")[:2] == ["Noor", "Ben"]
    with store.reading(me) as tx:
        for sort in finding.SORTS:
            pages = [finding.find(tx, Wish(sort=sort), now, limit=4, offset=offset) for offset in (0, 4, 8)]
            assert [page.total for page in pages] == [6, 6, 6]
            assert len({each for page in pages for each in page.ids}) == 6
        assert finding.tallies(tx) == {"network": 6, "new": 0, "private": 0, "left_out": 0, "never": 0}
        assert finding.organisations(tx, "network", 2)[0].casefold().startswith("harbour museum")


@pytest.mark.parametrize("planned", [False, True])
def test_sql_says_what_the_rule_of_freshness_says(
    store: Store, me: str, ids: dict[str, str], now: datetime, planned: bool
) -> None:
    with store.transaction(me) as tx:
        contacts.edit(tx, ids["Zoë"], now, close=True)
        contacts.edit(tx, ids["Ann"], now, rhythm_days=10)
        contacts.edit(tx, ids["Łukasz"], now, rhythm_days=0)
        if planned:
            plans.set_goal(tx, ids["Noor"], now, goal="learn_vacancy")
            plans.set_goal(tx, ids["Cas"], now, goal="learn_field")
    for days in (0, 10, 30, 45, 60, 91, 92, 115, 185, 250, 400):
        moment = now + timedelta(days=days)
        with store.reading(me) as tx:
            at_now = views.world(tx, moment)
            told = {row.id: views.fresh(at_now, row).state.replace("late", "due") for row in at_now.people.values()}
            for state in finding.FRESH:
                found = finding.find(tx, Wish(fresh=state), moment, limit=50).ids
                assert set(found) == {each for each, said in told.items() if said == state}, (days, state)


def test_another_owner_finds_nobody(store: Store, ids: dict[str, str], now: datetime) -> None:
    other = make.owner(store, "other@example.org")
    assert names(store, other, now) == []
    assert names(store, other, now, words="zoe") == []


# --- a row is what it would be if made anew ---------------------------------------------------------------------------


def derived(tx: Tx) -> list[list[tuple[object, ...]]]:
    mine = [of.select().where(of.c.owner_id == tx.owner_id) for of in (table, likeness)]
    return [sorted(map(tuple, tx.connection.execute(each).all())) for each in mine]


def assert_true(store: Store, me: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        kept = derived(tx)
        for of in (table, likeness):
            tx.connection.execute(of.delete().where(of.c.owner_id == me))
        listing.refresh(tx, None, now)
        assert derived(tx) == kept


MOVES = STEPS | {
    "tag": lambda tx, rows, n, now: tagging.add_tag(tx, [rows[n].id, rows[0].id], f"word {n}", now),
    "untag": lambda tx, _rows, n, now: tagging.remove_tag(tx, None, f"word {n}", now),
    "rename": lambda tx, _rows, n, now: tagging.rename_tag(tx, f"word {n}", f"Word {n + 1}", now),
    "note": lambda tx, rows, n, now: notes.add_note(tx, rows[n].id, now, said="Łódź, again", names=[], tips="Zoë"),
    "many": lambda tx, rows, n, now: contacts.edit_many(tx, [each.id for each in rows[: n + 1]], now, circle="cold"),
    "erase": lambda tx, rows, n, now: contacts.erase(tx, rows[n].id, now),
    "undo": lambda tx, _rows, _n, now: changes.undo(tx, now),
    "detect": lambda tx, _rows, _n, now: contacts.detect(tx, now),
}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(st.sampled_from(sorted(MOVES)), st.integers(0, 3)), max_size=8))
def test_rows_stay_what_they_would_be_made_anew(store: Store, moves: Sequence[tuple[str, int]]) -> None:
    now = make.NOW
    with store.system() as tx:
        for each in metadata.sorted_tables:
            tx.connection.execute(each.delete())
    me = make.owner(store)
    for name, found in imports(now).items():
        bring(store, me, found, name, now)
    assert_true(store, me, now)
    for name, number in moves:
        _attempt(store, me, name, number, now)
        assert_true(store, me, now)


def _attempt(store: Store, me: str, name: str, number: int, now: datetime) -> None:
    try:
        with store.transaction(me) as tx:
            rows = contacts.contacts(tx, states=None, now=now)
            if rows:
                MOVES[name](tx, rows, number % len(rows), now)
    except (NotPossible, NotFound, IndexError):
        return


def test_a_page_knows_look_alikes_as_well_as_the_whole(store: Store, me: str, now: datetime) -> None:
    with store.transaction(me) as tx:
        known = contacts.add_contact(tx, name="Noor Willemse", address="noor@example.net", now=now)
        contacts.add_contact(tx, name="N\u043e\u043er Willemse", address="other@example.com", now=now)
        contacts.add_contact(tx, name="Somebody", address="n\u043eor@example.net", now=now)
        contacts.add_contact(tx, name="Plain Person", address="plain@example.net", now=now)
        rows = contacts.contacts(tx, states=["active"], now=now)
        whole, texts = views.known_people(tx), views.world(tx, now, only=[]).texts
        told = [views.doubt_of(row, likely.known_like(tx, rows), texts) for row in rows]
        assert told == [views.doubt_of(row, whole, texts) for row in rows]
        assert sum(map(bool, told)) >= 2
        one = [views.doubt_of(row, likely.known_like(tx, [row]), texts) for row in rows]
        assert one == told
        contacts.ignore(tx, [known], now)
        rows = [replace(each) for each in contacts.contacts(tx, states=["active"], now=now)]
        assert [views.doubt_of(row, likely.known_like(tx, rows), texts) for row in rows] == [
            views.doubt_of(row, views.known_people(tx), texts) for row in rows
        ]
