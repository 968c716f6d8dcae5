"""The provider ``open`` for the contract suite: one account over real servers, and what its owner does elsewhere.

Mail stands in Dovecot, goes out through aiosmtpd, and our events stand in Radicale or Xandikos.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from integrations import load
from integrations.base import Opening
from integrations.wire import net
from integrations.wire.http import Client
from keepwarm.types import Grant
from tests.servers.dav import PASSWORD as DAV_PASSWORD
from tests.servers.dav import USER, Authority, radicale, xandikos
from tests.servers.mail import PASSWORD, Dovecot, Sink, dovecot, sink

USERS = count()
REACH = net.Reach(allow=("localhost",))


@dataclass(slots=True)
class Town:
    """Every server of the open standards, started when it is first asked for."""

    folder: Path
    stack: ExitStack
    made: dict[str, Any]

    def _once(self, name: str, start: Any) -> Any:
        if name not in self.made:
            self.made[name] = self.stack.enter_context(start())
        return self.made[name]

    @property
    def authority(self) -> Authority:
        if "authority" not in self.made:
            (self.folder / "authority").mkdir()
            self.made["authority"] = Authority(self.folder / "authority")
        found: Authority = self.made["authority"]
        return found

    @property
    def dovecot(self) -> Dovecot:
        return self._once("dovecot", lambda: dovecot(self.authority))  # type: ignore[no-any-return]

    @property
    def sink(self) -> Sink:
        return self._once("sink", lambda: sink(self.authority, store=self.dovecot))  # type: ignore[no-any-return]

    def calendars(self, server: str) -> str:
        start = {"radicale": radicale, "xandikos": xandikos}[server]
        return str(self._once(server, lambda: start(self.authority, self.folder / server)))


def towns(folder: Path) -> Iterator[Town]:
    """A town whose certificates are trusted while it stands."""
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        town = Town(folder=folder, stack=stack, made={})
        patch.setenv("SSL_CERT_FILE", str(town.authority.pem))
        net.tls_context.cache_clear()
        yield town
    net.tls_context.cache_clear()


@dataclass(frozen=True, kw_only=True)
class Resident:
    """A user of all servers, with an account over them."""

    town: Town
    user: str
    dav: str
    opened: Opening

    @cached_property
    def provider(self) -> Any:
        return load("open")(self.opened)

    def user_moves(self, uid: str, start: datetime) -> None:
        """In another program: the event keeps its length."""
        href, body = self._event(uid)
        held = self.provider.get_event(self.provider.ensure_calendar(), uid)
        for name, moment in (("DTSTART", start), ("DTEND", start + (held.end_at - held.start_at))):
            head, event, rest = body.partition("BEGIN:VEVENT")
            rest = re.sub(rf"\n{name}[^\r\n]*", f"\n{name}:{moment:%Y%m%dT%H%M%SZ}", rest, count=1)
            body = head + event + rest
        answer = self._client.call("PUT", href, body=body.encode(), headers={"Content-Type": "text/calendar"})
        assert answer.status in {200, 201, 204}

    def user_removes(self, uid: str) -> None:
        assert self._client.call("DELETE", self._event(uid)[0]).status in {200, 204}

    @cached_property
    def _client(self) -> Client:
        return Client(REACH, user=USER, password=DAV_PASSWORD)

    def _event(self, uid: str) -> tuple[str, str]:
        """Address and body: the only event of that uid in our calendar."""
        place = self.provider.ensure_calendar()
        origin = re.match(r"https://[^/]+", self.dav)
        assert origin
        listing = self._client.call(
            "PROPFIND", origin[0] + place, headers={"Depth": "1", "Content-Type": "application/xml"},
            body=b'<D:propfind xmlns:D="DAV:"><D:prop><D:getetag/></D:prop></D:propfind>',
        )  # fmt: skip
        hrefs = re.findall(r"<[\w:]*href>([^<]+\.ics)</", listing.body.decode())
        for href in hrefs:
            body = self._client.call("GET", origin[0] + href).body.decode()
            if uid in body:
                return origin[0] + href, body
        raise AssertionError(f"no event among {len(hrefs)}")


def resident(town: Town, opened: Opening, *, server: str = "radicale") -> Resident:
    """A new user, with an empty mailbox and a calendar server; ``opened`` is completed with what they need."""
    user = f"r{next(USERS)}"
    town.dovecot.add(user)
    town.sink.passwords[user] = PASSWORD
    dav = town.calendars(server)
    settings = {
        "user": user, "address": opened.owner_addresses[0], "imap": f"imap://localhost:{town.dovecot.imap}",
        "smtp": f"smtp://localhost:{town.sink.port}", "caldav": dav, "carddav": dav, "dav_user": USER,
        "roles": {"inbox": "INBOX", "sent": "Sent", "draft": "Drafts"},
    }  # fmt: skip
    grant = Grant(values={"password": PASSWORD, "dav_password": DAV_PASSWORD})
    return Resident(town=town, user=user, dav=dav, opened=replace(opened, settings=settings, grant=grant, reach=REACH))
