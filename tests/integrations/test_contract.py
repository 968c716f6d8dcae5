"""The laws of every provider (ARCHITECTURE.md), over every line of PROVIDERS that supports the protocol.

A provider joins with a line in ``HOUSES``: how to make it, and how its other side is brought into each state. One that
speaks to servers has a line for each that differs; they are real ones (`tests.integrations.open.sides`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from integrations import PROVIDERS, load
from integrations.base import (
    CalendarWriter,
    Connection,
    DraftWriter,
    House,
    MailSender,
    Notice,
    Opening,
    Pushable,
    Source,
)
from integrations.fake import SIGNATURE, WORLDS, World, notice
from keepwarm.errors import AccessRevoked, CursorExpired, NotAuthentic, TryAgainLater
from keepwarm.settings import Settings
from keepwarm.types import Address, CalendarEvent, Grant, Handshake, Mail, Message, OurEvent, Push, Stream, StreamKind
from tests import make
from tests.emulators.google import Google, google
from tests.emulators.google.calendars import Calendar
from tests.emulators.graph import receiving
from tests.emulators.microsoft import Microsoft, microsoft
from tests.integrations.conftest import secret_of
from tests.integrations.google import sides as google_sides
from tests.integrations.microsoft import sides as microsoft_sides
from tests.integrations.open.sides import REACH, Town, resident, towns

NOW = make.NOW
START = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
SECRET = "Zeppelin-Content"  # stands in every item; must never be logged


@dataclass
class Side:
    """A provider with its other side. What a provider cannot suffer is None."""

    provider: Any
    kind: StreamKind = StreamKind.MAIL
    place_ref: str = ""
    items: int = 0
    break_one: Callable[[], None] | None = None
    kill_cursor: Callable[[], None] | None = None
    withdraw: Callable[[], None] | None = None
    throttle: Callable[[timedelta], None] | None = None
    user_moves: Callable[[str, datetime], None] | None = None
    user_removes: Callable[[str], None] | None = None
    notice: Callable[..., tuple[dict[str, str], bytes]] | None = None  # a true one, by the secrets of subscriptions
    part: str = ""  # of the address it comes to
    proof: str = ""  # the header that holds it
    several: bool = True  # one body may tell of several subscriptions, and is signed
    challenge: dict[str, str] | None = None  # the query of a handshake
    finds: bool | None = True  # it can show a mail that it sent: None for one that has no mailbox behind it


def opening(home: Path, **settings: Any) -> Opening:
    return Opening(
        account_id="a",
        owner_id="o",
        owner_addresses=(make.OWNER,),
        settings=settings,
        grant=Grant(),
        home=home,
        zone="Europe/Amsterdam",
        now=lambda: NOW,
    )


def _fake(home: Path) -> Side:
    world = WORLDS["contract"] = World()
    found = [make.message(f"{SECRET} <p{n}@example.com>", make.OWNER, ref=str(n)) for n in range(5)]
    world.add(*found, make.event(["Ann Example <ann@example.com>"], title=SECRET))
    return Side(
        provider=load("fake")(opening(home, world="contract")),
        items=6,
        break_one=lambda: world.log.insert(2, make.broken()),
        kill_cursor=lambda: setattr(world, "epoch", 7),
        withdraw=lambda: setattr(world, "revoked", True),
        throttle=lambda span: setattr(world, "throttle", span),
        user_moves=world.user_moves,
        user_removes=world.user_removes,
        notice=notice,
        proof=SIGNATURE,
        challenge={"challenge": "blue-17"},
    )


def _files(home: Path) -> Side:
    folder = home / "mail"
    folder.mkdir()
    for number in range(6):
        head = f"From: {SECRET} <p{number}@example.com>\r\nTo: {make.OWNER}\r\nMessage-ID: <{number}@example.com>\r\n"
        rest = f"Date: Mon, 2 Nov 2026 09:0{number}:00 +0000\r\nSubject: {SECRET}\r\n\r\n{SECRET}\r\n"
        (folder / f"{number}.eml").write_text(head + rest, encoding="ascii", newline="")
    return Side(
        provider=load("files")(opening(home, paths=[str(folder)], seen=[])),
        kind=StreamKind.FILES,
        items=6,
        break_one=lambda: (folder / "3a.eml").write_bytes(bytes(range(256)) * 8) and None,
    )


def _local(home: Path) -> Side:
    provider = load("local")(opening(home))
    return Side(provider=provider, user_moves=provider.move_event, user_removes=provider.remove_event_by_user)


def _post(home: Path, town: Town) -> Side:
    """The operator's way out, through the submission server."""
    town.sink.passwords["operator"] = "p@ss"
    url = f"smtp://operator:p%40ss@localhost:{town.sink.port}/?from=keepwarm@example.org"
    settings = Settings(home=str(home), smtp_url=url)
    return Side(provider=load("post")(replace(opening(home), operator=settings, reach=REACH)), finds=None)


def _open(home: Path, town: Town, server: str) -> Side:
    """Mail in Dovecot, events in the calendar server named."""
    here = resident(town, opening(home), server=server)
    for number in range(6):
        head = f"From: {SECRET} <p{number}@example.com>\r\nTo: {make.OWNER}\r\nMessage-ID: <{number}@example.com>\r\n"
        rest = f"Date: Mon, 2 Nov 2026 09:0{number}:00 +0000\r\nSubject: {SECRET}\r\n\r\n{SECRET}\r\n"
        town.dovecot.deliver(here.user, (head + rest).encode())

    def renumber() -> None:
        with town.dovecot.connected(here.user) as imap:
            imap.select("INBOX")
        town.dovecot.renumber(here.user)

    provider = here.provider
    provider.remove_all_events()  # the calendar server has one user for all
    return Side(
        provider=provider,
        place_ref="INBOX",
        items=6,
        break_one=lambda: town.dovecot.deliver(here.user, b"\r\nnothing above\r\n"),
        kill_cursor=renumber,
        withdraw=lambda: town.dovecot.add(here.user, "another"),
        user_moves=here.user_moves,
        user_removes=here.user_removes,
    )


ALLOWED = ("calendar", "contacts", "mail", "send", "draft")


def _google(home: Path, town: Town, kind: StreamKind) -> Side:
    """A person at the emulator, who is checked against the contract."""
    there: Google = town.made.get("google") or town._once("google", lambda: google(town.authority, clock=lambda: NOW))
    robin = there.person(f"robin{len(there.people)}@example.com")
    topic = there.topic("news")
    operator = google_sides.operator(
        there, home, google_topic=topic, google_subscription=there.subscribe("news", topic),
        google_pull_key=str(there.service_key_file(home)),
    )  # fmt: skip
    opened = google_sides.opening(there, robin, *ALLOWED, home=home, owner_addresses=(make.OWNER,), operator=operator)
    for number in range(6):
        head = {
            "From": f"{SECRET} <p{number}@example.com>",
            "To": robin.address,
            "Message-ID": f"<{number}@example.com>",
        }
        robin.receives(head | {"Subject": SECRET}, text=SECRET)
        start, end = START + timedelta(days=number), START + timedelta(days=number, hours=1)
        times = {name: {"dateTime": at.isoformat()} for name, at in (("start", start), ("end", end))}
        guest = {"email": f"p{number}@example.com", "displayName": SECRET, "responseStatus": "accepted"}
        robin.calendar.put({"summary": SECRET, "attendees": [guest], **times})
    provider = load("google")(opened)
    mail = kind is StreamKind.MAIL
    first = "gmail.users.getProfile" if mail else "calendar.events.list"
    bomb = {"recurrence": ["RRULE:FREQ=SECONDLY"], "start": {"dateTime": START.isoformat(), "timeZone": "UTC"}}

    def throttle(span: timedelta) -> None:
        there.faults.add(first, "429", times=None, person=robin.address, retry_after=span.total_seconds())

    def forget() -> None:
        robin.receives({"From": "p@example.com", "To": robin.address, "Message-ID": "<later@example.com>"})
        robin.forget_history()

    def ours(uid: str) -> tuple[Calendar, str]:
        ref = provider.ensure_calendar()
        return robin.calendars[ref], provider.get_event(ref, uid).remote_ref

    def move(uid: str, start: datetime) -> None:
        calendar, event_id = ours(uid)
        calendar.move(event_id, start, start + timedelta(minutes=15))

    def remove(uid: str) -> None:
        calendar, event_id = ours(uid)
        calendar.remove(event_id)

    def told(secret: str) -> tuple[dict[str, str], bytes]:
        named = {
            "channel-id": secret.partition(".")[0],
            "channel-token": secret,
            "resource-id": "r",
            "message-number": "2",
        }
        return {f"x-goog-{name}": text for name, text in named.items()} | {"x-goog-resource-state": "exists"}, b""

    return Side(
        provider=provider,
        kind=kind,
        place_ref="mail" if mail else robin.calendar.id,
        items=6,
        break_one=None if mail else lambda: robin.calendar.put(bomb | {"end": bomb["start"]}) and None,
        kill_cursor=forget if mail else robin.calendar.forget_tokens,
        withdraw=lambda: there.withdraw(robin),
        throttle=throttle,
        user_moves=move,
        user_removes=remove,
        notice=None if mail else told,
        part="calendar",
        proof="x-goog-channel-token",
        several=False,
    )


def _graph(town: Town) -> Microsoft:
    there: Microsoft = town._once("microsoft", lambda: microsoft(town.authority, clock=lambda: NOW))
    there.pushes.to = town._once("receiver", receiving).address
    return there


def _microsoft(home: Path, town: Town, kind: StreamKind) -> Side:
    """A person at the emulator, who is checked against the contract, before a receiver that shakes every hand."""
    there = town.made.get("microsoft") or _graph(town)
    robin = there.person(f"robin{len(there.people)}@example.com")
    opened = microsoft_sides.opening(there, robin, *ALLOWED, home=home, owner_addresses=(make.OWNER,))
    for number in range(6):
        head = {"To": robin.address, "Message-ID": f"<{number}@example.com>", "Subject": SECRET}
        robin.receives(head | {"From": f"{SECRET} <p{number}@example.com>"}, text=SECRET)
        start, end = START + timedelta(days=number), START + timedelta(days=number, hours=1)
        guest = {"emailAddress": {"address": f"p{number}@example.com", "name": SECRET}, "type": "required"}
        times = {name: _graph_time(at) for name, at in (("start", start), ("end", end))}
        robin.calendar.put({"subject": SECRET, "attendees": [guest | {"status": {"response": "accepted"}}], **times})
    provider, mail = load("microsoft")(opened), kind is StreamKind.MAIL
    places = {each.name: each.ref for each in provider.places() if each.kind is kind}
    lists = ("mailFolders/{mailFolder-id}/messages", "calendars/{calendar-id}/calendarView")

    def throttle(span: timedelta) -> None:
        for each in lists:
            there.faults.add(
                f"GET /me/{each}/delta()", "429", times=None, person=robin.address, retry_after=span.total_seconds()
            )

    def ours(uid: str) -> tuple[Any, str]:
        ref = provider.get_event(provider.ensure_calendar(), uid).remote_ref
        return next(each for each in robin.calendars.values() if each.name == "Keepwarm"), ref

    def move(uid: str, start: datetime) -> None:
        calendar, event_id = ours(uid)
        calendar.move(event_id, start, start + timedelta(minutes=15))

    def remove(uid: str) -> None:
        calendar, event_id = ours(uid)
        calendar.remove(event_id)

    return Side(
        provider=provider,
        kind=kind,
        place_ref=places["Inbox" if mail else "Calendar"],
        items=6,
        kill_cursor=lambda: robin.forget_delta("mail" if mail else "calendar"),
        withdraw=lambda: there.withdraw(robin, at_once=True),
        throttle=throttle,
        user_moves=move,
        user_removes=remove,
    )


def _graph_time(at: datetime) -> dict[str, str]:
    return {"dateTime": f"{at:%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"}


HOUSES: dict[str, Callable[[Path, Town], Side]] = {
    "fake": lambda home, _: _fake(home),
    "files": lambda home, _: _files(home),
    "local": lambda home, _: _local(home),
    "open": lambda home, town: _open(home, town, "radicale"),
    "open xandikos": lambda home, town: _open(home, town, "xandikos"),
    "post": _post,
    "google": lambda home, town: _google(home, town, StreamKind.MAIL),
    "google calendar": lambda home, town: _google(home, town, StreamKind.CALENDAR),
    "microsoft": lambda home, town: _microsoft(home, town, StreamKind.MAIL),
    "microsoft calendar": lambda home, town: _microsoft(home, town, StreamKind.CALENDAR),
}


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
