"""``$batch``: JSON in and out, every part checked, charged and faulted by itself. `desk.py` calls this.

PROVIDERS.md, section 4, Throttling and batch: MD concepts/json-batching.md. A part that is cut or truncated takes the
whole answer with it, as one connection carries all.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from tests.emulators.microsoft.contract import Contract
from tests.emulators.microsoft.values import Refusal, wrong
from tests.emulators.stand.checks import Wrong
from tests.emulators.stand.values import Answer, Asked, Json, of_json

if TYPE_CHECKING:
    from tests.emulators.microsoft.town import Microsoft

Serve = Callable[[Asked], Answer]
NEEDED = Refusal(424, "failedDependency", "A request that this one depends on has failed.")


def answered(town: Microsoft, asked: Asked, serve: Serve) -> Answer:
    """The answers of all parts; in another order unless ``town.shuffles_batches`` is off."""
    parts = _parts(town.contract, asked)
    found: dict[str, Answer] = {}
    for part in parts:
        failed = [one for one in part.get("dependsOn") or () if found[one].status >= 400]
        found[part["id"]] = NEEDED.answer() if failed else serve(_inner(part, asked))
    closes = next((answer.closes for answer in found.values() if answer.closes), "")
    if closes == "silent":
        return Answer(closes=closes)
    responses = [_piece(id_, answer) for id_, answer in found.items()]
    if town.shuffles_batches:
        responses.reverse()
    whole = of_json({"responses": responses})
    return Answer(body=whole.body, headers=whole.headers, closes=closes)


def _parts(contract: Contract, asked: Asked) -> list[Json]:
    found = contract.find("POST", asked.path)
    assert found
    check = found[0].request
    assert check
    try:
        body = json.loads(asked.body)
        check(body, "body")
    except (ValueError, Wrong) as exc:
        raise wrong(f"Invalid batch payload: {exc}", "BadRequest") from exc
    parts: list[Json] = body["requests"]
    seen: set[str] = set()
    for part in parts:
        if part["id"] in seen:
            raise wrong("Request Id values must be unique in a batch.", "BadRequest")
        if unknown := set(part.get("dependsOn") or ()) - seen:
            raise wrong(f"A part depends on {min(unknown)}, which is not before it.", "BadRequest")
        if part.get("body") is not None and "content-type" not in {name.lower() for name in part.get("headers") or {}}:
            raise wrong("Content-Type header is missing for a request with a body.", "BadRequest")
        if not part["url"].startswith("/") or part["url"].startswith(("/v1.0", "/$batch")):
            raise wrong("The url of a part is relative and without version.", "BadRequest")
        seen.add(part["id"])
    return parts


def _inner(part: Json, outer: Asked) -> Asked:
    """The request inside a part: of the outer headers it has the token only."""
    path, _, query = part["url"].partition("?")
    headers = {name.lower(): value for name, value in (part.get("headers") or {}).items()}
    given = {"authorization": outer.headers["authorization"]} if "authorization" in outer.headers else {}
    pairs = tuple(parse_qsl(query, keep_blank_values=True))
    body = _body(part.get("body"), headers.get("content-type", ""))
    return Asked(verb=part["method"], path=f"/v1.0{path}", query=pairs, headers=given | headers, body=body)


def _body(body: Any, kind: str) -> bytes:
    if body is None:
        return b""
    return str(body).encode() if kind.startswith("text/plain") else json.dumps(body).encode()


def _piece(id_: str, answer: Answer) -> Json:
    found: Json = {"id": id_, "status": answer.status, "headers": dict(answer.headers)}
    if not answer.body:
        return found
    if answer.headers.get("Content-Type", "").startswith("application/json"):
        return found | {"body": json.loads(answer.body)}
    return found | {"body": base64.b64encode(answer.body).decode()}
