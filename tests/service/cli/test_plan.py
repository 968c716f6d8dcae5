"""keepwarm goal and keepwarm plan: stable forms, undo, refusals."""

from __future__ import annotations

from tests.service.cli.conftest import Command

SHAPE = {
    "id", "contact", "name", "role", "organisation", "goal", "find_out", "channel", "via", "reading", "state", "step",
    "due_at", "why", "order",
}  # fmt: skip


def test_goals(keepwarm: Command) -> None:
    assert keepwarm("goal", "list", "--json").value == []
    assert "keepwarm goal add" in keepwarm("goal", "list").out
    (made,) = keepwarm("goal", "add", "learn_field", "--words", "museums", "--json").value
    assert made == {"id": made["id"], "goal": "learn_field", "words": "museums", "resting": False}
    assert keepwarm("goal", "rest", made["id"], "--json").value[0]["resting"] is True
    assert keepwarm("goal", "wake", made["id"], "--json").value[0]["resting"] is False
    assert keepwarm("goal", "edit", made["id"], "--goal", "present_self", "--json").value[0]["goal"] == "present_self"
    assert keepwarm("goal", "remove", made["id"], "--json").value == []
    keepwarm("undo")
    assert "museums" in keepwarm("goal", "list").out
    assert keepwarm("goal", "add", "rule").status == 2
    assert keepwarm("goal", "rest", "nothing").status == 1


def test_a_plan(keepwarm: Command) -> None:
    assert "keepwarm plan propose" in keepwarm("plan", "show").out
    keepwarm("goal", "add", "learn_field")
    (entry,) = keepwarm(
        "plan", "add", "--role", "curator", "--organisation", "Lantern", "--channel", "mail", "--json"
    ).value
    assert entry.keys() == SHAPE
    assert (entry["role"], entry["organisation"], entry["channel"]) == ("curator", "Lantern", "mail")
    assert (entry["state"], entry["step"], entry["contact"]) == ("to_approach", "approach", None)
    (edited,) = keepwarm("plan", "edit", entry["id"], "--find-out", "who plans", "--json").value
    assert (edited["find_out"], edited["channel"]) == ("who plans", "mail")
    (said,) = keepwarm("plan", "state", entry["id"], "not_now", "--until", "2099-01-01", "--json").value
    assert (said["state"], said["step"]) == ("not_now", "rest")
    assert "curator, Lantern" in keepwarm("plan", "show").out
    assert keepwarm("plan", "order", entry["id"], "--json").value[0]["order"] == "You put it here yourself."
    assert keepwarm("plan", "order", "--json").value[0]["order"] != "You put it here yourself."
    assert keepwarm("plan", "remove", entry["id"], "--json").value == []
    keepwarm("undo")
    assert len(keepwarm("plan", "show", "--json").value) == 1


def test_what_is_refused(keepwarm: Command) -> None:
    assert keepwarm("plan", "add").status == 1
    assert keepwarm("plan", "add", "nobody").status == 1
    assert keepwarm("plan", "state", "nothing", "talked").status == 1
    assert keepwarm("plan", "state", "nothing", "wonderful").status == 2
    assert keepwarm("plan", "pass", "nobody").status == 1
    assert keepwarm("plan", "propose", "--json").value == []
