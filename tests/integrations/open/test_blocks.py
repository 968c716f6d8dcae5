"""Mailboxes that are very large, and mails that a server cannot give: each costs itself alone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from integrations.open import blocks, imap, mailbox
from integrations.open.blocks import FAILS, TRIES, TRIES_ALONE
from keepwarm.errors import CursorExpired, TryAgainLater
from keepwarm.types import Page
from tests.integrations.open.mails import account, fetched, head, literal, stream, writers
from tests.servers.dav import Authority
from tests.servers.faults import FakeImap, Says, fake_imap

NO = b"TAG NO Internal error occurred\r\n"
SERVERBUG = b"TAG NO [SERVERBUG] Internal error occurred\r\n"
BAD = b"TAG BAD what\r\n"


@dataclass(slots=True, kw_only=True)
class Server:
    """A mailbox behind a double. ``trouble``: what a FETCH of these UIDs says instead, None for the mails."""

    uids: list[int]
    home: Path
    trouble: Callable[[list[int]], Iterator[bytes] | bytes | None] = lambda _: None
    heads: Callable[[int], bytes] = head
    fetches: list[int] = field(default_factory=list)  # how many mails each asked for
    next_uid: int = 0
    fake: FakeImap | None = None

    def says(self) -> dict[str, Says]:
        def status() -> Iterator[bytes]:
            following = self.next_uid or self.uids[-1] + 1
            yield b"* STATUS INBOX (UIDVALIDITY 7 UIDNEXT %d)\r\n%b OK done\r\n" % (following, self._tag())

        def search() -> Iterator[bytes]:
            yield b"* SEARCH " + b" ".join(b"%d" % uid for uid in self.uids) + b"\r\n%b OK done\r\n" % self._tag()

        return {"STATUS": status, "UID SEARCH": search, "UID FETCH": self._fetch}

    def _fetch(self) -> Iterator[bytes]:
        assert self.fake
        low, high = map(int, self.fake.heard[-1][1].split()[3].split(b":"))
        asked = [uid for uid in self.uids if low <= uid <= high]
        self.fetches.append(len(asked))
        said = self.trouble(asked)
        if isinstance(said, bytes):
            yield said.replace(b"TAG", self._tag())
            return
        if said is not None:
            yield from said
        for uid in asked:
            yield fetched(b"%d FETCH (UID %d BODY[HEADER.FIELDS (FROM)] %b)" % (uid, uid, literal(self.heads(uid))))
        yield self._tag() + b" OK done\r\n"

    def _tag(self) -> bytes:
        assert self.fake
        return self.fake.heard[-1][1].split()[0]

    def look(self, cursor: str = "") -> tuple[list[Page], str, TryAgainLater | None]:
        """The pages of one look, the cursor that the store has then, and why it ended early."""
        assert self.fake
        pages: list[Page] = []
        try:
            for page in account(self.home, imap=f"imaps://localhost:{self.fake.port}").changes(stream(cursor)):
                pages.append(page)
                cursor = page.cursor
        except TryAgainLater as later:
            return pages, cursor, later
        return pages, cursor, None

    def looks(self, most: int) -> tuple[list[Page], int]:
        """Every page until the last, and how many looks that took."""
        pages, cursor = list[Page](), ""
        for number in range(1, most + 1):
            more, cursor, _ = self.look(cursor)
            pages += more
            if pages[-1].last:
                return pages, number
        raise AssertionError("it never ends")


@contextmanager
def standing(server: Server, authority: Authority) -> Iterator[Server]:
    with fake_imap(authority, server.says()) as fake:
        server.fake = fake
        yield server


def those(numbers: Any) -> list[str]:
    return [f"p{number}@example.com" for number in numbers]


def aside(pages: list[Page]) -> list[tuple[str, str]]:
    return [(each.position, each.reason) for page in pages for each in page.broken]


@pytest.mark.parametrize("step", [1, 20_000])
def test_two_hundred_thousand_mails_are_searched_at_once(authority: Authority, tmp_path: Path, step: int) -> None:
    uids = [1_000_000 + step * each for each in range(200_000)]
    with standing(Server(uids=uids, home=tmp_path), authority) as server:
        pages = account(tmp_path, imap=f"imaps://localhost:{server.fake.port}").changes(stream())  # type: ignore[union-attr]
        first = next(pages)
        pages.close()
        assert len(first.items) == mailbox.BLOCK
        assert json.loads(first.cursor)["next"] == uids[mailbox.BLOCK - 1] + 1
        assert not first.last
        assert sum(b"SEARCH" in line for _, line in server.fake.heard) == 1  # type: ignore[union-attr]


def test_a_search_longer_than_any_we_read_is_tried_later(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "LINE", 1000)
    with standing(Server(uids=list(range(1, 500)), home=tmp_path), authority) as server:
        pages, _, later = server.look()
        assert (pages, later is not None) == ([], True)


@pytest.mark.parametrize("says", [NO, SERVERBUG, BAD])
def test_a_mail_that_the_server_fails_at_is_set_aside_alone(authority: Authority, tmp_path: Path, says: bytes) -> None:
    server = Server(uids=[*range(1, 41)], home=tmp_path, trouble=lambda asked: says if 3 in asked else None)
    with standing(server, authority):
        pages, cursor, later = server.look()
        assert writers(*pages) == those([1, 2])
        assert later is not None
        rest, looks = server.looks(TRIES)
    assert looks == TRIES
    assert writers(*rest) == those([1, 2, *range(4, 41)])
    assert aside(rest) == [("3", FAILS)]
    assert cursor


def test_a_server_that_recovers_loses_nothing(authority: Authority, tmp_path: Path) -> None:
    server = Server(uids=[1, 2, 3, 4], home=tmp_path, trouble=lambda _: NO)
    with standing(server, authority):
        cursor = ""
        waits = []
        for _ in range(TRIES_ALONE - 1):
            pages, cursor, later = server.look(cursor)
            assert aside(pages) == []
            assert later is not None
            waits.append(later.after)
        server.trouble = lambda _: None
        pages, _, later = server.look(cursor)
    assert (writers(*pages), aside(pages), later) == (those([1, 2, 3, 4]), [], None)
    assert waits == sorted(waits)
    assert waits[-1] == blocks.LONGEST_WAIT


def test_where_the_last_mail_is_bad_it_is_given_a_day(authority: Authority, tmp_path: Path) -> None:
    server = Server(uids=[1, 2, 3], home=tmp_path, trouble=lambda asked: NO if 3 in asked else None)
    with standing(server, authority):
        pages, looks = server.looks(TRIES_ALONE)
    assert looks == TRIES_ALONE
    assert (writers(*pages), aside(pages)) == (those([1, 2]), [("3", FAILS)])


@pytest.mark.parametrize(
    "says", [b"TAG NO [UNAVAILABLE] later\r\n", b"TAG NO [LIMIT] too many\r\n", b"* BYE closing\r\n"]
)
def test_what_concerns_all_of_the_connection_makes_no_block_smaller(
    authority: Authority, tmp_path: Path, says: bytes
) -> None:
    with standing(Server(uids=[1, 2, 3, 4], home=tmp_path, trouble=lambda _: says), authority) as server:
        pages, _, later = server.look()
        assert (pages, server.fetches) == ([], [4])
        assert later is not None


def test_mails_too_large_together_come_in_smaller_blocks(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "RECEIVED", 1 << 20)
    long = b"References: " + b"\r\n ".join(b"<%060d@x>" % each for each in range(1500)) + b"\r\n\r\n"
    server = Server(uids=[*range(1, 41)], home=tmp_path, heads=lambda uid: head(uid)[:-2] + long)
    with standing(server, authority):
        pages, _, later = server.look()
    assert (writers(*pages), aside(pages), later) == (those(range(1, 41)), [], None)
    assert server.fetches[:3] == [40, 20, 10]


def test_a_server_that_is_slow_is_asked_for_as_much_as_it_manages(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a single page it would begin at the same place again for ever."""
    monkeypatch.setattr(imap, "SECONDS", 0.5)

    def slow(asked: list[int]) -> Iterator[bytes]:
        time.sleep(0.04 * len(asked))
        yield b"* 40 EXISTS\r\n"

    with standing(Server(uids=[*range(1, 41)], home=tmp_path, trouble=slow), authority) as server:
        pages, _, later = server.look()
    assert (writers(*pages), aside(pages), later) == (those(range(1, 41)), [], None)
    assert server.fetches[0] == 40
    assert max(server.fetches[2:]) <= 20


def test_a_mail_at_which_the_line_goes_dead_does_not_hold_up_those_before_it(
    authority: Authority, tmp_path: Path
) -> None:
    def dead(asked: list[int]) -> Iterator[bytes] | None:
        return breaking() if 4 in asked else None

    def breaking() -> Iterator[bytes]:
        yield b"* 9 EXISTS\r\n"
        raise ConnectionAbortedError

    with standing(Server(uids=[*range(1, 9)], home=tmp_path, trouble=dead), authority) as server:
        pages, looks = server.looks(TRIES_ALONE + 10)
    assert looks > TRIES_ALONE
    assert (writers(*pages), aside(pages)) == (those([1, 2, 3, 5, 6, 7, 8]), [("4", FAILS)])


def test_a_folder_put_back_from_a_backup_is_read_from_the_beginning(authority: Authority, tmp_path: Path) -> None:
    with standing(Server(uids=[1, 2, 3], home=tmp_path, next_uid=500), authority) as server:
        _, cursor, _ = server.look()
        server.next_uid = 4
        with pytest.raises(CursorExpired):
            server.look(cursor)
        assert writers(*server.look()[0]) == those([1, 2, 3])
