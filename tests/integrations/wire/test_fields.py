"""The headers asked for by name are those that are read."""

from __future__ import annotations

from integrations.wire.mime.headers import FIELDS, scan

MARKS_OF_FILES = {b"x-gmail-labels", b"x-mozilla-status", b"x-mozilla-draft-info", b"x-status"}


def test_every_header_asked_for_is_read() -> None:
    block = "".join(f"\n{name}: x" for name in FIELDS)
    assert {name.decode() for name in scan(block.encode())} == {name.lower() for name in FIELDS}


def test_what_only_files_hold_is_not_asked_for() -> None:
    assert not MARKS_OF_FILES & {name.lower().encode() for name in FIELDS}
