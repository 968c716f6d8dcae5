"""The pages that connect an account: over real servers where something is connected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from keepwarm.store import Store, accounts
from keepwarm.types import Place, StreamKind
from service import create_app
from tests.integrations.houses import opening
from tests.integrations.open.sides import USER, Resident, Town, resident, towns
from tests.servers.dav import PASSWORD as DAV_PASSWORD
from tests.servers.mail import PASSWORD
from tests.service.web import world
from tests.service.web.conftest import Browser, runtime_over
from workers import sync
from workers.runtime import Runtime

ME = "robin@example.org"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    yield from towns(tmp_path_factory.mktemp("town"))


@pytest.fixture
def here(town: Town, tmp_path: Path) -> Resident:
    return resident(town, opening(tmp_path / "unused"))


@pytest.fixture
def runtime(sqlite_store: Store, tmp_path: Path, now: datetime) -> Runtime:
    return runtime_over(sqlite_store, tmp_path / "home", now, ALLOW_HOSTS="localhost", BROKER_URL="memory://")


@pytest.fixture
def owner(runtime: Runtime, now: datetime) -> Browser:
    runtime.home.mkdir(mode=0o700, exist_ok=True)
    world.settle(runtime.store, now)
    app: Flask = create_app(runtime)
    app.config["TESTING"] = True
    browser = Browser(app)
    browser.sign_in()
    return browser


def form(here: Resident, **changes: str) -> dict[str, object]:
    given = {
        "address": ME, "password": PASSWORD, "user": here.user, "imap": str(here.opened.settings["imap"]),
        "smtp": str(here.opened.settings["smtp"]), "caldav": here.dav, "carddav": here.dav, "dav_user": USER,
        "dav_password": DAV_PASSWORD,
    }  # fmt: skip
    return given | changes


def connect(owner: Browser, data: dict[str, object]) -> str:
    return owner.post("/accounts/connect", data, on="/accounts/connect").text


def held(runtime: Runtime) -> list[accounts.Account]:
    with runtime.store.system() as tx:
        found = accounts.owner_by_email(tx, world.OWNER)
        assert found is not None
        return [each for each in accounts.accounts(replace(tx, owner_id=found.id)) if each.provider == "open"]


def test_all_green_is_connected_and_listed(owner: Browser, here: Resident, runtime: Runtime) -> None:
    said = connect(owner, form(here))
    assert said.count("✓") == 4, said
    assert "Connected." in said
    assert [each.name for each in held(runtime)] == [ME]
    assert ME in owner.get("/accounts").text


def test_a_red_line_saves_nothing_and_the_password_need_not_be_typed_again(
    owner: Browser, here: Resident, runtime: Runtime
) -> None:
    said = connect(owner, form(here, smtp="smtp://localhost:1"))
    assert "✗" in said
    assert "nothing was saved" in said
    assert held(runtime) == []
    assert PASSWORD not in said
    typed = said.split('name="typed" value="')[1].split('"')[0]
    said = connect(owner, form(here, password="", dav_password="", typed=typed))
    assert "Connected." in said


def test_what_is_emptied_the_second_time_is_left_out(owner: Browser, here: Resident, runtime: Runtime) -> None:
    typed = connect(owner, form(here, smtp="smtp://localhost:1")).split('name="typed" value="')[1].split('"')[0]
    connect(owner, form(here, password="", smtp="", caldav="", carddav="", typed=typed))
    (account,) = held(runtime)
    assert (account.settings["smtp"], account.settings["caldav"]) == ("", "")


def test_what_was_typed_opens_for_nobody_else(owner: Browser, here: Resident, runtime: Runtime) -> None:
    connect(owner, form(here, password="", typed="gAAAA-not-ours"))
    assert held(runtime) == []


@pytest.mark.parametrize("changes", [{"address": "nobody"}, {"password": ""}, {"imap": "http://x y"}])
def test_a_form_that_is_not_right_says_so(
    owner: Browser, here: Resident, runtime: Runtime, changes: dict[str, str]
) -> None:
    assert "said sorry" in connect(owner, form(here, **changes))
    assert held(runtime) == []


def test_reconnecting_keeps_what_was_chosen(owner: Browser, here: Resident, runtime: Runtime) -> None:
    connect(owner, form(here))
    (account,) = held(runtime)
    owner.post(f"/accounts/{account.id}/places", {"place": ["mail INBOX"]}, on="/accounts")
    connect(owner, form(here))
    (again,) = held(runtime)
    assert again.id == account.id
    with runtime.store.reading(owner_id(runtime)) as tx:
        assert [each.stream.place_ref for each in accounts.streams(tx) if each.provider == "open"] == ["INBOX"]


def owner_id(runtime: Runtime) -> str:
    with runtime.store.system() as tx:
        found = accounts.owner_by_email(tx, world.OWNER)
        assert found is not None
        return found.id


def test_a_dead_password_is_told_on_every_page(owner: Browser, here: Resident, runtime: Runtime) -> None:
    connect(owner, form(here))
    here.town.dovecot.add(here.user, "another")
    with runtime.store.reading(owner_id(runtime)) as tx:
        mail = next(each for each in accounts.streams(tx) if each.stream.kind is StreamKind.MAIL)
    sync.sync_stream(runtime, mail.stream.id)
    assert "can no longer be read" in owner.get("/coming").text
    assert "Reconnect" in owner.get("/accounts").text
    assert owner.get("/healthz/sync").status_code == 503


def test_letting_go_removes_our_events_and_forgets_the_password(
    owner: Browser, here: Resident, runtime: Runtime
) -> None:
    connect(owner, form(here))
    (account,) = held(runtime)
    said = owner.post(f"/accounts/{account.id}/disconnect", {"events": "remove"}, on="/accounts", follow_redirects=True)
    assert "Disconnected." in said.text
    assert held(runtime) == []
    with runtime.store.reading(owner_id(runtime)) as tx:
        assert accounts.grant(tx, account.id) is None
        assert [each for each in accounts.streams(tx) if each.provider == "open"] == []


@pytest.mark.parametrize("deed", ["look", "places", "disconnect", "drafts"])
def test_another_owners_account_is_not_there(owner: Browser, runtime: Runtime, now: datetime, deed: str) -> None:
    with runtime.store.system() as tx:
        other = accounts.create_owner(tx, email="other@example.com", now=now)
    with runtime.store.transaction(other.id) as tx:
        account = accounts.ensure_account(tx, provider="open", name="x", settings={"imap": "imaps://x:993"}, now=now)
        accounts.set_places(tx, account.id, [Place(ref="INBOX", name="", kind=StreamKind.MAIL)], now)
    assert owner.post(f"/accounts/{account.id}/{deed}", on="/settings").status_code == 404
    assert owner.get("/accounts").text.count("INBOX") == 0
