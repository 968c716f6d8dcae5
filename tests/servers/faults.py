"""What goes wrong on the way to a mail server: a proxy that cuts, drips or falls silent, and servers that misbehave.

Everything is on loopback, in threads that end with their block.
"""

from __future__ import annotations

import select
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

from tests.servers.dav import PATIENCE, Authority

NEVER = 1 << 60
DRIP = 0.05  # seconds between two bytes


@dataclass(slots=True, kw_only=True)
class Fault:
    """What happens on each connection, after so many bytes since it began."""

    cut_server: int = NEVER  # the server's answers end there
    cut_client: int = NEVER  # the client's words end there
    reset: bool = False  # how a cut looks: a reset instead of an end
    drip: int = NEVER  # from there on the server's answers come byte by byte
    silent: int = NEVER  # from there on nothing goes either way, and nobody closes


class Proxy:
    """Stands before the port ``to``. With an authority TLS ends here and begins anew: bytes are counted unencrypted."""

    def __init__(self, to: int, authority: Authority | None) -> None:
        self._to, self._authority = to, authority
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._ended = Event()
        self.port = int(self._listening.getsockname()[1])
        self.fault = Fault()
        self.passed = {"server": 0, "client": 0}  # bytes, of the last connection

    def serve(self) -> None:
        _accept(self._listening, self._ended, self._connection)

    def end(self) -> None:
        self._ended.set()
        self._listening.close()

    def _connection(self, client: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", self._to), PATIENCE) as server:
            if self._authority is None:
                self._carry(client, server)
                return
            trusting = ssl._create_unverified_context()
            with (
                self._authority.context.wrap_socket(client, server_side=True) as inner,
                trusting.wrap_socket(server) as outer,
            ):
                self._carry(inner, outer)

    def _carry(self, client: socket.socket, server: socket.socket) -> None:
        fault, passed = self.fault, {"server": 0, "client": 0}
        self.passed = passed
        while not self._ended.is_set():
            if passed["server"] >= fault.silent:
                time.sleep(0.01)
                continue
            for source in _readable(client, server):
                side, sink = ("client", server) if source is client else ("server", client)
                cut = fault.cut_client if source is client else fault.cut_server
                room = cut if source is client else min(cut, fault.silent)
                data = source.recv(1 << 16)[: room - passed[side]]
                passed[side] += len(data)
                _send(sink, data, drip=side == "server" and passed[side] > fault.drip, ended=self._ended)
                if not data or passed[side] >= cut:
                    _close(client, reset=fault.reset)
                    return


@contextmanager
def proxy(to: int, authority: Authority | None = None) -> Iterator[Proxy]:
    made = Proxy(to, authority)
    with _running(made):
        yield made


Says = bytes | Callable[[], Iterable[bytes]]


class Fake:
    """A server that says what a table says, and keeps what it heard: (whether it came encrypted, the line)."""

    unknown = b""  # the answer to what the table does not hold

    def __init__(self, authority: Authority, says: Mapping[str, Says], *, tls: bool = True) -> None:
        self._authority, self._says, self._tls = authority, says, tls
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._ended = Event()
        self.port = int(self._listening.getsockname()[1])
        self.heard: list[tuple[bool, bytes]] = []

    def serve(self) -> None:
        _accept(self._listening, self._ended, self._connection)

    def end(self) -> None:
        self._ended.set()
        self._listening.close()

    def _connection(self, client: socket.socket) -> None:
        if not self._tls:
            self._say(client, "greeting")
            if not self._talk(client):
                return
        with self._authority.context.wrap_socket(client, server_side=True) as encrypted:
            if self._tls:
                self._say(encrypted, "greeting")
            self._talk(encrypted)

    def _talk(self, client: socket.socket) -> bool:
        """Until the client leaves, or goes on under TLS."""
        with client.makefile("rb") as lines:
            for line in lines:
                self.heard.append((isinstance(client, ssl.SSLSocket), line))
                if self._answer(client, line, lines):
                    return True
        return False

    def _answer(self, client: socket.socket, line: bytes, lines: Any) -> bool:
        """One command. Whether TLS begins now."""
        raise NotImplementedError

    def _say(self, client: socket.socket, what: str, tag: bytes = b"") -> bytes:
        said = self._says.get(what, self.unknown)
        if not isinstance(said, bytes):
            for part in said():
                if self._ended.is_set():
                    break
                client.sendall(part)
            return b""
        whole = said if not tag or b"TAG" in said else said + b"TAG OK done\r\n"
        client.sendall(whole.replace(b"TAG", tag))
        return whole


class FakeImap(Fake):
    """Commands by name (``STATUS``, ``UID FETCH``); in what is said TAG is the command's; without one, OK follows."""

    def _answer(self, client: socket.socket, line: bytes, lines: Any) -> bool:
        tag, command, *more = line.split()
        name = command.decode().upper() + (f" {more[0].decode().upper()}" if command.upper() == b"UID" else "")
        if name == "AUTHENTICATE":
            client.sendall(b"+ \r\n")
            self.heard.append((isinstance(client, ssl.SSLSocket), lines.readline()))
        answer = self._say(client, name, tag)
        return name == "STARTTLS" and b"TAG OK" in answer


class FakeSmtp(Fake):
    """Commands by verb, and ``.`` for the end of a message; ``taken`` counts those that came whole."""

    taken = 0
    unknown = b"500 what\r\n"

    def _answer(self, client: socket.socket, line: bytes, lines: Any) -> bool:
        verb = line.split()[0].decode().upper()
        answer = self._say(client, verb)
        if verb == "DATA" and answer.startswith(b"354"):
            while (each := lines.readline()) not in {b".\r\n", b""}:
                self.heard.append((isinstance(client, ssl.SSLSocket), each))
            self.taken += each == b".\r\n"
            self._say(client, ".")
        return verb == "STARTTLS" and answer.startswith(b"220")


IMAP: dict[str, Says] = {
    "greeting": b"* OK ready\r\n",
    "CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n",
    "STARTTLS": b"",
    "AUTHENTICATE": b"",
    "LOGIN": b"",
    "LIST": b'* LIST () "/" INBOX\r\n',
    "STATUS": b"* STATUS INBOX (UIDVALIDITY 7 UIDNEXT 3)\r\n",
    "EXAMINE": b"* 2 EXISTS\r\n",
    "UID SEARCH": b"* SEARCH 1 2\r\n",
    "LOGOUT": b"* BYE\r\n",
}
SMTP: dict[str, Says] = {
    "greeting": b"220 ready\r\n",
    "EHLO": b"250-here\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n",
    "HELO": b"250 here\r\n",
    "STARTTLS": b"220 go on\r\n",
    "AUTH": b"235 welcome\r\n",
    "MAIL": b"250 so be it\r\n",
    "RCPT": b"250 so be it\r\n",
    "DATA": b"354 go on\r\n",
    ".": b"250 taken\r\n",
    "QUIT": b"221 bye\r\n",
}


@contextmanager
def fake_imap(authority: Authority, says: Mapping[str, Says] | None = None, *, tls: bool = True) -> Iterator[FakeImap]:
    made = FakeImap(authority, IMAP | dict(says or {}), tls=tls)
    with _running(made):
        yield made


@contextmanager
def fake_smtp(authority: Authority, says: Mapping[str, Says] | None = None, *, tls: bool = True) -> Iterator[FakeSmtp]:
    made = FakeSmtp(authority, SMTP | dict(says or {}), tls=tls)
    with _running(made):
        yield made


def endless(part: bytes, *, first: bytes = b"") -> Callable[[], Iterator[bytes]]:
    """``first``, and then the part again and again, in large pieces."""

    def say() -> Iterator[bytes]:
        yield first
        whole = part * ((1 << 16) // len(part) + 1)
        while True:
            yield whole

    return say


def _accept(listening: socket.socket, ended: Event, serve: Callable[[socket.socket], None]) -> None:
    """Every connection in a thread of its own, until the listening socket is closed."""
    listening.settimeout(0.02)
    threads = []

    def one(client: socket.socket) -> None:
        with suppress(OSError, ValueError), closing(client):  # the client went away in the middle: that is the test
            client.settimeout(PATIENCE)
            serve(client)

    while not ended.is_set():
        with suppress(TimeoutError, OSError):
            thread = Thread(target=one, args=(listening.accept()[0],), daemon=True)
            thread.start()
            threads.append(thread)
    for thread in threads:
        thread.join(PATIENCE)


@contextmanager
def _running(server: Proxy | Fake) -> Iterator[None]:
    thread = Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.end()
        thread.join(PATIENCE)


def _readable(*socks: socket.socket) -> list[socket.socket]:
    waiting = [each for each in socks if isinstance(each, ssl.SSLSocket) and each.pending()]
    return waiting or select.select(socks, [], [], 0.02)[0]


def _send(sock: socket.socket, data: bytes, *, drip: bool, ended: Event) -> None:
    for at in range(0, len(data), 1 if drip else len(data) or 1):
        sock.sendall(data[at : at + 1] if drip else data)
        if drip and ended.wait(DRIP):
            return


def _close(sock: socket.socket, *, reset: bool) -> None:
    if reset:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()
