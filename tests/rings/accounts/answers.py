"""What the door before a calendar server makes of requests: cut answers, dead tokens, collections listed empty."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from tests.servers.dav import Alter, Asked, Given, Onwards

XML = {"Content-Type": "application/xml; charset=utf-8"}
EMPTY = b'<?xml version="1.0"?><multistatus xmlns="DAV:"/>'
NOTHING = b'<?xml version="1.0"?><multistatus xmlns="DAV:"><sync-token>urn:none</sync-token></multistatus>'
DEAD = b'<?xml version="1.0"?><error xmlns="DAV:"><valid-sync-token/></error>'


class CutError(Exception):
    """The connection ends here, without an answer."""


def through(asked: Asked, onwards: Onwards) -> Given:
    return onwards(asked)


def cut(ways: Mapping[str, int], *, times: int = 1) -> Alter:
    """The first requests of these verbs are carried out, but answered by a status, or with 0 by nothing at all."""
    left = dict.fromkeys(ways, times)

    def alter(asked: Asked, onwards: Onwards) -> Given:
        given = onwards(asked)
        if not left.get(asked.method):
            return given
        left[asked.method] -= 1
        if not ways[asked.method]:
            raise CutError
        return Given(status=ways[asked.method])

    return alter


@dataclass(slots=True)
class Looks:
    """Answers to whole looks at collections: while ``left`` lasts they are false. ``told`` counts those that were."""

    false: Callable[[Asked], Given | None]
    left: int = 1
    told: int = 0
    seen: list[str] = field(default_factory=list)

    def __call__(self, asked: Asked, onwards: Onwards) -> Given:
        given = self.false(asked) if self.left else None
        if given is None:
            return onwards(asked)
        self.told += 1
        return given


def dead(asked: Asked) -> Given | None:
    """No token is known any more."""
    listing = asked.method == "REPORT" and b"sync-collection" in asked.body
    return Given(status=403, body=DEAD, headers=XML) if listing and _token(asked) else None


def emptied(asked: Asked) -> Given | None:
    """No token is known, and nothing is there."""
    if asked.method == "REPORT" and b"sync-collection" in asked.body and not _token(asked):
        return Given(status=207, body=NOTHING, headers=XML)
    return dead(asked)


def bare(asked: Asked) -> Given | None:
    """An answer with nothing in it at all, whatever is asked about a collection."""
    return Given(status=207, body=EMPTY, headers=XML) if asked.method in {"REPORT", "PROPFIND"} else None


def bare_reports(asked: Asked) -> Given | None:
    """The same, for reports alone."""
    return bare(asked) if asked.method == "REPORT" else None


def hiding(name: str) -> Alter:
    """What a home lists lacks the collection of this name, though it is there."""
    response = re.compile(rb"<((?:\w+:)?response)>(?:(?!</\1>).)*/%b/</(?:(?!</\1>).)*</\1>" % name.encode(), re.DOTALL)

    def alter(asked: Asked, onwards: Onwards) -> Given:
        given = onwards(asked)
        listing = asked.method == "PROPFIND" and asked.headers.get("depth") == "1"
        return replace(given, body=response.sub(b"", given.body)) if listing else given

    return alter


def _token(asked: Asked) -> bytes:
    return next(islice(asked.body.split(b"sync-token>"), 1, None), b"").removesuffix(b"</D:").strip()
