"""Subscriptions over HTTP: made after a handshake with both addresses, renewed, gone. `desk.py` calls this.

PROVIDERS.md, section 4, Subscriptions: MD concepts/includes/change-notifications-*.md. Making one is not under the
town's lock: the receiver that is asked may well be busy with us.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from tests.emulators.microsoft.deltas import chosen
from tests.emulators.microsoft.lists import listed
from tests.emulators.microsoft.rights import RESOURCES
from tests.emulators.microsoft.values import Call, Handler, Refusal, wrong
from tests.emulators.stand.values import Json, instant, stamp

if TYPE_CHECKING:
    from tests.emulators.microsoft.person import Person
    from tests.emulators.microsoft.town import Microsoft

RESOURCE = re.compile(r"/?me/(?:(messages|events|contacts)|mailFolders\('([^']+)'\)/messages)(\?\$filter=.+)?")
KINDS = {"messages": "mail", "events": "events", "contacts": "contacts"}
CHANGES = frozenset(("created", "updated", "deleted"))
SHORTEST = timedelta(minutes=45)
STATE = 128  # characters of clientState
MOST = 1000  # active ones of a mailbox
WRITABLE = frozenset((
    "changeType", "notificationUrl", "lifecycleNotificationUrl", "resource", "expirationDateTime", "clientState",
    "latestSupportedTlsVersion", "includeResourceData",
))  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Subscription:
    """One living subscription; ``folder`` is a key for mails of one folder, ``immutable`` how ids are told."""

    id: str
    person: Person
    kind: str
    resource: str
    folder: str
    changes: frozenset[str]
    url: str
    lifecycle_url: str
    state: str | None
    until: datetime
    immutable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """How an address answered; ``problem`` is "" for the one right answer."""

    url: str
    status: int
    seconds: float
    problem: str


def made(call: Call) -> Json:
    town, body = call.town, call.body
    with town.lock:
        kind, folder = _wanted(call)
        until = _until(town, body["expirationDateTime"])
    for url in (body["notificationUrl"], body.get("lifecycleNotificationUrl")):
        if url:
            _shake(town, url)
    with town.lock:
        found = Subscription(
            id=str(uuid.UUID(int=town.number() * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128)), person=call.person,
            kind=kind, resource=body["resource"], folder=folder, changes=frozenset(body["changeType"].split(",")),
            url=body["notificationUrl"], lifecycle_url=body.get("lifecycleNotificationUrl") or "",
            state=body.get("clientState"), until=until, immutable=call.prefer.immutable,
        )  # fmt: skip
        town.subscriptions[found.id] = found
        town.effect(call, found.id, resource=found.resource)
        return _shown(town, found) | {"clientState": found.state}


def _wanted(call: Call) -> tuple[str, str]:
    """Kind and folder of what is asked; Refusal for what may not be."""
    body = call.body
    if missing := {"changeType", "notificationUrl", "resource", "expirationDateTime"} - body.keys():
        raise wrong(f"{min(missing)} is required", "InvalidRequest")
    if unknown := body.keys() - WRITABLE:
        raise wrong(f"{min(unknown)} is read-only", "InvalidRequest")
    if not set(body["changeType"].split(",")) <= CHANGES:
        raise wrong("changeType is a list of created, updated, deleted", "InvalidRequest")
    if len(body.get("clientState") or "") > STATE:
        raise wrong("clientState is too long", "InvalidRequest")
    if body.get("includeResourceData"):
        raise Refusal(501, "notImplemented", "resource data are not emulated", breach=True)
    for name in ("notificationUrl", "lifecycleNotificationUrl"):
        if not (body.get(name) or "https://").startswith("https://"):
            raise wrong(f"{name} must be https", "InvalidRequest")
    found = RESOURCE.fullmatch(body["resource"])
    if not found or found.group(3):
        raise wrong("The resource is not spelt as documented, or not emulated", "InvalidRequest")
    return _known(call, KINDS[found.group(1) or "messages"], found.group(2))


def _known(call: Call, kind: str, name: str | None) -> tuple[str, str]:
    if not call.scopes & RESOURCES[kind]:
        raise Refusal(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.", breach=True)
    if call.person in call.town.unsubscribable:
        raise Refusal(403, "Forbidden", "Subscriptions are not supported for this mailbox.")
    if sum(one.person is call.person for one in call.town.subscriptions.values()) >= MOST:
        raise Refusal(403, "Forbidden", "Subscription limit reached.")
    folder = call.person.mailbox.folder(name) if name else None
    if name and folder is None:
        raise Refusal(404, "ResourceNotFound", "The folder was not found.")
    return kind, folder.key if folder else ""


def _until(town: Microsoft, text: str) -> datetime:
    """Too long is refused, too short raised."""
    until, now = instant(text), town.now()
    if until > now + timedelta(minutes=town.longest_subscription):
        message = f"Subscription expiration can only be {town.longest_subscription} minutes in the future."
        raise Refusal(400, "InvalidRequest", message)
    if until <= now:
        raise Refusal(400, "InvalidRequest", "Subscription expiration must be in the future.")
    return max(until, now + SHORTEST).astimezone(UTC)


def _shake(town: Microsoft, url: str) -> None:
    """Asks one address; Refusal unless it gives the token back, decoded once, as text."""
    token = f"Validation: Testing client application reachability for subscription Request-Id: {uuid.uuid4()}"
    token += town.token_end
    address = f"{url}{'&' if '?' in url else '?'}validationToken={quote_plus(token)}"
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    reply = town.pushes.post(town.pushes.to, address, headers, b"", patience=town.patience)
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    problems = {
        "no answer": not reply.status, "late": reply.seconds > town.patience, "status": reply.status != 200,
        "type": kind != "text/plain", "encoded": reply.body == quote_plus(token).encode(),
        "body": reply.body != token.encode(),
    }  # fmt: skip
    problem = next((name for name, wrong_ in problems.items() if wrong_), "")
    town.handshakes.append(Handshake(url=url, status=reply.status, seconds=reply.seconds, problem=problem))
    if problem:
        message = f"Subscription validation request failed: {problem}."
        raise Refusal(400, "ValidationError", message)


def _shown(town: Microsoft, one: Subscription) -> Json:
    return {
        "id": one.id, "resource": one.resource, "applicationId": town.client_id, "creatorId": one.person.oid,
        "changeType": ",".join(sorted(one.changes)), "notificationUrl": one.url, "clientState": None,
        "lifecycleNotificationUrl": one.lifecycle_url or None, "expirationDateTime": stamp(one.until),
        "latestSupportedTlsVersion": "v1_2", "encryptionCertificate": None, "encryptionCertificateId": None,
        "includeResourceData": None, "notificationQueryOptions": None, "notificationUrlAppId": None,
    }  # fmt: skip


def _own(call: Call) -> Subscription:
    found = call.town.living().get(call.path["subscription-id"])
    if found is None or found.person is not call.person:
        raise Refusal(404, "ResourceNotFound", "The object was not found.")
    return found


def all_(call: Call) -> Json:
    rows = [one for one in call.town.living().values() if one.person is call.person]
    return listed(call, rows, lambda one, names: chosen(_shown(call.town, one), names))


def got(call: Call) -> Json:
    return chosen(_shown(call.town, _own(call)), call.query.get("$select"))


def renewed(call: Call) -> Json:
    found = _own(call)
    if call.body.keys() - {"expirationDateTime"} or not call.body:
        raise wrong("Only expirationDateTime is renewed: lifecycleNotificationUrl is given at creation.")
    found.until = _until(call.town, call.body["expirationDateTime"])
    call.town.effect(call, found.id)
    return _shown(call.town, found)


def gone(call: Call) -> None:
    found = _own(call)
    del call.town.subscriptions[found.id]
    call.town.effect(call, found.id)


def reauthorized(call: Call) -> None:
    call.town.effect(call, _own(call).id)


HANDLERS: dict[str, Handler] = {
    "POST /subscriptions": made,
    "GET /subscriptions": all_,
    "GET /subscriptions/{id}": got,
    "PATCH /subscriptions/{id}": renewed,
    "DELETE /subscriptions/{id}": gone,
    "POST /subscriptions/{id}/reauthorize": reauthorized,
}
UNLOCKED = frozenset(("POST /subscriptions",))
