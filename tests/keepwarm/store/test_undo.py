"""Taking back: an import leaves nothing behind, and any row of the owner's changes unwinds to where it began."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keepwarm.errors import NotPossible
from keepwarm.store import Store, accounts, changes, contacts, items, notes, plans
from keepwarm.store.tables import metadata
from keepwarm.types import Item, MailMark, Page, Reply, StreamKind
from tests import make

ANN = "Ann Example <ann@example.com>"
BEN = "Ben Sample <ben@example.net>"
CAS = "Cas Invented <cas@example.com>"
NOT_COMPARED = frozenset(
    {"change", "batch", "source", "stream", "account", "session", "instance", "duty", "owner"}
)  # the last is derived: test_quick


def dump(store: Store) -> dict[str, list[str]]:
    """All rows of all tables that an undo must restore, ids from the runtime replaced by what they stand for."""
    with store.engine.connect() as connection:
        rows = {
            t.name: [dict(row) for row in connection.execute(t.select()).mappings()] for t in metadata.sorted_tables
        }
    names = {row["id"]: f"batch {row['label']}" for row in rows["batch"]}
    names |= {row["id"]: f"stream of {names.get(row['place_ref'])}" for row in rows["stream"]}
    names |= {row["id"]: f"contact {row['name']}" for row in rows["contact"]}
    names |= {row["id"]: "an id" for name in ("quarantine", "suggestion") for row in rows[name]}
    return {
        name: sorted(_plain(name, row, names) for row in found)
        for name, found in rows.items()
        if name not in NOT_COMPARED
    }


def _plain(table: str, row: dict[str, Any], names: dict[str, str]) -> str:
    kept = {key: names.get(each, each) if isinstance(each, str) else each for key, each in row.items()}
    if table == "suggestion":
        kept |= {
            "contact_a": min(kept["contact_a"], kept["contact_b"]),
            "contact_b": max(kept["contact_a"], kept["contact_b"]),
        }
        kept["reason"] = kept["reason"]["key"]
    return repr({key: each for key, each in kept.items() if (table, key) != ("event", "generation")})


def bring(store: Store, me: str, found: Iterable[Item], path: str, now: datetime) -> str:
    batch_id = make.imported(store, me, *found, path=path, now=now)
    with store.transaction(me) as tx:
        contacts.detect(tx, now)
    return batch_id


def take_back(store: Store, me: str, batch_id: str, now: datetime) -> dict[str, int]:
    with store.transaction(me) as tx:
        return accounts.undo_batch(tx, batch_id, now)


def imports(now: datetime) -> dict[str, list[Item]]:
    """Three overlapping imports: of two halves of one mailbox, and of a book and a calendar about the same people."""
    sent = [
        make.message("Me <alias@example.org>", BEN, at=now - timedelta(days=d), marks=MailMark.SENT) for d in range(4)
    ]
    unfiled = [replace(each, marks=MailMark.NONE) for each in sent]
    early = make.message(CAS, [make.OWNER, ANN], at=now - timedelta(days=300))
    talk = make.event([ANN, BEN], start=now - timedelta(days=3))
    moved = make.event([(ANN, Reply.DECLINED), BEN], start=now - timedelta(days=2))
    ann, ben, cas = make.both_ways(ANN), make.both_ways(BEN, at=now - timedelta(days=20)), make.both_ways(CAS)
    twin = make.both_ways("Ann Example <ann@example.net>")
    other = make.card("Ann Example", "ann@example.com", organisation="Other", role="Chair")
    return {
        "one": [*ann, ben[0], *sent, talk, make.card("Ann Example", "ann@example.com", organisation="Sample")],
        "two": [*ann, *ben, early, *unfiled, talk, *twin, make.card("Dee Nobody", ref="dee")],
        "three": [*cas, moved, ben[1], *unfiled[:2], *sent[1:], other],
    }


PAIRS = list(permutations(("one", "two", "three"), 2))


@pytest.mark.parametrize(("first", "second"), PAIRS, ids=[" then ".join(pair) for pair in PAIRS])
@pytest.mark.parametrize("undone", ["first", "second"])
def test_an_undone_import_was_never_there(store: Store, now: datetime, first: str, second: str, undone: str) -> None:
    me = make.owner(store)
    everything = imports(now)
    gone, stays = (first, second) if undone == "first" else (second, first)
    empty = dump(store)
    alone = bring(store, me, everything[stays], stays, now)
    wanted = dump(store)
    take_back(store, me, alone, now)
    assert dump(store) == empty
    batches = {name: bring(store, me, everything[name], name, now) for name in (first, second)}
    take_back(store, me, batches[gone], now)
    assert dump(store) == wanted
    take_back(store, me, batches[stays], now)
    assert dump(store) == empty


@pytest.mark.parametrize("order", list(permutations(("one", "two", "three"))), ids="-".join)
def test_three_imports_undone_in_any_order_leave_nothing(store: Store, now: datetime, order: tuple[str, ...]) -> None:
    me = make.owner(store)
    empty = dump(store)
    batches = {name: bring(store, me, found, name, now) for name, found in imports(now).items()}
    for name in order:
        take_back(store, me, batches[name], now)
    assert dump(store) == empty


def test_an_import_is_undone_once(store: Store, now: datetime) -> None:
    me = make.owner(store)
    batch_id = bring(store, me, imports(now)["one"], "one", now)
    with store.transaction(me) as tx:
        assert changes.undo(tx, now).what == "import"
        assert accounts.batch(tx, batch_id).undone_at == now
        with pytest.raises(NotPossible):
            accounts.undo_batch(tx, batch_id, now)
        with pytest.raises(NotPossible):
            changes.undo(tx, now)


def test_undoing_an_import_tells_what_went_and_stops_its_stream(store: Store, now: datetime) -> None:
    me = make.owner(store)
    with store.transaction(me) as tx:
        batch_id, held = make.lease(tx)
        items.keep_page(tx, held, make.page(*make.both_ways(ANN), last=False), now)
        contacts.detect(tx, now)
        went = accounts.undo_batch(tx, batch_id, now)
        assert went == {"messages": 2, "events": 0, "cards": 0, "contacts": 1}
        assert accounts.stale_streams(tx, now + timedelta(hours=1)) == []


def test_an_accepted_person_stays_for_a_note_and_goes_without(store: Store, now: datetime) -> None:
    me = make.owner(store)
    batch_id = bring(store, me, [*make.both_ways(ANN), *make.both_ways(BEN)], "mail", now)
    with store.transaction(me) as tx:
        contacts.accept(tx, None, now=now)
        ann = contacts.contacts(tx, states=None, now=now, search="Ann")[0]
        notes.add_note(tx, ann.id, now, said="We spoke.")
        contacts.add_contact(tx, name="Added Person", now=now)
        accounts.undo_batch(tx, batch_id, now)
        assert [each.name for each in contacts.contacts(tx, states=None, now=now)] == ["Added Person", "Ann Example"]


def test_an_account_that_holds_it_too_keeps_it(store: Store, now: datetime) -> None:
    me = make.owner(store)
    found = [*make.both_ways(ANN), make.event([ANN], start=now - timedelta(days=3))]
    batch_id = bring(store, me, found, "mail", now)
    before = dump(store)
    with store.transaction(me) as tx:
        account = accounts.ensure_account(tx, provider="fake", now=now)
        stream = accounts.create_stream(tx, account_id=account.id, kind=StreamKind.MAIL, now=now)
        held = accounts.lease_stream(tx, stream.id, now)
        assert held is not None
        assert items.keep_page(tx, held, Page(items=tuple(found)), now).known == 3
        accounts.undo_batch(tx, batch_id, now)
    after = dump(store)
    assert {name: len(rows) for name, rows in after.items()} == {name: len(rows) for name, rows in before.items()}


Step = Callable[[Any, list[contacts.ContactRow], int, datetime], object]

STEPS: dict[str, Step] = {
    "accept": lambda tx, rows, n, now: contacts.accept(tx, [rows[n].id], circle="warm", now=now),
    "accept all": lambda tx, _rows, _n, now: contacts.accept(tx, None, now=now),
    "ignore": lambda tx, rows, n, now: contacts.ignore(tx, [rows[n].id], now),
    "never": lambda tx, rows, n, now: contacts.never(tx, [rows[n].id, rows[0].id], now),
    "edit": lambda tx, rows, n, now: contacts.edit(tx, rows[n].id, now, name="Named", rhythm_days=9),
    "join": lambda tx, rows, n, now: contacts.join(tx, rows[n].id, rows[0].id, now),
    "add": lambda tx, _rows, n, now: contacts.add_contact(tx, name="New", address=f"n{n}@example.com", now=now),
    "decline": lambda tx, _rows, _n, now: contacts.decline_suggestion(tx, contacts.suggestions(tx, now)[0].id, now),
}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 3)), max_size=8))
def test_any_row_of_changes_unwinds_exactly(store: Store, steps: list[tuple[str, int]]) -> None:
    now = make.NOW
    with store.system() as tx:
        for table in metadata.sorted_tables:
            tx.connection.execute(table.delete())
    me = make.owner(store)
    bring(store, me, [each for found in imports(now).values() for each in found], "all", now)
    with store.transaction(me) as tx:
        ann = contacts.contacts(tx, states=None, now=now)[0]
        plans.set_goal(tx, ann.id, now, goal="learn_field")
        notes.add_note(tx, ann.id, now, said="We spoke.", promises=[(True, "a name", None)])
        before = changes.latest(tx)
    start = dump(store)
    for name, number in steps:
        _attempt(store, me, name, number, now)
    with store.transaction(me) as tx:
        while (newest := changes.latest(tx)) and newest != before:
            changes.undo(tx, now)
    assert dump(store) == start


def _attempt(store: Store, me: str, name: str, number: int, now: datetime) -> None:
    try:
        with store.transaction(me) as tx:
            rows = contacts.contacts(tx, states=None, now=now)
            STEPS[name](tx, rows, number % len(rows), now)
    except (NotPossible, IndexError):
        return


def test_a_change_that_others_build_on_is_not_taken_back_alone(store: Store, now: datetime) -> None:
    me = make.owner(store)
    bring(store, me, [*make.both_ways(ANN), *make.both_ways(BEN)], "mail", now)
    with store.transaction(me) as tx:
        ann, ben = contacts.contacts(tx, states=None, now=now)
        contacts.edit(tx, ann.id, now, name="Anna Example")
        first = changes.latest(tx)
        contacts.edit(tx, ben.id, now, name="Benjamin Sample")
        other = changes.latest(tx)
        contacts.join(tx, ann.id, ben.id, now)
        assert first is not None
        assert other is not None
        with pytest.raises(NotPossible, match="Later"):
            changes.undo(tx, now, first.id)
        changes.undo(tx, now)
        changes.undo(tx, now, first.id)
        names = [each.name for each in contacts.contacts(tx, states=None, now=now)]
    assert sorted(names) == ["Ann Example", "Benjamin Sample"]
