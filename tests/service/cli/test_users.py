"""Who uses an installation, by command: invited, a new password, a link to one."""

from __future__ import annotations

from pathlib import Path

import pytest

from keepwarm.store import accounts, samples
from service.cli.session import open_runtime
from tests.service.cli.conftest import Command

PASSWORD = "four plain words here"


@pytest.fixture
def ann(keepwarm: Command, tmp_path: Path) -> str:
    """The first user."""
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    assert keepwarm("user", "add", "ann@example.org", "--password-file", str(tmp_path / "password")).status == 0
    return "ann@example.org"


def test_users_are_listed_with_how_they_sign_in(keepwarm: Command, ann: str) -> None:
    found = keepwarm("user", "list", "--json").value
    assert found == [{"email": ann, "operator": True, "signs_in_with": ["password"]}]
    assert "operator" in keepwarm("user", "list").out


def test_a_new_password_is_set_and_a_weak_one_is_not(keepwarm: Command, ann: str, tmp_path: Path) -> None:
    for text, status in (("a lamp over the harbour", 0), ("short", 1)):
        (tmp_path / "new").write_text(text)
        assert keepwarm("user", "password", ann, "--password-file", str(tmp_path / "new")).status == status
    missing = keepwarm("user", "password", "nobody@example.org", "--password-file", str(tmp_path / "password"))
    assert (missing.status, missing.err.count("\n")) == (1, 1)
    assert "nobody@" not in missing.err


def test_a_link_is_printed_for_a_user_alone(keepwarm: Command, ann: str) -> None:
    found = keepwarm("user", "link", ann, "--json").value
    assert found["email"] == ann
    assert found["link"].startswith("http://127.0.0.1:8420/new-password?token=")
    assert found["link"] != keepwarm("user", "link", ann, "--json").value["link"]
    assert keepwarm("user", "link", "nobody@example.org").status == 1


def test_an_invitation_is_printed(keepwarm: Command, ann: str) -> None:
    found = keepwarm("user", "invite", "Kim@Example.org", "--json").value
    assert (found["email"], found["mailed"]) == ("kim@example.org", False)
    assert "/join?token=" in found["link"]
    assert keepwarm("user", "invite", "odd").status == 2


def test_it_is_mailed_where_there_is_a_way_out(keepwarm: Command, ann: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEEPWARM_SMTP_URL", "smtps://k:p@127.0.0.1:9/?from=k@example.org")
    assert keepwarm("user", "invite", "kim@example.org", "--json").value["mailed"] is True
    assert [each["kind"] for each in keepwarm("outbox", "--json").value] == ["access"]


def test_a_way_out_that_does_not_work_is_told(keepwarm: Command, ann: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEEPWARM_SMTP_URL", "smtps://k:hidden@127.0.0.1:9/?from=k@example.org")
    answer = keepwarm("check", "--json")
    (found,) = [each for each in answer.value if each["name"] == "post"]
    assert found["ok"] is False
    assert "hidden" not in answer.out + answer.err


def test_a_sample_is_no_user(keepwarm: Command, ann: str, tmp_path: Path) -> None:
    """Somebody looks around: no command lists their sample, works on it, or opens it to anybody."""
    runtime = open_runtime()
    with runtime.store.system() as tx:
        sample = samples.begin(tx, accounts.owners(tx)[0], runtime.now()).email
    runtime.store.close()
    assert [each["email"] for each in keepwarm("user", "list", "--json").value] == [ann]
    (tmp_path / "new").write_text("a lamp over the harbour")
    for words in (
        ("user", "link", sample), ("user", "password", sample, "--password-file", str(tmp_path / "new")),
        ("--user", sample, "export", "-"), ("--user", sample, "erase", "--all", "--yes"),
        ("--user", sample, "upcoming"),
    ):  # fmt: skip
        assert keepwarm(*words).status == 1, words
    assert keepwarm("upcoming").status == 0
