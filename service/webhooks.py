"""The receiver: POST /webhooks/<provider>[/<part>]. Proves a notice, marks its streams stale, wakes a worker, answers.

A WSGI app in front of the pages (`service.web`): a provider has no session, no cookie, no form and no language, so
nothing of that is there to be misused. The order is the defence (RELIABILITY.md G8-G12): body within 64 KiB, proof, and
only then the database. A push is a hint: a stream that waits already needs neither a write nor a call, so a burst about
one mailbox costs one of each. Nothing is said about why something was refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request

from integrations import PROVIDERS
from integrations.base import House, Notice, Pushable
from keepwarm.errors import NotAuthentic, TryAgainLater
from keepwarm.store import AWAY, accounts
from keepwarm.types import Handshake, Push
from service.marker import Marker
from service.notices import Notices
from service.security import FORM_BYTES, HEADERS
from workers import logs, public
from workers.runtime import Runtime

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PREFIX = "/webhooks/"
AGAIN = ("Retry-After", "30")  # seconds, ours: after a 503; a provider that does not read it has a pace of its own


class Bounded(Request):
    """A request whose body may have 64 KiB."""

    max_content_length = FORM_BYTES


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and, for a handshake alone, a text."""

    status: int
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    def send(self, start_response: StartResponse) -> list[bytes]:
        body = self.body.encode()
        headers = [*HEADERS.items(), *self.headers]
        if self.status != HTTPStatus.NO_CONTENT:
            headers += [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
        start_response(f"{self.status} {HTTPStatus(self.status).phrase}", headers)
        return [body]


@dataclass(frozen=True)
class Receiver:
    """Answers what comes to /webhooks/ and hands everything else to ``pages``."""

    engine: Runtime
    notices: Notices
    marker: Marker
    pages: WSGIApplication

    @cached_property
    def house(self) -> House:
        return self.engine.house

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO", "")
        if not path.startswith(PREFIX):
            return self.pages(environ, start_response)
        return self.receive(path.removeprefix(PREFIX), Bounded(environ)).send(start_response)

    def receive(self, path: str, request: Request) -> Answer:
        """204 taken or not ours, 200 handshake, 401 not proven, 413 too long, 429 too much unproven, 503 come again."""
        if request.method != "POST":
            return Answer(405, headers=(("Allow", "POST"),))
        if path == public.PATH:
            return self._answer_ourselves(request)
        provider, _, part = path.partition("/")
        kind = self.engine.load(provider) if provider in PROVIDERS else None
        if kind is None or not issubclass(kind, Pushable):
            return Answer(404)
        found = self._proven(kind, part, request)
        if isinstance(found, Handshake):
            return Answer(200, found.body)
        return found if isinstance(found, Answer) else self._take(provider, found)

    def _answer_ourselves(self, request: Request) -> Answer:
        """To our own question whether this address reaches us (`workers.public`)."""
        try:
            return Answer(200, public.answer(self.engine, request.get_data()))
        except (HTTPException, ValueError):
            return Answer(404)

    def _proven(self, kind: Any, part: str, request: Request) -> Handshake | Sequence[Push] | Answer:
        """What the request says if it proves it, else the answer."""
        headers = {name.lower(): value for name, value in request.headers}
        try:
            notice = Notice(part=part, headers=headers, query=request.args, body=request.get_data())
            return kind.parse_push(notice, self.house)  # type: ignore[no-any-return]  # a provider's
        except TryAgainLater:
            return Answer(503, headers=(AGAIN,))
        except HTTPException as broken:  # too long, or it broke off
            self.notices.refused(request.remote_addr, self.engine.ticks())
            return Answer(broken.code or 400)
        except NotAuthentic:
            pass
        except Exception as slip:  # noqa: BLE001 - one foreign item: a slip of ours in reading it must not let it through
            logs.line("notice not read", error=type(slip).__name__, where=logs.where(slip), loud=True)
        return Answer(429 if self.notices.refused(request.remote_addr, self.engine.ticks()) else 401)

    def _take(self, provider: str, pushes: Sequence[Push]) -> Answer:
        """Have marked what these are about, whether or not the broker is there."""
        try:
            found = accounts.pushed(self.engine.store, provider, pushes)
        except AWAY:
            return Answer(503, headers=(AGAIN,))
        news = {each.stream_id for each in found if not each.waits and each.push.about != "renew"}
        orders = {each.stream_id for each in found if each.push.about != "news"}
        over = {each.order_id for each in found if each.push.about == "ended"}
        if (news or orders) and not self.marker.mark(news, orders, over):
            return Answer(503, headers=(AGAIN,))
        known = {each.push for each in found}
        strange = [each for each in pushes if each not in known]
        self.notices.taken(known=len(pushes) - len(strange), strange=len(strange))
        ended = bool(strange) and not known and all(each.channel for each in strange)
        return Answer(404 if ended else 204)
