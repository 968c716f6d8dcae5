"""R10: thousands of generated meetings. All goes to the owner alone, and speaks only of people to network with."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from keepwarm.letter import as_bytes
from keepwarm.store import contacts
from keepwarm.types import CalendarEvent, Participant, Reply, Role
from tests import make
from tests.rings.conftest import Ring
from tests.workers.conftest import House

NETWORK = [f"Friend {letter} <friend.{letter}@people.example>" for letter in "abcdefgh"]
PRIVATE = ["Gran Private <gran@family.example>"]
NEVER = ["Nora Never <nora@never.example>"]
OWNERS = ["Robin Owner <owner+meet@example.org>", "Robin <OWNER@example.org>"]
MACHINES = [
    "No Reply <no-reply@shop.example>", "Info <info@shop.example>", "Team North <team-north@work.example>",
    "Support <support@work.example>", "News <newsletter@offers.example>",
]  # fmt: skip
STRANGERS = ["Stranger One <one@strangers.example>", "Friend а <friend.a@peop1e.example>"]
ROOMS = ["Zaal Noord <zaal-noord@resource.example>", "Projector <projector@work.example>"]
AROUND = re.compile(r"Prepared:|Soon:|Talk booked:|\d+ talks booked|How did it go\?")
A_DAY = 12  # meetings; below the mails of an hour


def meeting(chance: random.Random, number: int, start: datetime) -> CalendarEvent:
    """With up to eight guests of any sort, in any role and with any answer."""
    guests = [Participant(role=Role.ATTENDEE, address=make.person(make.OWNER))]
    everybody = [*NETWORK, *PRIVATE, *NEVER, *OWNERS, *MACHINES, *STRANGERS, *ROOMS]
    guests += [
        Participant(
            role=chance.choice((Role.ATTENDEE, Role.ATTENDEE, Role.ORGANISER)),
            address=make.person(who),
            reply=chance.choice((Reply.ACCEPTED, Reply.ACCEPTED, Reply.NONE, Reply.TENTATIVE, Reply.DECLINED)),
            resource=who in ROOMS,
        )
        for who in chance.sample(everybody, chance.randint(1, 8))
    ]
    if chance.random() < 0.05:
        guests.append(Participant(role=Role.LIST, address=make.person("All <all@lists.example>")))
    plain = make.event([], start=start, uid=f"{number}@meetings.example", organiser="", title=f"Meeting {number}")
    return replace(
        plain, participants=tuple(guests), recurring=chance.random() < 0.1, all_day=chance.random() < 0.05,
        cancelled=chance.random() < 0.05,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_everything_goes_to_the_owner_and_speaks_of_the_network_alone(ring: Ring, house: House) -> None:
    chance = ring.chance("meetings")
    house.knows(*NETWORK)
    house.knows(*PRIVATE, private=True)
    [never] = house.knows(*NEVER)
    with house.store.transaction(house.owner_id) as tx:
        contacts.never(tx, [never], house.moment)
    allowed = {make.person(each).address for each in NETWORK}
    others = {make.person(each).address for each in (*PRIVATE, *NEVER, *OWNERS, *MACHINES, *STRANGERS, *ROOMS)}
    count = mails = 0
    total = ring.size(5000, 120)
    while count < total:
        day = house.moment + timedelta(days=2)
        day = day.replace(hour=8, minute=0, second=0)
        for number in range(A_DAY):
            house.reads(meeting(chance, count + number, day + timedelta(minutes=40 * number)))
        count += A_DAY
        house.world.mails.clear()
        for hours in (0, 5, 24, 31, 36):
            house.at(day + timedelta(hours=hours - 26)).drain()
        for mail in [copy for copies in house.world.mails.values() for copy in copies]:
            _to_the_owner_alone(as_bytes(mail), mail.to.address)
            if AROUND.match(mail.subject):  # the digest proposes new people, as it should
                mails += 1
                named = set(re.findall(r"[\w.+-]+@[\w.-]+\.example", mail.text)) | set(
                    re.findall(r"owner\S*@example\.org", mail.text)
                )
                assert named <= allowed, f"a mail names {named - allowed}"
                assert not named & others
    ring.record(meetings=count, mails=mails, outside=0)
    assert mails > count / 20


def _to_the_owner_alone(data: bytes, to: str) -> None:
    head = data.partition(b"\r\n\r\n")[0].decode().replace("\r\n", "\n")
    assert to == make.OWNER
    assert re.findall(r"(?mi)^(to|cc|bcc|resent-\w+|reply-to):", head) == ["To"]
    assert re.findall(r"(?m)^To: (.*)$", head) == [f"Robin Owner <{make.OWNER}>"]
