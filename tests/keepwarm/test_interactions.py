"""What is a touch and what is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepwarm.interactions import TouchKind, mail_touches, meeting_touches
from keepwarm.types import Address, CalendarEvent, MailMark, Message, Participant, Reply, Role

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
OWN = frozenset({"sam@example.org", "samdejong@gmail.com"})
ME, NOOR, JAN = "sam@example.org", "noor@example.com", "jan@example.net"


def mail(
    *people: tuple[Role, str], marks: MailMark = MailMark.NONE, recipients: int = 0, dated: bool = True
) -> Message:
    participants = tuple(Participant(role=role, address=Address(address=address)) for role, address in people)
    return Message(ref="m", at=AT if dated else None, participants=participants, marks=marks, recipients=recipients)


def kinds(message: Message) -> set[tuple[str, str]]:
    return {(each.address, each.kind.value) for each in mail_touches(message, OWN)}


F, T, C, B = Role.FROM, Role.TO, Role.CC, Role.BCC


@pytest.mark.parametrize(
    ("message", "touches"),
    [
        (mail((F, ME), (T, NOOR), (C, JAN)), {(NOOR, "s"), (JAN, "s")}),
        (mail((F, ME), (B, NOOR)), {(NOOR, "s")}),
        (mail((F, NOOR), (T, ME)), {(NOOR, "r")}),
        (mail((F, NOOR), (T, JAN), (C, ME)), {(NOOR, "r")}),
        (mail((F, NOOR), (T, JAN)), set()),
        (mail((F, ME), (T, ME)), set()),
        (mail((F, ME), (T, ME), (C, NOOR)), {(NOOR, "s")}),
        (mail((F, "Sam.De.Jong+x@gmail.com"), (T, NOOR)), {(NOOR, "s")}),
        (mail((F, NOOR), (T, "sam+list@example.org")), {(NOOR, "r")}),
        (mail((F, "desk@example.org"), (Role.SENDER, ME), (T, NOOR)), {(NOOR, "s")}),
        (mail((F, ME), (T, NOOR), (C, NOOR)), {(NOOR, "s")}),
        (mail((F, ME), (T, NOOR), (Role.LIST, "club@example.net")), {(NOOR, "s")}),
        (mail((F, NOOR), (T, "club@example.net"), (C, ME), marks=MailMark.LIST | MailMark.BULK), {(NOOR, "r")}),
        (mail((F, NOOR), (T, "club@example.net"), marks=MailMark.LIST), set()),
        (mail((F, NOOR), (Role.REPLY_TO, JAN), (T, ME)), {(NOOR, "r")}),
        (mail((F, NOOR), (T, ME), marks=MailMark.AUTO), set()),
        (mail((F, NOOR), (T, ME), marks=MailMark.BOUNCE), set()),
        (mail((F, ME), (T, NOOR), marks=MailMark.DRAFT | MailMark.SENT), set()),
        (mail((F, ME), (T, NOOR), marks=MailMark.OURS), set()),
        (mail((F, ME), (T, NOOR), dated=False), set()),
        (mail((F, ME), (T, NOOR), recipients=20), {(NOOR, "s")}),
        (mail((F, ME), (T, NOOR), recipients=21), set()),
        (mail((F, ME), *((T, f"p{n}@example.com") for n in range(21))), set()),
        (mail(), set()),
    ],
)
def test_a_mail_touches_whom_it_should(message: Message, touches: set[tuple[str, str]]) -> None:
    assert kinds(message) == touches


def guest(
    address: str, reply: Reply = Reply.NONE, role: Role = Role.ATTENDEE, *, resource: bool = False
) -> Participant:
    return Participant(role=role, address=Address(address=address), reply=reply, resource=resource)


def event(*people: Participant) -> CalendarEvent:
    return CalendarEvent(
        uid="u", title="Coffee", start_at=AT, end_at=AT + timedelta(hours=1), zone="UTC", participants=people
    )


OK, NO, MAYBE, ASKED = Reply.ACCEPTED, Reply.DECLINED, Reply.TENTATIVE, Reply.NEEDS_ACTION
HOST = Role.ORGANISER


@pytest.mark.parametrize(
    ("people", "met"),
    [
        ([guest(ME, role=HOST), guest(NOOR, OK)], {NOOR}),
        ([guest(ME, ASKED), guest(NOOR, role=HOST)], {NOOR}),
        ([guest(ME, OK), guest(NOOR)], {NOOR}),
        ([guest(NOOR, OK)], {NOOR}),
        ([guest(ME, NO), guest(NOOR, role=HOST)], set()),
        ([guest(ME, OK), guest(NOOR, NO), guest(JAN, OK)], {JAN}),
        ([guest(ME, OK), guest(NOOR, MAYBE), guest(JAN, ASKED)], set()),
        ([guest(ME, OK), guest(NOOR, role=HOST), guest(NOOR, NO)], set()),
        ([guest(ME, OK), guest("room@example.org", OK, resource=True)], set()),
        ([guest(ME, OK)], set()),
        ([], set()),
        ([guest(ME, OK), *(guest(f"p{n}@example.com", OK) for n in range(7))], {f"p{n}@example.com" for n in range(7)}),
        ([guest(ME, OK), *(guest(f"p{n}@example.com", OK) for n in range(8))], set()),
        ([*(guest(f"p{n}@example.com", OK) for n in range(8))], set()),
        (
            [guest(ME, OK), *(guest(f"p{n}@example.com", OK) for n in range(7)), guest("r@example.org", resource=True)],
            {f"p{n}@example.com" for n in range(7)},
        ),
    ],
)
def test_a_meeting_counts_those_who_came(people: list[Participant], met: set[str]) -> None:
    touches = meeting_touches(event(*people), OWN)
    assert {each.address for each in touches} == met
    assert {(each.kind, each.at) for each in touches} <= {(TouchKind.MEETING, AT)}


@pytest.mark.parametrize("change", [{"cancelled": True}, {"all_day": True}, {"ours": True}])
def test_what_is_no_meeting_touches_nobody(change: dict[str, bool]) -> None:
    assert meeting_touches(replace(event(guest(ME), guest(NOOR)), **change), OWN) == []


ROLES = st.sampled_from([F, T, C, B, Role.SENDER, Role.REPLY_TO, Role.LIST])
PEOPLE = st.lists(st.tuples(ROLES, st.sampled_from([ME, NOOR, JAN, "sam.dejong@gmail.com"])), max_size=8)


@given(people=PEOPLE, marks=st.sampled_from([MailMark.NONE, MailMark.LIST, MailMark.SENT, MailMark.AUTO]))
def test_the_owner_is_never_touched_and_nobody_twice(people: list[tuple[Role, str]], marks: MailMark) -> None:
    touches = mail_touches(mail(*people, marks=marks), OWN)
    assert not {each.address for each in touches} & {ME, "sam.dejong@gmail.com"}
    assert len({(each.address, each.kind) for each in touches}) == len(touches)
