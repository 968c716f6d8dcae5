"""Links to a new password, word of changes, invitations, and warnings by the operator's way out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from integrations import load
from integrations.base import Opening
from keepwarm.errors import TryAgainLater
from keepwarm.store import accounts, invitations, password_links
from keepwarm.types import Mail
from tests import make
from tests.workers.conftest import NOW, House
from workers import deliver, letting_in, tasks, upkeep

URL = "smtps://k:p@mail.example.org/?from=keepwarm@example.org"


@dataclass
class Box:
    """What was handed to the operator's server; with ``away`` it does not answer."""

    mails: list[Mail] = field(default_factory=list)
    away: bool = False

    def __call__(self, _opening: Opening) -> Box:
        return self

    def send(self, mail: Mail) -> str:
        if self.away:
            raise TryAgainLater(timedelta(minutes=5))
        self.mails.append(mail)
        return mail.message_id

    def find(self, _message_id: str) -> str | None:
        return None


@dataclass
class Set:
    """A house whose operator set a way out."""

    house: House
    box: Box


@pytest.fixture
def out(quick_plain_house: House) -> Set:
    return _set(quick_plain_house)


def _set(house: House) -> Set:
    box = Box()
    settings = replace(house.runtime.settings, smtp_url=URL)
    opened: Any = lambda name: box if name == "post" else load(name)  # noqa: E731 - what a Runtime is made with
    house.runtime = replace(house.runtime, settings=settings, load=opened)
    return Set(house=house, box=box)


def ask(house: House, email: str) -> str:
    with house.store.system() as tx:
        return password_links.ask(tx, email, house.runtime.now())


def test_who_forgot_a_password_gets_one_mail_with_a_link_that_opens_it(out: Set) -> None:
    house, box = out.house, out.box
    link_id = ask(house, make.OWNER.upper())
    assert letting_in.answer_request(house.runtime, link_id) == "mailed"
    assert letting_in.answer_request(house.runtime, link_id) == "held"
    house.drain()
    house.later(minutes=5).drain()
    (mail,) = box.mails
    assert (mail.to.address, mail.subject) == (make.OWNER, "Your way to a new password")
    token = re.findall(r"/new-password\?token=(\S+)", mail.text)[0]
    assert token in mail.html
    assert letting_in.opened_by(house.runtime, "password", token) == link_id
    with house.store.system() as tx:
        assert password_links.whose(tx, link_id, house.moment) == house.owner_id


def test_an_address_of_nobody_gets_nothing_and_leaves_nothing(out: Set) -> None:
    link_id = ask(out.house, "stranger@example.net")
    assert letting_in.answer_request(out.house.runtime, link_id) == "nobody"
    assert out.house.drain() == 0
    assert (out.box.mails, out.house.rows()) == ([], [])


def test_the_sweep_finds_a_request_whose_wake_up_was_lost(out: Set) -> None:
    ask(out.house, make.OWNER)
    assert out.house.drain() >= 2
    assert len(out.box.mails) == 1


def test_a_request_is_found_behind_a_hundred_that_are_too_old_to_be_answered(out: Set) -> None:
    for number in range(100):
        ask(out.house, f"nobody{number}@example.org")
    out.house.later(hours=2)
    fresh = ask(out.house, make.OWNER)
    assert [row for name, row in upkeep.sweep(out.house.runtime).wake if name == "answer_request"] == [fresh]


def test_a_link_is_not_mailed_once_it_is_used_or_too_old(out: Set) -> None:
    out.box.away = True
    first = ask(out.house, make.OWNER)
    out.house.drain()
    with out.house.store.transaction(out.house.owner_id) as tx:
        password_links.use(tx, first, out.house.moment)
    out.box.away = False
    out.house.later(minutes=10).drain()
    ask(out.house, make.OWNER)
    out.box.away = True
    out.house.drain()
    out.box.away = False
    out.house.later(hours=2).drain()
    assert out.box.mails == []
    assert out.house.states("access") == ["skipped", "skipped"]


def test_it_goes_out_although_the_owner_holds_everything(out: Set) -> None:
    with out.house.store.transaction(out.house.owner_id) as tx:
        accounts.update_owner(tx, held=True, settings={"stopped": ["access"]})
    ask(out.house, make.OWNER)
    out.house.drain()
    assert len(out.box.mails) == 1


def test_a_token_opens_only_what_it_was_made_for(out: Set) -> None:
    runtime = out.house.runtime
    made = letting_in.token(runtime, "password", "a" * 32)
    assert letting_in.opened_by(runtime, "password", made) == "a" * 32
    other = replace(runtime, secret=b"t" * 32)
    for what, given in (
        ("invitation", made), ("password", made[:-1]), ("password", f"b{made[1:]}"), ("password", ""),
        ("password", "."),
        ("password", "a" * 32), ("password", f"{'a' * 32}."), ("password", "\udcff.ü"),
        ("password", letting_in.token(other, "password", "a" * 32)),
    ):  # fmt: skip
        assert letting_in.opened_by(runtime, what, given) == "", (what, given)


def test_the_address_of_before_is_told_of_the_new_one(out: Set) -> None:
    house = out.house
    with house.store.transaction(house.owner_id) as tx:
        before = accounts.owner(tx)
        accounts.update_owner(tx, email="new@example.org")
        letting_in.tell(house.runtime, tx, "address_changed", before)
    house.drain()
    (mail,) = out.box.mails
    assert mail.to.address == make.OWNER
    assert "new@example.org" not in mail.text + mail.html + mail.subject


@pytest.mark.parametrize("what", ["password_changed", "identity_on", "identity_off"])
def test_word_of_a_change_goes_by_the_operator_or_into_the_mailbox_here(quick_plain_house: House, what: str) -> None:
    house = quick_plain_house
    for at_hand in (house, _set):
        here = at_hand(house).house if callable(at_hand) else at_hand
        with house.store.transaction(house.owner_id) as tx:
            letting_in.tell(here.runtime, tx, what, accounts.owner(tx), provider="Google")
        here.drain()
    assert len(house.runtime.open_local(house.owner_id).list_mails()) == 1
    assert house.states("access") == ["sent", "sent"]


def test_an_invitation_is_mailed_in_the_operators_name_while_it_is_open(out: Set) -> None:
    house = out.house
    with house.store.system() as tx:
        made = invitations.invite(tx, "kim@example.net", house.moment)
        gone = invitations.invite(tx, "lea@example.net", house.moment)
        assert [letting_in.send_invitation(house.runtime, tx, each) for each in (made, gone)] == [True, True]
        invitations.revoke(tx, gone.id, house.moment)
    house.drain()
    (mail,) = out.box.mails
    assert mail.to.address == "kim@example.net"
    assert "Robin Owner invites you" in mail.text
    assert letting_in.link(house.runtime, "invitation", made.id) in mail.text


def test_without_a_way_out_an_invitation_is_not_mailed(quick_plain_house: House) -> None:
    with quick_plain_house.store.system() as tx:
        made = invitations.invite(tx, "kim@example.net", NOW)
        assert not letting_in.send_invitation(quick_plain_house.runtime, tx, made)
    assert quick_plain_house.rows() == []


def test_a_warning_goes_by_the_operator_where_no_account_can_send(out: Set) -> None:
    house = out.house
    for _ in range(3):
        upkeep.sweep(house.runtime)
        house.later(minutes=1)
    for _ in range(70):
        house.later(minutes=1)
        upkeep.sweep(house.runtime)
    assert {row.account_id for row in house.rows("alarm")} == {"post"}


def test_a_mail_whose_answer_was_lost_is_not_sent_again(out: Set) -> None:
    house, box = out.house, out.box
    letting_in.answer_request(house.runtime, ask(house, make.OWNER))
    (row,) = house.rows("access")

    def lost(_mail: Mail) -> str:
        box.mails.append(_mail)
        raise OSError("no answer")

    box.send = lost  # type: ignore[method-assign]  # the server took it, and never said so
    assert deliver.deliver(house.runtime, row.id) == "unknown"
    house.later(minutes=5)
    assert deliver.deliver(house.runtime, row.id) == "unknown"
    assert len(box.mails) == 1


def test_a_request_is_worked_on_by_its_own_task() -> None:
    assert "answer_request" in tasks.TASKS
