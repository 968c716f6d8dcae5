"""An HTTPS server on a free loopback port that hands every request to one function. Each emulator starts its own.

Connections stay open between requests (HTTP/1.1); each answer leaves in one write. At the end every connection is
closed and every thread joined.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread, current_thread
from typing import Any
from urllib.parse import parse_qsl

from tests.emulators.stand.values import Answer, Asked
from tests.servers.dav import PATIENCE, Authority

Serve = Callable[[Asked], Answer]
BODILESS = (204, 304)


@contextmanager
def serving(authority: Authority, serve: Serve) -> Iterator[int]:
    """The port, until the end of the block."""
    server = _Server(authority.context, serve)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join(PATIENCE)
        server.hang_up()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, tls: ssl.SSLContext, serve: Serve) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.tls, self.serve = tls, serve
        self._open: dict[Thread, socket.socket] = {}
        self._lock = Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = Thread(target=self.process_request_thread, args=(request, client_address), daemon=True)
        thread.start()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """In the request's own thread: a client that does not shake hands holds nobody up."""
        request.settimeout(PATIENCE)
        with self.tls.wrap_socket(request, server_side=True) as wrapped:
            with self._lock:
                self._open[current_thread()] = wrapped
            try:
                wrapped.settimeout(60)  # an idle client's connection
                super().finish_request(wrapped, client_address)
            finally:
                with self._lock:
                    del self._open[current_thread()]

    def shutdown_request(self, request: Any) -> None:
        """The connection was closed when its handshake's wrapper was."""
        with suppress(OSError):
            request.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients go away in the middle of tests; that is no news."""

    def hang_up(self) -> None:
        """Closes what clients keep open, and waits for the threads."""
        with self._lock:
            left = dict(self._open)
        for line in left.values():
            with suppress(OSError):
                socket.socket.shutdown(line, socket.SHUT_RDWR)
        for thread in left:
            thread.join(PATIENCE)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """An address that is too long is read to its end first: closed before, the client would not hear the answer."""
        while code == HTTPStatus.REQUEST_URI_TOO_LONG and self.rfile.readline(65_537).strip():
            pass
        super().send_error(code, message, explain)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        pairs = tuple(parse_qsl(query, keep_blank_values=True))
        self._write(self.server.serve(Asked(verb=self.command, path=path, query=pairs, headers=headers, body=body)))

    def _write(self, answer: Answer) -> None:
        self.close_connection = self.close_connection or bool(answer.closes)
        if answer.closes == "silent":
            return
        lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}", f"Date: {self.date_time_string()}"]
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        if answer.status not in BODILESS:
            lines.append(f"Content-Length: {len(answer.body)}")
        body = answer.body[: len(answer.body) // 2] if answer.closes else answer.body
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1") + (b"" if self.command == "HEAD" else body))

    def log_message(self, *args: Any) -> None: ...
