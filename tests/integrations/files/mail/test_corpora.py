"""The shared corpora: nothing escapes, every mail is quick, and the standard parser agrees."""

from __future__ import annotations

import email.parser
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path

import pytest

from integrations.files.maildir import read_start
from integrations.files.mbox import heads
from integrations.wire.mime import addresses, cut_head, read_message
from integrations.wire.mime.headers import scan
from keepwarm.errors import Unreadable
from keepwarm.types import Role
from tests.integrations.files.mail.conftest import Read, tally

pytestmark = pytest.mark.shared

OTHER_KINDS = {".csv", ".ics", ".json", ".vcf"}


@pytest.mark.parametrize("folder", ["mail", "mbox", "mail-replies", "mail-owner-james", "mail-owner-maciej"])
def test_every_file_is_read_or_set_aside_in_time(shared: Path, read: Read, folder: str) -> None:
    for path in sorted(path for path in (shared / folder).rglob("*") if path.is_file()):
        start = time.process_time()
        found = tally(read(path))
        mails = sum(one["read"] for one in found.values())
        assert mails >= 1 or path.stat().st_size == 0
        assert time.process_time() - start < 0.25 * max(1, mails)


def test_owners_mailboxes_are_read_whole(shared: Path, read: Read) -> None:
    found = tally(read(shared / "mail-owner-maciej"))
    assert {Path(path).name: one["items"] for path, one in found.items()} == {
        "Inbox.mbox": 1_301,
        "List.mbox": 1_000,
        "Maildir-list": 400,
        "Sent.mbox": 1_227,
        "owner.json": 0,
    }


def all_heads(shared: Path) -> Iterator[bytes]:
    """The header block of every mail of the corpora, without its mbox separator."""
    for path in sorted(path for path in shared.rglob("*") if path.is_file() and path.suffix not in OTHER_KINDS):
        with path.open("rb") as stream:
            is_mbox = stream.read(5) == b"From "
            stream.seek(0)
            yield from (head.partition(b"\n")[2] for _, head in heads(stream) if is_mbox)
        if not is_mbox:
            yield cut_head(read_start(str(path)))


def reference_date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def test_standard_parser_agrees(shared: Path) -> None:
    """Some twenty mentions differ: quoted local parts that hold an @, comments within addresses, damaged fixtures."""
    same = different = 0
    for head in all_heads(shared):
        try:
            ours = read_message(head)
        except Unreadable:
            continue
        theirs = email.parser.BytesHeaderParser().parsebytes(head)
        for name, role in (("From", Role.FROM), ("To", Role.TO), ("Cc", Role.CC)):
            values = [str(value) for value in theirs.get_all(name, [])]
            reference = {address.lower() for _, address in getaddresses(values) if "@" in address}
            found = {one.address.address for one in ours.participants if one.role is role}
            same += len(reference & found)
            different += len(reference ^ found)
    assert same > 36_000
    assert different <= 25


def test_standard_parser_agrees_on_dates(shared: Path) -> None:
    for owner in sorted(shared.glob("mail-owner-*")):
        for head in all_heads(owner):
            theirs = email.parser.BytesHeaderParser().parsebytes(head)
            assert read_message(head).at == reference_date(str(theirs["Date"]))


def test_fast_path_and_tokeniser_agree(shared: Path) -> None:
    """Where a list of addresses is ordinary, the quick way reads what the careful one would: names and all."""
    ordinary = 0
    for value in {value for head in all_heads(shared) for value in addressed(head)}:
        text = addresses._unfolded(value)
        quick = addresses._ordinary(text)
        if quick is not None:
            ordinary += 1
            assert quick == addresses._tokenised(text)
    assert ordinary > 3_000


def addressed(head: bytes) -> Iterator[bytes]:
    found = scan(b"\n" + head.replace(b"\r\n", b"\n"))
    for name in (b"from", b"to", b"cc", b"bcc", b"sender", b"reply-to"):
        yield from found.get(name, ())
