"""Mails and drafts out through Gmail, and what is known of them when the answer got lost, against the emulator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from integrations.base import Opening
from integrations.google.batch import MOST
from integrations.google.calls import Calls
from integrations.google.sending import DRAFTS_LOOKED_AT, LOOKED_AT, MARK, OutcomeUnknownError, find, save_draft, send
from integrations.wire import net
from keepwarm.errors import AccessRevoked, KeepwarmError, Rejected, TryAgainLater
from keepwarm.types import Address, Mail
from tests.conftest import NOW
from tests.emulators.google import Google, Person
from tests.emulators.google.mailbox import headers_of
from tests.servers.dav import free_port

Opens = Callable[..., Opening]
SEND, GET, LIST = (f"gmail.users.messages.{name}" for name in ("send", "get", "list"))
CREATE = "gmail.users.drafts.create"
KEY = "<one@keepwarm.local>"


@pytest.fixture
def calls(town: Google, robin: Person, opening: Opens) -> Calls:
    return Calls(opening(town, robin, "send", "mail", "draft"))


@pytest.fixture
def rewriting(town: Google) -> Iterator[None]:
    """Gmail writes Message-IDs of its own."""
    town.rewrites_message_id = True
    yield
    town.rewrites_message_id = False


def mail(to: str, key: str = KEY, **changes: Any) -> Mail:
    made = Mail(
        message_id=key,
        sender=Address(address="keepwarm@keepwarm.local", name="Keepwarm"),
        to=Address(address=to, name="Robin"),
        subject="Prepared",
        text="Text\n",
        html="<p>Text</p>\n",
        at=NOW,
        lang="en",
    )
    return replace(made, **changes)


def headers(person: Person) -> dict[str, str]:
    """Those of the newest mail, by name."""
    return dict(headers_of(person.mails[-1].raw))


# --- Sending


def test_a_mail_goes_out_in_the_name_of_the_account(robin: Person, calls: Calls) -> None:
    ref = send(calls, mail(robin.address), robin.address)
    held = headers(robin)
    assert (held["From"], held["To"]) == (f"Keepwarm <{robin.address}>", f"Robin <{robin.address}>")
    assert (held["Message-ID"], held[MARK], held["X-Keepwarm"]) == (KEY, KEY, "1")
    assert [each.id for each in robin.mails] == [ref]


def test_an_owner_without_an_address_gets_it_at_the_account(robin: Person, calls: Calls) -> None:
    send(calls, mail("owner@localhost"), robin.address)
    assert headers(robin)["To"] == f"Robin <{robin.address}>"


def test_it_sends_every_time_it_is_called(robin: Person, calls: Calls) -> None:
    refs = {send(calls, mail(robin.address), robin.address) for _ in range(2)}
    assert len(refs) == len(robin.mails) == 2


@pytest.mark.parametrize("fault", ["429", "403-rate", "403-user-rate", "403-quota"])
def test_who_is_told_to_wait_has_sent_nothing(town: Google, robin: Person, calls: Calls, fault: str) -> None:
    town.faults.add(SEND, fault)
    with pytest.raises(TryAgainLater):
        send(calls, mail(robin.address), robin.address)
    assert robin.mails == []


@pytest.mark.parametrize("fault", ["403-scope", "403-disabled"])
def test_what_is_not_allowed_is_refused(town: Google, robin: Person, calls: Calls, fault: str) -> None:
    town.faults.add(SEND, fault)
    with pytest.raises(Rejected):
        send(calls, mail(robin.address), robin.address)


@pytest.mark.parametrize("rewrites", [False, True])
@pytest.mark.parametrize("fault", ["applied-then-500", "applied-then-cut", "truncated"])
def test_a_lost_answer_leaves_it_open_and_the_mail_is_found(
    town: Google, robin: Person, calls: Calls, fault: str, rewrites: bool
) -> None:
    town.faults.add(SEND, fault)
    town.rewrites_message_id = rewrites
    with pytest.raises(OutcomeUnknownError) as error:
        send(calls, mail(robin.address), robin.address)
    town.rewrites_message_id = False
    assert not isinstance(error.value, KeepwarmError)  # the engine answers those by sending once more
    assert (headers(robin)["Message-ID"] != KEY) == rewrites
    assert find(calls, KEY, can_read=True) == robin.mails[-1].id


@pytest.mark.parametrize("fault", ["500", "503", "cut"])
def test_what_went_wrong_before_is_open_too(town: Google, robin: Person, calls: Calls, fault: str) -> None:
    town.faults.add(SEND, fault)
    with pytest.raises(OutcomeUnknownError):
        send(calls, mail(robin.address), robin.address)
    assert find(calls, KEY, can_read=True) is None


def test_where_no_word_was_said_nothing_was_sent(
    town: Google, robin: Person, opening: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/dev/null")
    net.tls_context.cache_clear()
    with pytest.raises(net.Untrusted):
        send(Calls(opening(town, robin, "send")), mail(robin.address), robin.address)
    monkeypatch.undo()
    net.tls_context.cache_clear()
    assert robin.mails == []


def test_where_nobody_listens_nothing_was_sent(town: Google, robin: Person, opening: Opens) -> None:
    opened = opening(town, robin, "send")
    away = replace(opened.operator, google_base=f"https://localhost:{free_port()}")
    with pytest.raises(TryAgainLater):
        send(Calls(replace(opened, operator=away)), mail(robin.address), robin.address)


def test_a_withdrawn_grant_sends_nothing(town: Google, robin: Person, calls: Calls) -> None:
    town.withdraw(robin)
    with pytest.raises(AccessRevoked):
        send(calls, mail(robin.address), robin.address)
    assert robin.mails == []


# --- Finding


@pytest.mark.usefixtures("rewriting")
def test_a_mail_is_found_among_others(robin: Person, calls: Calls) -> None:
    refs = {
        number: send(calls, mail(robin.address, f"<k{number}@keepwarm.local>"), robin.address) for number in range(60)
    }
    robin.sends({"From": robin.address, "To": "ann@example.com"})
    assert find(calls, "<k3@keepwarm.local>", can_read=True) == refs[3]


def test_another_mail_is_not_taken_for_it(robin: Person, calls: Calls) -> None:
    send(calls, mail(robin.address, "<other@keepwarm.local>"), robin.address)
    robin.receives({"From": "mallory@example.com", "Message-ID": KEY, MARK: KEY})  # it does not stand in Sent
    robin.sends({"From": robin.address, "In-Reply-To": KEY, "References": KEY})
    assert find(calls, KEY, can_read=True) is None


def test_only_so_many_are_looked_at(town: Google, robin: Person, calls: Calls) -> None:
    send(calls, mail(robin.address), robin.address)
    for number in range(LOOKED_AT):
        robin.sends(
            {"From": robin.address, "Message-ID": f"<{number}@example.org>"}, at=NOW + timedelta(minutes=number)
        )
    before = town.requests[GET]
    assert find(calls, KEY, can_read=True) is None
    assert town.requests[GET] == before + LOOKED_AT


def test_who_may_not_read_asks_nothing(town: Google, robin: Person, opening: Opens) -> None:
    calls = Calls(opening(town, robin, "send"))
    send(calls, mail(robin.address), robin.address)
    before = town.requests.total()
    assert find(calls, KEY, can_read=False) is None
    assert town.requests.total() == before


@pytest.mark.parametrize("where", [LIST, GET, "gmail.batch"])
@pytest.mark.parametrize("fault", ["429", "403-rate", "503"])
def test_who_cannot_look_now_looks_later(town: Google, robin: Person, calls: Calls, where: str, fault: str) -> None:
    ref = send(calls, mail(robin.address), robin.address)
    town.faults.add(where, fault)
    with pytest.raises(TryAgainLater):
        find(calls, KEY, can_read=True)
    assert find(calls, KEY, can_read=True) == ref


def test_a_mail_at_which_gmail_fails_is_passed_over(town: Google, robin: Person, calls: Calls) -> None:
    ref = send(calls, mail(robin.address), robin.address)
    robin.sends({"From": robin.address}, at=NOW + timedelta(minutes=1))
    town.faults.add(GET, "500")
    assert find(calls, KEY, can_read=True) == ref


def test_who_may_not_read_any_more_finds_nothing(town: Google, robin: Person, calls: Calls) -> None:
    town.faults.add(LIST, "403-scope")
    assert find(calls, KEY, can_read=True) is None


# --- Drafts


Saves = Callable[..., str]


@pytest.fixture(params=[True, False], ids=["reads mail", "drafts alone"])
def saves(request: pytest.FixtureRequest, town: Google, robin: Person, opening: Opens) -> Saves:
    """Saves a draft to somebody, by a grant that also lets us read about mails, or not."""
    calls = Calls(opening(town, robin, "draft", *(("mail", "send") if request.param else ())))
    return lambda to, *key: save_draft(calls, mail(to, *key), robin.address, can_read=request.param)


def test_the_same_draft_twice_is_one(robin: Person, saves: Saves) -> None:
    other = saves("zoe@example.com", "<other@keepwarm.local>")
    first = saves("ann@example.com")
    assert saves("ann@example.com") == first
    assert set(robin.mailbox.drafts) == {other, first}
    held = headers(robin)
    assert (held["To"], held["From"]) == ("Robin <ann@example.com>", f"Keepwarm <{robin.address}>")
    assert not {MARK, "X-Keepwarm", "Auto-Submitted"} & held.keys()


@pytest.mark.parametrize("fault", ["applied-then-500", "applied-then-cut", "truncated", "500", "429"])
def test_a_draft_whose_answer_got_lost_is_made_once(town: Google, robin: Person, saves: Saves, fault: str) -> None:
    town.faults.add(CREATE, fault)
    with pytest.raises(TryAgainLater):
        saves("ann@example.com")
    saves("ann@example.com")
    assert len(robin.mailbox.drafts) == 1


def test_of_many_drafts_the_newest_are_looked_at(town: Google, robin: Person, calls: Calls) -> None:
    for number in range(DRAFTS_LOOKED_AT):
        robin.mailbox.drafts[f"r{number}"] = robin.receives({"From": robin.address}, labels=("DRAFT",))
    first = save_draft(calls, mail("ann@example.com"), robin.address, can_read=True)
    before = town.requests[GET]
    assert save_draft(calls, mail("ann@example.com"), robin.address, can_read=True) == first
    assert town.requests[GET] - before == MOST
    robin.mailbox.drafts[first] = robin.mailbox.drafts.pop(first)
    for number in range(DRAFTS_LOOKED_AT):
        robin.mailbox.drafts[f"s{number}"] = robin.receives({"From": robin.address}, labels=("DRAFT",))
    before = town.requests[GET]
    assert save_draft(calls, mail("ann@example.com"), robin.address, can_read=True) != first
    assert town.requests[GET] - before == DRAFTS_LOOKED_AT


def test_a_draft_is_made_where_searching_is_refused(town: Google, robin: Person, opening: Opens) -> None:
    town.faults.add("gmail.users.drafts.list", "403-scope")
    calls = Calls(opening(town, robin, "draft"))
    assert save_draft(calls, mail("ann@example.com"), robin.address, can_read=False) in robin.mailbox.drafts


def test_a_draft_needs_to_be_allowed(town: Google, robin: Person, calls: Calls) -> None:
    town.faults.add("*", "403-scope", times=None)
    with pytest.raises(Rejected):
        save_draft(calls, mail("ann@example.com"), robin.address, can_read=True)
