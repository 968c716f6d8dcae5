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
from integrations.wire.mime import cut_head, read_message
from keepwarm.types import Role
from tests.integrations.files.mail.conftest import Read, tally

pytestmark = pytest.mark.shared


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


def owner_heads(shared: Path) -> Iterator[bytes]:
    for path in sorted(shared.glob("mail-owner-*/*.mbox")):
        with path.open("rb") as stream:
            yield from (head.partition(b"\n")[2] for _, head in heads(stream))
    for path in sorted(shared.glob("mail-owner-*/Maildir-list/*/*")):
        yield cut_head(read_start(str(path)))


def reference_date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def test_standard_parser_agrees(shared: Path) -> None:
    """Seven mentions differ: quoted local parts that hold an @, which the reference takes for the address."""
    same = different = wrong_dates = 0
    for head in owner_heads(shared):
        ours = read_message(head)
        theirs = email.parser.BytesHeaderParser().parsebytes(head)
        for name, role in (("From", Role.FROM), ("To", Role.TO), ("Cc", Role.CC)):
            values = [str(value) for value in theirs.get_all(name, [])]
            reference = {address.lower() for _, address in getaddresses(values) if "@" in address}
            found = {one.address.address for one in ours.participants if one.role is role}
            same += len(reference & found)
            different += len(reference ^ found)
        wrong_dates += ours.at != reference_date(str(theirs["Date"]))
    assert same > 35_000
    assert different / (same + different) <= 0.001
    assert wrong_dates == 0
