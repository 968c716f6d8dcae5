"""The laws of every provider (ARCHITECTURE.md), over every line of PROVIDERS that supports the protocol.

A provider joins with a line in ``HOUSES`` (`tests.integrations.houses`): how to make it, and how its other side is
brought into each state. One that speaks to servers has a line for each that differs; they are real ones
(`tests.integrations.open.sides`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from integrations import PROVIDERS, load
from integrations.base import CalendarWriter, Connection, DraftWriter, House, MailSender, Notice, Pushable, Source
from integrations.fake import WORLDS
from keepwarm.errors import AccessRevoked, CursorExpired, NotAuthentic, TryAgainLater
from keepwarm.settings import Settings
from keepwarm.types import Address, CalendarEvent, Handshake, Mail, Message, OurEvent, Push, Stream
from tests import make
from tests.integrations.conftest import secret_of
from tests.integrations.houses import HOUSES, NOW, SECRET, START, Side
from tests.integrations.open.sides import Town, towns


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    yield from towns(tmp_path_factory.mktemp("town"))


@pytest.fixture
def side(request: pytest.FixtureRequest, tmp_path: Path, town: Town) -> Iterator[Side]:
    yield HOUSES[request.param](tmp_path, town)
    WORLDS.clear()
    for each in (town.made[name] for name in ("google", "microsoft") if name in town.made):
        each.faults.clear()
        assert each.breaches == []


def over(protocol: type) -> pytest.MarkDecorator:
    """Every provider that implements the protocol."""
    names = [name for name in HOUSES if issubclass(load(name.partition(" ")[0]), protocol)]
    return pytest.mark.parametrize("side", names, indirect=True)


everyone = pytest.mark.parametrize("side", list(HOUSES), indirect=True)


def stream(side: Side, cursor: str = "") -> Stream:
    return Stream(id="s", owner_id="o", account_id="a", kind=side.kind, place_ref=side.place_ref, cursor=cursor)


def able(wish: Any) -> Any:
    """What the other side can be made to do; else the law says nothing about this provider."""
    if wish is None:
        pytest.skip("this provider cannot come into that state")
    return wish


def event(**fields: Any) -> OurEvent:
    given = {"title": "Get in touch with Ann", "description": "Why now", "start_at": START}
    given |= {"end_at": START + timedelta(minutes=15), "zone": "Europe/Amsterdam"} | fields
    return OurEvent(uid="fu-1@keepwarm", **given)


def mail(key: str = "one") -> Mail:
    return Mail(
        message_id=f"<{key}@keepwarm.local>",
        sender=Address(address="keepwarm@keepwarm.local", name="Keepwarm"),
        to=Address(address=make.OWNER, name="Robin"),
        subject="Prepared",
        text=f"{SECRET}\n",
        html=f"<p>{SECRET}</p>\n",
        at=NOW,
        lang="en",
    )


def test_every_provider_has_a_side() -> None:
    assert {name.partition(" ")[0] for name in HOUSES} == set(PROVIDERS)


# --- Connection


@everyone
def test_it_tells_whether_it_works(side: Side) -> None:
    assert isinstance(side.provider, Connection)
    checks = side.provider.verify()
    assert checks
    assert all(check.ok for check in checks)


@everyone
def test_giving_the_grant_back_twice_is_quiet(side: Side) -> None:
    side.provider.revoke()
    side.provider.revoke()


# --- Source


@over(Source)
def test_pages_end_and_only_the_last_says_so(side: Side) -> None:
    pages = list(side.provider.changes(stream(side)))
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
    assert sum(len(page.items) for page in pages) == side.items


@over(Source)
def test_the_last_cursor_yields_nothing_new(side: Side) -> None:
    cursor = list(side.provider.changes(stream(side)))[-1].cursor
    again = list(side.provider.changes(stream(side, cursor)))
    assert sum(len(page.items) for page in again) == 0
    assert again[-1].last


@over(Source)
def test_any_cursor_on_the_way_resumes_without_loss(side: Side) -> None:
    pages = list(side.provider.changes(stream(side)))
    for number, page in enumerate(pages[:-1]):
        if page.cursor:
            before = [item for each in pages[: number + 1] for item in each.items]
            rest = [item for each in side.provider.changes(stream(side, page.cursor)) for item in each.items]
            everything = [item for each in pages for item in each.items]
            assert {_ref(each) for each in (*before, *rest)} == {_ref(each) for each in everything}


def _ref(item: Any) -> str:
    return str(getattr(item, "ref", "") or getattr(item, "uid", ""))


@over(Source)
def test_every_time_is_aware(side: Side) -> None:
    for page in side.provider.changes(stream(side)):
        for item in page.items:
            times = [item.at] if isinstance(item, Message) else []
            times = [item.start_at, item.end_at] if isinstance(item, CalendarEvent) else times
            assert all(moment.tzinfo is not None for moment in times if moment)


@over(Source)
def test_one_broken_item_is_told_and_the_rest_arrives(side: Side) -> None:
    able(side.break_one)()
    pages = list(side.provider.changes(stream(side)))
    assert sum(len(page.items) for page in pages) == side.items
    broken = [each for page in pages for each in page.broken]
    assert len(broken) == 1
    assert broken[0].digest
    assert broken[0].reason


@over(Source)
def test_a_dead_cursor_is_named(side: Side) -> None:
    cursor = list(side.provider.changes(stream(side)))[-1].cursor
    able(side.kill_cursor)()
    with pytest.raises(CursorExpired):
        list(side.provider.changes(stream(side, cursor)))


@over(Source)
def test_a_refused_grant_is_named(side: Side) -> None:
    able(side.withdraw)()
    with pytest.raises(AccessRevoked):
        list(side.provider.changes(stream(side)))


@over(Source)
def test_a_throttle_says_how_long(side: Side) -> None:
    able(side.throttle)(timedelta(minutes=15))
    with pytest.raises(TryAgainLater) as busy:
        list(side.provider.changes(stream(side)))
    assert busy.value.after == timedelta(minutes=15)


@over(Source)
def test_nothing_of_the_content_is_logged(side: Side, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    list(side.provider.changes(stream(side)))
    assert SECRET not in caplog.text


# --- CalendarWriter


@over(CalendarWriter)
def test_our_calendar_is_made_once(side: Side) -> None:
    assert side.provider.ensure_calendar() == side.provider.ensure_calendar()


@over(CalendarWriter)
def test_a_second_put_leaves_one_event(side: Side) -> None:
    place = side.provider.ensure_calendar()
    first, second = (side.provider.put_event(place, event()) for _ in range(2))
    assert first == second == side.provider.get_event(place, "fu-1@keepwarm")
    assert (first.start_at, first.end_at) == (START, START + timedelta(minutes=15))


@over(CalendarWriter)
def test_a_moved_event_has_another_fingerprint(side: Side) -> None:
    place = side.provider.ensure_calendar()
    first = side.provider.put_event(place, event())
    later = replace(
        event(), start_at=START + timedelta(days=1), end_at=START + timedelta(days=1, minutes=15), sequence=1
    )
    assert side.provider.put_event(place, later).fingerprint != first.fingerprint


@over(CalendarWriter)
def test_a_second_delete_is_quiet(side: Side) -> None:
    place = side.provider.ensure_calendar()
    side.provider.put_event(place, event())
    side.provider.delete_event(place, "fu-1@keepwarm")
    side.provider.delete_event(place, "fu-1@keepwarm")
    assert side.provider.get_event(place, "fu-1@keepwarm") is None


@over(CalendarWriter)
def test_what_we_removed_may_come_back(side: Side) -> None:
    place = side.provider.ensure_calendar()
    side.provider.put_event(place, event())
    side.provider.delete_event(place, "fu-1@keepwarm")
    assert not side.provider.put_event(place, event(sequence=1)).deleted_by_user  # as the engine counts


@over(CalendarWriter)
def test_what_the_user_deleted_stays_deleted(side: Side) -> None:
    place = side.provider.ensure_calendar()
    side.provider.put_event(place, event())
    able(side.user_removes)("fu-1@keepwarm")
    assert side.provider.put_event(place, replace(event(), written=True)).deleted_by_user
    found = side.provider.get_event(place, "fu-1@keepwarm")
    assert found is None or found.deleted_by_user


@over(CalendarWriter)
def test_what_the_user_moved_can_be_seen(side: Side) -> None:
    place = side.provider.ensure_calendar()
    ours = side.provider.put_event(place, event())
    able(side.user_moves)("fu-1@keepwarm", START + timedelta(days=2))
    found = side.provider.get_event(place, "fu-1@keepwarm")
    assert found.fingerprint != ours.fingerprint
    assert (found.start_at, found.end_at) == (START + timedelta(days=2), START + timedelta(days=2, minutes=15))


@over(CalendarWriter)
def test_an_event_nobody_made_is_none(side: Side) -> None:
    assert side.provider.get_event(side.provider.ensure_calendar(), "fu-2@keepwarm") is None


# --- MailSender and DraftWriter


@over(MailSender)
def test_a_mail_that_was_sent_is_found(side: Side) -> None:
    assert side.provider.find("<one@keepwarm.local>") is None
    ref = side.provider.send(mail())
    able(side.finds)
    assert side.provider.find("<one@keepwarm.local>") == ref
    assert side.provider.find("<two@keepwarm.local>") is None


@over(DraftWriter)
def test_a_second_draft_is_the_same_one(side: Side) -> None:
    assert side.provider.save_draft(mail()) == side.provider.save_draft(mail())


# --- Pushable

ADDRESS = "https://keepwarm.example.org/webhooks/x"


def parsed(side: Side, headers: dict[str, str], body: bytes, query: dict[str, str] | None = None) -> Any:
    notice = Notice(part=side.part, headers=headers, query=query or {}, body=body)
    house = House(
        settings=Settings(home=""), address="https://keepwarm.example.org", now=lambda: NOW, secret_of=secret_of
    )
    return side.provider.parse_push(notice, house)


NAMES = count()


def new_secret() -> str:
    """One that was never used at any provider."""
    return secret_of(f"c{next(NAMES)}")


@over(Pushable)
def test_a_subscription_stands_for_a_while(side: Side) -> None:
    secret = new_secret()
    stood = side.provider.subscribe(stream(side), ADDRESS, secret, None)
    assert stood.remote_ref
    assert stood.secret == secret
    assert stood.expires_at > NOW
    assert stood.secret not in repr(stood)


@over(Pushable)
def test_a_second_subscription_prolongs_the_first_or_takes_its_place(side: Side) -> None:
    first, another = side.provider.subscribe(stream(side), ADDRESS, new_secret(), None), new_secret()
    again = side.provider.subscribe(stream(side), ADDRESS, another, first)
    assert again.secret in {another, first.secret}
    assert again.expires_at >= first.expires_at
    for each in (first, again):
        side.provider.unsubscribe(each)


@over(Pushable)
def test_a_second_end_is_quiet(side: Side) -> None:
    stood = side.provider.subscribe(stream(side), ADDRESS, new_secret(), None)
    side.provider.unsubscribe(stood)
    side.provider.unsubscribe(stood)


@over(Pushable)
def test_a_refused_grant_cannot_subscribe(side: Side) -> None:
    able(side.withdraw)()
    with pytest.raises(AccessRevoked):
        side.provider.subscribe(stream(side), ADDRESS, new_secret(), None)


@over(Pushable)
def test_a_true_push_names_our_subscription(side: Side) -> None:
    (found,) = parsed(side, *able(side.notice)(secret_of("a1")))
    assert isinstance(found, Push)
    assert (found.subscription_ref, found.kind) == ("a1", side.kind)


@over(Pushable)
def test_several_in_one_body_all_arrive(side: Side) -> None:
    found = parsed(side, *able(side.notice if side.several else None)(secret_of("a1"), secret_of("b2")))
    assert [each.subscription_ref for each in found] == ["a1", "b2"]


@over(Pushable)
def test_a_handshake_is_answered_with_what_was_asked(side: Side) -> None:
    assert parsed(side, {}, b"", able(side.challenge)) == Handshake(body="blue-17")


@over(Pushable)
def test_a_tampered_push_is_not_authentic(side: Side) -> None:
    """Each byte of the proof and of the body changed in turn, each cut short, and the two of different notices."""
    headers, body = able(side.notice)(secret_of("a1"))
    proof = headers[side.proof]
    near = [proof[:at] + chr(ord(proof[at]) ^ 1) + proof[at + 1 :] for at in range(len(proof))]
    near += [proof[:at] for at in range(len(proof))] + [proof.upper(), "", secret_of("a1")]
    bodies = [body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :] for at in range(len(body))]
    bodies += [body[:at] for at in range(len(body))] + [body + b" ", able(side.notice)(secret_of("b2"))[1]]
    forged = [(headers | {side.proof: each}, body) for each in near if each != proof]
    forged += [(headers, each) for each in bodies] if side.several else []
    for given, sent in forged:
        with pytest.raises(NotAuthentic):
            parsed(side, given, sent)
    with pytest.raises(NotAuthentic):
        parsed(side, {}, body)


@over(Pushable)
def test_one_unproven_part_spoils_the_whole(side: Side) -> None:
    headers, body = able(side.notice if side.several else None)(secret_of("a1"), f"b2.{'0' * 64}")
    with pytest.raises(NotAuthentic):
        parsed(side, headers, body)


@over(Pushable)
def test_nothing_of_a_push_is_logged(side: Side, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    headers, body = able(side.notice)(secret_of("a1"))
    parsed(side, headers, body)
    with pytest.raises(NotAuthentic) as refused:
        parsed(side, headers | {side.proof: headers[side.proof][:-1]}, body)
    assert secret_of("a1").partition(".")[2] not in caplog.text + str(refused.value)
