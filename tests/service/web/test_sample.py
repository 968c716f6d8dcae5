"""The sample network on the pages: clearly one, closed to the world, and gone without a trace."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from keepwarm.store import accounts, outbox
from tests.keepwarm.store.test_samples import everything
from tests.service.web import world
from tests.service.web.conftest import Browser, signed_in
from tests.service.web.test_pages import PLAIN
from workers import deliver, prepare, tasks
from workers.runtime import Runtime

BANNER = "You are looking at a sample network"


@pytest.fixture
def visitor(app: Flask, account: str) -> Browser:
    """Somebody new who looks around."""
    browser = signed_in(app, account)
    assert browser.post("/first/sample", on="/first/goal").location == "/"
    return browser


def sample_of(runtime: Runtime, owner_id: str) -> str:
    with runtime.store.reading(owner_id) as tx:
        return str(accounts.owner(tx).settings.get("sample", ""))


def folders(runtime: Runtime) -> list[Path]:
    return sorted((runtime.home / "owners").glob("*")) if (runtime.home / "owners").exists() else []


def test_every_page_says_that_it_is_a_sample(visitor: Browser) -> None:
    ours = set(PLAIN) - {"/offline"}  # the same for everybody, kept by the browser: it shows nobody's network
    for path in sorted({*ours, "/plan", "/me", "/talks", "/accounts", "/accounts/connect", "/questions"}):
        answer = visitor.get(path)
        assert answer.status_code == 200, path
        assert BANNER in answer.text, path
    assert "Hello Alex" in visitor.get("/").text
    assert "Hanna Visser" in visitor.get("/coming").text


def test_leaving_it_leaves_nothing(app: Flask, runtime: Runtime, account: str) -> None:
    browser = signed_in(app, account)
    browser.get("/first/goal")
    before, held = everything(runtime.store), folders(runtime)
    browser.post("/first/sample", on="/first/goal")
    for path in (*PLAIN, "/coming", "/sent"):
        browser.get(path)
    answer = browser.post("/first/sample/leave", on="/")
    assert answer.location == "/first/"
    assert everything(runtime.store) == before
    assert folders(runtime) == held
    page = browser.get("/first/goal").text
    assert BANNER not in page
    assert "Nothing of the sample stayed" in page


def test_ones_own_people_are_there_again_afterwards(owner: Browser, here: world.World) -> None:
    owner.post("/first/sample", on="/first/goal")
    assert "Noor Willemse" not in owner.get("/contacts").text
    assert owner.get(f"/contacts/{here.ids['Noor Willemse']}").status_code == 404
    owner.post("/first/sample/leave", on="/")
    assert "Noor Willemse" in owner.get("/contacts").text


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/accounts/connect", {"address": "real@example.org", "password": "secret"}),
        ("/accounts/google/begin", {"purpose": "calendar"}),
        ("/files/own", {"address": "real@example.org", "own": "yes"}),
        ("/files", {}),
    ],
)
def test_nothing_real_is_connected_to_it(
    visitor: Browser, runtime: Runtime, account: str, path: str, form: dict[str, object]
) -> None:
    before = everything(runtime.store)
    answer = visitor.post(path, form, on="/settings")
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Leave it first" in visitor.get("/").text
    assert everything(runtime.store) == before


def test_nothing_of_it_goes_out(visitor: Browser, runtime: Runtime, account: str) -> None:
    sample_id = sample_of(runtime, account)
    visitor.post("/first/done/send", on="/first/done")
    with runtime.store.reading(sample_id) as tx:
        (row,) = outbox.rows(tx)
    assert deliver.deliver(runtime, row.id) == "skipped"
    assert prepare.prepare_owner(runtime, sample_id) == 0
    assert runtime.open_local(sample_id).list_mails() == []
    assert "nothing goes out" in visitor.get("/sent").text
    tasks.drain(runtime)
    with runtime.store.reading(sample_id) as tx:
        assert [each.state for each in outbox.rows(tx)] == ["skipped"]


def test_what_one_changes_in_it_is_ones_own_to_try(visitor: Browser, runtime: Runtime, account: str) -> None:
    visitor.post("/settings", {"name": "Somebody", "lang": "nl"})
    assert "Je kijkt rond in een voorbeeldnetwerk" in visitor.get("/").text
    visitor.post("/first/sample/leave", on="/")
    with runtime.store.reading(account) as tx:
        assert (accounts.owner(tx).name, accounts.owner(tx).lang) == ("Sam", "en")


def test_nobody_can_sign_in_to_it_or_see_it(
    visitor: Browser, stranger: Browser, runtime: Runtime, account: str
) -> None:
    with runtime.store.reading(sample_of(runtime, account)) as tx:
        email = accounts.owner(tx).email
    assert stranger.sign_in(email, "").status_code == 403
    assert stranger.sign_in(email, world.PASSWORD).status_code == 403


def test_leaving_without_one_is_quiet(owner: Browser, runtime: Runtime, here: world.World) -> None:
    before = everything(runtime.store)
    assert owner.post("/first/sample/leave", on="/settings").status_code == 303
    assert everything(runtime.store) == before


def test_a_sample_that_is_gone_shows_ones_own(visitor: Browser, runtime: Runtime, account: str) -> None:
    """A backup put back, or everything erased from within: the way home stays open."""
    with runtime.store.transaction(account) as tx:
        accounts.update_owner(tx, settings={"sample": "0" * 32})
    assert BANNER not in visitor.get("/").text
    assert visitor.post("/first/sample", on="/first/goal").location == "/"
    assert BANNER in visitor.get("/").text
