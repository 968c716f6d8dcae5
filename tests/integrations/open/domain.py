"""A domain of one's own on loopback: its name server, its HTTPS site, and the file that tells of its servers."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme

from integrations.open import discovery
from integrations.wire import net
from tests.servers.dns import Dns

ADDRESS = "anna.berg+x@example.org"
LOOPBACK = {("*.example.org", "A"): ["127.0.0.1"], ("example.org", "A"): ["127.0.0.1"]}
Said = tuple[int, Mapping[str, str], bytes]


class Site:
    """An HTTPS server for every name below example.org: what it says for (host, path), and what it was asked."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.says: dict[tuple[str, str], Said] = {}
        self.asked: list[tuple[str, str, str]] = []
        self.logins: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.logins += self.headers.get_all("Authorization") or []
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                host = self.headers["Host"].partition(":")[0]
                site.asked.append((self.command, host, self.path))
                status, headers, body = site.says.get((host, self.path), (404, {}, b""))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value.replace("{port}", str(site.port)))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_PROPFIND = do_GET  # noqa: N815 - the standard library's way

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *args: Any) -> None:
                """A caller that hangs up is no news."""

        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def site(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("example.org", "*.example.org").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    net.tls_context.cache_clear()
    made = Site(context)
    yield made
    made.close()
    net.tls_context.cache_clear()


@pytest.fixture
def names() -> Iterator[Callable[..., Dns]]:
    """Starts name servers; they end with the test."""
    open_: list[Dns] = []

    def start(table: Mapping[tuple[str, str], list[str]] | None = None, *, silent: bool = False) -> Dns:
        open_.append(Dns({**LOOPBACK, **(table or {})}, silent=silent))
        return open_[-1]

    yield start
    for each in open_:
        each.__exit__(None, None, None)


def reach(names: Dns, *allow: str) -> net.Reach:
    return net.Reach(allow=allow or ("127.0.0.1",), resolver=names.where)


@pytest.fixture(autouse=True)
def no_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    """No port below 1024 is knocked at here; the test of guesses has its own."""
    monkeypatch.setattr(discovery, "GUESSES", {"imap": (), "smtp": ()})


def config(inside: str, head: str = "") -> bytes:
    return f'{head}<clientConfig version="1.1"><emailProvider id="x">{inside}</emailProvider></clientConfig>'.encode()


def server(kind: str, host: str, port: object, socket_type: str, user: str = "%EMAILADDRESS%") -> str:
    tag = "incomingServer" if kind != "smtp" else "outgoingServer"
    return (
        f'<{tag} type="{kind}"><hostname>{host}</hostname><port>{port}</port><socketType>{socket_type}</socketType>'
        f"<username>{user}</username><authentication>password-cleartext</authentication></{tag}>"
    )
