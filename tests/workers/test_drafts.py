"""A text among the owner's own drafts: only where they allowed it, only to people of the network, never sent."""

from __future__ import annotations

from email import policy
from email.parser import BytesParser

import pytest

from integrations.base import DraftWriter
from keepwarm.letter import UnsafeHeader, as_draft
from keepwarm.store import accounts, contacts, outbox
from keepwarm.types import Address, Mail
from service.sending import asked_draft, drafts_in
from tests import make
from tests.workers.conftest import NOOR, NOW, House


def allow(house: House) -> str:
    """Let drafts into the fake account; its id."""
    with house.store.transaction(house.owner_id) as tx:
        account = accounts.accounts(tx)[0]
        accounts.set_account(tx, account.id, drafts=True)
    return account.id


def ask(house: House, who: str, account_id: str) -> None:
    with house.store.transaction(house.owner_id) as tx:
        outbox.put(tx, asked_draft(who, "first", "", account_id, house.moment), house.moment)
    house.drain()


def drafts(house: House) -> list[Mail]:
    return list(house.world.drafts.values())


def test_a_text_lands_among_the_drafts_once(house: House) -> None:
    [who] = house.knows(NOOR)
    account = allow(house)
    for _ in range(2):
        ask(house, who, account)
    [mail] = drafts(house)
    assert (mail.to.address, mail.sender.address) == ("noor@lantern.example", make.OWNER)
    assert "Noor" in mail.text
    assert house.mails() == []  # nothing was sent
    assert house.states("draft") == ["sent"]


def test_without_leave_there_is_no_place_for_drafts(house: House) -> None:
    with house.store.reading(house.owner_id) as tx:
        assert drafts_in(house.runtime, tx) is None
        assert house.runtime.way_out(tx, DraftWriter) is not None
    allow(house)
    with house.store.reading(house.owner_id) as tx:
        assert drafts_in(house.runtime, tx) is not None


@pytest.mark.parametrize("why", ["private", "never", "ignored", "erased"])
def test_nobody_outside_the_network_is_written_to(why: str, quick_house: House) -> None:
    house = quick_house
    [who] = house.knows(NOOR)
    account = allow(house)
    with house.store.transaction(house.owner_id) as tx:
        outbox.put(tx, asked_draft(who, "first", "", account, NOW), NOW)
        if why == "private":
            contacts.edit(tx, who, NOW, private=True)
        else:
            {"never": contacts.never, "ignored": contacts.ignore}.get(why, lambda *_: 0)(tx, [who], NOW)
        if why == "erased":
            contacts.erase(tx, who, NOW)
    house.drain()
    assert drafts(house) == []


def test_a_lost_answer_makes_no_second_draft(quick_house: House) -> None:
    house = quick_house
    [who] = house.knows(NOOR)
    account = allow(house)
    house.world.lose_answer = True
    ask(house, who, account)
    house.later(minutes=5).drain()
    assert len(drafts(house)) == 1


def test_a_draft_bears_no_mark_of_ours() -> None:
    """The owner sends it themselves, so it counts as theirs when it is read back."""
    mail = Mail(
        message_id="<1@keepwarm.local>", sender=Address(address="robin@example.org", name="Robin"),
        to=Address(address="noor@lantern.example", name="Noor"), subject="Een vraag – kort", text="Dag Noor,\n",
        html="", at=NOW, lang="nl",
    )  # fmt: skip
    found = BytesParser(policy=policy.default).parsebytes(as_draft(mail))
    assert {name.lower() for name in found}.isdisjoint({"x-keepwarm", "auto-submitted", "list-unsubscribe"})
    assert (found["To"], found["Subject"]) == ("Noor <noor@lantern.example>", "Een vraag – kort")
    assert found.get_content().splitlines() == ["Dag Noor,"]
    with pytest.raises(UnsafeHeader):
        as_draft(Mail(**{**{f: getattr(mail, f) for f in mail.__dataclass_fields__}, "subject": "a\nBcc: x@y.z"}))
