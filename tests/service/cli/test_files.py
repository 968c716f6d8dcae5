"""import: form, counts that add up, what is absent, what stays."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.service.cli import made
from tests.service.cli.conftest import Command

KEYS = {"path", "kind", "read", "stored", "known", "skipped", "reasons", "quarantined"}


def test_sources_have_the_stable_form_and_add_up(keepwarm: Command, mailbox: Path) -> None:
    answer = keepwarm("import", str(mailbox), "--owner", made.ME, "--json")
    assert answer.status == 0
    assert set(answer.value) == {"sources", "seconds"}
    sources = {Path(each["path"]).name: each for each in answer.value["sources"]}
    assert set(sources) == {"Sent.mbox", "Inbox.mbox"}
    for each in sources.values():
        assert set(each) == KEYS
        assert each["kind"] == "mbox"
        assert each["read"] == each["stored"] + each["known"] + each["skipped"] + each["quarantined"]
        assert sum(each["reasons"].values()) == each["skipped"]
    assert sources["Sent.mbox"]["stored"] == 6


def test_second_import_adds_nothing(keepwarm: Command, mailbox: Path) -> None:
    first = keepwarm("import", str(mailbox), "--owner", made.ME, "--json").value["sources"]
    before = keepwarm("contacts", "--json").value
    second = keepwarm("import", str(mailbox), "--json").value["sources"]
    assert [each["read"] for each in second] == [each["read"] for each in first]
    assert [each["stored"] for each in second] == [0, 0]
    assert keepwarm("contacts", "--json").value == before


def test_import_can_be_undone_as_a_whole(keepwarm: Command, mailbox: Path) -> None:
    keepwarm("import", str(mailbox), "--owner", made.ME)
    assert keepwarm("undo").status == 0
    assert keepwarm("contacts", "--json").value == []
    again = keepwarm("import", str(mailbox), "--json").value["sources"]
    assert sum(each["stored"] for each in again) == 13


def test_absent_path_is_set_aside_and_the_rest_arrives(keepwarm: Command, mailbox: Path, tmp_path: Path) -> None:
    answer = keepwarm("import", str(tmp_path / "absent.mbox"), str(mailbox), "--owner", made.ME, "--json")
    assert answer.status == 1
    assert answer.err.count("\n") == 1
    assert "absent.mbox" in answer.err
    absent, *rest = answer.value["sources"]
    assert (absent["kind"], absent["read"], absent["quarantined"]) == ("unknown", 1, 1)
    assert sum(each["stored"] for each in rest) == 13
    assert len(keepwarm("contacts", "--json").value) == 2


def test_a_file_of_no_kind_is_no_problem_for_the_rest(keepwarm: Command, mailbox: Path) -> None:
    (mailbox / "picture.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8)
    answer = keepwarm("import", str(mailbox), "--json")
    assert answer.status == 0
    odd = next(each for each in answer.value["sources"] if each["path"].endswith("picture.jpg"))
    assert (odd["kind"], odd["quarantined"]) == ("unknown", 1)
    (shown,) = keepwarm("quarantine", "--json").value
    assert set(shown) == {"id", "place", "position", "digest", "reason", "at"}
    assert shown["place"].endswith("picture.jpg")


def test_paths_are_shown_as_typed(keepwarm: Command, mailbox: Path) -> None:
    sources = keepwarm("import", "mail", "--json").value["sources"]
    assert {each["path"] for each in sources} == {"mail/Sent.mbox", "mail/Inbox.mbox"}


def test_own_addresses_are_inferred_without_owner(keepwarm: Command, mailbox: Path) -> None:
    assert keepwarm("import", str(mailbox)).status == 0
    assert {each["addresses"][0] for each in keepwarm("contacts", "--json").value} == {made.BRAM[1], made.EVA[1]}


@pytest.mark.parametrize("arguments", [("import",), ("import", "x", "--owner", "no address")])
def test_wrong_usage(keepwarm: Command, arguments: tuple[str, ...]) -> None:
    assert keepwarm(*arguments).status == 2


def test_nothing_of_the_content_is_kept_or_printed(keepwarm: Command, mailbox: Path, home: Path) -> None:
    answer = keepwarm("import", str(mailbox), "--owner", made.ME)
    assert "secret" not in answer.out + answer.err
    for path in home.rglob("*"):
        if path.is_file():
            assert b"secret subject" not in path.read_bytes()
            assert b"secret text" not in path.read_bytes()


def test_data_folder_is_private(keepwarm: Command, mailbox: Path, home: Path) -> None:
    keepwarm("import", str(mailbox))
    assert home.stat().st_mode & 0o777 == 0o700
    assert not [path for path in home.rglob("*") if path.lstat().st_mode & 0o077 and not path.is_symlink()]


def test_who_cannot_be_told_is_asked_for(keepwarm: Command, mailbox: Path) -> None:
    inbox = str(mailbox / "Inbox.mbox")
    assert "--owner" in keepwarm("import", inbox).out
    assert "--owner" not in keepwarm("import", inbox, "--owner", made.ME).out


@pytest.mark.skipif(sys.platform == "darwin", reason="its file system takes UTF-8 names alone")
def test_names_that_are_no_text_or_steer_a_terminal_stop_nothing(keepwarm: Command, mailbox: Path) -> None:
    odd, steering = os.fsdecode(b"odd\xff.mbox"), "red\x1b[31m\n.mbox"
    (mailbox / "Sent.mbox").rename(mailbox / odd)
    (mailbox / "Inbox.mbox").rename(mailbox / steering)
    answer = keepwarm("import", str(mailbox), "--json")
    assert answer.status == 0
    sources = {each["path"]: each for each in answer.value["sources"]}
    assert set(sources) == {f"{mailbox}/odd\\xff.mbox", f"{mailbox}/red\\x1b[31m\\n.mbox"}
    assert sum(each["stored"] for each in sources.values()) == 13
    plain = keepwarm("import", str(mailbox / odd), f"{mailbox}/")
    assert (plain.status, "\x1b" in plain.out, len(plain.out.splitlines())) == (0, False, 4)


def test_a_folder_given_with_a_slash_is_shown_with_one(keepwarm: Command, mailbox: Path) -> None:
    sources = keepwarm("import", f"{mailbox}/", "--json").value["sources"]
    assert {each["path"] for each in sources} == {f"{mailbox}/Sent.mbox", f"{mailbox}/Inbox.mbox"}
