"""Where a message begins in an mbox, and what a grown or interrupted one gives."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest

from integrations.files import mbox as module
from integrations.files.mbox import heads
from tests.integrations.files.mail.conftest import Read, mail, mbox, refs, tally

SEPARATOR = b"From ann@example.org Fri May  3 10:00:00 2024\n"
ONE = SEPARATOR + mail(1)

CASES = {
    "two": (ONE + b"\n" + SEPARATOR + mail(2), 2),
    "mboxrd quoting": (ONE + b"\n>From bo@example.com Fri May  3 10:00:00 2024\n>>From x\n", 1),
    "no blank line before": (ONE + SEPARATOR + b"To: x@example.org\n", 1),
    "a sentence": (ONE + b"\nFrom here on it is Friday May 3, see you at 10:00 in 2024\n", 1),
    "no date": (ONE + b"\nFrom bo@example.com\n", 1),
    "no address": (ONE + b"\nFrom Fri May  3 10:00:00 2024\n", 1),
    "Gmail's date": (ONE + b"\nFrom 123@xxx Fri May 03 10:00:00 +0000 2024\n" + mail(2), 2),
    "Thunderbird": (ONE + b"\nFrom - Fri May 03 10:00:00 2024\n" + mail(2), 2),
    "Date header's order": (ONE + b"\nFrom a@example.org Fri, 3 May 2024 10:00:00 +0200\n" + mail(2), 2),
    "Pipermail": (ONE + b"\nFrom ann at example.org  Fri May  3 10:00:00 2024\n" + mail(2), 2),
    "CRLF": ((ONE + b"\n" + SEPARATOR + mail(2)).replace(b"\n", b"\r\n"), 2),
    "no final newline": (ONE + b"\n" + SEPARATOR.rstrip(), 2),
    "blank lines first": (b"\n\n" + ONE, 1),
    "empty": (b"", 0),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("chunk", [7, 64, 1 << 20])
def test_quoting(case: str, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", chunk)
    data, count = CASES[case]
    assert len(list(heads(io.BytesIO(data)))) == count


def test_large_bodies_and_small_chunks_give_the_same_heads(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"".join(SEPARATOR + mail(n, body="x" * (n * 997 % 150_000)) + b"\n" for n in range(60))
    whole = list(heads(io.BytesIO(data)))
    assert len(whole) == 60
    monkeypatch.setattr(module, "CHUNK", 4096)
    assert list(heads(io.BytesIO(data))) == whole
    for offset, _ in whole[::7]:
        assert list(heads(io.BytesIO(data), start=offset)) == [one for one in whole if one[0] >= offset]


def test_same_file_again_is_known_and_grown_file_adds_the_tail(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "Inbox"
    path.write_bytes(mbox(range(5)))
    first = tally(read(path))
    assert first[str(path)]["read"] == 5
    again = tally(read(path, seen=first.values()))[str(path)]
    assert (again["known"], again["items"]) == (5, 0)
    path.write_bytes(mbox(range(5)) + mbox(range(5, 8)))
    pages = read(path, seen=first.values())
    grown = tally(pages)[str(path)]
    assert (grown["known"], grown["items"], grown["read"]) == (5, 3, 8)
    copy = tmp_path / "copy"
    copy.write_bytes(path.read_bytes())
    assert tally(read(copy, seen=[grown]))[str(copy)]["known"] == 8


def test_file_whose_beginning_changed_is_read_anew(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "Inbox"
    path.write_bytes(mbox(range(5)))
    first = tally(read(path))
    path.write_bytes(mbox(range(1, 9)))
    assert tally(read(path, seen=first.values()))[str(path)]["items"] == 8


def test_bad_mail_among_good_ones_is_set_aside_alone(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "Inbox"
    path.write_bytes(mbox(range(50)) + SEPARATOR + b"\xff\xfe rubbish\n\n" + mbox(range(50, 100)))
    found = tally(read(path))[str(path)]
    assert (found["items"], len(found["broken"]), found["read"]) == (100, 1, 101)


def test_every_cursor_goes_on_with_the_rest(tmp_path: Path, read: Read) -> None:
    (tmp_path / "a").write_bytes(mbox(range(2_500)))
    (tmp_path / "b.eml").write_bytes(mail(3_000))
    (tmp_path / "c").write_bytes(mbox(range(4_000, 5_200)))
    pages = read(tmp_path)
    everything = refs(pages)
    assert len(set(everything)) == 3_701
    assert [page.last for page in pages].count(True) == 1
    for number, page in enumerate(pages):
        assert refs(pages[: number + 1]) + refs(read(tmp_path, cursor=page.cursor)) == everything
    assert read(tmp_path, cursor=pages[-1].cursor)[-1].last


@pytest.mark.parametrize("line", [b"\nFrom x", b"\n\nFrom " + b"x" * 199 + b" at " + b"y" * 45])
def test_lines_that_only_look_like_a_separator_cost_little(line: bytes) -> None:
    data = mbox([1]) + line * (4_000_000 // len(line))
    begin = time.process_time()
    assert len(list(heads(io.BytesIO(data)))) == 1
    assert time.process_time() - begin < 1  # seconds; measured 0.1
