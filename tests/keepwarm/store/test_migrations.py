"""What an earlier version stored is there after the upgrade, in its new form."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from keepwarm.store import Store, access, accounts, finding, notes, plans
from keepwarm.store.database import MIGRATIONS
from keepwarm.store.finding import Wish
from keepwarm.store.tables import microseconds
from keepwarm.types import Role
from tests import make
from tests.conftest import NOW

OWNER = "a" * 32


@pytest.fixture
def old(tmp_path: Path, new_id: Callable[[], str]) -> Iterator[Store]:
    """A database of the first version."""
    store = Store(f"sqlite:///{tmp_path / 'k.db'}", new_id)
    with store._open("", write=True) as tx:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = tx.connection
        command.upgrade(config, "0001")
    yield store
    store.close()


def old_person(role: str, address: int, *, name: str = "", reply: str = "none", kind: str = "m") -> dict[str, object]:
    return {
        "item_id": 1, "role": role, "address_id": address, "owner_id": OWNER, "kind": kind, "at": 5, "name": name,
        "reply": reply, "resource": False,
    }  # fmt: skip


def test_rows_of_one_address_become_one_with_all_roles(old: Store) -> None:
    people = [old_person("from", 7, name="Ann"), old_person("sender", 7), old_person("to", 8)]
    images = [old_person("organiser", 7, kind="e"), old_person("attendee", 7, reply="accepted", name="Ann", kind="e")]
    with old._open("", write=True) as tx:
        names = ", ".join(people[0])
        marks = ", ".join(f":{name}" for name in people[0])
        tx.connection.execute(text(f"INSERT INTO participant ({names}) VALUES ({marks})"), people)
        tx.connection.execute(text("INSERT INTO touch VALUES (7, 1, 'r', :owner, 5)"), {"owner": OWNER})
        image = json.dumps({"row": {}, "links": images})
        seen = text("INSERT INTO sighting VALUES (1, 'b', :owner, 'e', 5, :image)")
        tx.connection.execute(seen, {"owner": OWNER, "image": image})
    old.migrate()
    with old._open("", write=False) as tx:
        rows = tx.connection.execute(text("SELECT address_id, roles, name FROM participant ORDER BY address_id")).all()
        touches = tx.connection.execute(text("SELECT owner_id, address_id, item_id, kind, at FROM touch")).all()
        kept = json.loads(tx.connection.execute(text("SELECT image FROM sighting")).scalar_one())
    assert [tuple(row) for row in rows] == [(7, Role.FROM.bit | Role.SENDER.bit, "Ann"), (8, Role.TO.bit, "")]
    assert [tuple(row) for row in touches] == [(OWNER, 7, 1, "r", 5)]
    (person,) = kept["links"]
    assert (person["roles"], person["reply"]) == (Role.ORGANISER.bit | Role.ATTENDEE.bit, "accepted")
    assert not {"role", "kind"} & person.keys()


def test_a_goal_becomes_a_plan_that_holds_what_was_planned(old: Store) -> None:
    with old._open("", write=True) as tx:
        tx.connection.execute(
            text(
                "INSERT INTO owner "
                "(id, email, name, lang, zone, country, region, goal, settings, salt, held, created_at) "
                "VALUES (:o, 'sam@example.org', '', 'en', 'UTC', 'NL', '', 'learn_field', '{}', 's', 0, 5), "
                "('b', 'kim@example.org', '', 'en', 'UTC', 'NL', '', NULL, '{}', 's', 0, 5)"
            ),
            {"o": OWNER},
        )
        tx.connection.execute(
            text(
                "INSERT INTO plan_entry (id, owner_id, contact_id, goal, find_out, role, organisation, sector, "
                "named_person, channel, state, position, created_at) VALUES "
                "('e', :o, 'c', NULL, '', '', '', '', '', '', 'to_approach', 0, 6), "
                "('f', 'b', 'd', NULL, '', '', '', '', '', '', 'to_approach', 0, 6)"
            ),
            {"o": OWNER},
        )
    old.migrate()
    with old._open(OWNER, write=False) as tx:
        (plan,) = plans.plans(tx)
        (entry,) = plans.entries(tx, plan.id)
    assert (plan.goal, plan.resting, plan.position) == ("learn_field", False, 1)
    assert (entry.contact_id, entry.said, entry.said_at, entry.passed) == ("c", "", None, False)
    with old._open("b", write=False) as tx:
        assert plans.plans(tx) == []
        assert [each.contact_id for each in plans.entries(tx, None)] == ["d"]


def test_the_oldest_owner_runs_it_and_nobody_is_signed_out(old: Store) -> None:
    with old._open("", write=True) as tx:
        tx.connection.execute(
            text(
                "INSERT INTO owner "
                "(id, email, name, lang, zone, country, region, goal, settings, salt, held, created_at) "
                "VALUES ('b', 'kim@example.org', '', 'en', 'UTC', 'NL', '', NULL, '{}', 's', 0, 9), "
                "('c', 'sam@example.org', '', 'en', 'UTC', 'NL', '', NULL, '{}', 's', 0, 5)"
            )
        )
        made = {"hash": sha256(b"token").hexdigest(), "at": 0, "until": microseconds(NOW + timedelta(days=20))}
        tx.connection.execute(text("INSERT INTO session VALUES (:hash, 'b', :at, :until)"), made)
    old.migrate()
    with old._open("", write=False) as tx:
        assert {each.email: each.operator for each in accounts.owners(tx)} == {
            "sam@example.org": True, "kim@example.org": False,
        }  # fmt: skip
        found = access.session(tx, "token", NOW)
    assert found
    assert found.owner_id == "b"


def test_people_who_were_there_are_found_after_the_upgrade(old: Store) -> None:
    with old._open("", write=True) as tx:
        owner = (
            "INSERT INTO owner (id, email, name, lang, zone, country, region, goal, settings, salt, held, created_at) "
            "VALUES (:o, 'sam@example.org', '', 'en', 'UTC', 'NL', '', NULL, '{}', 's', 0, 5)"
        )
        tx.connection.execute(text(owner), {"o": OWNER})
        whom = (
            "INSERT INTO contact (id, owner_id, name, state, private, close, organisation, role, origins, edited, "
            "proposed_at) VALUES "
            "('c', :o, 'Zoë Müller', 'active', 0, 0, 'Harbour Museum', '', '[\"friends\"]', '[]', 6)"
        )
        tx.connection.execute(text(whom), {"o": OWNER})
        address = "INSERT INTO address VALUES (9, :o, 'zoe@example.net', 'zoe@example.net', 'c')"
        tx.connection.execute(text(address), {"o": OWNER})
    old.migrate()
    with old._open(OWNER, write=False) as tx:
        for words in ("zoe", "mull harb", "zoe@example"):
            assert finding.find(tx, Wish(words=words, circle="warm"), make.NOW, limit=5).ids == ["c"], words


def test_a_button_pressed_is_no_talk_after_the_upgrade(old: Store) -> None:
    """Notes without a word, a meeting or a promise were made by "I got in touch"."""
    told = {"pressed": ("", None), "said": ("A good talk", None), "met": ("", 7), "promised": ("", None)}
    with old._open("", write=True) as tx:
        for at, (key, (said, event_id)) in enumerate(told.items()):
            row = {"id": key, "o": OWNER, "said": said, "event": event_id, "at": at}
            made = "INSERT INTO note (id, owner_id, contact_id, event_id, at, said, tips) VALUES "
            tx.connection.execute(text(made + "(:id, :o, 'c', :event, :at, :said, '')"), row)
        due = (
            "INSERT INTO promise (id, owner_id, contact_id, mine, text, made_at) VALUES ('p', :o, 'c', 1, 'A book', 3)"
        )
        tx.connection.execute(text(due), {"o": OWNER})
    old.migrate()
    with old._open(OWNER, write=False) as tx:
        found = {each.id: each.no_talk for each in notes.notes_about(tx, "c")}
    assert found == {"pressed": True, "said": False, "met": False, "promised": False}
