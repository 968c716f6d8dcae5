"""keepwarm due, in-touch, later, let-go, died, mails, pause, questions: stable forms, undo, refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.service.cli import made
from tests.service.cli.conftest import Command


@pytest.fixture
def person(keepwarm: Command, mailbox: Path) -> str:
    keepwarm("import", str(mailbox), "--owner", made.ME)
    keepwarm("accept", "--all")
    found: str = keepwarm("contacts", "--state", "active", "--json").value[0]["id"]
    return found


def test_a_promise_is_due_until_it_is_kept(keepwarm: Command, person: str) -> None:
    assert keepwarm("due", "--json").value == {"owed": [], "birthdays": [], "new_roles": []}
    assert "Nothing is due" in keepwarm("due").out
    keepwarm("note", person, "--promised", "a book", "--by", "2020-05-01")
    assert keepwarm("due", "--json").value["owed"] == []  # years ago: nobody waits for it any more
    keepwarm("undo")
    from datetime import UTC, datetime

    keepwarm("note", person, "--promised", "a book", "--by", datetime.now(UTC).date().isoformat())
    [owed] = keepwarm("due", "--json").value["owed"]
    assert owed.keys() == {"kind", "contact", "about", "due"}
    assert (owed["kind"], owed["contact"], owed["about"]) == ("promise", person, "a book")
    assert "a book" in keepwarm("due").out


def test_one_word_about_somebody_and_back(keepwarm: Command, person: str) -> None:
    assert keepwarm("in-touch", person, "--said", "at the market", "--json").value == {
        "contact": person, "said": "elsewhere"
    }  # fmt: skip
    assert "at the market" in keepwarm("talk", "list").out
    assert keepwarm("in-touch", person, "--json").value == {"contact": person, "said": "done"}
    assert len(keepwarm("talk", "list", "--json").value) == 1
    assert "in peace" in keepwarm("later", person, "--until", "month").out
    assert "nothing reminds you" in keepwarm("let-go", person).out
    assert "laid to rest" in keepwarm("died", person).out
    assert person not in {each["id"] for each in keepwarm("contacts", "--state", "active", "--json").value}
    for _ in range(5):
        keepwarm("undo")
    assert person in {each["id"] for each in keepwarm("contacts", "--state", "active", "--json").value}
    assert keepwarm("talk", "list", "--json").value == []


def test_kinds_of_mail_and_a_pause(keepwarm: Command, person: str) -> None:
    def coming() -> set[str]:
        return {each["kind"] for each in keepwarm("mails", "--json").value if each["comes"]}

    everything = coming()
    keepwarm("mails", "--stop", "digest", "--stop", "after")
    assert coming() == everything - {"digest", "after"}
    keepwarm("mails", "--again", "digest")
    assert coming() == everything - {"after"}
    assert keepwarm("mails", "--stop", "alarm").status == 2
    assert keepwarm("pause", "--until", "2099-01-31", "--json").value == {"held": True, "until": "2099-01-31"}
    assert keepwarm("pause", "--until", "2020-01-31").status == 2
    assert keepwarm("pause", "--json").value == {"held": True, "until": None}
    assert keepwarm("resume", "--json").value == {"held": False}


def test_a_question_list_made_ones_own(keepwarm: Command) -> None:
    lists = keepwarm("questions", "--json").value
    assert {"type", "title", "questions"} == lists[0].keys()
    whole = keepwarm("questions", "keep_up", "--json").value
    first = whole["prepared"][0]["id"]
    keepwarm("questions", "keep_up", "--add", "How is the garden?", "--hide", first)
    own = keepwarm("questions", "keep_up", "--word", "their_news", "What's up?", "--json").value
    assert own["added"] == ["How is the garden?"]
    assert [each["left_out"] for each in own["prepared"]][:2] == [True, False]
    assert "What's up?" in keepwarm("questions", "keep_up").out
    assert keepwarm("questions", "keep_up", "--lang", "nl", "--json").value["added"] == []
    assert keepwarm("questions", "keep_up", "--as-prepared", "--json").value == whole
    assert keepwarm("questions", "keep_up", "--add", "{nonsense}").status == 1
    assert keepwarm("questions", "--add", "x").status == 2
    assert keepwarm("questions", "small_talk").status == 2


def test_what_is_refused(keepwarm: Command) -> None:
    for command in ("in-touch", "later", "let-go", "died"):
        assert keepwarm(command, "nobody").status == 1
    assert keepwarm("talk", "set", "12", "--ask", "x").status == 1
    assert keepwarm("later", "x", "--until", "never").status == 2
