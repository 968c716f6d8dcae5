"""keepwarm export and erase: what is written, what comes back, what is refused."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.service.cli import made
from tests.service.cli.conftest import Command


@pytest.fixture
def person(keepwarm: Command, mailbox: Path) -> str:
    keepwarm("import", str(mailbox), "--owner", made.ME)
    keepwarm("accept", "--all")
    found: str = keepwarm("contacts", "--state", "active", "--json").value[0]["id"]
    keepwarm("note", found, "--said", "Tea by the water.")
    return found


@pytest.mark.parametrize(
    ("form", "holds"),
    [
        ("json", '"keepwarm-export"'),
        ("vcard", "BEGIN:VCARD"),
        ("csv", "Tea by"),
        ("ical", "BEGIN:VCALENDAR"),
    ],
)
def test_each_form_is_written_for_its_user_alone(
    keepwarm: Command, person: str, tmp_path: Path, form: str, holds: str
) -> None:
    path = tmp_path / f"out.{form}"
    answer = keepwarm("export", str(path), "--as", form, "--json")
    assert answer.status == 0
    assert answer.value == {"path": str(path), "as": form, "bytes": path.stat().st_size}
    assert holds in path.read_text(encoding="utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


def test_what_is_exported_comes_back_after_everything_was_erased(
    keepwarm: Command, person: str, tmp_path: Path, home: Path
) -> None:
    path = tmp_path / "export.json"
    keepwarm("export", str(path))
    people = keepwarm("contacts", "--state", "all", "--json").value
    answer = keepwarm("erase", "--all", "--yes", "--json")
    assert answer.status == 0
    assert answer.value["left"] == []
    assert list((home / "owners").iterdir()) == []
    assert keepwarm("contacts", "--state", "all", "--json").value == []
    answer = keepwarm("import", str(path), "--json")
    assert answer.status == 0
    (source,) = answer.value["sources"]
    assert (source["kind"], source["quarantined"]) == ("keepwarm", 0)
    assert [row["name"] for row in keepwarm("contacts", "--state", "all", "--json").value] == [
        row["name"] for row in people
    ]
    again, before = tmp_path / "again.json", json.loads(path.read_text())
    keepwarm("export", str(again))
    after = json.loads(again.read_text())
    assert after["notes"] == before["notes"]
    assert after["people"] == before["people"]
    keepwarm("undo")
    assert keepwarm("contacts", "--state", "all", "--json").value == []


def test_erasing_asks_first(keepwarm: Command, person: str) -> None:
    assert keepwarm("erase").status == 2
    refused = keepwarm("erase", "--all")
    assert refused.status == 1
    assert len(keepwarm("contacts", "--state", "active", "--json").value) > 0


def test_a_path_that_cannot_be_written_is_said_in_a_line(keepwarm: Command, person: str, tmp_path: Path) -> None:
    answer = keepwarm("export", str(tmp_path / "nowhere" / "x.json"))
    assert answer.status == 1
    assert answer.err.count("\n") == 1
    assert "give another path" in answer.err
