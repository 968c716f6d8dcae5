"""keepwarm progress: stable forms, refusals."""

from __future__ import annotations

from pathlib import Path

from tests.service.cli import made
from tests.service.cli.conftest import Command


def test_a_round(keepwarm: Command, mailbox: Path) -> None:
    assert keepwarm("progress", "show", "--json").value is None
    assert "keepwarm progress begin" in keepwarm("progress", "show").out
    keepwarm("import", str(mailbox), "--owner", made.ME)
    keepwarm("accept", "--all")
    person = keepwarm("contacts", "--state", "active", "--json").value[0]["id"]
    keepwarm("note", person, "--said", "a talk", "--tips", "ask Guus")
    begun = keepwarm("progress", "begin", "Two talks led to a third.", "--json").value
    assert begun.keys() == {"id", "kind", "begun_at", "told", "turn", "waiting"}
    (turn,) = begun["turn"]
    assert turn["contact"] == person
    assert "Two talks led to a third." in turn["body"]
    assert "gave tips" in keepwarm("progress", "show").out
    assert keepwarm("progress", "begin", "More.", "--closing").status == 1
    assert keepwarm("progress", "end", "--json").value is None
    assert keepwarm("progress", "end").status == 1
