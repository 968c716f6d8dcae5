"""The receiver: what is proven marks a stream and wakes a worker once; what is not learns nothing."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from kombu.connection import Connection
from sqlalchemy import event
from werkzeug.test import TestResponse

from integrations import fake
from integrations.fake import SIGNATURE, WORLDS, notice
from keepwarm.errors import TryAgainLater
from keepwarm.store import Store, accounts
from keepwarm.store.accounts import StreamState
from keepwarm.types import Stream, StreamKind
from service import create_app, notices
from service.marker import Marker
from tests import make
from tests.service.web.conftest import runtime_over, signed_in
from workers import subscriptions, sync
from workers.runtime import Runtime

PUBLIC = "https://keepwarm.example.org"


@dataclass
class Mailbox:
    """An owner's fake account with subscribed streams, and the provider's side of it."""

    runtime: Runtime
    client: FlaskClient
    owner_id: str
    streams: list[Stream]
    secrets: list[str]

    def post(self, headers: dict[str, str], body: bytes, *, provider: str = "fake", query: str = "") -> TestResponse:
        answer = self.client.post(f"/webhooks/{provider}{query}", data=body, headers=headers)
        assert self.marker.settled()
        return answer

    @property
    def marker(self) -> Marker:
        found: Marker = self.client.application.extensions["keepwarm.marker"]
        return found

    def push(self, *which: int, kind: StreamKind = StreamKind.MAIL) -> TestResponse:
        return self.post(*notice(*(self.secrets[each] for each in which or (0,)), kind=kind))

    def state(self, which: int = 0) -> StreamState:
        with self.runtime.store.reading(self.owner_id) as tx:
            return next(each for each in accounts.streams(tx) if each.stream.id == self.streams[which].id)

    def orders(self) -> list[int]:
        """The streams about whose notices a provider is to be asked now; all were asked about when they were made."""
        with self.runtime.store.system(write=False) as tx:
            due = accounts.without_notices(tx, ("fake",), self.runtime.now())
        return [number for number, each in enumerate(self.streams) if each.id in due]

    def stale(self) -> list[int]:
        return [n for n in range(len(self.streams)) if self.state(n).stale_since is not None]

    def calls(self) -> list[int]:
        """The streams for which a worker was woken since the last look."""
        return [[each.id for each in self.streams].index(called) for called in waiting_calls()]


def waiting_calls() -> list[str]:
    """What lies in the queue of the broker in memory, taken out."""
    found = []
    with Connection("memory://") as connection:
        channel = connection.default_channel
        channel.queue_declare("sync")
        while message := channel.basic_get("sync", no_ack=True):
            found.append(json.loads(message.body)[0][0])
    return found


def mailbox(store: Store, home: Path, now: datetime, broker: str = "memory://") -> Mailbox:
    runtime = runtime_over(store, home, now, PUBLIC_URL=PUBLIC, BROKER_URL=broker)
    owner_id = make.owner(store)
    with store.transaction(owner_id) as tx:
        account = accounts.ensure_account(tx, provider="fake", settings={"world": "hooks"}, now=now)
        made = [
            accounts.create_stream(tx, account_id=account.id, kind=StreamKind.MAIL, place_ref=place)
            for place in ("inbox", "sent", "archive")
        ]
    kept = [subscriptions.subscribe(runtime, each, PUBLIC) for each in made]
    with store.transaction(owner_id) as tx:
        for each in made:
            accounts.note_notices(tx, each.id, "push", "", now + timedelta(days=3))
    app = create_app(runtime)
    app.config["TESTING"] = True
    return Mailbox(
        runtime=runtime,
        client=app.test_client(),
        owner_id=owner_id,
        streams=made,
        secrets=[runtime.push_secret(each.id) for each in kept],
    )


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    """The broker in memory is one for all tests, and streams have the same ids in each: no marker may come late."""
    for each in threading.enumerate():
        if each.name == "marker":
            each.join(30)
    waiting_calls()
    yield
    WORLDS.clear()


@pytest.fixture
def box(sqlite_store: Store, tmp_path: Path, now: datetime) -> Mailbox:
    return mailbox(sqlite_store, tmp_path, now)


def reading(box: Mailbox, parse: Callable[..., object]) -> Mailbox:
    """The same box before a provider that reads notices in this way."""
    provider = type("Fake", (fake.Fake,), {"parse_push": staticmethod(parse)})
    runtime = replace(box.runtime, load=lambda _: provider)
    return replace(box, runtime=runtime, client=create_app(runtime).test_client())


# --- what is proven ---------------------------------------------------------------------------------------------------


def test_a_proven_push_marks_the_stream_and_wakes_once(store: Store, tmp_path: Path, now: datetime) -> None:
    box = mailbox(store, tmp_path, now)
    answer = box.push()
    assert (answer.status_code, answer.data) == (204, b"")
    assert box.stale() == [0]
    assert box.calls() == [0]


def test_a_burst_about_one_mailbox_is_one_write_and_one_call(box: Mailbox) -> None:
    assert {box.push().status_code for _ in range(50)} == {204}
    assert box.state().generation == 1
    assert box.calls() == [0]


def test_a_stream_that_waits_takes_no_writer_s_place(box: Mailbox) -> None:
    box.push()
    headers, body = notice(box.secrets[0])
    with box.runtime.store.transaction(box.owner_id):
        assert box.client.post("/webhooks/fake", data=body, headers=headers).status_code == 204
        assert not box.marker.busy


def test_several_pushes_in_a_body_are_one_mark_for_each_stream(box: Mailbox) -> None:
    assert box.push(0, 2, 0, 0, 2).status_code == 204
    assert box.stale() == [0, 2]
    assert [box.state(n).generation for n in (0, 1, 2)] == [1, 0, 1]
    assert sorted(box.calls()) == [0, 2]


def test_news_while_a_worker_reads_is_not_lost(box: Mailbox) -> None:
    box.push()
    with box.runtime.store.system() as tx:
        lease = accounts.lease_stream(tx, box.streams[0].id, box.runtime.now())
        assert lease is not None
    box.push()
    with box.runtime.store.transaction(box.owner_id) as tx:
        assert not accounts.finish_stream(tx, lease, box.runtime.now())
    assert box.stale() == [0]
    assert box.calls() == [0]


def test_a_push_right_after_a_look_waits_for_the_sweep(box: Mailbox) -> None:
    """The same true push over and over costs one look, and one more by each sweep (C20, G11)."""
    headers, body = notice(box.secrets[0])
    for _ in range(5):
        assert box.post(headers, body).status_code == 204
        sync.sync_stream(box.runtime, box.streams[0].id)
    assert box.calls() == [0]
    later = box.runtime.now() + timedelta(seconds=30)
    replace(box, client=create_app(box.runtime.at(later)).test_client()).post(headers, body)
    assert box.calls() == [0]


def test_a_replay_has_no_effect_but_a_look(box: Mailbox) -> None:
    WORLDS["hooks"].add(*make.both_ways("Noor Jansen <noor@lantern.example>"))
    headers, body = notice(box.secrets[0])
    for _ in range(3):
        box.post(headers, body)
        sync.sync_stream(box.runtime, box.streams[0].id)
    with box.runtime.store.reading(box.owner_id) as tx:
        assert sum(each.compared_at is not None for each in accounts.streams(tx)) == 1
    assert box.stale() == []


def test_a_cool_down_is_not_cut_short(box: Mailbox) -> None:
    box.push()
    WORLDS["hooks"].throttle = timedelta(minutes=20)
    sync.sync_stream(box.runtime, box.streams[0].id)
    before = box.state().retry_at
    box.push()
    assert box.state().retry_at == before == box.runtime.now() + timedelta(minutes=20)
    assert box.calls() == [0]


def test_a_leftover_is_dropped_and_counted(box: Mailbox) -> None:
    strange = box.runtime.push_secret("f" * 32)
    assert box.post(*notice(strange)).status_code == 204
    assert box.post(*notice(strange, box.secrets[1])).status_code == 204
    assert box.stale() == [1]
    found = box.client.application.extensions["keepwarm.notices"]
    assert (found.known, found.strange, found.turned_away) == (1, 2, 0)


def test_an_order_that_runs_out_is_asked_for_again_and_nothing_is_read(box: Mailbox) -> None:
    assert box.post(*notice(box.secrets[1], about="renew")).status_code == 204
    assert box.marker.settled()
    assert (box.stale(), box.orders()) == ([], [1])


def test_an_order_that_was_ended_is_made_anew_and_its_stream_read(box: Mailbox) -> None:
    assert box.post(*notice(box.secrets[1], about="ended")).status_code == 204
    assert box.marker.settled()
    assert (box.stale(), box.orders()) == ([1], [1])
    assert box.push(1).status_code == 204  # what still comes by the old one is about nothing
    found = box.client.application.extensions["keepwarm.notices"]
    assert (found.known, found.strange) == (1, 1)


def test_the_end_of_a_leftover_leaves_the_newest_order(box: Mailbox) -> None:
    """Both stand for a while where a provider made a new order and the old one could not be ended."""
    with box.runtime.store.transaction(box.owner_id) as tx:
        newest = next(each for each in accounts.subscriptions(tx) if each.stream_id == box.streams[1].id)
        old = replace(newest, id="e" * 32, remote_ref="older")
        accounts.keep_subscription(tx, old)
    assert box.post(*notice(box.runtime.push_secret(old.id), about="ended")).status_code == 204
    assert box.marker.settled()
    assert box.orders() == [1]
    with box.runtime.store.reading(box.owner_id) as tx:
        assert {each.id for each in accounts.subscriptions(tx)} >= {newest.id}
        assert old.id not in {each.id for each in accounts.subscriptions(tx)}


def test_an_unknown_channel_is_told_so_that_it_ends(box: Mailbox) -> None:
    strange = box.runtime.push_secret("f" * 32)
    assert box.post(*notice(strange, channel=True)).status_code == 404
    assert box.post(*notice(strange, box.secrets[0], channel=True)).status_code == 204


def test_what_was_ended_is_unknown_from_then_on(box: Mailbox) -> None:
    subscriptions.unsubscribe(box.runtime, box.streams[0])
    subscriptions.unsubscribe(box.runtime, box.streams[0])
    assert box.push().status_code == 204
    assert box.stale() == box.calls() == []
    assert len(WORLDS["hooks"].subscriptions) == 2


def test_prolonging_keeps_the_secret_and_the_row(box: Mailbox) -> None:
    again = subscriptions.subscribe(box.runtime, box.streams[0], PUBLIC)
    assert box.runtime.push_secret(again.id) == box.secrets[0]
    with box.runtime.store.reading(box.owner_id) as tx:
        assert len(accounts.subscriptions(tx)) == 3
    assert {address for address, _ in WORLDS["hooks"].subscriptions.values()} == {f"{PUBLIC}/webhooks/fake"}


def test_no_secret_is_kept(box: Mailbox) -> None:
    file = box.runtime.store.file
    assert file is not None
    kept = b"".join(each.read_bytes() for each in file.parent.glob("keepwarm.db*"))
    assert all(secret.partition(".")[2].encode() not in kept for secret in box.secrets)


def test_a_handshake_is_answered_at_once_as_plain_text(box: Mailbox) -> None:
    answer = box.post({}, b"", query="?challenge=%3Cb%3E1")
    assert (answer.status_code, answer.text, answer.mimetype) == (200, "<b>1", "text/plain")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


# --- what is not ------------------------------------------------------------------------------------------------------


def forgeries(secret: str) -> dict[str, tuple[dict[str, str], bytes]]:
    """Requests that come close, by what is wrong with them."""
    headers, body = notice(secret)
    name, _, proof = secret.partition(".")
    other, _ = notice(f"{'e' * 32}.{proof}")
    _, both = notice(secret, f"{'e' * 32}.{proof}")
    return {
        "no signature": ({}, body),
        "empty signature": ({SIGNATURE: ""}, body),
        "signature of nothing": ({SIGNATURE: f"{name}="}, body),
        "another secret": (notice(f"{name}.{'0' * 64}")[0], body),
        "another's signature": (other, body),
        "a changed body": (headers, body.replace(b"mail", b"calendar")),
        "a longer body": (headers, body + b" "),
        "no body": (headers, b""),
        "signed for one, told of two": ({SIGNATURE: f"{name}={fake._signature(secret, both)}"}, both),
        "a right one and a wrong one": ({SIGNATURE: headers[SIGNATURE] + f",{'e' * 32}={'0' * 64}"}, body),
        "no letters": ({SIGNATURE: f"{name}=\u00e9"}, body),
        "a thousand signatures": ({SIGNATURE: ",".join([headers[SIGNATURE]] * 1000)}, body),
    }


NAMES = list(forgeries("x.y"))


@pytest.mark.parametrize("name", NAMES)
def test_a_forgery_is_refused_and_leaves_nothing(box: Mailbox, name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    answer = box.post(*forgeries(box.secrets[0])[name])
    assert (answer.status_code, answer.data) == (401, b"")
    assert box.stale() == box.calls() == []
    assert "Set-Cookie" not in answer.headers
    assert not [each for each in caplog.records if each.name == "keepwarm"]


def test_all_refusals_look_alike(box: Mailbox) -> None:
    """Whether the subscription exists cannot be told from the answer."""
    known, unknown = forgeries(box.secrets[0]), forgeries("e" * 32 + "." + "0" * 64)
    seen = {repr(sorted(box.post(*each[name]).headers.items())) for each in (known, unknown) for name in NAMES}
    assert len(seen) == 1


def test_a_forgery_never_reaches_the_database(box: Mailbox) -> None:
    asked: list[object] = []
    event.listen(box.runtime.store.engine, "checkout", lambda *_: asked.append(1))
    assert {box.post(*each).status_code for each in forgeries(box.secrets[0]).values()} == {401}
    assert asked == []
    box.push()
    assert asked


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"notices": 7}',
        b'{"notices": [7]}',
        b'{"notices": [{"subscription": "x"}]}',
        b'{"notices": [{"subscription": "x", "kind": "nonsense"}]}',
        b"\xff\xfe",
        b"[" * 60_000,
        b"9" * 60_000,
        json.dumps({"notices": [{"subscription": "\ud800", "kind": "mail"}]}).encode(),
    ],
    ids=range(12),
)
def test_signed_nonsense_is_refused_too(box: Mailbox, body: bytes) -> None:
    signature = fake._signature(box.secrets[0], body)
    answer = box.post({SIGNATURE: f"{box.secrets[0].partition('.')[0]}={signature}"}, body)
    assert answer.status_code == 401
    assert box.calls() == []


def test_a_slip_of_ours_in_reading_lets_nothing_through(box: Mailbox, caplog: pytest.LogCaptureFixture) -> None:
    def slip(*_: object) -> None:
        raise ZeroDivisionError("Lunch with Noor")

    assert reading(box, slip).push().status_code == 401
    assert box.calls() == []
    assert "ZeroDivisionError" in caplog.text
    assert "Noor" not in caplog.text


def test_a_body_above_64_kib_is_refused(box: Mailbox) -> None:
    headers, body = notice(box.secrets[0])
    long = body + b" " * (64 * 1024)
    headers[SIGNATURE] = f"{box.secrets[0].partition('.')[0]}={fake._signature(box.secrets[0], long)}"
    assert box.post(headers, long).status_code == 413
    assert box.stale() == box.calls() == []


@pytest.mark.parametrize("provider", ["nobody", "local", "files", "..", "Fake"])
def test_an_unknown_provider_is_not_there(box: Mailbox, provider: str) -> None:
    answer = box.post(*notice(box.secrets[0]), provider=provider)
    assert (answer.status_code, answer.data) == (404, b"")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods_are_told_which_one_it_is(box: Mailbox, method: str) -> None:
    for provider in ("fake", "nobody"):
        answer = box.client.open(f"/webhooks/{provider}", method=method)
        assert (answer.status_code, answer.headers["Allow"], answer.data) == (405, "POST", b"")


def test_a_session_changes_nothing(box: Mailbox) -> None:
    app: Flask = box.client.application
    browser = signed_in(app, box.owner_id)
    assert browser.client.post("/webhooks/fake", data=b"{}").status_code == 401
    headers, body = notice(box.secrets[0])
    answer = browser.client.post("/webhooks/fake", data=body, headers=headers)
    assert answer.status_code == 204
    assert "Set-Cookie" not in answer.headers


# --- a flood ----------------------------------------------------------------------------------------------------------


def test_a_flood_of_forged_ones_shuts_no_true_one_out(box: Mailbox) -> None:
    forged = forgeries(box.secrets[0])["another secret"]
    answers = []
    for _ in range(5):
        answers += [box.post(*forged).status_code for _ in range(40)]
        assert box.push().status_code == 204
    assert answers == [401] * notices.REFUSALS_AT_MOST + [429] * (200 - notices.REFUSALS_AT_MOST)
    assert box.state().generation == 1


def test_a_flood_from_everywhere_takes_no_memory() -> None:
    counted = notices.Notices()
    for number in range(notices.NETWORKS_AT_MOST + 10):
        counted.refused(f"2001:db8:{number:x}::1", 0.0)
    assert len(counted.buckets) <= notices.NETWORKS_AT_MOST
    assert counted.turned_away == notices.NETWORKS_AT_MOST + 10


def test_a_bucket_empties_with_time() -> None:
    counted = notices.Notices()
    over = [counted.refused("192.0.2.7", 0.0) for _ in range(notices.REFUSALS_AT_MOST + 1)]
    assert over[-2:] == [False, True]
    assert not counted.refused("192.0.2.8", 0.0)
    assert not counted.refused("192.0.2.7", notices.WINDOW + 1)


@pytest.mark.parametrize(
    ("address", "same"),
    [("2001:db8::1", "2001:db8::ffff"), ("::ffff:192.0.2.7", "192.0.2.7"), ("", "nonsense")],
)
def test_one_sender_is_one_network(address: str, same: str) -> None:
    assert notices.network_of(address) == notices.network_of(same)


# --- what can be away -------------------------------------------------------------------------------------------------


def test_without_a_broker_it_is_taken_and_waits_for_the_sweep(
    sqlite_store: Store, tmp_path: Path, now: datetime
) -> None:
    box = mailbox(sqlite_store, tmp_path, now, f"redis+socket://{tmp_path}/nothing.sock")
    assert [box.push(n).status_code for n in (0, 1)] == [204, 204]
    assert box.stale() == [0, 1]


def test_without_a_database_it_is_to_come_again(box: Mailbox) -> None:
    file = box.runtime.store.file
    assert file is not None
    box.runtime.store.close()
    aside = file.rename(file.with_name("aside"))
    file.mkdir()
    answer = box.push()
    assert (answer.status_code, answer.headers["Retry-After"], box.calls()) == (503, "30", [])
    file.rmdir()
    aside.rename(file)
    assert box.push().status_code == 204


def test_a_busy_database_keeps_nobody_waiting_and_loses_nothing(box: Mailbox) -> None:
    headers, body = notice(box.secrets[0])
    with box.runtime.store.transaction(box.owner_id):
        begun = time.monotonic()
        assert box.client.post("/webhooks/fake", data=body, headers=headers).status_code == 204
        assert time.monotonic() - begun < 2
        assert box.stale() == []
    assert box.marker.settled()
    assert (box.stale(), box.calls()) == ([0], [0])


def test_a_database_that_stays_busy_is_to_come_again(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keepwarm.store.database.BUSY_SECONDS", 0)
    monkeypatch.setattr("service.marker.PATIENCE", 30)  # a busy machine may take longer to hear that it failed
    headers, body = notice(box.secrets[0])
    with box.runtime.store.transaction(box.owner_id):
        assert box.client.post("/webhooks/fake", data=body, headers=headers).status_code == 503
    assert box.marker.settled()
    assert box.stale() == [0]
    assert box.push(1).status_code == 204


def test_keys_that_cannot_be_had_are_no_proof_and_no_refusal(box: Mailbox) -> None:
    def away(*_: object) -> None:
        raise TryAgainLater(timedelta(minutes=1))

    found = reading(box, away)
    assert found.push().status_code == 503
    assert found.client.application.extensions["keepwarm.notices"].turned_away == 0


def test_the_page_health_tells_how_many_came(box: Mailbox) -> None:
    browser = signed_in(box.client.application, box.owner_id)
    assert "Notices" not in browser.get("/health").text
    box.push()
    box.post({}, b"")
    text = browser.get("/health").text
    assert "<dt>Notices of news to everybody here, since the start</dt><dd>1</dd>" in text
    assert "<dt>Notices refused as not genuine</dt><dd>1</dd>" in text


def test_without_a_database_the_probe_says_not_ready(box: Mailbox) -> None:
    file = box.runtime.store.file
    assert file is not None
    box.runtime.store.close()
    file.rename(file.with_name("aside"))
    file.mkdir()
    assert box.client.get("/readyz").status_code == 503
