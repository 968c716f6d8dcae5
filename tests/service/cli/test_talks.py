"""keepwarm talk and keepwarm note: stable forms, undo, refusals."""

from __future__ import annotations

from pathlib import Path

from tests.service.cli import made
from tests.service.cli.conftest import Command


def test_a_talk_is_noted_and_read_back(keepwarm: Command, mailbox: Path) -> None:
    keepwarm("import", str(mailbox), "--owner", made.ME)
    keepwarm("accept", "--all")
    person = keepwarm("contacts", "--state", "active", "--json").value[0]["id"]
    noted = keepwarm(
        "note", person, "--said", "about bees", "--tips", "read more", "--name", "Guus Gijs, Lantern", "--promised",
        "a book", "--by", "2099-01-01", "--on", "2020-05-01", "--json",
    )  # fmt: skip
    assert noted.value == {"noted": [person]}
    (found,) = keepwarm("talk", "list", "--search", "bees", "--json").value
    assert found.keys() == {"id", "contact", "talk", "at", "said", "tips"}
    assert (found["contact"], found["talk"], found["said"]) == (person, None, "about bees")
    assert found["at"].startswith("2020-05-01T12:00")
    assert "about bees read more" in keepwarm("talk", "list").out
    assert keepwarm("talk", "list", "--since", "2021-01-01", "--json").value == []
    assert "Guus Gijs" in keepwarm("contacts", "--state", "active").out
    keepwarm("undo")
    assert keepwarm("talk", "list", "--json").value == []
    assert "Guus Gijs" not in keepwarm("contacts", "--state", "active").out


def test_what_is_refused(keepwarm: Command) -> None:
    assert keepwarm("note", "nobody", "--said", "x").status == 1
    assert keepwarm("note", "nobody").status == 2
    assert keepwarm("talk", "open", "--json").value == []
    assert "written down" in keepwarm("talk", "open").out
