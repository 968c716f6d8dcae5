"""Contacts over HTTP. `desk.py` calls this under the town's lock. PROVIDERS.md, section 4."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from tests.emulators.microsoft import deltas
from tests.emulators.microsoft.deltas import Round, Row, chosen
from tests.emulators.microsoft.ledger import Entry
from tests.emulators.microsoft.lists import Names, listed
from tests.emulators.microsoft.values import Call, Handler, missing
from tests.emulators.stand.values import Json

FOLDER = "contacts"  # the one folder there is
EMPTY: Json = {
    "displayName": "", "givenName": None, "surname": None, "middleName": None, "nickName": None, "title": None,
    "companyName": None, "jobTitle": None, "department": None, "mobilePhone": None, "homePhones": [],
    "businessPhones": [], "emailAddresses": [], "birthday": None, "personalNotes": "", "categories": [], "fileAs": "",
}  # fmt: skip


def shown(call: Call, contact: Json, names: Names = None) -> Json:
    at = _stamp(contact["_at"])
    whole = EMPTY | {name: part for name, part in contact.items() if not name.startswith("_")}
    whole |= {
        "@odata.etag": f'W/"EQAAABYAAAB{contact["_number"]}"', "changeKey": f"EQAAABYAAAB{contact['_number']}",
        "id": call.person.ids.given(contact["_key"], immutable=call.prefer.immutable), "createdDateTime": at,
        "lastModifiedDateTime": at, "parentFolderId": call.person.ids.fixed(f"contactFolder:{FOLDER}"),
    }  # fmt: skip
    return chosen(whole | contact.get("_raw", {}), names)


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def contacts(call: Call) -> Json:
    rows = list(call.person.contacts.people.values())
    return listed(call, rows, lambda one, names: shown(call, one, names))


def got(call: Call) -> Json:
    found = call.person.contacts.people.get(call.person.key(call.path["contact-id"]))
    if found is None:
        raise missing()
    return shown(call, found, call.query.get("$select"))


def folders(call: Call) -> Json:
    """The default folder is not among them: there are none beside it."""
    return listed(call, list[Json](), lambda one, _: one)


def delta(call: Call) -> Json:
    def rows(found: Round) -> Iterable[Row]:
        for entry in call.person.contacts.changes.between(found.start, found.until):
            if entry.there or not found.first or call.town.removes_at_first:
                yield Row(place=[entry.number], shown=lambda one=entry: _told(call, one, found))  # type: ignore[misc]

    return deltas.answered(call, "contacts", "contacts", rows)


def _told(call: Call, entry: Entry, found: Round) -> Json:
    if entry.there:
        return shown(call, call.person.contacts.people[entry.key], found.query.get("$select"))
    return deltas.removed(call.person.ids.given(entry.key, immutable=call.prefer.immutable))


HANDLERS: dict[str, Handler] = {
    "GET /me/contacts": contacts,
    "GET /me/contacts/{id}": got,
    "GET /me/contacts/delta": delta,
    "GET /me/contactFolders": folders,
}
