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


def test_notes_and_promises_are_put_right(keepwarm: Command, mailbox: Path) -> None:
    keepwarm("import", str(mailbox), "--owner", made.ME)
    keepwarm("accept", "--all")
    person = keepwarm("contacts", "--state", "active", "--json").value[0]["id"]
    keepwarm("note", person, "--said", "about bees", "--tips", "read", "--promised", "a book", "--on", "2020-05-01")
    (note,) = keepwarm("talk", "list", "--json").value
    (promise,) = keepwarm("promise", "list", person, "--json").value
    assert promise == {"id": promise["id"], "contact": person, "mine": True, "text": "a book", "by": None}
    saved = keepwarm("talk", "correct", note["id"], "--said", "about wasps", "--on", "2020-06-01", "--json")
    assert saved.value == {"saved": {"note": note["id"]}}
    (after,) = keepwarm("talk", "list", "--json").value
    assert (after["said"], after["tips"], after["at"][:10]) == ("about wasps", "read", "2020-06-01")
    keepwarm("promise", "correct", promise["id"], "--by", "2030-01-02", "--theirs")
    (after,) = keepwarm("promise", "list", "--json").value
    assert (after["text"], after["mine"], after["by"]) == ("a book", False, "2030-01-02")
    keepwarm("undo")
    assert keepwarm("promise", "list", "--json").value == [promise]
    assert "a book" in keepwarm("promise", "list").out


def test_notes_and_promises_are_deleted(keepwarm: Command, mailbox: Path) -> None:
    keepwarm("import", str(mailbox), "--owner", made.ME)
    keepwarm("accept", "--all")
    person = keepwarm("contacts", "--state", "active", "--json").value[0]["id"]
    keepwarm("note", person, "--said", "about bees", "--promised", "a book")
    (note,) = keepwarm("talk", "list", "--json").value
    (promise,) = keepwarm("promise", "list", "--json").value
    assert keepwarm("talk", "delete", note["id"], "--json").value == {"deleted": {"note": note["id"]}}
    assert keepwarm("talk", "list", "--json").value == []
    keepwarm("promise", "delete", promise["id"])
    assert "No promise is open." in keepwarm("promise", "list").out
    keepwarm("undo")
    keepwarm("promise", "kept", promise["id"])
    assert keepwarm("promise", "list", "--json").value == []
    missing = (("talk", "correct"), ("talk", "delete"), ("promise", "delete"), ("promise", "kept"))
    for wrong in (*((*each, "x") for each in missing), ("promise", "correct", promise["id"], "--text", "")):
        assert keepwarm(*wrong).status == 1, wrong


def test_a_day_still_ahead_is_refused_and_a_far_one_comes_nearer(keepwarm: Command, mailbox: Path) -> None:
    keepwarm("import", str(mailbox))
    person = keepwarm("contacts", "--json").value[0]["id"]
    ahead = keepwarm("note", person, "--said", "about bees", "--on", "2199-01-01")
    assert (ahead.status, "still ahead" in ahead.out + ahead.err) == (1, True)
    assert keepwarm("talk", "list", "--json").value == []
    keepwarm("note", person, "--promised", "a book")
    (promise,) = keepwarm("promise", "list", "--json").value
    keepwarm("promise", "correct", promise["id"], "--by", "9999-12-31")
    assert keepwarm("promise", "list", "--json").value[0]["by"] == "2200-12-31"


def test_a_talk_ahead_is_noted_called_off_and_taken_back(keepwarm: Command, mailbox: Path) -> None:
    keepwarm("import", str(mailbox), "--owner", made.ME)
    keepwarm("accept", "--all")
    person = keepwarm("contacts", "--state", "active", "--json").value[0]["id"]
    noted = keepwarm("talk", "ahead", person, "--at", "2099-01-05T10:00", "--title", "By phone", "--json").value
    upcoming = ("upcoming", "--as-of", "2099-01-01", "--json")
    (found,) = keepwarm(*upcoming).value["talks"]
    assert (found["id"], found["title"], found["contacts"]) == (noted["talk"], "By phone", [person])
    assert keepwarm("talk", "call-off", noted["talk"], "--json").value == {"called_off": noted["talk"]}
    assert keepwarm(*upcoming).value["talks"] == []
    keepwarm("undo")
    assert [each["id"] for each in keepwarm(*upcoming).value["talks"]] == [noted["talk"]]
    keepwarm("undo")
    assert keepwarm(*upcoming).value["talks"] == []


def test_a_talk_ahead_that_is_refused(keepwarm: Command, mailbox: Path) -> None:
    keepwarm("import", str(mailbox), "--owner", made.ME)
    keepwarm("accept", "--all")
    person = keepwarm("contacts", "--state", "active", "--json").value[0]["id"]
    assert keepwarm("talk", "ahead", person, "--at", "tomorrow").status == 2
    assert keepwarm("talk", "ahead", person, "--at", "2020-01-01T10:00").status == 1
    assert keepwarm("talk", "ahead", "nobody", "--at", "2099-01-01T10:00").status == 1
    assert keepwarm("talk", "call-off", "12345").status == 1
