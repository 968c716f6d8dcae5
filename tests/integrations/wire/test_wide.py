"""UTF-16 as a stream of UTF-8: the same text, from wherever it is read on."""

from __future__ import annotations

import io

import pytest

from integrations.wire.wide import as_utf8

TEXT = "Zo\u00eb \U0001f600 Bos\r\n" * 50_000


@pytest.mark.parametrize("coding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_text_is_the_same(coding: str) -> None:
    assert as_utf8(io.BytesIO(TEXT.encode(coding))).read() == TEXT.encode()


def test_other_encodings_are_left_alone() -> None:
    stream = io.BytesIO(b"Zo\xc3\xab")
    assert as_utf8(stream) is stream


def test_reading_goes_on_where_it_is_told_to() -> None:
    stream, plain = as_utf8(io.BytesIO(TEXT.encode("utf-16"))), TEXT.encode()
    for at in (700_000, 5, 400_000):
        stream.seek(at)
        assert stream.read(50) == plain[at : at + 50]


def test_half_a_letter_at_the_end_is_no_error() -> None:
    assert as_utf8(io.BytesIO("ab".encode("utf-16")[:-1])).read() == "a\ufffd".encode()
