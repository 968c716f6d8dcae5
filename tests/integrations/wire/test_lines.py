"""Lines with their folds undone, however the pieces of a file fall."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.wire import lines

LIMIT = 12
ENDS = st.sampled_from([b"\r\n ", b"\n ", b"\n\t", b"\r\n", b"\n", b"\r"])
PIECES = st.lists(st.tuples(ENDS, st.sampled_from([b"a", b"bcdefgh", b"x" * 30])))


def plainly(data: bytes) -> list[bytes]:
    """The same in one go."""
    ended = re.sub(rb"\r\n|\r", b"\n", re.sub(rb"\r\n ", b"", data))
    return re.sub(rb"\n[ \t]", b"", ended).split(b"\n")


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 100])
@given(pieces=PIECES)
def test_lines_are_the_same_however_they_are_read(chunk: int, pieces: list[tuple[bytes, bytes]]) -> None:
    data = b"".join(part for piece in pieces for part in piece)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "CHUNK", chunk)
        found = list(lines.unfolded(io.BytesIO(data), LIMIT))
    assert (
        b"\n".join(each[:LIMIT] for each in found).rstrip()
        == b"\n".join(each[:LIMIT] for each in plainly(data)).rstrip()
    )


def test_a_long_line_is_joined_as_far_as_it_is_wanted_and_what_follows_it_is_read() -> None:
    photograph = b"PHOTO:" + b"\r\n ".join([b"A" * 74] * 60_000)
    found = list(lines.unfolded(io.BytesIO(b"FN:Ann\r\n" + photograph + b"\r\nEMAIL:ann@example.org\r\n"), 1_000))
    assert (found[0], found[2:]) == (b"FN:Ann", [b"EMAIL:ann@example.org"])
    assert found[1][:1_000] == b"PHOTO:" + b"A" * 994
    assert len(found[1]) < len(photograph)
