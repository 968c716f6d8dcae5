"""S1: whatever is sent in Google's name, and is not Google's, does nothing; beside it every true message is taken."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from random import Random

import pytest
from sqlalchemy import select

from keepwarm.store.tables import metadata
from tests.emulators.google.channels import Channel
from tests.emulators.google.forged import FORGERIES
from tests.rings.conftest import Ring
from tests.rings.google import acts
from tests.rings.google.home import PUBLIC, Door, Home, MakeHome
from tests.rings.google.test_silence import quiet

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.usefixtures("quick")]

Parts = tuple[str, dict[str, str], bytes]  # address, headers, body
GMAIL, CALENDAR = f"{PUBLIC}/webhooks/google/gmail", f"{PUBLIC}/webhooks/google/calendar"
REFUSED = {401, 404, 413, 429}
ODD_BODIES = (b"", b"[]", b"{", b"\xff\xfe", b"null", b"[" * 5000, b"{}" * 40_000)


def forged_mail(home: Home, chance: Random) -> Parts:
    """Of each kind that the town knows, and true ones with a piece of the token or the wrapping changed."""
    kind = chance.choice((*FORGERIES, "cut", "swapped", "body", "basic", "twice"))
    headers, body = home.town.pushes.forged(kind if kind in FORGERIES else "genuine", home.person)
    token = headers.get("Authorization", "").removeprefix("Bearer ")
    changed: dict[str, str] = {
        "cut": f"Bearer {token[: chance.randrange(len(token) or 1)]}",
        "swapped": f"Bearer {'.'.join((token.split('.') * 3)[1:4])}",
        "basic": f"Basic {token}",
        "twice": f"Bearer {token} {token}",
    }
    if kind in changed:
        headers = dict(headers) | {"Authorization": changed[kind]}
    if kind == "body":
        headers, body = {"Content-Type": "application/json"}, chance.choice(ODD_BODIES)
    return GMAIL, dict(headers), body


def forged_channel(home: Home, channel: Channel, chance: Random) -> Parts:
    """A message of the channel with one thing wrong."""
    true = channel.headers("exists")
    wrong = "".join(chance.choice("0123456789abcdef") for _ in range(64))
    changes: list[Mapping[str, str]] = [
        {"X-Goog-Channel-Token": ""},
        {"X-Goog-Channel-Token": channel.id},
        {"X-Goog-Channel-Token": f"{channel.id}.{wrong}"},
        {"X-Goog-Channel-Token": channel.token[:-1]},
        {"X-Goog-Channel-Token": f"{channel.token}0"},
        {"X-Goog-Channel-ID": wrong[:32]},
        {"X-Goog-Channel-ID": wrong[:32], "X-Goog-Channel-Token": home.runtime.push_secret(wrong[:32])},
        {"X-Goog-Channel-ID": ""},
        {"X-Goog-Channel-ID": "x" * 65},
        {"X-Goog-Resource-ID": wrong[:20]},
        {"X-Goog-Resource-ID": ""},
    ]
    return CALENDAR, dict(true) | dict(chance.choice(changes)), b""


def rows(home: Home) -> str:
    """A print of all that the store holds."""
    with home.store.engine.connect() as line:
        told = {each.name: sorted(map(repr, line.execute(select(each)))) for each in metadata.sorted_tables}
    return sha256(json.dumps(told).encode()).hexdigest()


def test_nothing_forged_does_anything(make_home: MakeHome, ring: Ring) -> None:
    home, chance, number = make_home(), ring.chance("forgeries"), ring.size(10_000, 700)
    home.drain()
    (channel,) = home.town.channels.values()
    door = Door(home, whole=True)
    assert door.post("", GMAIL, *home.town.pushes.forged("genuine", home.person)) == 204
    door.settled()
    home.goes_on_reading()
    before, asked, done = rows(home), Counter(home.town.requests), len(home.town.history)
    for at in range(number):
        given = forged_channel(home, channel, chance) if at % 3 == 0 else forged_mail(home, chance)
        status = door.post("", *given)
        assert status in REFUSED, given
        if at % 500 == 0:
            home.moment += timedelta(minutes=2)
    door.settled()
    more = Counter(home.town.requests) - asked
    ring.record(forged=number, **{f"status_{name}": count for name, count in Counter(door.statuses[1:]).items()},
                key_fetches=more["oauth.certs"])  # fmt: skip
    assert rows(home) == before
    assert len(home.town.history) == done
    assert set(more) <= {"oauth.certs"}
    assert more["oauth.certs"] <= number // 500 + 2


def test_true_messages_are_taken_beside_forged_ones(make_home: MakeHome, ring: Ring) -> None:
    home, chance, rounds = make_home(), ring.chance("forgeries"), ring.size(200, 25)
    home.drain()
    (channel,) = home.town.channels.values()
    door = Door(home, whole=True)
    for number in range(rounds):
        quiet(home)
        home.moment += timedelta(seconds=30)
        home.town.pushes.waiting.clear()
        acts.receives(home, "Ann Example <ann@example.com>", number)
        home.person.calendar.put(acts.event(home.moment + timedelta(days=2)))
        for each in home.town.pushes.waiting:
            for _ in range(5):
                assert door.post("", *forged_mail(home, chance)) in REFUSED
                assert door.post("", *forged_channel(home, channel, chance)) in REFUSED
            assert door.post("", each.address, *each.parts()) == 204
        door.settled()
        assert {str(each.stream.kind) for each in home.streams() if each.stale_since} == {"mail", "calendar"}
    ring.record(true=2 * rounds, forged=20 * rounds)


def test_a_message_said_again_costs_one_look(make_home: MakeHome) -> None:
    """G11: replayed a hundred times, it marks what waits already."""
    home = make_home()
    home.drain()
    door, again = Door(home), home.town.pushes.forged("genuine", home.person)
    home.later(minutes=1)
    before = home.town.requests["gmail.users.history.list"]
    for _ in range(100):
        assert door.post("", GMAIL, *again) == 204
    door.settled()
    home.sweeps()
    home.sweeps()
    assert home.town.requests["gmail.users.history.list"] - before == 1
