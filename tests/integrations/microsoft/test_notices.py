"""Notices: asked for with a real handshake, proven, ended. Forged ones come by the table and by the thousands."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote_plus

import pytest

from integrations.base import House, NoAddress, Notice, Opening
from integrations.microsoft import notices
from integrations.microsoft.calls import Calls
from keepwarm.errors import AccessRevoked, NotAuthentic, Rejected, TryAgainLater
from keepwarm.settings import Settings
from keepwarm.types import Handshake, Push, Stream, StreamKind, Subscription
from tests.emulators.microsoft import Microsoft, Person
from tests.emulators.microsoft.forged import FORGERIES
from tests.emulators.stand.server import serving
from tests.emulators.stand.values import Answer, Asked
from tests.integrations.microsoft.sides import REACH, Clock
from tests.servers.dav import Authority

ID = "5522bd62-7c96-4530-85b0-00b916f6151a"
ADDRESS = "https://keepwarm.example.org/webhooks/microsoft"
PATH = "/webhooks/microsoft"
PROLONG = "PATCH /subscriptions/{id}"
KINDS = (StreamKind.MAIL, StreamKind.CALENDAR, StreamKind.CONTACTS)


def secret_of(name: str) -> str:
    return f"{name}.{sha256(name.encode()).hexdigest()}"


@pytest.fixture
def house(clock: Clock) -> House:
    """Needs no settings: what proves a notice is ours."""
    return House(settings=Settings(home=""), address=ADDRESS, now=clock, secret_of=secret_of, reach=REACH)


@dataclass(slots=True)
class Receiver:
    """Answers as `service.webhooks` does; ``spoils`` makes another answer of that to a handshake."""

    house: House
    heard: list[Sequence[Push]] = field(default_factory=list)
    shaken: list[str] = field(default_factory=list)
    refused: int = 0
    spoils: Callable[[Answer], Answer] = lambda answer: answer

    def serve(self, asked: Asked) -> Answer:
        assert asked.verb == "POST"
        part = asked.path.removeprefix(PATH).lstrip("/")
        try:
            found = notices.parse(
                Notice(headers=asked.headers, part=part, query=dict(asked.query), body=asked.body), self.house
            )
        except NotAuthentic:
            self.refused += 1
            return Answer(status=401)
        if isinstance(found, Handshake):
            self.shaken.append(part)
            plain = {"Content-Type": "text/plain; charset=utf-8"}
            return self.spoils(Answer(body=found.body.encode(), headers=plain))
        self.heard.append(found)
        return Answer(status=204)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[Receiver]]]:
    """A server in threads of its own, as the web process is: its base address, and who answers now."""
    current: list[Receiver] = []

    def serve(asked: Asked) -> Answer:
        return current[-1].serve(asked)

    with serving(Authority(tmp_path_factory.mktemp("desk")), serve) as port:
        yield f"https://localhost:{port}", current


@pytest.fixture
def receiver(town: Microsoft, desk: tuple[str, list[Receiver]], house: House) -> Receiver:
    made = Receiver(house)
    desk[1].append(made)
    town.pushes.to = desk[0]
    town.pushes.waiting.clear()
    town.handshakes.clear()
    return made


@pytest.fixture
def robin(town: Microsoft) -> Person:
    return town.person(f"robin.{len(town.people)}@example.org")


class Side:
    """An account whose notices are asked for."""

    def __init__(self, opened: Opening) -> None:
        self.calls = Calls(opened)

    def ask(
        self, kind: str, *, address: str = ADDRESS, name: str = "a1", existing: Subscription | None = None,
        place: str = "",
    ) -> Subscription:  # fmt: skip
        place = place or ("inbox" if kind == "mail" else "")
        stream = Stream(id="s", owner_id="o", account_id="a", kind=StreamKind(kind), place_ref=place)
        return notices.subscribe(self.calls, stream, address, secret_of(name), existing)

    def end(self, held: Subscription) -> None:
        notices.unsubscribe(self.calls, held)


@pytest.fixture
def side(town: Microsoft, robin: Person, opening: Callable[..., Opening]) -> Side:
    return Side(opening(town, robin, "mail", "calendar", "contacts"))


def news(town: Microsoft, receiver: Receiver) -> list[Push]:
    """What the receiver hears of all that waits now."""
    receiver.heard.clear()
    town.pushes.deliver()
    return [each for found in receiver.heard for each in found]


# --- The life of a subscription


def happens(robin: Person, kind: StreamKind) -> None:
    if kind is StreamKind.MAIL:
        robin.receives({"From": "ann@example.com", "To": robin.address, "Subject": "x"})
    elif kind is StreamKind.CALENDAR:
        day = {"dateTime": "2026-12-01T09:00:00", "timeZone": "UTC"}
        robin.calendar.put({"subject": "x", "start": day, "end": day | {"dateTime": "2026-12-01T10:00:00"}})
    else:
        robin.contacts.put({"displayName": "Ann", "givenName": "Ann"})


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_subscribes_hears_of_news(
    town: Microsoft, receiver: Receiver, robin: Person, side: Side, clock: Clock, kind: StreamKind
) -> None:
    held = side.ask(kind)
    assert (held.secret, held.expires_at, held.pulled) == (secret_of("a1"), clock() + notices.LIFE, False)
    assert receiver.shaken == ["", "lifecycle"]
    assert [(each.url, each.problem) for each in town.handshakes] == [(ADDRESS, ""), (f"{ADDRESS}/lifecycle", "")]
    assert news(town, receiver) == []
    happens(robin, kind)
    assert news(town, receiver) == [Push(kind=kind, subscription_ref="a1", remote_ref=held.remote_ref)]


def test_what_is_asked_for_is_what_can_be_asked_for(
    town: Microsoft, receiver: Receiver, robin: Person, side: Side
) -> None:
    made = [town.subscriptions[side.ask(kind).remote_ref] for kind in KINDS]
    assert [(each.resource, sorted(each.changes)) for each in made] == [
        ("/me/mailFolders('inbox')/messages", ["created"]),
        ("/me/events", ["created", "deleted", "updated"]),
        ("/me/contacts", ["created", "deleted", "updated"]),
    ]
    assert {each.state for each in made} == {secret_of("a1")}
    assert all(each.immutable for each in made)


def test_news_of_another_folder_is_not_for_this_stream(
    town: Microsoft, receiver: Receiver, robin: Person, side: Side
) -> None:
    side.ask("mail")
    robin.sends({"From": robin.address, "To": "ann@example.com", "Subject": "x"})
    assert news(town, receiver) == []


def test_a_subscription_is_prolonged_and_keeps_its_secret(
    town: Microsoft, receiver: Receiver, side: Side, clock: Clock
) -> None:
    first = side.ask("mail")
    clock.goes(minutes=2100)
    again = side.ask("mail", name="b2", existing=first)
    assert (again.remote_ref, again.secret) == (first.remote_ref, first.secret)
    assert again.expires_at == clock() + notices.LIFE
    assert receiver.shaken == ["", "lifecycle"]


def test_a_subscription_that_is_gone_is_made_anew(
    town: Microsoft, receiver: Receiver, side: Side, clock: Clock
) -> None:
    first = side.ask("mail")
    clock.goes(minutes=4300)
    second = side.ask("mail", name="b2", existing=first)
    assert second.secret == secret_of("b2")
    assert second.remote_ref not in {"", first.remote_ref}


@pytest.mark.parametrize("fault", ["400", "403"])
def test_a_subscription_that_is_not_prolonged_is_made_anew(
    town: Microsoft, receiver: Receiver, side: Side, fault: str
) -> None:
    first = side.ask("mail")
    town.faults.add(PROLONG, fault, times=None)
    second = side.ask("mail", name="b2", existing=first)
    assert (second.secret, second.remote_ref != first.remote_ref) == (secret_of("b2"), True)
    assert second.remote_ref in town.subscriptions


def test_one_that_has_run_out_is_not_asked_about(town: Microsoft, receiver: Receiver, side: Side, clock: Clock) -> None:
    first = side.ask("mail")
    clock.goes(minutes=4201)
    before = town.requests[PROLONG]
    assert side.ask("mail", name="b2", existing=first).secret == secret_of("b2")
    assert town.requests[PROLONG] == before


def test_a_subscription_that_leads_to_an_older_address_is_made_anew(
    town: Microsoft, receiver: Receiver, side: Side
) -> None:
    first = side.ask("mail", address="https://old.example.org/webhooks/microsoft")
    second = side.ask("mail", name="b2", existing=first)
    assert (second.secret, second.remote_ref != first.remote_ref) == (secret_of("b2"), True)
    assert town.subscriptions[second.remote_ref].url == ADDRESS


def test_the_end_is_the_end_and_twice_is_once(town: Microsoft, receiver: Receiver, robin: Person, side: Side) -> None:
    held = side.ask("mail")
    side.end(held)
    side.end(held)
    happens(robin, StreamKind.MAIL)
    assert (held.remote_ref in town.subscriptions, news(town, receiver)) == (False, [])


def test_a_dead_grant_cannot_ask_and_has_nothing_to_end(
    town: Microsoft, receiver: Receiver, robin: Person, side: Side
) -> None:
    held = side.ask("mail")
    town.withdraw(robin, at_once=True)
    with pytest.raises(AccessRevoked):
        side.ask("mail", existing=held)
    side.end(held)


def test_nobody_is_told_where_nobody_is_reached(town: Microsoft, robin: Person, side: Side) -> None:
    before = town.requests.total()
    for kind in KINDS:
        with pytest.raises(NoAddress):
            side.ask(kind, address="")
    assert town.requests.total() == before


def test_of_calendars_the_main_one_alone_tells(town: Microsoft, receiver: Receiver, robin: Person, side: Side) -> None:
    told = side.calls.get("/me/calendars").told["value"]
    assert side.ask("calendar", place=str(told[0]["id"])).remote_ref
    with pytest.raises(Rejected) as refused:
        side.ask("calendar", place="AAMkAnother=")
    assert refused.value.reason == notices.OTHER_CALENDAR
    assert not isinstance(refused.value, NoAddress)


def test_a_mailbox_that_cannot_subscribe_says_so(
    town: Microsoft, receiver: Receiver, robin: Person, side: Side
) -> None:
    """RELIABILITY.md C8."""
    town.no_subscriptions(robin)
    for kind in KINDS:
        with pytest.raises(Rejected) as refused:
            side.ask(kind)
        assert refused.value.reason == notices.UNWATCHED


def test_a_life_that_is_too_long_is_refused_in_words(
    town: Microsoft, receiver: Receiver, side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(town, "longest_subscription", 1440)
    with pytest.raises(Rejected) as refused:
        side.ask("mail")
    assert refused.value.reason == notices.UNWATCHED
    monkeypatch.setattr(town, "longest_subscription", 10_080)
    assert side.ask("mail").remote_ref


SPOILT: dict[str, Callable[[Answer], Answer]] = {
    "encoded": lambda answer: replace(answer, body=quote_plus(answer.body.decode()).encode()),
    "decoded twice": lambda answer: replace(answer, body=answer.body.replace(b"+", b" ").replace(b"%3A2", b":2")),
    "as HTML": lambda answer: replace(answer, headers={"Content-Type": "text/html"}),
    "refused": lambda _: Answer(status=401),
    "nothing": lambda answer: replace(answer, closes="silent"),
    "late": lambda answer: time.sleep(1.2) or answer,
}


@pytest.mark.parametrize("spoils", SPOILT.values(), ids=list(SPOILT))
def test_a_handshake_that_fails_says_who_can_mend_it(
    town: Microsoft, receiver: Receiver, side: Side, monkeypatch: pytest.MonkeyPatch, spoils: Any
) -> None:
    receiver.spoils = spoils
    monkeypatch.setattr(town, "patience", 1.0)
    with pytest.raises(Rejected) as refused:
        side.ask("mail")
    assert refused.value.reason == notices.NO_HANDSHAKE


@pytest.mark.parametrize("method", ["POST /subscriptions", "PATCH /subscriptions/{id}"])
@pytest.mark.parametrize("fault", ["429", "503", "504", "cut"])
def test_trouble_is_for_later(town: Microsoft, receiver: Receiver, side: Side, method: str, fault: str) -> None:
    held = side.ask("mail")
    town.faults.add(method, fault)
    with pytest.raises(TryAgainLater):
        side.ask("mail", existing=held if method.startswith("PATCH") else None)


def test_a_subscription_whose_answer_was_lost_is_proven_and_nobodys(
    town: Microsoft, receiver: Receiver, robin: Person, side: Side
) -> None:
    """RELIABILITY.md B5: it is not asked for again at once; what it tells names an id that the store never kept."""
    town.faults.add("POST /subscriptions", "applied-then-504")
    with pytest.raises(TryAgainLater):
        side.ask("mail", name="lost")
    held = side.ask("mail", name="kept")
    happens(robin, StreamKind.MAIL)
    assert {each.subscription_ref for each in news(town, receiver)} == {"lost", "kept"}
    assert held.secret == secret_of("kept")


UNTIL: dict[str, tuple[Any, timedelta]] = {
    "as asked": ("2026-11-26T07:00:00Z", timedelta(days=2, hours=22)),
    "seven digits": ("2026-11-26T07:00:00.0000000Z", timedelta(days=2, hours=22)),
    "another zone": ("2026-11-26T12:30:00+05:30", timedelta(days=2, hours=22)),
    "no zone": ("2026-11-26T07:00:00", timedelta(days=2, hours=22)),
    "longer than any": ("2036-11-26T07:00:00Z", timedelta(days=7)),
    "over already": ("2026-11-22T07:00:00Z", timedelta(days=1)),
    "no text": (1795000000, timedelta(days=1)),
    "no moment": ("soon", timedelta(days=1)),
    "none": (None, timedelta(days=1)),
    "the first year": ("0001-01-01T00:00:00+14:00", timedelta(days=1)),
}


@pytest.mark.parametrize(("told", "after"), UNTIL.values(), ids=list(UNTIL))
def test_its_life_is_what_the_answer_says(told: Any, after: timedelta) -> None:
    now = datetime.fromisoformat("2026-11-23T09:00:00+00:00")
    assert notices._until({"expirationDateTime": told}, now) == now + after


# --- Lifecycle (RELIABILITY.md C7)


@pytest.mark.parametrize(
    ("event", "about"), [("reauthorizationRequired", "renew"), ("subscriptionRemoved", "ended"), ("missed", "news")]
)
def test_each_lifecycle_event_is_what_it_is(
    town: Microsoft, receiver: Receiver, side: Side, event: str, about: str
) -> None:
    held = side.ask("contacts")
    town.lifecycle(held.remote_ref, event)
    told = Push(kind=StreamKind.MAIL, subscription_ref="a1", remote_ref=held.remote_ref, about=about)
    assert news(town, receiver) == [told]


def test_what_ends_it_comes_last(house: House) -> None:
    told = [item(lifecycleEvent=each) for each in ("subscriptionRemoved", "missed", "reauthorizationRequired")]
    assert [each.about for each in parsed(house, *told, part="lifecycle")] == ["news", "renew", "ended"]


# --- Handshakes


def handshake(query: str, *, part: str = "") -> Notice:
    """A request with this query, as it stands in the address."""
    return Notice(headers={"content-type": "text/plain; charset=utf-8"}, part=part, query=dict(parse_qsl(query)))


SHAKEN = {
    "as in the contract": (
        "Validation%3A+Testing+client+application+reachability+for+subscription+Request-Id%3A+1234",
        "Validation: Testing client application reachability for subscription Request-Id: 1234",
    ),
    "a plus in it": ("a%2Bb+c%20d", "a+b c d"),
    "encoded twice": ("a%253Ab", "a%3Ab"),
    "markup": ("%3Cscript%3Ealert(1)%3C/script%3E", "<script>alert(1)</script>"),  # as text/plain: `service.webhooks`
    "as long as may be": ("x" * notices.TOKEN, "x" * notices.TOKEN),
}


@pytest.mark.parametrize("part", ["", "lifecycle"])
@pytest.mark.parametrize(("query", "body"), SHAKEN.values(), ids=list(SHAKEN))
def test_a_handshake_is_given_back_decoded_once(house: House, part: str, query: str, body: str) -> None:
    assert notices.parse(handshake(f"validationToken={query}", part=part), house) == Handshake(body=body)


ODD = {
    "too long": "x" * (notices.TOKEN + 1),
    "a line break": "a%0D%0AX: y",
    "a zero": "a%00",
    "of other letters": "%C3%A9",
    "turned": "%E2%80%AE",
    "delete": "%7F",
}


@pytest.mark.parametrize("query", ODD.values(), ids=list(ODD))
def test_an_odd_handshake_is_none(house: House, query: str) -> None:
    with pytest.raises(NotAuthentic):
        notices.parse(handshake(f"validationToken={query}"), house)


def test_an_empty_handshake_is_none(house: House) -> None:
    with pytest.raises(NotAuthentic):
        notices.parse(Notice(headers={}, query={"validationToken": ""}), house)


@pytest.mark.parametrize("part", ["x", "Lifecycle", "lifecycle/", "lifecycle/x", "gmail"])
def test_other_parts_are_not_there(house: House, part: str) -> None:
    for each in (handshake("validationToken=x", part=part), made(item(), part=part)):
        with pytest.raises(NotAuthentic):
            notices.parse(each, house)


# --- What is proven


def item(name: str = "a1", **changes: Any) -> dict[str, Any]:
    """One of Graph's; None takes a part away."""
    given: dict[str, Any] = {
        "subscriptionId": ID,
        "clientState": secret_of(name),
        "changeType": "created",
        "resource": "Users/622e/Messages/AAMk=",
        "resourceData": {"@odata.type": "#Microsoft.Graph.Message", "id": "AAMk="},
    }
    return {key: held for key, held in (given | changes).items() if held is not None}


def made(*items: Any, part: str = "") -> Notice:
    return Notice(
        headers={"content-type": "application/json"}, part=part, body=json.dumps({"value": list(items)}).encode()
    )


def parsed(house: House, *items: Any, part: str = "") -> list[Push]:
    found = notices.parse(made(*items, part=part), house)
    assert not isinstance(found, Handshake)
    return list(found)


TRUE = Push(kind=StreamKind.MAIL, subscription_ref="a1", remote_ref=ID)
CONTRACT = Path(__file__).parents[4] / "shared/contracts/microsoft/examples"


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "abouts"),
    [("change-notification.json", ["news"]), ("lifecycle-notification.json", ["news", "renew", "ended"])],
)
def test_the_samples_of_the_contract_are_read(house: House, file: str, abouts: list[str]) -> None:
    if not CONTRACT.is_dir():
        pytest.skip("../shared/contracts is absent")
    body = (CONTRACT / file).read_text().replace("<our secret>", secret_of("a1")).encode()
    found = notices.parse(Notice(headers={}, body=body), house)
    assert found == [replace(TRUE, about=each) for each in abouts]


SPELT: dict[str, tuple[dict[str, Any], StreamKind]] = {
    "type": ({"resourceData": {"@odata.type": "#Microsoft.Graph.Event"}}, StreamKind.CALENDAR),
    "type, small": ({"resourceData": {"@odata.type": "#microsoft.graph.contact"}}, StreamKind.CONTACTS),
    "no type": ({"resourceData": None, "resource": "Users/x/Events/AA"}, StreamKind.CALENDAR),
    "parentheses": ({"resourceData": {}, "resource": "Users('x')/contacts('AA')"}, StreamKind.CONTACTS),
    "small": ({"resourceData": None, "resource": "me/messages/AA"}, StreamKind.MAIL),
    "a type that nobody knows": (
        {"resourceData": {"@odata.type": "#x"}, "resource": "Users/x/Events/A"},
        StreamKind.CALENDAR,
    ),
    "of other types": ({"resourceData": [], "resource": 7}, StreamKind.MAIL),
    "nothing": ({"resourceData": None, "resource": None}, StreamKind.MAIL),
}


@pytest.mark.parametrize(("changes", "kind"), SPELT.values(), ids=list(SPELT))
def test_what_it_is_about_is_read_however_it_is_spelled(
    house: House, changes: dict[str, Any], kind: StreamKind
) -> None:
    assert parsed(house, item(**changes)) == [replace(TRUE, kind=kind)]


@pytest.mark.parametrize(
    ("event", "about"),
    [("REAUTHORIZATIONREQUIRED", "renew"), ("subscriptionremoved", "ended"), ("next year's", "news"), (7, "news")],
)
def test_a_lifecycle_event_that_nobody_knows_is_news(house: House, event: Any, about: str) -> None:
    assert parsed(house, item(lifecycleEvent=event), part="lifecycle") == [replace(TRUE, about=about)]


def test_several_subscriptions_in_one_body_are_each_told_once(house: House) -> None:
    found = parsed(house, item("a1"), item("b2"), item("a1"), item("b2", subscriptionId="other"))
    assert [(each.subscription_ref, each.remote_ref) for each in found] == [("a1", ID), ("b2", ID), ("b2", "other")]


# --- What is not


STRANGE: dict[str, dict[str, Any]] = {
    "wrong proof": {"clientState": f"a1.{'0' * 64}"},
    "half a proof": {"clientState": secret_of("a1")[:40]},
    "the id alone": {"clientState": "a1"},
    "the id and a dot": {"clientState": "a1."},
    "the proof alone": {"clientState": secret_of("a1")[3:]},
    "the proof of another": {"clientState": f"a1.{sha256(b'b2').hexdigest()}"},
    "no state": {"clientState": None},
    "empty state": {"clientState": ""},
    "a dot": {"clientState": "."},
    "state in a list": {"clientState": [secret_of("a1")]},
    "state is a number": {"clientState": 1},
    "state is true": {"clientState": True},
    "in capitals": {"clientState": secret_of("a1").upper()},
    "after a space": {"clientState": f" {secret_of('a1')}"},
    "with more": {"clientState": f"{secret_of('a1')}0"},
    "with a line break": {"clientState": f"{secret_of('a1')}\n"},
    "of other letters": {"clientState": secret_of("a1").replace("a", "а", 1)},  # a Cyrillic one
    "a lone surrogate": {"clientState": f"{secret_of('a1')}\ud800"},
    "endless": {"clientState": f"a1.{'0' * 5000}"},
    "an empty id": {"clientState": secret_of("")},
    "an endless id": {"clientState": secret_of("a" * 65)},
    "an id of other letters": {"clientState": secret_of("a 1")},
    "an id that is a path": {"clientState": secret_of("../a1")},
    "no subscription": {"subscriptionId": None},
    "empty subscription": {"subscriptionId": ""},
    "subscription is a number": {"subscriptionId": 7},
    "endless subscription": {"subscriptionId": "x" * 129},
}


@pytest.mark.parametrize("changes", STRANGE.values(), ids=list(STRANGE))
@pytest.mark.parametrize("part", ["", "lifecycle"])
def test_an_item_without_its_secret_is_not_believed(house: House, part: str, changes: dict[str, Any]) -> None:
    with pytest.raises(NotAuthentic):
        parsed(house, item(**changes), part=part)


@pytest.mark.parametrize("changes", STRANGE.values(), ids=list(STRANGE))
def test_one_bad_item_among_good_ones_refuses_only_itself(house: House, changes: dict[str, Any]) -> None:
    found = parsed(house, item("a1"), item(**changes), item("b2"))
    assert [each.subscription_ref for each in found] == ["a1", "b2"]


BODIES = {
    "empty": b"",
    "no JSON": b"x",
    "no UTF-8": b"\xff",
    "a list": b"[]",
    "deep": b'{"value": ' + b"[" * 60_000,
    "a long number": b'{"value": ' + b"9" * 60_000 + b"}",
    "no value": b"{}",
    "value is an object": json.dumps({"value": item()}).encode(),
    "value is empty": b'{"value": []}',
    "items are none": b'{"value": [null, 7, "x", [], {}]}',
    "an item in a list": json.dumps({"value": [[item()]]}).encode(),
    "one item, bare": json.dumps(item()).encode(),
    "too long": json.dumps({"value": [item()]}).encode() + b" " * notices.BODY,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=list(BODIES))
def test_a_body_that_proves_nothing_is_not_taken(house: House, body: bytes) -> None:
    with pytest.raises(NotAuthentic):
        notices.parse(Notice(headers={}, body=body), house)


@pytest.mark.parametrize("secret", ["", "a1", "a1."])
def test_where_there_is_no_secret_nothing_is_believed(house: House, secret: str) -> None:
    """It fails closed: what has no secret has no notices."""
    open_house = replace(house, secret_of=lambda _: secret)
    for state in ("", "a1", "a1.", ".", secret_of("a1")):
        if state != "a1." or secret != "a1.":
            with pytest.raises(NotAuthentic):
                parsed(open_house, item(clientState=state))


@pytest.mark.parametrize("kind", FORGERIES)
@pytest.mark.parametrize("lifecycle", ["", "subscriptionRemoved"])
def test_a_forgery_of_the_emulators_is_not_believed(
    town: Microsoft, receiver: Receiver, robin: Person, side: Side, kind: str, lifecycle: str
) -> None:
    held = side.ask("mail")
    side.ask("contacts", name="b2")
    headers, body = town.pushes.forged(kind, robin, subscription=held.remote_ref, lifecycle=lifecycle)
    town.pushes.send(headers, body, address=f"{ADDRESS}/lifecycle" if lifecycle else ADDRESS)
    found = [each for pushes in receiver.heard for each in pushes]
    true = [each for each in found if (each.subscription_ref, each.remote_ref) == ("a1", held.remote_ref)]
    expected = {"mixed": 1}  # both true items say the same
    assert len(true) == expected.get(kind, 0)
    leftover = [each for each in found if each not in true]  # proven, but the two names do not belong together
    assert len(leftover) == (kind in {"unknown-subscription", "other-state"})


def test_nothing_of_a_notice_is_in_the_error_or_a_log(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    with pytest.raises(NotAuthentic) as refused:
        parsed(house, item(clientState="a1.canary", subscriptionId="canary", resource="canary@example.org"))
    assert "canary" not in str(refused.value) + caplog.text


# --- The flood (RELIABILITY.md G8, G12; B1: Graph drops receivers that are slow)


def flood(tries: int, seed: int) -> list[Notice]:
    """Forged notices, mixed: every kind of the table, true ones with a letter changed, plain noise."""
    dice = random.Random(seed)
    table = [changes for changes in STRANGE.values() if "\ud800" not in str(changes)]

    def bent() -> dict[str, Any]:
        true = secret_of("a1")
        at = dice.randrange(len(true))
        return item(clientState=true[:at] + dice.choice([one for one in "0aF.-_" if one != true[at]]) + true[at + 1 :])

    def noise() -> dict[str, Any]:
        return item(clientState="".join(dice.choices("a1.é\n 0f", k=dice.randrange(150))))

    kinds: tuple[Callable[[], dict[str, Any]], ...] = (
        lambda: item(**dice.choice(table)),
        bent,
        noise,
        lambda: item(clientState=f"a1.{dice.getrandbits(256):064x}"),
        lambda: item(clientState=f"{dice.getrandbits(128):032x}.{dice.getrandbits(256):064x}"),
    )
    parts = ("", "lifecycle")
    return [
        made(*(dice.choice(kinds)() for _ in range(dice.randrange(1, 5))), part=dice.choice(parts))
        for _ in range(tries)
    ]


def test_of_ten_thousand_forged_notices_none_is_believed(house: House) -> None:
    believed, tried = 0, flood(10_000, seed=20_261_130)
    for forged in tried:
        try:
            notices.parse(forged, house)
        except NotAuthentic:
            continue
        believed += 1
    assert believed == 0
    assert parsed(house, item()) == [TRUE]


def test_a_forged_notice_costs_milliseconds(house: House) -> None:
    """The largest that is read at all, and a true item hidden in it."""
    states = [f"{n:032x}.{n:064x}" for n in range(360)]
    body = made(*({"subscriptionId": ID, "clientState": each} for each in states), item())
    assert notices.BODY * 0.8 < len(body.body) <= notices.BODY
    took = []
    for _ in range(20):
        began = time.process_time()
        assert notices.parse(body, house) == [TRUE]
        took.append(time.process_time() - began)
    assert min(took) < 0.05  # seconds; some 5 ms here
