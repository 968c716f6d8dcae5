"""keepwarm me and keepwarm target: stable forms, undo, refusals."""

from __future__ import annotations

from tests.service.cli.conftest import Command


def test_me_says_and_shows(keepwarm: Command) -> None:
    assert "keepwarm me --role" in keepwarm("me").out
    said = keepwarm(
        "me", "--role", "planner", "--sector", "museums", "--sector", "care", "--spoken",
        "Hello, I am Sam.", "--json",
    )  # fmt: skip
    assert said.status == 0
    assert said.value == {
        "role": "planner", "wishes": None, "experience": None, "education": None,
        "sectors": ["museums", "care"], "regions": [], "spoken": {"en": "Hello, I am Sam."}, "written": {},
        "checked": [],
    }  # fmt: skip
    keepwarm("me", "--spoken", "Hallo, ik ben Sam.", "--in", "nl")
    assert "Hallo, ik ben Sam." in keepwarm("me").out
    keepwarm("undo")
    assert keepwarm("me", "--json").value["spoken"] == {"en": "Hello, I am Sam."}
    assert keepwarm("me", "--role", "", "--json").value["role"] is None


def test_targets(keepwarm: Command) -> None:
    assert keepwarm("target", "list", "--json").value == []
    added = keepwarm("target", "add", "Lantern", "--why", "quiet work", "--json").value
    assert [(each["name"], each["why"], each["link"], each["contacts"]) for each in added] == [
        ("Lantern", "quiet work", None, [])
    ]
    again = keepwarm("target", "add", "lantern B.V.")
    assert again.status == 1
    assert "already" in again.err
    assert keepwarm("target", "remove", "nothing").status == 1
    assert keepwarm("target", "remove", added[0]["id"], "--json").value == []
    keepwarm("undo")
    assert "quiet work" in keepwarm("target", "list").out
