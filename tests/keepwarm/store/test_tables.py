"""The shape of what is kept: no body, no subject of a mail, and every row somebody's."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import inspect

from keepwarm import store as package
from keepwarm.store import Store
from keepwarm.store.tables import Moment, identity, metadata

OF_EVERYBODY = frozenset(
    {"owner", "one_time_token", "duty", "instance", "purse", "place"}
    | {"failed_try", "invitation"}  # before anybody is somebody; no key tells whose
)
FOLDER = Path(package.__file__).parent


def test_no_column_can_hold_a_body_or_a_subject(store: Store) -> None:
    found = inspect(store.engine)
    columns = {f"{table}.{column['name']}" for table in found.get_table_names() for column in found.get_columns(table)}
    telling = {each for each in columns if re.search(r"body|subject|content|snippet|preview|html|raw", each)}
    assert telling == {"outbox.subject_ref"}  # what the row is about: an id
    assert {each.split(".")[1] for each in columns if each.startswith("message.")} == {
        "id", "owner_id", "ref", "at", "marks", "recipients", "stream_id", "batch_id",
    }  # fmt: skip


def test_every_row_belongs_to_an_owner() -> None:
    assert {table.name for table in metadata.sorted_tables if "owner_id" not in table.c} == OF_EVERYBODY


def test_rows_are_never_written_as_many_values() -> None:
    """PERFORMANCE.md D: such statements are compiled anew each time and eighteen times slower."""
    code = "\n".join(file.read_text() for file in FOLDER.rglob("*.py"))
    assert ".values([" not in code


def test_moments_keep_their_microsecond_and_refuse_naive_times() -> None:
    moment, exact = Moment(), datetime(1969, 7, 20, 20, 17, 40, 123457, tzinfo=UTC)
    assert moment.process_result_value(moment.process_bind_param(exact, None), None) == exact
    with pytest.raises(ValueError, match="naive"):
        moment.process_bind_param(exact.replace(tzinfo=None), None)


def test_identity_tells_owners_and_parts_apart() -> None:
    ids = {identity("a", "b", "c"), identity("a", "bc"), identity("ab", "c"), identity("b", "b", "c")}
    assert len(ids) == 4
    assert all(0 <= each < 1 << 63 for each in ids)
    assert identity("a", "\udcff") != identity("a", "?")
