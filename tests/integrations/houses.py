"""A provider of each kind with its other side, and how that is brought into each state: the lines of ``HOUSES``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from integrations import load
from integrations.base import Opening
from integrations.fake import SIGNATURE, WORLDS, World, notice
from keepwarm.settings import Settings
from keepwarm.types import Grant, StreamKind
from tests import make
from tests.emulators.google import Google, google
from tests.emulators.google.calendars import Calendar
from tests.emulators.graph import receiving
from tests.emulators.microsoft import Microsoft, microsoft
from tests.integrations.google import sides as google_sides
from tests.integrations.microsoft import sides as microsoft_sides
from tests.integrations.open.sides import REACH, Town, resident

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
