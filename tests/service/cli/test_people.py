"""contacts, accept, ignore, never, join, undo: forms, exit status, one line for a problem."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from keepwarm.foreign import HIDDEN
from service.cli.session import answer
from tests.service.cli import made
from tests.service.cli.conftest import Command

KEYS = {
    "id", "name", "addresses", "organisation", "circle", "state", "sent", "received", "meetings", "first_at", "last_at",
    "due_at", "evidence",
}  # fmt: skip


@pytest.fixture
def people(keepwarm: Command, mailbox: Path) -> dict[str, str]:
    """Ids by address, after an import."""
    assert keepwarm("import", str(mailbox), "--owner", made.ME).status == 0
    found = keepwarm("contacts", "--json").value
    return {address: each["id"] for each in found for address in each["addresses"]}


def states(keepwarm: Command) -> dict[str, str]:
    return {each["addresses"][0]: each["state"] for each in keepwarm("contacts", "--state", "all", "--json").value}


def test_contacts_have_the_stable_form(keepwarm: Command, people: dict[str, str]) -> None:
    found = {each["addresses"][0]: each for each in keepwarm("contacts", "--json").value}
    assert set(found) == {made.BRAM[1], made.EVA[1]}
    bram = found[made.BRAM[1]]
    assert set(bram) == KEYS
    assert (bram["name"], bram["state"], bram["sent"], bram["received"], bram["meetings"]) == (
        made.BRAM[0],
        "proposed",
        3,
        2,
        0,
    )
    assert bram["organisation"]
    assert bram["last_at"].endswith("+01:00")
    assert bram["due_at"] is None
    assert bram["evidence"].count("\n") == 0
    assert "3" in bram["evidence"]


def test_accept_gives_a_due_date_and_undo_takes_it_back(keepwarm: Command, people: dict[str, str]) -> None:
    before = keepwarm("contacts", "--state", "all", "--json").value
    done = keepwarm("accept", people[made.BRAM[1]], "--json")
    assert (done.status, done.value) == (0, {"accepted": 1})
    assert states(keepwarm)[made.BRAM[1]] == "active"
    assert keepwarm("undo").status == 0
    assert keepwarm("contacts", "--state", "all", "--json").value == before


@pytest.mark.parametrize(("verb", "state"), [("accept", "active"), ("ignore", "ignored"), ("never", "never")])
def test_each_verb_leads_to_its_state(keepwarm: Command, people: dict[str, str], verb: str, state: str) -> None:
    assert keepwarm(verb, people[made.EVA[1]]).status == 0
    assert states(keepwarm)[made.EVA[1]] == state
    assert keepwarm("undo").status == 0
    assert states(keepwarm)[made.EVA[1]] == "proposed"


def test_accept_all_takes_everybody_proposed(keepwarm: Command, people: dict[str, str]) -> None:
    assert keepwarm("accept", "--all", "--json").value == {"accepted": 2}
    assert set(states(keepwarm).values()) == {"active"}
    assert keepwarm("accept", "--all", "--json").value == {"accepted": 0}


def test_join_makes_one_of_two(keepwarm: Command, people: dict[str, str]) -> None:
    assert keepwarm("join", people[made.BRAM[1]], people[made.EVA[1]]).status == 0
    (one,) = keepwarm("contacts", "--json").value
    assert set(one["addresses"]) == {made.BRAM[1], made.EVA[1]}
    assert one["id"] == people[made.BRAM[1]]
    assert keepwarm("undo").status == 0
    assert len(keepwarm("contacts", "--json").value) == 2


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("undo",), 1),
        (("accept", "nobody"), 1),
        (("never", "nobody"), 1),
        (("ignore", "nobody"), 1),
        (("join", "a", "b"), 1),
        (("contacts", "--user", "somebody@example.org"), 1),
        (("accept",), 2),
        (("accept", "x", "--all"), 2),
        (("accept", "x", "--as", "friend"), 2),
        (("ignore",), 2),
        (("join", "a"), 2),
        (("join", "a", "a"), 2),
        (("contacts", "--state", "odd"), 2),
        (("contacts", "--as-of", "yesterday"), 2),
        (("contacts", "--as-of", "9999-12-31"), 2),
        (("nothing",), 2),
    ],
)
def test_problems_are_one_line_and_have_their_status(
    keepwarm: Command, arguments: tuple[str, ...], status: int
) -> None:
    answer = keepwarm(*arguments)
    assert answer.status == status
    assert answer.out == ""
    assert "Traceback" not in answer.err
    if status == 1:
        assert answer.err.count("\n") == 1


def test_a_wrong_id_among_right_ones_changes_nothing(keepwarm: Command, people: dict[str, str]) -> None:
    assert keepwarm("accept", people[made.BRAM[1]], "nobody").status == 1
    assert states(keepwarm)[made.BRAM[1]] == "proposed"


def test_empty_installation_answers_in_words(keepwarm: Command) -> None:
    assert keepwarm("contacts", "--json").value == []
    assert "keepwarm import" in keepwarm("contacts").out


def test_text_is_in_the_owners_language(keepwarm: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "nl_NL.UTF-8")
    assert "nog niemand" in keepwarm("contacts").out


def test_json_escapes_what_steers_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    answer({"name": "a\x9b31m\u202eb\U000e0041 é"}, "", as_json=True)
    out = capsys.readouterr().out
    assert not HIDDEN.search(out)
    assert json.loads(out) == {"name": "a\x9b31m\u202eb\U000e0041 é"}
    answer(None, "a\x9b31m\x1bb\u202e\nc", as_json=False)
    assert capsys.readouterr().out == "a31mb\nc\n"


def test_people_are_shown_with_their_address(keepwarm: Command, people: dict[str, str]) -> None:
    assert made.BRAM[1] in keepwarm("contacts").out
