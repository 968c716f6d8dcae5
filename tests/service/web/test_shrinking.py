"""Pages and our own files go out compressed to who takes that, and say the same."""

from __future__ import annotations

import gzip

import pytest
from flask import Response
from werkzeug.test import TestResponse

from service.shrinking import LEAST
from tests.service.web.conftest import Browser

TAKES = {"Accept-Encoding": "gzip, deflate, br"}


def ask(owner: Browser, path: str, headers: dict[str, str] = TAKES) -> TestResponse:
    answer = owner.client.get(path, headers=headers)
    answer.get_data()
    answer.close()  # a static file stays open otherwise
    return answer


@pytest.mark.parametrize("path", ["/settings", "/static/keepwarm.css"])
def test_it_comes_compressed_and_says_the_same(owner: Browser, path: str) -> None:
    plain, small = ask(owner, path, {}), ask(owner, path)
    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert len(small.data) < len(plain.data) / 2
    assert int(small.headers["Content-Length"]) == len(small.data)
    assert _without_token(gzip.decompress(small.data)) == _without_token(plain.data)
    assert all("Accept-Encoding" in each.headers["Vary"] for each in (plain, small))


def _without_token(page: bytes) -> list[bytes]:
    """The lines but for those with a token, which is another one each second."""
    return [line for line in page.splitlines() if b"csrf_token" not in line]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/nowhere"])
def test_what_is_short_or_not_there_stays_as_it_is(owner: Browser, path: str) -> None:
    answer = ask(owner, path)
    assert "Content-Encoding" not in answer.headers


def test_a_file_that_did_not_change_is_not_sent_again(owner: Browser) -> None:
    first = ask(owner, "/static/keepwarm.css")
    again = ask(owner, "/static/keepwarm.css", TAKES | {"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_what_streams_goes_out_as_it_comes(owner: Browser) -> None:
    app = owner.client.application
    line = b"x" * 2 * LEAST
    app.view_functions["home.today"] = lambda: Response(iter([line, line]), mimetype="text/event-stream")
    answer = ask(owner, "/")
    assert "Content-Encoding" not in answer.headers
    assert answer.data == line + line
