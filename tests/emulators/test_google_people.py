"""The emulated People: sync of contacts and of other contacts."""

from __future__ import annotations

import pytest

from tests.emulators.asking import SCOPES, Client, Clock
from tests.emulators.google import Person


def test_contacts_sync_tells_deletions(client: Client, robin: Person) -> None:
    kept = robin.contacts.put({"names": [{"displayName": "Ann"}], "emailAddresses": [{"value": "ann@b.example"}]})
    gone = robin.contacts.put({"names": [{"displayName": "Bo"}]})
    path, query = "/v1/people/me/connections", {"personFields": "names", "requestSyncToken": "true"}
    first = client.get(path, **query)
    assert [one["resourceName"] for one in first["connections"]] == [kept, gone]
    assert "emailAddresses" not in first["connections"][0]
    robin.contacts.remove(gone)
    found = client.get(path, **query, syncToken=first["nextSyncToken"])
    assert [(one["resourceName"], one["metadata"]) for one in found["connections"]] == [(gone, {"deleted": True})]
    assert client.town.breaches == []
    assert client.ask("GET", f"{path}?personFields=urls&syncToken={first['nextSyncToken']}").status_code == 400
    assert client.ask("GET", path).status_code == 400


@pytest.mark.parametrize("status", [400, 410])
def test_sync_token_ends_7_days_after_full_sync(client: Client, robin: Person, clock: Clock, status: int) -> None:
    client.town.expired_sync_status = status
    path, query = "/v1/otherContacts", {"readMask": "names", "requestSyncToken": "true"}
    robin.other_contacts.put({"names": [{"displayName": "Ann"}]})
    first = client.get(path, **query)
    clock.on(days=6)
    client.token = robin.grant(*SCOPES)["access_token"]
    second = client.get(path, **query, syncToken=first["nextSyncToken"])
    clock.on(days=1)
    client.token = robin.grant(*SCOPES)["access_token"]
    answer = client.ask("GET", path, params=query | {"syncToken": second["nextSyncToken"]})
    assert answer.status_code == status
    assert answer.json()["error"]["details"][0]["reason"] == "EXPIRED_SYNC_TOKEN"
    assert client.town.breaches == []
