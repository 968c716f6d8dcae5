"""Gmail's batch: multipart/mixed in and out, every part checked, charged and faulted by itself.

PROVIDERS.md, section 1. A part that is cut or truncated takes the whole answer with it, as one connection carries all.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from email import message_from_bytes
from email.message import Message
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from tests.emulators.google.values import Answer, Asked, Refusal

if TYPE_CHECKING:
    from tests.emulators.google.town import Google

PATHS = ("/batch", "/batch/gmail/v1")
MOST = 100  # G/workspace/gmail/api/guides/batch
Serve = Callable[["Google", Asked], Answer]


def answered(town: Google, asked: Asked, serve: Serve) -> Answer:
    """The answers of all parts; in another order when ``town.shuffles_batches``."""
    parts = _parts(town, asked)
    found = [(str(part.get("Content-ID", "")), serve(town, _inner(town, part, asked))) for part in parts]
    closes = next((answer.closes for _, answer in found if answer.closes), "")
    if closes == "silent":
        return Answer(closes=closes)
    if town.shuffles_batches:
        found.reverse()
    boundary = f"batch_{secrets.token_hex(12)}"
    body = b"".join(_piece(boundary, id_, answer) for id_, answer in found) + f"--{boundary}--\r\n".encode()
    return Answer(body=body, headers={"Content-Type": f"multipart/mixed; boundary={boundary}"}, closes=closes)


def _parts(town: Google, asked: Asked) -> list[Message]:
    kind = asked.headers.get("content-type", "")
    whole = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + asked.body)
    parts = [part for part in whole.walk() if not part.is_multipart()] if whole.is_multipart() else []
    problem = ""
    if asked.verb != "POST" or whole.get_content_type() != "multipart/mixed" or not parts:
        problem = "it is no multipart/mixed"
    elif len(parts) > MOST:
        problem = f"it has {len(parts)} parts"
    elif any(part.get_content_type() != "application/http" for part in parts):
        problem = "a part is not application/http"
    if problem:
        town.breach("gmail.batch", problem)
        raise Refusal(400, "badRequest", problem)
    return parts


def _inner(town: Google, part: Message, outer: Asked) -> Asked:
    """The request inside a part; its own headers win over those of the batch."""
    payload = part.get_payload(decode=True)
    head, _, body = (payload if isinstance(payload, bytes) else b"").replace(b"\r\n", b"\n").partition(b"\n\n")
    line, _, rest = head.decode().partition("\n")
    verb, _, target = line.strip().partition(" ")
    split = urlsplit(target.removesuffix(" HTTP/1.1"))
    headers = {name.lower(): str(value) for name, value in message_from_bytes(rest.encode()).items()}
    given = {"authorization": outer.headers["authorization"]} if "authorization" in outer.headers else {}
    if not split.path.startswith("/gmail/"):
        town.breach("gmail.batch", "a part is no Gmail method")
        raise Refusal(400, "badRequest", "a part is no Gmail method")
    query = tuple(parse_qsl(split.query, keep_blank_values=True))
    return Asked(verb=verb, path=split.path, query=query, headers=given | headers, body=body.strip())


def _piece(boundary: str, id_: str, answer: Answer) -> bytes:
    mark = f"Content-ID: <response-{id_.strip('<>')}>\r\n" if id_ else ""
    inner = "".join(f"{name}: {value}\r\n" for name, value in _headers(answer).items())
    status = f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n"
    head = f"--{boundary}\r\nContent-Type: application/http\r\n{mark}\r\n{status}{inner}\r\n"
    return head.encode() + answer.body + b"\r\n"


def _headers(answer: Answer) -> Mapping[str, str]:
    return {**answer.headers, "Content-Length": str(len(answer.body))}
