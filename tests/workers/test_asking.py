"""A mail asked for on a page leaves by the owner's own account, else it lies in our mailbox; the page says which."""

from __future__ import annotations

from keepwarm.store import views
from service import create_app
from tests.service.web.conftest import signed_in
from tests.workers.conftest import NOOR, House


def asked(house: House) -> tuple[str, str]:
    """The pages after asking for the question list of a talk on its page, and for a digest."""
    house.knows(NOOR, days_ago=200)
    house.talk()
    with house.store.reading(house.owner_id) as tx:
        (talk,) = views.upcoming(tx, now=house.moment, days=9, stored=True).talks
    page = signed_in(create_app(house.runtime), house.owner_id)
    told = (
        page.post(f"/coming/talk/{talk.event.id}/send", follow_redirects=True).text,
        page.post("/first/done/send", follow_redirects=True).text,
    )
    for kind in ("brief", "sample"):
        (row,) = [each for each in house.rows(kind) if each.payload.get("asked")]
        assert row.state == "due"
    house.drain()
    return told


def test_it_leaves_by_the_account_of_the_owner(quick_house: House) -> None:
    list_, digest = asked(quick_house)
    assert "The question list is on its way to owner@" in list_.replace("<wbr>", "")
    assert "The digest is on its way to owner@" in digest.replace("<wbr>", "")
    assert len(quick_house.mails()) == 2
    assert quick_house.runtime.open_local(quick_house.owner_id).list_mails() == []


def test_without_an_account_it_lies_in_our_mailbox(quick_plain_house: House) -> None:
    list_, digest = asked(quick_plain_house)
    assert "It lands in your mailbox here" in list_
    assert "It lands in your mailbox here" in digest
    assert len(quick_plain_house.runtime.open_local(quick_plain_house.owner_id).list_mails()) == 2
