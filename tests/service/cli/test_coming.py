"""upcoming, digest, brief, outbox: forms, previews, another moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from email import message_from_string
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.service.cli import made
from tests.service.cli.conftest import Command

ZONE = ZoneInfo("Europe/Amsterdam")
TALK = {"id", "title", "start_at", "end_at", "type", "contacts", "brief_at", "note_at"}
FOLLOW_UP = {"id", "contact", "at", "reason", "state"}
NEXT = datetime.now(ZONE).replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=3)


@pytest.fixture
def talk(keepwarm: Command, mailbox: Path, tmp_path: Path) -> str:
    """The id of a talk in three days with somebody of the network."""
    calendar = made.calendar(tmp_path / "calendar.ics", NEXT)
    assert keepwarm("import", str(mailbox), str(calendar), "--owner", made.ME).status == 0
    assert keepwarm("accept", "--all").status == 0
    (found,) = keepwarm("upcoming", "--json").value["talks"]
    return str(found["id"])


def test_upcoming_has_the_stable_form(keepwarm: Command, talk: str) -> None:
    value = keepwarm("upcoming", "--days", "60", "--json").value
    assert set(value) == {"talks", "follow_ups"}
    (found,) = value["talks"]
    assert set(found) == TALK
    assert isinstance(found["id"], str)
    assert datetime.fromisoformat(found["start_at"]) == NEXT
    assert datetime.fromisoformat(found["brief_at"]) <= NEXT - timedelta(minutes=30)
    assert found["contacts"] == [
        each["id"] for each in keepwarm("contacts", "--json").value if made.BRAM[1] in each["addresses"]
    ]
    assert all(set(each) == FOLLOW_UP for each in value["follow_ups"])


def test_another_moment_is_evaluated_as_that_moment(keepwarm: Command, talk: str) -> None:
    late = (NEXT + timedelta(days=2)).isoformat()
    assert keepwarm("upcoming", "--as-of", late, "--json").value["talks"] == []
    assert len(keepwarm("upcoming", "--as-of", NEXT.date().isoformat(), "--json").value["talks"]) == 1


def test_nobody_private_has_a_talk(keepwarm: Command, mailbox: Path, tmp_path: Path) -> None:
    calendar = made.calendar(tmp_path / "calendar.ics", NEXT)
    keepwarm("import", str(mailbox), str(calendar), "--owner", made.ME)
    assert keepwarm("accept", "--all", "--as", "private").status == 0
    assert keepwarm("upcoming", "--days", "60", "--json").value == {"talks": [], "follow_ups": []}


@pytest.mark.parametrize("lang", ["en", "nl"])
def test_brief_is_shown_in_both_languages(keepwarm: Command, talk: str, lang: str) -> None:
    answer = keepwarm("brief", talk, "--preview", "--lang", lang, "--json")
    assert answer.status == 0
    assert answer.value["lang"] == lang
    assert answer.value["text"].count("?") >= 4
    assert "{" not in answer.value["text"]


def test_languages_differ(keepwarm: Command, talk: str) -> None:
    one, two = (keepwarm("brief", talk, "--preview", "--lang", lang, "--json").value["text"] for lang in ("en", "nl"))
    assert one != two


@pytest.mark.parametrize("shape", ["text", "html", "eml"])
def test_digest_is_shown_in_each_format(keepwarm: Command, talk: str, shape: str) -> None:
    answer = keepwarm("digest", "--preview", "--format", shape)
    assert answer.status == 0
    if shape == "eml":
        mail = message_from_string(answer.out)
        assert mail["Subject"]
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail.get_content_type() == "multipart/alternative"
    else:
        assert ("<html" in answer.out.lower()) is (shape == "html")


def test_digest_with_nothing_to_say_is_nothing(keepwarm: Command) -> None:
    answer = keepwarm("digest", "--preview", "--json")
    assert (answer.status, answer.value) == (0, None)


def test_preview_sends_nothing(keepwarm: Command, talk: str) -> None:
    keepwarm("brief", talk, "--preview")
    keepwarm("digest", "--preview")
    assert keepwarm("outbox", "--json").value == []


def test_sweep_plans_what_is_due(keepwarm: Command, talk: str) -> None:
    assert keepwarm("sweep", "--json").status == 0
    rows = keepwarm("outbox", "--json").value
    assert {"brief", "note"} <= {row["kind"] for row in rows}
    wanted = {"id", "key", "kind", "subject", "run_at", "not_after", "state", "reason", "attempts", "settled_at"}
    assert all(set(row) == wanted for row in rows)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("brief", "1", "--preview"), 1),
        (("brief", "1"), 2),
        (("digest",), 2),
        (("digest", "--preview", "--lang", "xx"), 2),
    ],
)
def test_what_cannot_be_shown(keepwarm: Command, arguments: tuple[str, ...], status: int) -> None:
    answer = keepwarm(*arguments)
    assert answer.status == status
    assert "Traceback" not in answer.err


def test_follow_ups_are_foreseen_before_they_are_placed_and_stay_where_they_were(keepwarm: Command, talk: str) -> None:
    before = keepwarm("upcoming", "--days", "60", "--json").value["follow_ups"]
    assert before
    assert {each["state"] for each in before} == {"planned"}
    keepwarm("sweep")
    after = keepwarm("upcoming", "--days", "60", "--json").value["follow_ups"]
    assert {each["state"] for each in after} == {"placed"}
    assert {(each["id"], each["contact"]) for each in after} == {(each["id"], each["contact"]) for each in before}
