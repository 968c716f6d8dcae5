"""How these tests open the adapter, and small mailboxes of invented people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from integrations.base import Opening
from integrations.files import Files
from keepwarm.types import Grant, Page, Stream, StreamKind

Read = Callable[..., list[Page]]


def mail(number: int, body: str = "Hello", extra: str = "") -> bytes:
    return (
        f"From: Ann <ann@example.org>\nTo: bo{number}@example.com\nDate: Fri, 3 May 2024 10:00:00 +0000\n"
        f"Message-ID: <{number}@example.org>\n{extra}\n{body}\n"
    ).encode()


def mbox(numbers: Iterable[int]) -> bytes:
    return b"".join(b"From ann@example.org Fri May  3 10:00:00 2024\n" + mail(number) + b"\n" for number in numbers)


def files(paths: Iterable[Path], seen: Iterable[Mapping[str, Any]] = ()) -> Files:
    return Files(
        Opening(
            account_id="account",
            owner_id="owner",
            owner_addresses=(),
            settings={"paths": [str(path) for path in paths], "seen": list(seen)},
            grant=Grant(),
            home=Path(),
            zone="Europe/Amsterdam",
            now=lambda: datetime(2026, 11, 23, tzinfo=UTC),
        )
    )


def stream(cursor: str = "") -> Stream:
    return Stream(id="s", owner_id="owner", account_id="account", kind=StreamKind.FILES, cursor=cursor)


def refs(pages: Iterable[Page]) -> list[str]:
    return [getattr(item, "ref", "") or getattr(item, "uid", "") for page in pages for item in page.items]


def tally(pages: Iterable[Page]) -> dict[str, dict[str, Any]]:
    """Per source: what the store would keep in ``seen``, and the counts."""
    sources: dict[str, dict[str, Any]] = {}
    for page in pages:
        if page.source is None:
            continue
        one = sources.setdefault(
            page.source.path,
            {"path": page.source.path, "kind": page.source.kind, "fingerprint": page.source.fingerprint}
            | {"size": page.source.size, "items": 0, "known": 0, "skipped": Counter(), "broken": []},
        )
        one["items"] += len(page.items)
        one["known"] += page.known
        one["skipped"].update(skipped.reason for skipped in page.skipped)
        one["broken"] += [broken.reason for broken in page.broken]
        one["read"] = one["items"] + one["known"] + one["skipped"].total() + len(one["broken"])
    return sources


@pytest.fixture
def read() -> Read:
    def pages(*paths: Path, seen: Iterable[Mapping[str, Any]] = (), cursor: str = "") -> list[Page]:
        return list(files(paths, seen).changes(stream(cursor)))

    return pages
