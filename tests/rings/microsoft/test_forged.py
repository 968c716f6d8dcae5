"""S1: whatever is sent in Microsoft's name, and is not theirs, does nothing; beside it every true notice is taken."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from keepwarm.store.tables import metadata
from tests.emulators.microsoft.forged import FORGERIES, ITEMS
from tests.emulators.microsoft.pushes import EVENTS
from tests.rings.conftest import Ring
from tests.rings.consent.work import ANN
from tests.rings.microsoft import acts
from tests.rings.microsoft.history import rules
from tests.rings.microsoft.home import ADDRESS, LIFECYCLE, PUBLIC, Door, Home, MakeHome
from tests.rings.microsoft.mirror import differences
from tests.rings.microsoft.test_silence import END, MAKE, RENEW, heard, quiet, standing

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800), pytest.mark.usefixtures("quick")]

Parts = tuple[str, Mapping[str, str], bytes]  # address, headers, body
REFUSED = {400, 401, 404, 413, 429}
TRUE = {"genuine", "mixed"}  # hold a true item
KINDS = tuple(each for each in FORGERIES if each not in {*TRUE, "huge"})
OURS = ("cut", "swapped", "upper", "twice", "spaced", "accent", "list", "query", "body", "part")
ODD_BODIES = (
    b"",
    b"[]",
    b"{",
    b"\xff\xfe",
    b"null",
    b"[" * 5000,
    b"{}" * 40_000,
    b'{"value": "x"}',
    b'{"value": [{}]}',
)
JSON = {"Content-Type": "application/json; charset=utf-8"}


def forged(home: Home, chance: Random) -> Parts:
    """Of each kind that the town knows, and true ones with a piece of the secret or the wrapping changed."""
    kind, event = chance.choice((*KINDS, *OURS)), chance.choice(("", *EVENTS))
    address = LIFECYCLE if event else ADDRESS
    one = chance.choice(list(home.town.living()))
    if kind not in OURS:
        return address, *home.town.pushes.forged(kind, home.person, subscription=one, lifecycle=event)
    item = true_item(home, one, event)
    state = str(item["clientState"])
    changed: dict[str, Any] = {
        "cut": state[: chance.randrange(len(state))], "swapped": ".".join(reversed(state.split("."))),
        "upper": state.upper(), "twice": f"{state}.{state}", "spaced": f" {state}", "accent": f"{state[:-1]}é",
        "list": [state],
    }  # fmt: skip
    if kind in changed:
        return address, JSON, body_of({**item, "clientState": changed[kind]})
    if kind == "query":
        return f"{address}?validationToken=", JSON, body_of(item)
    if kind == "part":
        return f"{ADDRESS}/elsewhere", JSON, body_of(item)
    return address, JSON, chance.choice(ODD_BODIES)


def true_item(home: Home, subscription: str, lifecycle: str = "") -> dict[str, Any]:
    _, body = home.town.pushes.forged("genuine", home.person, subscription=subscription, lifecycle=lifecycle)
    (item,) = json.loads(body)["value"]
    return dict(item)


def body_of(*items: Mapping[str, Any]) -> bytes:
    return json.dumps({"value": items}).encode()


def rows(home: Home) -> str:
    """A print of all that the store holds."""
    with home.store.engine.connect() as line:
        told = {each.name: sorted(map(repr, line.execute(select(each)))) for each in metadata.sorted_tables}
    return sha256(json.dumps(told).encode()).hexdigest()


def stale(home: Home) -> set[str]:
    return {each.stream.id for each in home.streams() if each.stale_since is not None}


def ready(make_home: MakeHome) -> tuple[Home, Door]:
    """All is read, and every order stands; the door is the web app as it ships."""
    home = make_home()
    home.drain()
    return home, Door(home, whole=True)


def test_nothing_forged_does_anything(make_home: MakeHome, ring: Ring) -> None:
    home, door = ready(make_home)
    chance, number = ring.chance("forgeries"), ring.size(10_000, 700)
    before, asked, done = rows(home), Counter(home.town.requests), len(home.town.history)
    for at in range(number):
        given = forged(home, chance) if at % 100 else (ADDRESS, *home.town.pushes.forged("huge", home.person))
        assert door.post("", *given) in REFUSED | {204}, given
        if at % 500 == 0:
            home.moment += timedelta(minutes=2)
    door.settled()
    ring.record(forged=number, **{f"status_{name}": count for name, count in Counter(door.statuses).items()})
    taken = door.statuses.count(204)
    assert taken < number / 5  # a true secret beside the name of another order, which a stranger cannot make
    assert rows(home) == before
    assert len(home.town.history) == done
    assert home.town.requests == asked


def test_true_notices_are_taken_beside_forged_ones(make_home: MakeHome, ring: Ring) -> None:
    home, door = ready(make_home)
    chance, rounds = ring.chance("forgeries"), ring.size(200, 15)
    for number in range(rounds):
        quiet(home)
        home.moment += timedelta(seconds=30)
        home.town.pushes.waiting.clear()
        acts.receives(home, ANN, number)
        home.person.calendar.put(acts.event(home.moment + timedelta(days=2)))
        home.person.contacts.put(acts.person("Person", "person@example.com"))
        for each in home.town.pushes.waiting:
            for _ in range(5):
                assert door.post("", *forged(home, chance)) in REFUSED | {204}
            assert door.post("", each.address, *each.parts()) == 204
        door.settled()
        assert {str(each.stream.kind) for each in home.streams() if each.stale_since} == {
            "mail",
            "calendar",
            "contacts",
        }
    ring.record(true=3 * rounds, forged=15 * rounds)


@pytest.mark.parametrize("kind", [each for each in ITEMS if each != "genuine"])
def test_a_bad_item_among_good_ones_refuses_only_itself(make_home: MakeHome, kind: str) -> None:
    """Of every two orders, the good item about one and the bad about the other."""
    home, door = ready(make_home)
    kept = standing(home)
    for good, bad in ((kept[0], kept[1]), (kept[2], kept[3]), (kept[3], kept[0])):
        quiet(home)
        spoilt = ITEMS[kind](true_item(home, bad.remote_ref), "0" * 97)
        true = true_item(home, good.remote_ref)
        assert door.post("", ADDRESS, JSON, body_of(spoilt, true, spoilt)) == 204
        door.settled()
        assert stale(home) == {good.stream_id}


def test_the_handshake_is_answered_by_the_app_as_it_ships(make_home: MakeHome) -> None:
    """Both addresses, for every order; what is no handshake gets nothing back."""
    home = make_home()
    home.town.pushes.post = Door(home, whole=True).reply
    home.town.handshakes.clear()
    home.drain()
    shaken = Counter(each.url for each in home.town.handshakes)
    assert {each.problem for each in home.town.handshakes} == {""}
    assert shaken == {ADDRESS: 4, LIFECYCLE: 4}
    odd = ("", "x" * 1025, "%0d%0aSet-Cookie:a", "%C3%A9", "%00")
    for each in odd:
        reply = home.town.pushes.post("", f"{ADDRESS}?validationToken={each}", JSON, b"")
        assert (reply.status, reply.body) == (401, b"")
    page = home.town.pushes.post("", f"{PUBLIC}/webhooks/microsoft?validationToken=%3Cscript%3E", JSON, b"")
    assert page.headers["content-type"].startswith("text/plain")
    assert page.headers["x-content-type-options"] == "nosniff"


# --- lifecycle


def told(home: Home, door: Door, subscription: str, event: str) -> None:
    """A lifecycle event comes, and a minute goes by."""
    home.town.pushes.waiting.clear()
    home.town.lifecycle(subscription, event)
    for each in home.town.pushes.waiting:
        assert door.post("", each.address, *each.parts()) == 204
    door.settled()
    home.later(minutes=1).sweeps(prepare=False)
    home.later(minutes=1).sweeps(prepare=False)


def missed(home: Home, folder: str) -> None:
    """A mail of which no notice tells."""
    sent = home.person.mailbox.folder(folder).known == "sentitems"
    (acts.sends if sent else acts.receives)(home, ANN, home.town.number(), silent=True)


def test_each_lifecycle_event_is_handled_as_what_it_is(make_home: MakeHome) -> None:
    """RELIABILITY.md C6. Renewed and made anew within minutes; what was missed is read, though nothing tells of it."""
    home, door = ready(make_home)
    streams = heard(home)
    for event, calls in (
        ("reauthorizationRequired", {RENEW: 1}), ("subscriptionRemoved", {MAKE: 1}), ("missed", {}),
    ):  # fmt: skip
        for each in standing(home):
            home.later(minutes=7).drain()
            stream = next(one.stream for one in home.streams() if one.stream.id == each.stream_id)
            kind = str(stream.kind)
            before, until = Counter(home.town.requests), home.town.living()[each.remote_ref].until
            if kind == "mail":
                missed(home, stream.place_ref)
            told(home, door, each.remote_ref, event)
            made = Counter(home.town.requests) - before
            assert {name: made[name] for name in (MAKE, RENEW, END) if made[name]} == calls, (event, kind)
            assert heard(home) == streams, (event, kind)
            if event == "reauthorizationRequired":
                assert home.town.living()[each.remote_ref].until > until
            elif kind == "mail":
                assert [found for found in differences(home) if found.startswith("mail")] == [], event
    assert list(rules(home.town, home.person)) == []


def test_a_notice_said_again_costs_one_look(make_home: MakeHome) -> None:
    """G11: replayed a hundred times, it marks what waits already."""
    home, door = ready(make_home)
    name = next(one.id for one in home.town.living().values() if one.kind == "contacts")
    again = body_of(true_item(home, name))
    home.later(minutes=1)
    before = home.town.requests["GET /me/contacts/delta"]
    for _ in range(100):
        assert door.post("", ADDRESS, JSON, again) == 204
    door.settled()
    home.sweeps()
    home.sweeps()
    assert home.town.requests["GET /me/contacts/delta"] - before == 1
