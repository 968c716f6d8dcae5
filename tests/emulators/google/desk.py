"""Where every request arrives: which method it is, whether the contract, the token, the quota and the plan of faults
let it pass, what its handler gives, and whether that answer keeps the contract.

`server.py` calls `serve`. Order: contract, method emulated, token, scope, quota, faults, handler, answer's schema.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tests.emulators.google import batch, calendar_api, contacts_api, gmail, topics_api
from tests.emulators.google.contract import Method, arguments
from tests.emulators.google.faults import RATES, REFUSALS, failed, refusal
from tests.emulators.google.fields import partial
from tests.emulators.google.grants import Access
from tests.emulators.google.oauth import ENDPOINTS, denied
from tests.emulators.google.values import Answer, Asked, Call, Handler, Json, Refusal, error_info, of_json
from tests.emulators.stand.checks import Wrong
from tests.emulators.stand.faults import Fault, around

if TYPE_CHECKING:
    from tests.emulators.google.town import Google

HANDLERS: Mapping[str, Handler] = {
    **gmail.HANDLERS, **calendar_api.HANDLERS, **contacts_api.HANDLERS, **topics_api.HANDLERS,
}  # fmt: skip
OAUTH = ("/o/oauth2/", "/token", "/revoke")  # their errors have another shape
REALM = 'Bearer realm="https://accounts.google.com/"'


def serve(town: Google, asked: Asked) -> Answer:
    """The answer to one request, whole or part of a batch; an error of our own is a breach and 500."""
    try:
        if found := ENDPOINTS.get((asked.verb, asked.path)):
            name, endpoint = found
            return _faulty(town, name, None, lambda _: endpoint(town, asked))
        if asked.path in batch.PATHS:
            return _faulty(town, "gmail.batch", None, lambda _: batch.answered(town, asked, serve))
        return _method(town, asked)
    except Refusal as exc:
        return denied(exc) if asked.path.startswith(OAUTH) else exc.answer()
    except Exception as exc:  # noqa: BLE001 - the emulator's own mistake must show in the test, not only in a thread
        town.breach(asked.path, f"the emulator failed: {exc!r}")
        return Refusal(500, "emulator", repr(exc)).answer()


def _method(town: Google, asked: Asked) -> Answer:
    found = town.contract.find(asked.verb, asked.path)
    if asked.path == "/favicon.ico":  # what a browser asks of the page of consent
        return Refusal(404, "notFound", "no icon").answer()
    if found is None:
        town.breach(f"{asked.verb} {asked.path}", "no such method")
        return Refusal(400, "notFound", "no such method").answer()
    method, path = found
    town.count(town.requests, method.id)
    if method.id not in HANDLERS:
        town.breach(method.id, "not emulated")
        return Refusal(501, "notImplemented", "not emulated").answer()
    try:
        query, body = arguments(method, asked.query), _body(method, asked)
        return _allowed(town, method, asked, path=path, query=query, body=body)
    except Wrong as exc:
        town.breach(method.id, str(exc))
        return Refusal(400, "badRequest", str(exc)).answer()
    except Refusal as exc:
        if exc.breach:
            town.breach(method.id, exc.message)
        return exc.answer()


def _body(method: Method, asked: Asked) -> Json:
    if not asked.body:
        if method.request and asked.verb in ("PUT", "PATCH"):
            raise Wrong("the body is missing")
        return {}
    if method.request is None:
        raise Wrong("there is a body")
    if asked.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Wrong("the body is not application/json")
    try:
        found = json.loads(asked.body)
    except ValueError as exc:
        raise Wrong("the body is not JSON") from exc
    method.request(found, "body")
    return dict(found)


def _allowed(town: Google, method: Method, asked: Asked, *, path: Json, query: Json, body: Json) -> Answer:
    access = _access(town, asked)
    if not access.scopes & method.scopes:
        town.breach(method.id, "the token has none of the scopes")
        raise _scope_missing(method)
    person = town.robot_person if access.sub == town.robot else town.by_sub(access.sub)
    if person is town.robot_person and method.service != "pubsub":
        raise Refusal(400, "failedPrecondition", "Precondition check failed.", rpc="FAILED_PRECONDITION")
    if town.quota_on:
        _charge(town, method.id, person.address)

    def handled(fault: Fault | None) -> Answer:
        call = Call(
            town=town, method=method, person=person, scopes=access.scopes, path=path, query=query, body=body,
            headers=asked.headers, fault=fault,
        )  # fmt: skip
        return _handled(call)

    return _faulty(town, method.id, person.address, handled)


def _access(town: Google, asked: Asked) -> Access:
    header = asked.headers.get("authorization", "")
    with town.lock:
        found = town.grants.alive(header.removeprefix("Bearer "), town.now())
    if found is None:
        problem = ', error="invalid_token"' if header else ""
        raise Refusal(
            401, "authError", "Request had invalid authentication credentials.",
            headers={"WWW-Authenticate": REALM + problem},
        )  # fmt: skip
    return found


def _scope_missing(method: Method) -> Refusal:
    challenge = f'{REALM}, error="insufficient_scope", scope="{" ".join(sorted(method.scopes))}"'
    return Refusal(
        403, "insufficientPermissions", "Request had insufficient authentication scopes.",
        headers={"WWW-Authenticate": challenge},
        details=[error_info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", method.service, method=method.id)],
    )  # fmt: skip


def _charge(town: Google, method: str, person: str) -> None:
    with town.lock:
        try:
            town.quota.charge(method, person, town.now())
        except Refusal:
            town.count(town.refused, method)
            raise


def _faulty(town: Google, name: str, person: str | None, onwards: Callable[[Fault | None], Answer]) -> Answer:
    """The next fault of the plan around ``onwards``; counts what is no API method."""
    if person is None:
        town.count(town.requests, name)
    fault = town.faults.take(name, person)

    def refuse(one: Fault) -> None:
        if one.kind in RATES:
            town.count(town.refused, name)
        if one.kind in REFUSALS:
            raise refusal(one, name.partition(".")[0], town.now())

    return around(fault, onwards, refuse=refuse, failed=lambda _: failed().answer(), closing=town.closing)


def _handled(call: Call) -> Answer:
    with call.town.lock:
        try:
            given = HANDLERS[call.method.id](call)
        finally:
            call.town.pushes.wake()
        return _checked(call, given)


def _checked(call: Call, given: Any) -> Answer:
    """Notes an answer that breaks the contract; it is sent all the same."""
    headers: dict[str, str] = {}
    if call.method.response is None:
        if given is not None:
            call.town.breach(call.method.id, "the answer should be empty")
        return Answer(status=204)
    try:
        call.method.response(given, "answer")
    except Wrong as exc:
        call.town.breach(call.method.id, str(exc))
    if isinstance(given, dict) and isinstance(given.get("etag"), str):
        headers["ETag"] = given["etag"]
    return of_json(partial(given, call.query["fields"]) if call.query.get("fields") else given, headers=headers)
