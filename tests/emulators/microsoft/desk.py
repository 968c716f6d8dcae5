"""Where every request arrives: which method it is, whether the contract, the token, the limits and the plan of faults
let it pass, what its handler gives, and whether that answer keeps the contract.

`server.py` calls `serve`. Order: contract, method emulated, token, scope, limits, faults, handler, answer's schema.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from tests.emulators.microsoft import about_api, batch, calendar_api, contacts_api, mail_api, oauth, subscriptions
from tests.emulators.microsoft.checking import held
from tests.emulators.microsoft.contract import Method, arguments
from tests.emulators.microsoft.faults import RATES, REFUSALS, failed, refusal
from tests.emulators.microsoft.odata import preferred
from tests.emulators.microsoft.rights import needed
from tests.emulators.microsoft.values import Call, Handler, Refusal
from tests.emulators.stand.checks import Wrong
from tests.emulators.stand.faults import Fault, around
from tests.emulators.stand.values import Answer, Asked, Json, of_json

if TYPE_CHECKING:
    from tests.emulators.microsoft.person import Person
    from tests.emulators.microsoft.town import Microsoft

HANDLERS: Mapping[str, Handler] = {
    **about_api.HANDLERS, **mail_api.HANDLERS, **calendar_api.HANDLERS, **contacts_api.HANDLERS,
    **subscriptions.HANDLERS,
}  # fmt: skip
GRAPH, BATCH = "/v1.0/", "POST /$batch"
MIME = frozenset(("POST /me/sendMail", "POST /me/messages", "POST /me/mailFolders/{id}/messages"))
CLAIMS = base64.b64encode(b'{"access_token":{"nbf":{"essential":true,"value":"1764000000"}}}').decode()
REALM = 'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"'


def serve(town: Microsoft, asked: Asked) -> Answer:
    """The answer to one request; an error of our own is a breach and 500."""
    return _guarded(town, asked, inner=False)


def _guarded(town: Microsoft, asked: Asked, *, inner: bool) -> Answer:
    graph = asked.path.startswith(GRAPH)
    try:
        return _graph(town, asked, inner=inner) if graph else _login(town, asked)
    except Refusal as exc:
        if exc.breach:
            town.breach(f"{asked.verb} {asked.path}", exc.message)
        return exc.answer() if graph else oauth.denied(exc)
    except Exception as exc:  # noqa: BLE001 - the emulator's own mistake must show in the test, not only in a thread
        town.breach(asked.path, f"the emulator failed: {exc!r}")
        return Refusal(500, "emulator", repr(exc)).answer()


def _login(town: Microsoft, asked: Asked) -> Answer:
    if asked.path == "/favicon.ico":  # what a browser asks of the page of consent
        return Refusal(404, "NotFound", "no icon").answer()
    found = oauth.found(asked.verb, asked.path)
    if found is None:
        raise Refusal(404, "NotFound", "no such address", breach=True)
    name, endpoint, tenant = found
    if not town.knows_tenant(tenant):
        raise Refusal(400, "invalid_tenant", f"AADSTS90002: Tenant '{tenant}' not found.", breach=True)
    town.count(town.requests, name)
    return _faulty(town, name, None, lambda _: endpoint(town, asked, tenant))


def _graph(town: Microsoft, asked: Asked, *, inner: bool) -> Answer:
    found = town.contract.find(asked.verb, asked.path)
    if found is None:
        raise Refusal(400, "BadRequest", "no such method", breach=True)
    method, path = found
    town.count(town.requests, method.name)
    if method.name not in HANDLERS and method.name != BATCH:
        raise Refusal(501, "notImplemented", "not emulated", breach=True)
    try:
        if method.name == BATCH:
            return _batched(town, asked)
        query, prefer, body = arguments(method, asked.query), preferred(asked.headers.get("prefer", "")), {}
        held(town.contract, method, path, query, prefer)
        mime = asked.body if _is_mime(method, asked) else None
        if mime is None:
            body = _body(method, asked)
        made: dict[str, Any] = {"path": path, "query": query, "body": body, "mime": mime, "prefer": prefer}
        return _allowed(town, method, asked, made, inner=inner)
    except Wrong as exc:
        town.breach(method.name, str(exc))
        return Refusal(400, "BadRequest", str(exc)).answer()
    except Refusal as exc:
        if exc.breach:
            town.breach(method.name, exc.message)
        return exc.answer()


def _is_mime(method: Method, asked: Asked) -> bool:
    return method.name in MIME and _kind(asked) == "text/plain"


def _kind(asked: Asked) -> str:
    return asked.headers.get("content-type", "").partition(";")[0].strip().lower()


def _body(method: Method, asked: Asked) -> Json:
    """Checked. An action's parameters come in either case, and leave with a small first letter."""
    if not asked.body:
        if method.request:
            raise Wrong("the body is missing")
        return {}
    if method.request is None:
        raise Wrong("there is a body")
    if _kind(asked) != "application/json":
        raise Wrong("the body is not application/json")
    try:
        found = json.loads(asked.body)
    except ValueError as exc:
        raise Wrong("the body is not JSON") from exc
    if not isinstance(found, dict):
        raise Wrong("the body is not an object")
    if not method.action:
        method.request(found, "body")
        return found
    spelt = {_large(name) if _large(name) in method.action else name: part for name, part in found.items()}
    method.request(spelt, "body")
    return {name[:1].lower() + name[1:]: part for name, part in spelt.items()}


def _large(name: str) -> str:
    return name[:1].upper() + name[1:]


def _allowed(town: Microsoft, method: Method, asked: Asked, made: Json, *, inner: bool) -> Answer:
    person, scopes = _who(town, asked)
    wanted = needed(method.name)
    if wanted and not scopes & wanted:
        raise Refusal(403, "ErrorAccessDenied", f"The token has none of {', '.join(sorted(wanted))}", breach=True)
    with _line(town, method.name, person, inner=inner):
        if town.quota_on:
            _counted(town, method.name, lambda: town.limits.charge(person, town.now()))
        town.closing.wait(town.latency)

        def handled(fault: Fault | None) -> Answer:
            call = Call(town=town, method=method, person=person, scopes=scopes, asked=asked, fault=fault, **made)
            return _handled(call)

        return _faulty(town, method.name, person.address, handled)


def _who(town: Microsoft, asked: Asked) -> tuple[Person, frozenset[str]]:
    """Whose token it is and what it may; Refusal for one that is dead, of another resource, or challenged."""
    header = asked.headers.get("authorization", "")
    with town.lock:
        found = town.grants.alive(header.removeprefix("Bearer "), town.now())
    if found is None or not header.startswith("Bearer "):
        raise _unknown("Access token is empty." if not header else "Lifetime validation failed, the token is expired.")
    if found.elsewhere:
        raise _unknown("Access token validation failure. Invalid audience.")
    if found.oid in town.challenged:
        raise challenge()
    return town.by_oid(found.oid), found.scopes


def _unknown(why: str) -> Refusal:
    return Refusal(401, "InvalidAuthenticationToken", why, headers={"WWW-Authenticate": REALM})


def challenge() -> Refusal:
    """Continuous access evaluation: a new sign-in with these claims is wanted."""
    more = f'{REALM}, error="insufficient_claims", claims="{CLAIMS}"'
    message = "Continuous access evaluation resulted in challenge with result: InteractionRequired."
    return Refusal(401, "InvalidAuthenticationToken", message, headers={"WWW-Authenticate": more})


@contextmanager
def _line(town: Microsoft, name: str, person: Person, *, inner: bool) -> Iterator[None]:
    """Counts what is under way at once; parts of a batch travel with the whole."""
    if inner:
        yield
        return
    with ExitStack() as stack:
        _counted(town, name, lambda: stack.enter_context(town.limits.line(person, town.now())))
        yield


def _counted(town: Microsoft, name: str, limit: Callable[[], None]) -> None:
    try:
        limit()
    except Refusal:
        town.count(town.refused, name)
        raise


def _batched(town: Microsoft, asked: Asked) -> Answer:
    if _kind(asked) != "application/json":
        raise Wrong("the body is not application/json")
    person, _ = _who(town, asked)
    with _line(town, BATCH, person, inner=False):
        serve_part = lambda part: _guarded(town, part, inner=True)  # noqa: E731
        return _faulty(town, BATCH, person.address, lambda _: batch.answered(town, asked, serve_part))


def _faulty(town: Microsoft, name: str, person: str | None, onwards: Callable[[Fault | None], Answer]) -> Answer:
    """The next fault of the plan around ``onwards``."""
    fault = town.faults.take(name, person)

    def refuse(one: Fault) -> None:
        if one.kind in RATES:
            town.count(town.refused, name)
        if one.kind in REFUSALS:
            raise refusal(one, town.now())

    return around(fault, onwards, refuse=refuse, failed=lambda one: failed(one).answer(), closing=town.closing)


def _handled(call: Call) -> Answer:
    name, town = call.method.name, call.town
    with town.lock:
        call.person.settle()
    with nullcontext() if name in subscriptions.UNLOCKED else town.lock:
        try:
            given = HANDLERS[name](call)
        finally:
            town.pushes.wake()
        return given if isinstance(given, Answer) else _checked(call, given)


def _checked(call: Call, given: Any) -> Answer:
    """Notes an answer that breaks the contract; it is sent all the same."""
    status = call.method.status
    check = call.method.answers.get(str(status)) or call.method.answers.get("2XX")
    if (check is None) != (given is None):
        call.town.breach(call.method.name, "the answer should be empty" if check is None else "the answer is empty")
    try:
        if check and call.town.checks_answers:
            check(given, "answer")
    except Wrong as exc:
        call.town.breach(call.method.name, str(exc))
    headers = {"request-id": f"{call.town.number():08x}-0000-0000-0000-000000000000"}
    if given is None:
        return Answer(status=status, headers=headers)
    return of_json(given, status=status, headers=headers)
