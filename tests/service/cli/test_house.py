"""check, user, and what a person sees when something breaks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from service import newcomer
from tests.service.cli.conftest import Command


def test_check_says_line_by_line_what_is_in_order(keepwarm: Command) -> None:
    answer = keepwarm("check", "--json")
    assert answer.status == 0
    names = [each["name"] for each in answer.value]
    assert {"home", "permissions", "database", "redis", "zones", "clock", "python", "running"} <= set(names)
    assert all(set(each) == {"name", "ok", "says"} for each in answer.value)
    assert all(each["says"] for each in answer.value)


def test_check_sees_a_folder_that_others_can_read(keepwarm: Command, home: Path) -> None:
    keepwarm("check")
    (home / "open").touch(mode=0o644)
    (home / "open").chmod(0o644)
    found = {each["name"]: each["ok"] for each in keepwarm("check", "--json").value}
    assert found["permissions"] is False


def test_user_add_gives_the_local_owner_a_name_and_keeps_what_it_has(
    keepwarm: Command, mailbox: Path, tmp_path: Path
) -> None:
    keepwarm("import", str(mailbox))
    before = keepwarm("contacts", "--json").value
    (tmp_path / "password").write_text("four plain words here\n")
    assert keepwarm("user", "add", "Anna@example.org", "--password-file", str(tmp_path / "password")).status == 0
    assert keepwarm("contacts", "--user", "anna@example.org", "--json").value == before
    assert keepwarm("--user", "anna@example.org", "contacts", "--json").value == before


def test_two_users_must_be_told_apart(keepwarm: Command, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("four plain words here\n")
    for email in ("anna@example.org", "bram@example.org"):
        assert keepwarm("user", "add", email, "--password-file", str(tmp_path / "password")).status == 0
    assert keepwarm("contacts").status == 2
    assert keepwarm("contacts", "--user", "bram@example.org").status == 0
    assert keepwarm("user", "add", "anna@example.org", "--password-file", str(tmp_path / "password")).status == 1


@pytest.mark.parametrize(("content", "status"), [("short\n", 1), ("", 1), ("password1234\n", 1)])
def test_weak_passwords_are_refused(keepwarm: Command, tmp_path: Path, content: str, status: int) -> None:
    (tmp_path / "password").write_text(content)
    answer = keepwarm("user", "add", "anna@example.org", "--password-file", str(tmp_path / "password"))
    assert (answer.status, answer.err.count("\n")) == (status, 1)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("KEEPWARM_HOME", "not/absolute"),
        ("KEEPWARM_HOME", "/dev/null/folder"),
        ("KEEPWARM_PUBLIC_URL", "http://["),
        ("KEEPWARM_DATABASE_URL", "mysql://db/keepwarm"),
        ("KEEPWARM_DATABASE_URL", "sqlite:////dev/null/keepwarm.db"),
        ("KEEPWARM_DATABASE_URL", "postgresql://somebody:hidden@127.0.0.1:1/keepwarm"),
        ("KEEPWARM_BROKER_URL", "localhost"),
        ("KEEPWARM_SMTP_URL", "mailto:robin@example.org"),
        ("KEEPWARM_GOOGLE_BASE", "google"),
        ("KEEPWARM_CLOCK_OFFSET", "an hour"),
    ],
)
@pytest.mark.parametrize("command", ["contacts", "check"])
def test_a_wrong_setting_is_one_line(home: Path, variable: str, value: str, command: str) -> None:
    environment = {**os.environ, "KEEPWARM_HOME": str(home), variable: value}
    asked = subprocess.run(
        [sys.executable, "-c", "from service.cli import main; main()", command],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (asked.returncode, asked.stdout, asked.stderr.count("\n")) == (1, "", 1), asked.stderr
    assert variable in asked.stderr
    assert "hidden" not in asked.stderr


def test_unforeseen_errors_are_one_line_with_an_id(
    keepwarm: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keepwarm("contacts")
    private = "somebody@example.org"

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError(private)

    monkeypatch.setattr("keepwarm.store.contacts.contacts", broken)
    answer = keepwarm("contacts")
    assert (answer.status, answer.out, answer.err.count("\n")) == (1, "", 1)
    mark = answer.err.partition("(")[2].partition(")")[0]
    log = (home / "logs" / "command.log").read_text()
    assert mark in log
    assert "ZeroDivisionError" in log
    assert private not in log + answer.err


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"LANG": "nl_NL.UTF-8"}, ("nl", "NL")),
        ({"LANG": "nl_BE.UTF-8", "LC_ALL": "en_US.UTF-8"}, ("en", "US")),
        ({"LANG": "C.UTF-8"}, ("en", "")),
        ({"LANG": "de_DE"}, ("en", "DE")),
        ({}, ("en", "")),
    ],
)
def test_language_is_guessed_from_the_environment(environment: dict[str, str], expected: tuple[str, str]) -> None:
    assert newcomer.language_of(environment) == expected


@pytest.mark.parametrize(
    ("environment", "target", "expected"),
    [
        ({"TZ": "America/New_York"}, "", "America/New_York"),
        ({"TZ": ":Europe/Paris"}, "", "Europe/Paris"),
        ({"TZ": "not a zone"}, "", "Europe/Amsterdam"),
        ({}, "/usr/share/zoneinfo/Asia/Tokyo", "Asia/Tokyo"),
        ({}, "/usr/share/zoneinfo/Etc/UTC", "Europe/Amsterdam"),
    ],
)
def test_zone_is_guessed_from_the_machine(
    tmp_path: Path, environment: dict[str, str], target: str, expected: str
) -> None:
    link = tmp_path / "localtime"
    if target:
        link.symlink_to(target)
    assert newcomer.zone_of(environment, "nl", link=link) == expected


ODD = ("anna", "anna@", "@example.org", "a b@example.org", "a@b@example.org", "a<b@example.org", "x" * 260 + "@x.org")


@pytest.mark.parametrize("email", ODD)
def test_an_odd_address_is_refused(email: str, keepwarm: Command, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("three quiet green boats", encoding="utf-8")
    assert keepwarm("user", "add", email, "--password-file", str(tmp_path / "password")).status == 2
