"""One IMAP connection: guarded, always encrypted, bounded in time and bytes. Called by `mailbox`, `smtp`, `listening`.

`IMAPClient` speaks the protocol; the bulk of headers is taken from the layer below it, whose answers need no second
reading (docs/decisions/0015). Follows RFC 3501, RFC 9051 and, for what Gmail adds, its IMAP extensions.
"""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from math import inf
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from integrations.open.servers import Server
from integrations.wire import net
from integrations.wire.mime import HEAD_LIMIT
from keepwarm.errors import AccessRevoked, Rejected, TryAgainLater
from keepwarm.texts import mark

SECONDS = 40.0  # for one command: two of them below the limit of a task that reads, one below that of one that sends
RECEIVED = 64 << 20  # bytes for one command
FAREWELL = 2.0  # seconds for the goodbye
LINE = 16 << 20  # bytes of one line: a search names all it found in one, here about two million mails; ours
LINES = 50_000  # lines for one command: each costs more memory than it has bytes
KEPT = HEAD_LIMIT + 1024  # bytes of one literal; the rest of it is read and dropped
AWAY = timedelta(minutes=1)

NO_ENCRYPTION = mark("This server offers no encrypted connection, so no password was sent to it.")
BROKE_OFF = mark("The connection to the server broke off; we go on by ourselves.")
WRONG_PASSWORD = mark("The server does not accept this name and password.")

# What a refused login says when the password is not to blame (RFC 5530), and what some servers say instead.
_NOT_NOW = re.compile(r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG|OVERQUOTA)\]|too many|try again|temporar", re.IGNORECASE)
_BUG = "[SERVERBUG]"  # of those the one that a single mail may cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Where and as whom."""

    server: Server
    user: str
    password: str = field(repr=False)


class UnservedError(IMAPClientError):  # type: ignore[misc]  # IMAPClient has no types
    """The server did not give all that was asked for: less of it may be given.

    ``alive``: over this very connection; ``broke``: the line went dead, whatever the reason, and is better left alone.
    """

    def __init__(self, *, alive: bool = False, broke: bool = False) -> None:
        super().__init__("not all was given")
        self.alive, self.broke = alive, broke


class Imap(IMAPClient):  # type: ignore[misc]  # IMAPClient has no types
    """A connection that is made, not yet logged in. ``until``: when all that is said over it must end, in ticks."""

    def __init__(self, reach: net.Reach, server: Server, *, until: float = inf) -> None:
        self._reach, self._server, self._until = reach, server, until
        super().__init__(server.host, server.port, ssl=server.tls == "tls", timeout=net.PATIENCE)
        self._imap.debug = 0  # it would log what the server says
        if server.tls != "tls":
            try:
                self._encrypt()
            except BaseException:
                self.hang_up()
                raise

    def _create_IMAP4(self) -> _Imap4:  # noqa: N802 - IMAPClient's name
        return _Imap4(self._reach, self._server, until=self._until)

    def _set_read_timeout(self) -> None:
        """Ours has a budget instead."""

    def _encrypt(self) -> None:
        try:
            self.starttls(net.tls_context())
        except IMAPClientError as error:  # not offered, refused, or too late for it (PREAUTH)
            if not refused(error):
                raise
            raise Rejected(NO_ENCRYPTION) from error

    def bulk(self, command: str, *arguments: str) -> list[Any]:
        """The untagged answers of a UID command as they came: (line, literal) pairs, and lines."""
        kind, found = self._imap.uid(command, *arguments)
        if kind != "OK":
            why = _NOT_NOW.search(str(found[-1:]))
            raise IMAPClientError(f"{command} was refused {why[0] if why else ''}".rstrip())
        return list(found)

    def fetched(self, uids: str, items: str) -> list[Any]:
        """The same of a UID FETCH. Raises UnservedError for what the mails asked for may have caused.

        That is a no, an answer too long or too slow, and a line that goes dead within it; not what a server says about
        all of us: that it closes, or that it was asked too much.
        """
        try:
            return self.bulk("FETCH", uids, items)
        except (OSError, EOFError, IMAPClientAbortError) as error:
            if self._imap.untagged_responses.get("BYE"):
                raise
            too_much = isinstance(error, TimeoutError | net.TooMuchError)
            raise UnservedError(broke=not too_much) from error
        except IMAPClientError as error:
            if not refused(error) and _BUG not in str(error).upper():
                raise
            raise UnservedError(alive=True) from error

    def spent(self) -> float:
        """The share of its budget that the last command took, in seconds or bytes, whichever was dearer."""
        sock = self._imap.sock
        return float(max(1 - (sock.until - sock.ticks()) / SECONDS, 1 - sock.left / RECEIVED))

    def hang_up(self) -> None:
        """Log out, or at least close; never raises."""
        with suppress(Exception):
            self._imap.hurry(FAREWELL)
            self.logout()
        with suppress(Exception):
            self.shutdown()


class _Imap4(imaplib.IMAP4):
    """The standard library's connection over a guarded socket, every command with a budget."""

    def __init__(self, reach: net.Reach, server: Server, *, until: float) -> None:
        self._reach, self._where, self._until = reach, server, until
        self._lines = 0
        try:
            super().__init__(server.host, server.port)
        except ValueError as error:
            self.shutdown()
            raise self.abort("unreadable capabilities") from error
        except self.error as error:
            raise self.abort("not a greeting") from error

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        del timeout
        made: Any = net.connect(self._reach, self._where.host, self._where.port, until=self._until)
        if self._where.tls == "tls":
            made = net.encrypt(made, self._where.host, reach=self._reach, until=self._until)
        made.allow(seconds=self._rest(), received=1 << 20)  # for the greeting
        return made  # type: ignore[no-any-return]

    def hurry(self, seconds: float) -> None:
        """All that is still said must end by then."""
        self._until = min(self._until, self._reach.ticks() + seconds)

    def _rest(self) -> float:
        """Seconds for what is said now."""
        return min(SECONDS, self._until - self._reach.ticks())

    def _command(self, name: Any, *arguments: Any) -> Any:
        self._lines = 0
        self.sock.allow(seconds=self._rest(), received=RECEIVED)  # type: ignore[attr-defined]  # ours, see _create_socket
        return super()._command(name, *arguments)  # type: ignore[misc]  # imaplib's own inner method

    def _get_response(self) -> Any:
        try:
            return super()._get_response()  # type: ignore[misc]  # imaplib's own inner method
        except ValueError as error:  # a number of thousands of digits
            raise self.abort("unreadable answer") from error

    def readline(self) -> bytes:
        """One line, whole. Raises TooMuchError past what is sensible."""
        self._lines += 1
        if self._lines > LINES:
            raise net.TooMuchError("too many lines")
        line: bytes = self.file.readline(LINE + 1)  # type: ignore[assignment]  # the library's own limit is a million
        if len(line) > LINE:
            raise net.TooMuchError("too long a line")
        return line

    def read(self, size: int) -> bytes:
        """A literal, no more of it than we can use: the rest is read and dropped."""
        kept = super().read(min(size, KEPT))
        left = size - KEPT
        while left > 0:
            part = super().read(min(left, 1 << 16))
            if not part:
                break
            left -= len(part)
        return kept


@contextmanager
def logged_in(reach: net.Reach, login: Login, *, until: float = inf) -> Iterator[Imap]:
    """A connection that may be used; closed afterwards. Every error inside is told by its remedy."""
    with told():
        imap = open_imap(reach, login, until=until)
        try:
            yield imap
        finally:
            imap.hang_up()


def open_imap(reach: net.Reach, login: Login, *, until: float = inf) -> Imap:
    """The same for whoever keeps it; errors as `told` has them where it is used inside that."""
    imap = Imap(reach, login.server, until=until)
    try:
        sign_in(imap, login.user, login.password)
    except BaseException:
        imap.hang_up()
        raise
    return imap


def sign_in(imap: Imap, user: str, password: str) -> None:
    """Raises AccessRevoked for a wrong password, TryAgainLater where the server cannot say."""
    try:
        if imap.has_capability("AUTH=PLAIN"):
            imap.plain_login(user, password)
        else:
            imap.login(user, password)
    except LoginError as error:
        if isinstance(error.__context__, imaplib.IMAP4.abort):  # it broke off, and nobody judged the password
            raise TryAgainLater(AWAY, BROKE_OFF) from error
        if _NOT_NOW.search(str(error)):
            raise TryAgainLater(timedelta(minutes=5)) from error
        raise AccessRevoked(WRONG_PASSWORD) from error
    imap._cached_capabilities = None  # noqa: SLF001 - they may change after login, and the client keeps the old ones


@contextmanager
def told() -> Iterator[None]:
    """Whatever goes wrong on a connection, as an error named by its remedy."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise net.Untrusted(timedelta(hours=1), net.UNTRUSTED) from error
    except (IMAPClientAbortError, imaplib.IMAP4.abort, OSError, EOFError) as error:
        raise TryAgainLater(AWAY, BROKE_OFF) from error
    except (IMAPClientError, imaplib.IMAP4.error) as error:
        if _NOT_NOW.search(str(error)):
            raise TryAgainLater(timedelta(minutes=5)) from error
        raise


@contextmanager
def readable() -> Iterator[None]:
    """Around what reads an answer: one that makes no sense is a connection that broke off, not a failure of ours."""
    try:
        yield
    except (ValueError, IndexError, TypeError, AttributeError) as error:
        raise IMAPClientAbortError("unreadable answer") from error


def refused(error: Exception) -> bool:
    """Whether the server understood and refused: not that the connection broke off, nor that it cannot just now."""
    return not isinstance(error, imaplib.IMAP4.abort) and not _NOT_NOW.search(str(error))


def quoted(values: Sequence[str]) -> str:
    """Header names as one parenthesised list."""
    return f"({' '.join(values)})"
