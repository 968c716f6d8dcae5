"""A second opinion: the same provider at a Google that others wrote, as far as that goes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from integrations import load
from integrations.base import Consent, House, Opening
from integrations.google import consent
from integrations.wire import net
from integrations.wire.http import Client
from keepwarm.settings import Settings
from keepwarm.types import CalendarEvent, Grant, Stream, StreamKind
from tests import make
from tests.emulators.emulate import emulate
from tests.integrations.google.sides import REACH, REDIRECT
from tests.servers.dav import Authority

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ROBIN, NOOR = "robin@example.com", "noor@lantern.example"
TALK = {"start_date_time": "2026-12-01T09:00:00.000Z", "end_date_time": "2026-12-01T09:30:00.000Z"}
CLIENT = {"client_id": "1.apps.googleusercontent.com", "client_secret": "GOCSPX-1", "project_id": "p"}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    authority = Authority(tmp_path_factory.mktemp("authority"))
    own = {"user_email": ROBIN, "calendar_id": "primary"}
    google = {
        "users": [{"email": ROBIN, "name": "Robin Example", "email_verified": True}],
        "oauth_clients": [{**CLIENT, "name": "Keepwarm", "redirect_uris": [REDIRECT]}],
        "calendars": [{"id": "primary", "user_email": ROBIN, "summary": ROBIN, "primary": True, "selected": True}],
        "calendar_events": [{**own, **TALK, "id": "talk", "summary": "Talk", "attendees": [{"email": NOOR}]}],
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(authority.pem))
        net.tls_context.cache_clear()
        with emulate(authority, tmp_path_factory.mktemp("emulate"), google) as address:
            yield address
    net.tls_context.cache_clear()


@pytest.fixture
def house(base: str, tmp_path: Path) -> House:
    file = tmp_path / "client.json"
    file.write_text(json.dumps({"web": CLIENT | {"redirect_uris": [REDIRECT]}}))
    return House(
        settings=Settings(home=str(tmp_path), google_base=base, google_client=str(file)),
        address="https://keepwarm.example", now=lambda: datetime.now(UTC), secret_of=str, reach=REACH,
    )  # fmt: skip


class Forms(HTMLParser):
    """Every form of a page: where it goes and what it holds."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((held["action"], {}))
        elif tag == "input" and self.found:
            self.found[-1][1][held["name"]] = held.get("value", "")


def signed_in(house: House, *purposes: str) -> Consent:
    """Robin says yes to everything."""
    journey = consent.begin(house, purposes, redirect=REDIRECT)
    browser = Client(REACH)
    page = browser.call("GET", journey.url)
    assert page.status == 200
    action, filled = next(each for each in Forms(page.body.decode()).found if each[1]["email"] == ROBIN)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    url = house.settings.google_base + urlsplit(action).path
    back = browser.call("POST", url, body=urlencode(filled).encode(), headers=kind, follow=False)
    assert back.status == 302
    return consent.finish(house, journey.kept, dict(parse_qsl(urlsplit(back.headers["location"]).query)))


def provider(house: House, found: Consent, tmp_path: Path) -> Any:
    opened = Opening(
        account_id="a", owner_id="o", owner_addresses=(make.OWNER,), settings=found.settings, grant=found.grant,
        home=tmp_path, zone="Europe/Amsterdam", now=house.now, reach=REACH, operator=house.settings,
    )  # fmt: skip
    return load("google")(opened)


def test_a_person_signs_in_and_is_known(house: House) -> None:
    found = signed_in(house, "calendar")
    assert (found.address, bool(found.identity), found.refused) == (ROBIN, True, frozenset())
    assert found.settings["calendar"]
    assert not found.settings["mail"]


def test_a_token_is_renewed_and_given_back(house: House, tmp_path: Path) -> None:
    found = signed_in(house, "calendar")
    fresh = consent.renew(house.settings, REACH, found.grant, house.now())
    assert fresh.values["access_token"] not in {"", found.grant.values["access_token"]}
    again = provider(house, replace(found, grant=Grant(values=fresh.values)), tmp_path)
    again.revoke()
    again.revoke()


def test_a_calendar_is_read(house: House, tmp_path: Path) -> None:
    google = provider(house, signed_in(house, "calendar"), tmp_path)
    (place,) = [each for each in google.places() if each.usual]
    stream = Stream(id="s", owner_id="o", account_id="a", kind=StreamKind.CALENDAR, place_ref=place.ref)
    pages = list(google.changes(stream))
    (event,) = [each for page in pages for each in page.items]
    assert isinstance(event, CalendarEvent)
    assert event.title == "Talk"
    assert [each.address.address for each in event.participants if each.role == "attendee"] == [NOOR]
    assert pages[-1].last
