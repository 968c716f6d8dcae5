"""The person over HTTP: /me, mailbox settings, ids translated. `desk.py` calls this under the town's lock."""

from __future__ import annotations

from tests.emulators.microsoft.deltas import chosen
from tests.emulators.microsoft.values import Call, Handler, wrong
from tests.emulators.stand.values import Json

UNASKED = (
    "businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation",
    "preferredLanguage", "surname", "userPrincipalName",
)  # fmt: skip  # of /me without $select: M/graph/api/user-get


def me(call: Call) -> Json:
    person = call.person
    given, _, surname = person.name.partition(" ")
    whole: Json = {
        "@odata.context": f"{call.town.base}/v1.0/$metadata#users/$entity", "id": person.id, "businessPhones": [],
        "displayName": person.name, "givenName": given, "surname": surname, "jobTitle": None, "mail": person.mail,
        "mobilePhone": None, "officeLocation": None, "preferredLanguage": "nl-NL",
        "userPrincipalName": person.address, "proxyAddresses": person.proxy_addresses, "otherMails": [],
        "accountEnabled": True, "userType": "Member", "identities": [], "companyName": None, "country": None,
        "department": None, "usageLocation": "NL", "createdDateTime": "2020-01-01T00:00:00Z",
    }  # fmt: skip
    return chosen(whole, call.query.get("$select", UNASKED))


def settings(call: Call) -> Json:
    return chosen(call.person.settings, call.query.get("$select"))


def translated(call: Call) -> Json:
    """Between restId (mutable) and restImmutableEntryId."""
    forms = ("restId", "restImmutableEntryId")
    source, target = call.body.get("sourceIdType"), call.body.get("targetIdType")
    if source not in forms or target not in forms or len(call.body.get("inputIds") or ()) > 1000:
        raise wrong("Only restId and restImmutableEntryId are emulated, 1,000 ids at most.")
    found = []
    for id_ in call.body.get("inputIds") or ():
        key = call.person.key(id_)
        if key:
            other = call.person.ids.given(key, immutable=target == forms[1])
            found.append({"sourceId": id_, "targetId": other})
        else:
            found.append({"sourceId": id_, "errorDetails": {"code": "ErrorInvalidId", "message": "The id is invalid."}})
    return {"value": found}


HANDLERS: dict[str, Handler] = {
    "GET /me": me,
    "GET /me/mailboxSettings": settings,
    "POST /me/translateExchangeIds": translated,
}
