"""The sample network on the pages: clearly one, closed to the world, and gone without a trace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from keepwarm.store import Tx, accounts, leaving, outbox, password_links
from keepwarm.store.accounts import Owner
from keepwarm.store.tables import metadata
from service.sending import asked_sample
from tests.keepwarm.store.test_samples import everything
from tests.service.web import world
from tests.service.web.conftest import Browser, signed_in
from tests.service.web.test_pages import PLAIN
from workers import deliver, letting_in, prepare, tasks, upkeep
from workers.exporting import FORMATS
from workers.leaving import leave
from workers.roll import listened
from workers.runtime import Runtime

OF_OWNERS = {table.name for table in metadata.sorted_tables if "owner_id" in table.c} | {"owner"}
BANNER = "You are looking at a sample network"
OWN = ("/settings/sign-in", "/data", "/data/erase")  # about the visitor's own account, which is not shown here


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
    ours = set(PLAIN) - {"/offline"} - {*OWN}  # offline: the same for everybody, it shows nobody's network
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
        ("/settings/address", {"email": "real@example.org"}),
        ("/settings/password", {"new": "four plain words here"}),
        ("/data/erase", {"sure": "yes", "word": "ERASE"}),
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


@pytest.mark.parametrize("path", OWN)
def test_what_is_about_the_own_account_is_closed(visitor: Browser, path: str) -> None:
    answer = visitor.get(path)
    assert (answer.status_code, answer.location) == (303, "/")
    page = visitor.get("/").text
    assert "This page is about your own account" in page
    assert "Leave the sample" in page
    for shown in ("/more", "/settings", "/accounts"):
        assert f'href="{path}"' not in visitor.get(shown).text, shown
    visitor.post("/first/sample/leave", on="/")
    assert visitor.get(path).status_code == 200


def test_nothing_of_it_goes_out(visitor: Browser, runtime: Runtime, account: str) -> None:
    sample_id = sample_of(runtime, account)
    visitor.post("/first/done/send", on="/first/done")
    with runtime.store.transaction(sample_id) as tx:
        assert outbox.rows(tx) == []
        outbox.put(tx, asked_sample(runtime, tx, "digest", runtime.now()), runtime.now())
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


def test_nothing_of_it_is_handed_out_as_ones_own(visitor: Browser) -> None:
    for name in FORMATS:
        assert visitor.get(f"/data/{name}").location == "/", name
    assert "Leave the sample" in visitor.get("/").text


# --- nobody is behind it ----------------------------------------------------------------------------------------------


def _asked(runtime: Runtime, sample: Owner) -> object:
    with runtime.store.system() as tx:
        link = password_links.ask(tx, sample.email, runtime.now())
    return letting_in.answer_request(runtime, link) == "nobody"


def _system(look: Callable[[Tx], object]) -> Callable[[Runtime, Owner], object]:
    def run(runtime: Runtime, sample: Owner) -> object:
        del sample
        with runtime.store.system() as tx:
            return look(tx)

    return run


def _late(runtime: Runtime, sample: Owner) -> object:
    """An alarm is raised for everybody but the sample, and its silence is no alarm."""
    with runtime.store.system() as tx:
        look = upkeep.look_around(tx, runtime.now())
        found = sample.id not in look.owners
    upkeep.raise_alarms(runtime, look)
    with runtime.store.reading(sample.id) as tx:
        return found and outbox.rows(tx) == []


NOBODY: dict[str, Callable[[Runtime, Owner], object]] = {
    "a forgotten password": _asked,
    "an address": lambda runtime, sample: _system(lambda tx: accounts.owner_by_email(tx, sample.email) is None)(
        runtime, sample
    ),
    "the list of users": lambda runtime, sample: _system(
        lambda tx: sample.id not in {each.id for each in accounts.owners(tx)}
    )(runtime, sample),
    "the only user": _system(lambda tx: accounts.only_owner(tx) is not None),
    "whoever runs this": lambda runtime, sample: _system(lambda tx: accounts.operator(tx).id != sample.id)(  # type: ignore[union-attr]  # somebody does
        runtime, sample
    ),
    "an alarm": _late,
    "what is heard": lambda runtime, sample: _system(
        lambda tx: sample.id not in {stream.owner_id for stream, _ in listened(tx, runtime).values()}
    )(runtime, sample),
    "what is due": lambda runtime, sample: prepare.prepare_owner(runtime, sample.id) == 0,
}


@pytest.mark.parametrize("what", NOBODY)
def test_a_sample_is_nobody(what: str, visitor: Browser, runtime: Runtime, account: str) -> None:
    with runtime.store.reading(sample_of(runtime, account)) as tx:
        sample = accounts.owner(tx)
    assert NOBODY[what](runtime, sample) is True


def test_the_first_to_come_runs_it_although_a_sample_is_older(visitor: Browser, runtime: Runtime, account: str) -> None:
    """Whoever looked around left in a way that left the sample behind, as a killed process does."""
    with runtime.store.transaction(account) as tx:
        leaving.erase_owner(tx)
    with runtime.store.system() as tx:
        assert accounts.operator(tx) is None
        assert accounts.create_owner(tx, email="kim@example.org", now=runtime.now()).operator


def test_whoever_leaves_takes_their_sample_along(visitor: Browser, runtime: Runtime, account: str) -> None:
    leave(runtime, account, remove_events=True)
    assert not [name for name, rows in everything(runtime.store).items() if rows and name in OF_OWNERS]
    assert folders(runtime) == []


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
