"""The operator's way out against a real submission server: whom it says it is, and what where it does not work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path

import pytest

from integrations import load
from integrations.open import post
from integrations.open.imap import WRONG_PASSWORD
from integrations.open.post import Post
from keepwarm.errors import AccessRevoked, Rejected, TryAgainLater
from keepwarm.settings import Settings
from tests.integrations.houses import opening
from tests.integrations.open.sides import REACH, Town, towns
from tests.integrations.test_contract import mail


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    yield from towns(tmp_path_factory.mktemp("town"))


def office(town: Town, home: Path, *, password: str = "right", port: int = 0) -> Post:
    town.sink.passwords["operator"] = "right"
    url = f"smtp://operator:{password}@localhost:{port or town.sink.port}/?from=Ours%20%3Ckeepwarm@example.org%3E"
    found: Post = load("post")(replace(opening(home), operator=Settings(home="/", smtp_url=url), reach=REACH))
    return found


def test_it_speaks_for_the_operator_to_whom_the_mail_is_for(town: Town, tmp_path: Path) -> None:
    sent = replace(mail("post"), to=replace(mail().to, address="kim@example.net"))
    assert office(town, tmp_path).send(sent) == sent.message_id
    taken = town.sink.taken[-1]
    read = message_from_bytes(bytes(taken.content or b""))
    assert (taken.mail_from, taken.rcpt_tos) == ("keepwarm@example.org", ["kim@example.net"])
    assert (read["From"], read["Message-ID"]) == ("Ours <keepwarm@example.org>", sent.message_id)
    assert read["Auto-Submitted"] == "auto-generated"


def test_a_wrong_password_is_told_and_nothing_is_sent(town: Town, tmp_path: Path) -> None:
    before, closed = len(town.sink.taken), office(town, tmp_path, password="wrong")
    (check,) = closed.verify()
    assert (check.ok, check.says) == (False, WRONG_PASSWORD)
    with pytest.raises(AccessRevoked):
        closed.send(mail("wrong"))
    assert len(town.sink.taken) == before


def test_a_server_that_is_away_is_tried_again(town: Town, tmp_path: Path) -> None:
    with pytest.raises(TryAgainLater):
        office(town, tmp_path, port=9).send(mail("away"))


def test_without_a_setting_there_is_no_way(tmp_path: Path) -> None:
    nowhere = load("post")(opening(tmp_path))
    assert nowhere.verify()[0].says == post.NOT_SET
    with pytest.raises(Rejected):
        nowhere.send(mail())
