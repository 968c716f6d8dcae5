"""Radicale and Xandikos on free loopback ports, under TLS of a throw-away authority; a door that alters answers.

Radicale speaks TLS and asks for a login by itself. Xandikos does neither: the door stands before it. The same door can
stand before nothing at all and give whatever answer a test made up.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import trustme

PATIENCE = 20.0  # seconds for a server to listen
USER, PASSWORD = "ann", "open sesame"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as the door sees it; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One answer."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


Onwards = Callable[[Asked], Given]
Alter = Callable[[Asked, Onwards], Given]


class Authority:
    """Signs for localhost and other ``names``; ``pem`` is the file to trust."""

    def __init__(self, folder: Path, *names: str) -> None:
        made = trustme.CA()
        self.pem, self.certificate, self.key = (folder / name for name in ("ca.pem", "server.pem", "server.key"))
        made.cert_pem.write_to_path(str(self.pem))
        signed = made.issue_cert("localhost", "127.0.0.1", *names)
        signed.private_key_pem.write_to_path(str(self.key))
        for pem in signed.cert_chain_pems:
            pem.write_to_path(str(self.certificate), append=True)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.certificate, self.key)


def free_port() -> int:
    with closing(socket.socket()) as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


@contextmanager
def radicale(authority: Authority, folder: Path) -> Iterator[str]:
    """Its root's address."""
    port = free_port()
    folder.mkdir()
    (folder / "users").write_text(f"{USER}:{PASSWORD}\n")
    config = {
        "server": {
            "hosts": f"127.0.0.1:{port}", "ssl": "True", "certificate": authority.certificate, "key": authority.key,
        },
        "auth": {"type": "htpasswd", "htpasswd_filename": folder / "users", "htpasswd_encryption": "plain", "delay": 0},
        "storage": {"filesystem_folder": folder / "collections"},
        "logging": {"level": "error"},
    }  # fmt: skip
    lines = [
        f"[{part}]\n" + "".join(f"{name} = {value}\n" for name, value in of.items()) for part, of in config.items()
    ]
    (folder / "config").write_text("".join(lines))
    with running([sys.executable, "-m", "radicale", "--config", str(folder / "config")], port, folder):
        yield f"https://localhost:{port}/"


@contextmanager
def xandikos(authority: Authority, folder: Path) -> Iterator[str]:
    """The address of the door before it."""
    port = free_port()
    folder.mkdir()
    program = [str(Path(sys.executable).parent / "xandikos"), "serve", "-d", str(folder / "data")]
    places = ["-l", "127.0.0.1", "-p", str(port), "--defaults", "--state-dir", str(folder / "state")]
    with running([*program, *places], port, folder), door(authority, to=port) as address:
        yield address


@contextmanager
def door(
    authority: Authority, *, to: int = 0, tls: bool = False, alter: Alter = lambda asked, onwards: onwards(asked)
) -> Iterator[str]:
    """A TLS server that passes requests on to the port ``to`` (itself under ``tls`` or not), as ``alter`` wants it."""

    def onwards(asked: Asked) -> Given:
        return _passed(asked, to, tls)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self._answer
            raise AttributeError(name)

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {key.lower(): value for key, value in self.headers.items()}
            given = alter(Asked(method=self.command, path=self.path, headers=headers, body=body), onwards)
            self.send_response(given.status)
            for key, value in given.headers.items():
                self.send_header(key, value)
            if given.status != 204:
                self.send_header("Content-Length", str(len(given.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(given.body)

        def log_message(self, *args: Any) -> None: ...

    server = _Server(("127.0.0.1", 0), Handler)
    server.tls = authority.context
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"https://localhost:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    tls: ssl.SSLContext

    def finish_request(self, request: Any, client_address: Any) -> None:
        """In the request's own thread: a client that does not shake hands holds nobody up."""
        request.settimeout(PATIENCE)
        with self.tls.wrap_socket(request, server_side=True) as wrapped:
            super().finish_request(wrapped, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients go away in the middle of tests; that is no news."""


def _passed(asked: Asked, port: int, tls: bool) -> Given:
    made = http.client.HTTPConnection if not tls else http.client.HTTPSConnection
    named: dict[str, Any] = {"context": ssl._create_unverified_context()} if tls else {}
    left_out = {"connection", "accept-encoding", "transfer-encoding", "content-length"}
    with closing(made("127.0.0.1", port, timeout=PATIENCE, **named)) as onwards:
        headers = {name: value for name, value in asked.headers.items() if name not in left_out}
        onwards.request(asked.method, asked.path, body=asked.body or None, headers=headers)
        found = onwards.getresponse()
        kept = {name: value for name, value in found.getheaders() if name.lower() not in left_out | {"date", "server"}}
        return Given(status=found.status, body=found.read(), headers=kept)


@contextmanager
def running(command: list[str], port: int, folder: Path) -> Iterator[None]:
    """The program, from when it listens until the end of the block. It is ended by its own id."""
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        _wait(running, port, folder / "log")
        yield
    finally:
        running.terminate()
        try:
            running.wait(5)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def _wait(running: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and running.poll() is None:
        with closing(socket.socket()) as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"the server does not listen: {log.read_text()[-2000:]}")
