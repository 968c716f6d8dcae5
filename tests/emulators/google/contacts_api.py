"""People over HTTP: connections, other contacts, one person. `desk.py` calls this under the town's lock.

PROVIDERS.md, section 3.
"""

from __future__ import annotations

from datetime import timedelta

from tests.emulators.google.contacts import Contacts
from tests.emulators.google.pages import opened, paged, prints
from tests.emulators.google.values import Call, Handler, Json, Refusal, error_info, instant, sealed, stamp

FIELDS = frozenset((
    "addresses", "ageRanges", "biographies", "birthdays", "calendarUrls", "clientData", "coverPhotos", "emailAddresses",
    "events", "externalIds", "genders", "imClients", "interests", "locales", "locations", "memberships", "metadata",
    "miscKeywords", "names", "nicknames", "occupations", "organizations", "phoneNumbers", "photos", "relations",
    "sipAddresses", "skills", "urls", "userDefined",
))  # fmt: skip  # the description of personFields
COLLECTED = frozenset(("emailAddresses", "metadata", "names", "phoneNumbers", "photos"))  # the description of readMask
LIFE = timedelta(days=7)  # of a sync token, from the full sync on
TOKEN = "people.sync"
MAY_DIFFER = frozenset(
    ("pageToken", "syncToken", "requestSyncToken", "fields", "alt", "prettyPrint", "quotaUser", "key")
)


def connections(call: Call) -> Json:
    if call.path["resourceName"] != "people/me":
        raise Refusal(400, "badRequest", "Only people/me is valid", breach=True)
    found = _listed(call, call.person.contacts, _mask(call, "personFields", FIELDS))
    people = found.pop("people")
    count = {"totalPeople": found["total"], "totalItems": found.pop("total")}
    return found | count | ({"connections": people} if people else {})


def others(call: Call) -> Json:
    found = _listed(call, call.person.other_contacts, _mask(call, "readMask", COLLECTED))
    people = found.pop("people")
    return found | {"totalSize": found.pop("total")} | ({"otherContacts": people} if people else {})


def _mask(call: Call, name: str, allowed: frozenset[str]) -> frozenset[str]:
    old = call.query.get("requestMask.includeField", "")
    text = call.query.get(name) or old.replace("person.", "")
    found = frozenset(text.split(",")) if text else frozenset()
    if not found:
        raise Refusal(
            400, "badRequest", f"{name} mask is required. Please specify one or more valid paths.", breach=True
        )
    if wrong := found - allowed:
        raise Refusal(400, "badRequest", f"Invalid {name} mask path: {min(wrong)}", breach=True)
    return found


def _listed(call: Call, contacts: Contacts, mask: frozenset[str]) -> Json:
    """``people`` of this page, ``total`` of all, and the tokens."""
    token, now = call.query.get("syncToken"), call.town.now()
    at, full = _since(call, contacts, token) if token else (None, stamp(now))

    def make() -> tuple[list[Json], int]:
        return contacts.living() if at is None else contacts.changes(at), contacts.last

    taken, following, until = paged(call, make, call.query.get("pageSize") or 100)
    given: Json = {"people": [_shown(one, mask) for one in taken], "total": len(contacts.living())}
    if following:
        given["nextPageToken"] = following
    elif token or call.query.get("requestSyncToken"):
        inside = {"of": TOKEN, "at": until, "full": full, "generation": contacts.generation, "kind": contacts.kind}
        given["nextSyncToken"] = sealed(inside | {"print": prints(call, MAY_DIFFER)})
    return given


def _since(call: Call, contacts: Contacts, token: str) -> tuple[int, str]:
    """The number that the token stands for, and when its full sync was."""
    found = opened(token, of=TOKEN)
    if found["kind"] != contacts.kind or found["print"] != prints(call, MAY_DIFFER):
        message = "The sync token was made with other parameters"
        raise Refusal(400, "badRequest", message, breach=True)
    if found["generation"] != contacts.generation or call.town.now() >= instant(found["full"]) + LIFE:
        status = call.town.expired_sync_status
        raise Refusal(
            status, "failedPrecondition",
            "Sync token is expired. Clear local cache and retry call without the sync token.",
            rpc="FAILED_PRECONDITION", details=[error_info("EXPIRED_SYNC_TOKEN", "people")],
        )  # fmt: skip
    return found["at"], found["full"]


def _shown(person: Json, mask: frozenset[str]) -> Json:
    always = {"resourceName", "etag"} | ({"metadata"} if person["metadata"].get("deleted") else set())
    return {name: part for name, part in person.items() if name in mask or name in always}


def got(call: Call) -> Json:
    mask = _mask(call, "personFields", FIELDS)
    name = call.path["resourceName"]
    if name in ("people/me", f"people/{call.person.sub}"):
        source = {"type": "PROFILE", "id": call.person.sub}
        me: Json = {
            "resourceName": f"people/{call.person.sub}", "etag": "%me",
            "metadata": {"objectType": "PERSON", "sources": [source]},
            "names": [{"displayName": call.person.name, "metadata": {"primary": True, "source": source}}],
            "emailAddresses": [{"value": call.person.address, "metadata": {"primary": True, "source": source}}],
        }  # fmt: skip
        return _shown(me, mask)
    found = call.person.contacts.people.get(name)
    if found is None or found["metadata"].get("deleted"):
        raise Refusal(404, "notFound", "Requested entity was not found.")
    return _shown(found, mask)


HANDLERS: dict[str, Handler] = {
    "people.people.connections.list": connections,
    "people.otherContacts.list": others,
    "people.people.get": got,
}
