"""Many messages in one request: Gmail's batch, multipart/mixed both ways. Called by `gmail` and `sending`.

Every part is charged, refused and answered by itself, in any order. G/workspace/gmail/api/guides/batch (PROVIDERS.md,
section 1), read November 2026.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlencode, urlsplit

from integrations.google.calls import Calls, Reply, read
from integrations.google.hosts import GMAIL, GMAIL_BATCH
from integrations.wire.http import TOO_LONG, Answer
from keepwarm.errors import Rejected

MOST = 50  # parts: what the guide advises; 100 is the limit
COST = 20  # units of each messages.get (PROVIDERS.md, quota of May 2026)
UNANSWERED = Reply(status=503, told={})  # for a part that is missing in the answer
UNREADABLE = Reply(status=200, told={})  # for a message that is longer than any answer may be

_MARK = "keepwarm-part"
_BOUNDARY = re.compile(r'boundary="?([^";,\s]{1,100})', re.IGNORECASE)
_NUMBER = re.compile(rb"content-id:\s*<?response-(\d{1,3})>?", re.IGNORECASE)
_STATUS = re.compile(rb"\s*HTTP/[\d.]{1,3} (\d{3})\b")


def fetch(
    calls: Calls, ids: Sequence[str], query: Iterable[tuple[str, str]], *, bulk: bool = False
) -> dict[str, Reply]:
    """What Gmail answers to each message, in the order of ``ids``, at most `MOST`; their cost was spent by the caller.

    Fewer, from the first on, where the answer to all would be longer than any we take: nobody can stop a mailbox with
    mails that are all headers. Raises what `Calls.call` raises of the request as a whole, never of a part.
    """
    query = list(query)
    while True:
        try:
            found = _once(calls, ids, query)
        except Rejected as error:
            if error.reason != TOO_LONG:
                raise
            if len(ids) == 1:
                return {ids[0]: UNREADABLE}
            ids = ids[: len(ids) // 2]
            calls.spend("gmail", COST * len(ids), bulk=bulk)
            continue
        if all(each.status != 401 for each in found.values()):
            return found
        calls.spend("gmail", 1)
        calls.get(f"{GMAIL}/profile", (("fields", "historyId"),))  # renews a dead token, or says that access is gone
        return _once(calls, ids, query)


def _once(calls: Calls, ids: Sequence[str], query: list[tuple[str, str]]) -> dict[str, Reply]:
    kind = f"multipart/mixed; boundary={_MARK}"
    reply = calls.call("POST", GMAIL_BATCH, raw=(kind, _written(ids, query)))
    told = dict(_parts(reply))
    return {each: told.get(number, UNANSWERED) for number, each in enumerate(ids)}


def _written(ids: Sequence[str], query: list[tuple[str, str]]) -> bytes:
    path, said = urlsplit(GMAIL).path, urlencode(query)
    parts = [
        f"--{_MARK}\r\nContent-Type: application/http\r\nContent-ID: <{number}>\r\n\r\n"
        f"GET {path}/messages/{each}?{said}\r\n\r\n"
        for number, each in enumerate(ids)
    ]
    return "".join((*parts, f"--{_MARK}--\r\n")).encode("ascii")


def _parts(reply: Reply) -> Iterator[tuple[int, Reply]]:
    """(number, answer) of every part that has both."""
    boundary = _BOUNDARY.search(reply.headers.get("content-type", ""))
    for part in reply.body.split(f"--{boundary[1]}".encode())[1:] if boundary else ():
        head, _, inner = part.replace(b"\r\n", b"\n").partition(b"\n\n")
        number, status = _NUMBER.search(head), _STATUS.match(inner)
        if number and status:
            said, _, body = inner.partition(b"\n\n")
            yield int(number[1]), read(Answer(status=int(status[1]), headers=_headers(said), body=body, url=""))


def _headers(said: bytes) -> dict[str, str]:
    """Of one part, by lower-case name; its status line has no colon before its end."""
    lines = (line.partition(":") for line in said.decode("latin-1").splitlines()[1:])
    return {name.strip().lower(): value.strip() for name, _, value in lines}
