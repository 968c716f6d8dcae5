"""Folders, Maildirs, archives and things that are no mail at all."""

from __future__ import annotations

import io
import json
import os
import random
import struct
import time
import zipfile
from pathlib import Path

import pytest

from integrations.files import archive
from tests.integrations.files.mail.conftest import Read, files, mail, mbox, refs, stream, tally

CALENDAR = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1@example.org\r\nDTSTAMP:20240101T000000Z\r\n"
    b"DTSTART:20240503T100000Z\r\nDTEND:20240503T110000Z\r\nSUMMARY:Talk\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
CARD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann Bo\r\nEMAIL:ann@example.org\r\nEND:VCARD\r\n"


def maildir(folder: Path, numbers: range, extra: str = "") -> None:
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True)
    for number in numbers:
        part, flags = ("cur", ":2,S") if number % 2 else ("new", "")
        (folder / part / f"1{number:05d}.M1.host{flags}").write_bytes(mail(number, extra=extra))


def zipped(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in entries.items():
            target.writestr(name, data)
    return out.getvalue()


def kinds(sources: dict[str, dict[str, object]]) -> dict[str, object]:
    return {
        path.rpartition("/")[2] if "!" not in path else path.partition("!")[2]: one["kind"]
        for path, one in sources.items()
    }


def test_kind_comes_from_the_content(tmp_path: Path, read: Read) -> None:
    for number, data in enumerate(
        [mbox([1]), mail(2), CALENDAR, CARD, b"PNG\0\1\2", CALENDAR.decode().encode("utf-16")]
    ):
        (tmp_path / f"{number}.txt").write_bytes(data)
    found = tally(read(tmp_path))
    assert list(kinds(found).values()) == ["mbox", "eml", "ics", "vcf", "unknown", "ics"]
    assert [one["items"] for one in found.values()] == [1, 1, 1, 1, 0, 1]
    assert all(one["read"] == 1 for one in found.values())


def test_missing_path_is_one_quarantined_source(tmp_path: Path, read: Read) -> None:
    (tmp_path / "good").write_bytes(mbox(range(3)))
    found = tally(read(tmp_path / "nothing", tmp_path / "good"))
    assert [(one["kind"], one["read"]) for one in found.values()] == [("unknown", 1), ("mbox", 3)]
    assert [check.ok for check in files([tmp_path / "nothing", tmp_path / "good"]).verify()] == [False, True]


def test_tree_of_maildirs(tmp_path: Path, read: Read) -> None:
    home = tmp_path / "Maildir"
    maildir(home, range(10))
    maildir(home / ".Sent", range(10, 15))
    maildir(home / ".Trash", range(20, 24))
    (home / "dovecot.index").write_bytes(b"\0\1")
    (home / "cur" / "199999.M1.host:2,ST").write_bytes(mail(99))
    pages = read(home)
    found = tally(pages)
    assert {Path(path).name: (one["items"], dict(one["skipped"])) for path, one in found.items()} == {
        "Maildir": (10, {"trash": 1}),
        ".Sent": (5, {}),
        ".Trash": (0, {"trash": 4}),
    }
    sent = [item.marks for page in pages if page.source and page.source.path.endswith(".Sent") for item in page.items]
    assert len(sent) == 5
    assert all(int(marks) & 16 for marks in sent)
    again = tally(read(home, seen=found.values()))
    assert [one["known"] for one in again.values()] == [11, 5, 4]


def test_own_mail_and_drafts_are_no_input(tmp_path: Path, read: Read) -> None:
    for number, extra in enumerate(["X-Keepwarm: 1\n", "X-Gmail-Labels: Drafts\n", ""]):
        (tmp_path / f"{number}.eml").write_bytes(mail(number, extra=extra))
    (tmp_path / "9.eml").write_bytes(b"Subject: x\nDate: Fri, 3 May 2024 10:00:00 +0000\n\n")
    found = list(tally(read(tmp_path)).values())
    assert [dict(one["skipped"]) for one in found] == [{"ours": 1}, {"draft": 1}, {}, {"no_address": 1}]


def test_hidden_files_and_links_are_passed_over(tmp_path: Path, read: Read) -> None:
    (tmp_path / ".hidden").write_bytes(mail(1))
    (tmp_path / "Inbox.msf").write_bytes(b"x")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "good.eml").write_bytes(mail(2))
    assert list(kinds(tally(read(tmp_path)))) == ["good.eml"]


def test_links_and_pipes_in_a_maildir_are_set_aside(tmp_path: Path, read: Read) -> None:
    maildir(tmp_path / "box", range(2))
    (tmp_path / "secret").write_bytes(mail(7))
    (tmp_path / "box" / "cur" / "2.M1.host").symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "box" / "cur" / "3.M1.host")
    [found] = tally(read(tmp_path / "box")).values()
    assert (found["items"], len(found["broken"])) == (2, 2)


def test_archive_of_nothing_is_named(tmp_path: Path, read: Read) -> None:
    (tmp_path / "nothing.zip").write_bytes(zipped({}))
    (tmp_path / "folders.zip").write_bytes(zipped({"a/": b"", "__MACOSX/._x": b"x"}))
    found = tally(read(tmp_path))
    assert [one["broken"] for one in found.values()] == [[archive.NOTHING_IN_IT]] * 2


def test_archive_with_everything(tmp_path: Path, read: Read) -> None:
    inner = zipped({"cards.vcf": CARD, "deeper.zip": zipped({"x.eml": mail(1)})})
    entries = {"Takeout/Mail/Sent.mbox": mbox(range(2_100)), "Takeout/cal.ics": CALENDAR, "../../evil.eml": mail(5_000)}
    entries |= {
        "inner.zip": inner,
        "photo.jpg": b"\xff\xd8\xff" * 100,
        "__MACOSX/x": b"x",
        "box/cur/1:2,S": mail(6_000),
    }
    path = tmp_path / "takeout.zip"
    path.write_bytes(zipped(entries))
    before = set(tmp_path.rglob("*"))
    pages = read(path)
    found = tally(pages)
    assert kinds(found) == {
        "Takeout/Mail/Sent.mbox": "mbox",
        "Takeout/cal.ics": "ics",
        "../../evil.eml": "eml",
        "inner.zip!cards.vcf": "vcf",
        "inner.zip!deeper.zip": "unknown",
        "photo.jpg": "unknown",
        "box": "maildir",
    }
    assert sum(one["items"] for one in found.values()) == 2_104
    assert set(tmp_path.rglob("*")) == before
    everything = refs(pages)
    for number, page in enumerate(pages):
        assert refs(pages[: number + 1]) + refs(read(path, cursor=page.cursor)) == everything
    again = tally(read(path, seen=found.values()))
    assert sum(one["known"] for one in again.values()) == 2_104
    assert sum(one["items"] for one in again.values()) == 0


def test_bomb_in_an_archive_is_set_aside_and_the_rest_arrives(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "bomb.zip"
    path.write_bytes(zipped({"bomb.mbox": b"\0" * 50_000_000, "good.eml": mail(1)}))
    start = time.process_time()
    found = tally(read(path))
    assert time.process_time() - start < 1
    assert [(one["kind"], one["items"], one["read"]) for one in found.values()] == [("unknown", 0, 1), ("eml", 1, 1)]


def test_archive_limits(tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "many.zip"
    path.write_bytes(zipped({f"{number}.eml": mail(number) for number in range(20)}))
    monkeypatch.setattr(archive, "ENTRIES", 19)
    assert [(one["kind"], one["read"]) for one in tally(read(path)).values()] == [("unknown", 1)]


def test_damaged_and_locked_entries_leave_the_others(tmp_path: Path, read: Read) -> None:
    data = bytearray(zipped({"1.eml": os.urandom(4_000), "2.eml": mail(2), "3.eml": mail(3)}))
    data[60:80] = b"\xff" * 20  # the first entry's own bytes: its checksum no longer fits
    locked = data.rfind(b"PK\x01\x02")
    data[locked + 8] |= 1
    path = tmp_path / "damaged.zip"
    path.write_bytes(bytes(data))
    found = list(tally(read(path)).values())
    assert [(one["items"], one["read"]) for one in found] == [(0, 1), (1, 1), (0, 1)]
    assert "password" in found[2]["broken"][0]
    path.write_bytes(bytes(data[: len(data) // 2]))
    assert [(one["kind"], one["read"]) for one in tally(read(path)).values()] == [("unknown", 1)]


def test_entry_listed_as_it_must_not_be_leaves_the_others(tmp_path: Path, read: Read) -> None:
    for at, bad in ((8, b"\x00\x08"), (6, b"\x63\x00")):  # its name is no UTF-8 though it says so; a version to come
        data = bytearray(zipped({"\xff1.eml": mail(1), "2.eml": mail(2)}))
        listed = data.find(b"PK\x01\x02")
        data[listed + at : listed + at + 2] = bad
        data[listed + 46 : listed + 48] = b"\xff\xfe"
        path = tmp_path / f"{at}.zip"
        path.write_bytes(bytes(data))
        assert [one["items"] for one in tally(read(path)).values()] == [0, 1]


def test_entry_without_a_name_leaves_the_others(tmp_path: Path, read: Read) -> None:
    data = bytearray(zipped({"1.eml": mail(1), "2.eml": mail(2)}))
    data[data.find(b"PK\x01\x02") + 46] = 0
    path = tmp_path / "nameless.zip"
    path.write_bytes(bytes(data))
    assert [(one["items"], one["read"]) for one in tally(read(path)).values()] == [(0, 1), (1, 1)]


def test_entries_that_lie_within_one_another_are_set_aside(tmp_path: Path, read: Read) -> None:
    data = zipped({"1.eml": mail(1) * 50, "2.eml": mail(2)})
    listed = data.find(b"PK\x01\x02")
    entry = data[listed : data.find(b"PK\x01\x02", listed + 4)]
    end = data.find(b"PK\x05\x06")
    tail = bytearray(data[end:])
    struct.pack_into("<HHI", tail, 8, 3, 3, end - listed + len(entry))
    path = tmp_path / "overlap.zip"
    path.write_bytes(data[:end] + entry.replace(b"1.eml", b"3.eml") + bytes(tail))
    found = {Path(name).name: one for name, one in tally(read(path)).items()}
    assert found["overlap.zip!2.eml"]["items"] == 1
    assert "lies within another" in found["overlap.zip!3.eml"]["broken"][0]


def test_mails_of_an_archive_within_an_archive_are_read_once_forwards(tmp_path: Path, read: Read) -> None:
    names = {f"box/cur/{1_000 - number:04d}:2,S": mail(number, body="x" * 4_000) for number in range(1_000)}
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_STORED) as target:
        for name, data in names.items():
            target.writestr(name, data)
    path = tmp_path / "outer.zip"
    path.write_bytes(zipped({"inner.zip": inner.getvalue()}))
    start = time.process_time()
    assert sum(one["items"] for one in tally(read(path)).values()) == 1_000
    assert time.process_time() - start < 2  # seconds; backwards it takes ten times as long


def test_name_of_an_entry_neither_hides_nor_turns_what_is_shown(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "odd.zip"
    path.write_bytes(zipped({"\x1b[2J\n\u202elme.eml": mail(1), "x" * 60_000: mail(2)}))
    first, second = (name.partition("!")[2] for name in tally(read(path)))
    assert first == "\\x1b[2J\\n\\u202elme.eml"
    assert second == "x" * 1_000


def test_two_entries_of_one_name_are_two_sources(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "twice.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.eml", mail(1))
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.eml", mail(2))
    found = tally(read(path))
    assert [(name, one["read"]) for name, one in found.items()] == [(f"{path}!a.eml", 1), (f"{path}!a.eml (2)", 1)]


def test_a_folder_that_may_not_be_read_is_told(tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "locked").mkdir()
    (tmp_path / "good.mbox").write_bytes(mbox([1]))
    listed = os.listdir

    def refusing(path: Path) -> list[str]:  # permissions stop no test that runs as root
        if path.name == "locked":
            raise PermissionError
        return listed(path)

    monkeypatch.setattr(os, "listdir", refusing)
    found = tally(read(tmp_path))
    assert [(one["items"], one["read"]) for one in found.values()] == [(1, 1), (0, 1)]
    assert "cannot be opened" in found[str(tmp_path / "locked")]["broken"][0]


def test_random_bytes_as_every_kind_of_file_leave_the_others(tmp_path: Path, read: Read) -> None:
    dice = random.Random(4)
    starts = [
        b"",
        mbox([1]),
        mail(1)[:60],
        CALENDAR[:80],
        CARD[:40],
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"\xff\xfe",
        b"[{",
        b"First Name,Last Name\n",
    ]
    for number, start in enumerate(starts):
        (tmp_path / f"bad{number}.mbox").write_bytes(start + dice.randbytes(20_000))
    (tmp_path / "good.mbox").write_bytes(mbox(range(100)))
    found = tally(read(tmp_path))
    assert len(found) == len(starts) + 1
    assert found[str(tmp_path / "good.mbox")]["items"] == 100


def test_nothing_is_known_of_the_owner(tmp_path: Path) -> None:
    adapter = files([tmp_path])
    assert (adapter.places(), adapter.own_addresses()) == ((), ())
    pages = list(adapter.changes(stream()))
    assert [(page.last, page.items) for page in pages] == [(True, ())]


# --- changed between two slices


def test_an_mbox_that_was_compacted_meanwhile_is_read_from_its_beginning(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "INBOX"
    path.write_bytes(mbox(range(2_500)))
    first = read(path)[0]
    path.write_bytes(mbox(range(500, 2_500)))
    rest = read(path, cursor=first.cursor)
    assert refs(rest) == refs(read(path))
    assert [page.source_anew for page in rest] == [True, False]
    [found] = tally(rest).values()
    assert found["read"] == 2_000
    assert [one["known"] for one in tally(read(path, seen=[found])).values()] == [2_000]


def test_an_mbox_that_grew_meanwhile_goes_on(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "INBOX"
    path.write_bytes(mbox(range(2_500)))
    first = read(path)[0]
    path.write_bytes(mbox(range(2_600)))
    second = read(path, cursor=first.cursor)
    path.write_bytes(mbox(range(2_700)))
    rest = read(path, cursor=second[0].cursor)
    assert refs([first, second[0], *rest]) == refs(read(path))
    assert not [page for page in (*second, *rest) if page.source_anew]


def test_a_cursor_of_an_earlier_version_goes_on(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "INBOX"
    path.write_bytes(mbox(range(1_500)))
    first = read(path)[0]
    older = json.dumps({name: value for name, value in json.loads(first.cursor).items() if name != "fingerprint"})
    assert refs([first]) + refs(read(path, cursor=older)) == refs(read(path))


def test_a_maildir_goes_on_unless_something_came_or_went_before(tmp_path: Path, read: Read) -> None:
    home = tmp_path / "Maildir"
    maildir(home, range(1_500, 4_000))
    first = read(home)[0]
    maildir_mail(home, 9_000)
    later = read(home, cursor=first.cursor)
    assert len(refs(later)) == 1_501
    assert not [page for page in later if page.source_anew]
    maildir_mail(home, 7)
    for page in (first, later[0]):
        anew = read(home, cursor=page.cursor)
        assert len(refs(anew)) == 2_502
        assert [each.source_anew for each in anew] == [True, False, False]
        assert len(refs(read(home, cursor=anew[0].cursor))) == 1_502


def maildir_mail(folder: Path, number: int) -> None:
    (folder / "new" / f"1{number:05d}.M1.host").write_bytes(mail(number))
