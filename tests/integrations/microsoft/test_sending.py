"""Mails and drafts out through Graph, and what is known of them when the answer got lost, against the emulator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from integrations.base import Opening
from integrations.microsoft.calls import STRANGE, Calls, Reply
from integrations.microsoft.sending import MARK, OutcomeUnknownError, find, save_draft, send
from integrations.wire import net
from keepwarm.errors import AccessRevoked, KeepwarmError, Rejected, TryAgainLater
from keepwarm.types import Address, Mail
from tests.conftest import NOW
from tests.emulators.microsoft import Microsoft, Person
from tests.servers.dav import free_port

Opens = Callable[..., Opening]
SEND, CREATE, LIST = "POST /me/sendMail", "POST /me/messages", "GET /me/mailFolders/{id}/messages"
KEY = "<one@keepwarm.local>"


@pytest.fixture
def calls(town: Microsoft, robin: Person, opening: Opens) -> Calls:
    return Calls(opening(town, robin, "send", "mail", "draft"))


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


def within(person: Person, name: str) -> list[Any]:
    """The mails of a folder by its well-known name, the newest first."""
    folder = person.mailbox.folder(name)
    assert folder is not None
    return person.mailbox.newest(folder.key)


def sent(person: Person) -> list[Any]:
    return within(person, "sentitems")


def ref_of(person: Person, held: Any) -> str:
    return person.ids.given(held.key)


# --- Sending


def test_a_mail_goes_out_in_the_name_of_the_account(robin: Person, calls: Calls) -> None:
    assert send(calls, mail(robin.address), robin.address) == KEY
    (held,) = sent(robin)
    assert (held.header("From"), held.header("To")) == (f"Keepwarm <{robin.address}>", f"Robin <{robin.address}>")
    assert (held.header("Message-ID"), held.header(MARK), held.header("X-Keepwarm")) == (KEY, KEY, "1")
    assert held.header("Auto-Submitted") == "auto-generated"
    assert [each.header("Message-ID") for each in within(robin, "inbox")] == [KEY]


def test_an_owner_without_an_address_gets_it_at_the_account(robin: Person, calls: Calls) -> None:
    send(calls, mail("owner@localhost"), robin.address)
    assert sent(robin)[0].header("To") == f"Robin <{robin.address}>"


def test_it_sends_every_time_it_is_called(robin: Person, calls: Calls) -> None:
    for _ in range(2):
        send(calls, mail(robin.address), robin.address)
    assert len(sent(robin)) == 2


@pytest.mark.parametrize("options", [{"retry_after": 300}, {"retry_after": 300, "form": "date"}, {"form": "none"}])
def test_who_is_told_to_wait_has_sent_nothing(
    town: Microsoft, robin: Person, calls: Calls, options: dict[str, Any]
) -> None:
    town.faults.add(SEND, "429", **options)
    with pytest.raises(TryAgainLater) as error:
        send(calls, mail(robin.address), robin.address)
    assert error.value.after.total_seconds() == options.get("retry_after", 60)
    assert sent(robin) == []


def test_what_is_not_allowed_is_refused(town: Microsoft, robin: Person, opening: Opens) -> None:
    with pytest.raises(Rejected):
        send(Calls(opening(town, robin, "mail")), mail(robin.address), robin.address)
    assert sent(robin) == []
    town.breaches.clear()  # to ask beyond its scopes is one


@pytest.mark.parametrize("fault", ["applied-then-500", "applied-then-cut", "truncated"])
def test_a_lost_answer_leaves_it_open_and_the_mail_is_found(
    town: Microsoft, robin: Person, calls: Calls, fault: str
) -> None:
    town.faults.add(SEND, fault)
    with pytest.raises(OutcomeUnknownError) as error:
        send(calls, mail(robin.address), robin.address)
    assert not isinstance(error.value, KeepwarmError)  # the engine answers those by sending once more
    assert find(calls, KEY, can_read=True) == ref_of(robin, sent(robin)[0])


@pytest.mark.parametrize("fault", ["500", "503", "504", "cut"])
def test_what_went_wrong_before_is_open_too(town: Microsoft, robin: Person, calls: Calls, fault: str) -> None:
    town.faults.add(SEND, fault)
    with pytest.raises(OutcomeUnknownError):
        send(calls, mail(robin.address), robin.address)
    assert find(calls, KEY, can_read=True) is None


def test_where_no_word_was_said_nothing_was_sent(
    town: Microsoft, robin: Person, opening: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/dev/null")
    net.tls_context.cache_clear()
    with pytest.raises(net.Untrusted):
        send(Calls(opening(town, robin, "send")), mail(robin.address), robin.address)
    monkeypatch.undo()
    net.tls_context.cache_clear()
    assert sent(robin) == []


def test_where_nobody_listens_nothing_was_sent(town: Microsoft, robin: Person, opening: Opens) -> None:
    opened = opening(town, robin, "send")
    away = replace(opened.operator, microsoft_base=f"https://localhost:{free_port()}")
    with pytest.raises(TryAgainLater):
        send(Calls(replace(opened, operator=away)), mail(robin.address), robin.address)


def test_a_withdrawn_grant_sends_nothing(town: Microsoft, robin: Person, calls: Calls) -> None:
    town.withdraw(robin, at_once=True)
    with pytest.raises(AccessRevoked):
        send(calls, mail(robin.address), robin.address)
    assert sent(robin) == []


# --- Finding


def test_a_mail_is_found_among_others(robin: Person, calls: Calls) -> None:
    for number in range(30):
        send(calls, mail(robin.address, f"<k{number}@keepwarm.local>"), robin.address)
    found = find(calls, "<k3@keepwarm.local>", can_read=True)
    assert found in {ref_of(robin, each) for each in sent(robin) if each.header("Message-ID") == "<k3@keepwarm.local>"}


def test_another_mail_is_not_taken_for_it(robin: Person, calls: Calls) -> None:
    send(calls, mail(robin.address, "<other@keepwarm.local>"), robin.address)
    robin.receives({"From": "mallory@example.com", "Message-ID": KEY, MARK: KEY})  # it does not stand in Sent
    robin.sends({"From": robin.address, "To": "a@example.com", "In-Reply-To": KEY, "References": KEY})
    assert find(calls, KEY, can_read=True) is None


def test_a_mail_whose_message_id_was_replaced_is_uncertain(town: Microsoft, robin: Person, calls: Calls) -> None:
    town.rewrites_message_id = True
    send(calls, mail(robin.address), robin.address)
    town.rewrites_message_id = False
    assert sent(robin)[0].header(MARK) == KEY
    assert find(calls, KEY, can_read=True) is None


def test_who_may_not_read_asks_nothing(town: Microsoft, robin: Person, opening: Opens) -> None:
    calls = Calls(opening(town, robin, "send"))
    send(calls, mail(robin.address), robin.address)
    before = town.requests.total()
    assert find(calls, KEY, can_read=False) is None
    assert town.requests.total() == before


@pytest.mark.parametrize("fault", ["429", "503", "500", "cut", "truncated"])
def test_who_cannot_look_now_looks_later(town: Microsoft, robin: Person, calls: Calls, fault: str) -> None:
    send(calls, mail(robin.address), robin.address)
    town.faults.add(LIST, fault)
    with pytest.raises(TryAgainLater):
        find(calls, KEY, can_read=True)
    assert find(calls, KEY, can_read=True) == ref_of(robin, sent(robin)[0])


def test_who_may_not_read_any_more_finds_nothing(town: Microsoft, robin: Person, opening: Opens) -> None:
    assert find(Calls(opening(town, robin, "send")), KEY, can_read=True) is None
    town.breaches.clear()


@dataclass
class Told(Calls):
    """Calls that answer what a test made up."""

    told: Any = None
    asked: list[Any] = field(default_factory=list)

    def get(self, path: str, params: Any = (), *, prefer: Any = (), ok: Any = ()) -> Reply:
        self.asked.append(dict(params))
        return Reply(status=200, told=self.told)


@pytest.mark.parametrize("told", [{}, {"value": None}, {"value": {"id": "a"}}, {"error": 5}])
def test_what_is_no_list_is_no_word_that_nothing_was_sent(told: Any) -> None:
    with pytest.raises(TryAgainLater) as error:
        find(Told(told=told), KEY, can_read=True)
    assert error.value.says == STRANGE


@pytest.mark.parametrize(
    "entry",
    [5, None, [], {}, {"id": 7, "internetMessageId": KEY}, {"id": "a"}, {"id": "a", "internetMessageId": "<x@y>"},
     {"id": "", "internetMessageId": KEY}, {"id": "a", "internetMessageId": [KEY]}],
)  # fmt: skip
def test_an_entry_that_is_another_is_passed_over(entry: Any) -> None:
    assert find(Told(told={"value": [entry]}), KEY, can_read=True) is None
    assert find(Told(told={"value": [entry, {"id": "b", "internetMessageId": KEY}]}), KEY, can_read=True) == "b"


def test_a_quote_does_not_end_the_question() -> None:
    calls = Told(told={"value": []})
    find(calls, "<a' or 1 eq 1@x>", can_read=True)
    assert calls.asked[0]["$filter"] == "internetMessageId eq '<a'' or 1 eq 1@x>'"


# --- Drafts


def drafts(person: Person) -> list[Any]:
    return within(person, "drafts")


def test_the_same_draft_twice_is_one(robin: Person, calls: Calls) -> None:
    other = save_draft(calls, mail("zoe@example.com", "<other@keepwarm.local>"), robin.address)
    first = save_draft(calls, mail("ann@example.com"), robin.address)
    assert save_draft(calls, mail("ann@example.com"), robin.address) == first
    assert {ref_of(robin, each) for each in drafts(robin)} == {other, first}
    held = next(each for each in drafts(robin) if each.header("Message-ID") == KEY)
    assert (held.header("To"), held.header("From")) == ("Robin <ann@example.com>", f"Keepwarm <{robin.address}>")
    assert (held.header(MARK), held.header("X-Keepwarm"), held.header("Auto-Submitted")) == ("", "", "")
    assert held.draft


@pytest.mark.parametrize("fault", ["applied-then-500", "applied-then-cut", "truncated", "500", "429"])
def test_a_draft_whose_answer_got_lost_is_made_once(town: Microsoft, robin: Person, calls: Calls, fault: str) -> None:
    town.faults.add(CREATE, fault)
    with pytest.raises(TryAgainLater):
        save_draft(calls, mail("ann@example.com"), robin.address)
    save_draft(calls, mail("ann@example.com"), robin.address)
    assert len(drafts(robin)) == 1


@pytest.mark.parametrize("fault", ["429", "503", "truncated"])
def test_no_draft_is_made_before_it_was_looked_for(town: Microsoft, robin: Person, calls: Calls, fault: str) -> None:
    town.faults.add(LIST, fault)
    with pytest.raises(TryAgainLater):
        save_draft(calls, mail("ann@example.com"), robin.address)
    assert drafts(robin) == []


def test_a_draft_needs_to_be_allowed(town: Microsoft, robin: Person, opening: Opens) -> None:
    with pytest.raises(Rejected):
        save_draft(Calls(opening(town, robin, "mail", "send")), mail("ann@example.com"), robin.address)
    assert drafts(robin) == []
    town.breaches.clear()
