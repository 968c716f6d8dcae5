"""A name server on loopback that answers from a table, over UDP and TCP. For ``Reach(resolver=Dns(...).where)``."""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rrset

Table = Mapping[tuple[str, str], Iterable[str]]


class Dns:
    """``table``: (name without the last dot, kind) to records as zone files write them; ``*.name`` stands for all below
    it that have none of their own.

    ``silent``: takes questions and never answers. ``asked`` lists the questions that came, in order.
    """

    def __init__(self, table: Table, *, silent: bool = False) -> None:
        self.table = {(name.lower(), kind): list(values) for (name, kind), values in table.items()}
        self.silent = silent
        self.asked: list[tuple[str, str]] = []
        self._udp: _Udp
        self._tcp: _Tcp
        for attempt in range(20):  # both on the same number, which may be taken for one of them
            self._udp = _Udp(("127.0.0.1", 0), _UdpHandler)
            try:
                self._tcp = _Tcp(self._udp.server_address, _TcpHandler)
            except OSError:
                self._udp.server_close()
                if attempt == 19:
                    raise
                continue
            break
        self.where = f"127.0.0.1:{self._udp.server_address[1]}"
        for server in (self._udp, self._tcp):
            server.owner = self
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def __enter__(self) -> Dns:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for server in (self._udp, self._tcp):
            server.shutdown()
            server.server_close()

    def answer(self, wire: bytes) -> bytes:
        """The answer to one question; nothing for what is no question, and where we are silent."""
        try:
            question = dns.message.from_wire(wire)
        except dns.exception.DNSException:
            return b""
        wanted = question.question[0]
        name = wanted.name.to_text(omit_final_dot=True).lower()
        kind = wanted.rdtype.name
        self.asked.append((name, kind))
        if self.silent:
            return b""
        found = self._found(name, kind)
        reply = dns.message.make_response(question, recursion_available=True)
        if found:
            reply.answer.append(dns.rrset.from_text_list(wanted.name, 60, "IN", kind, found))
        elif not any(name == each for each, _ in self.table):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply.to_wire()

    def _found(self, name: str, kind: str) -> list[str]:
        if (name, kind) in self.table:
            return self.table[name, kind]
        parts = name.split(".")
        for cut in range(1, len(parts)):
            hit = self.table.get((".".join(["*", *parts[cut:]]), kind))
            if hit is not None and not parts[0].startswith("_"):
                return hit
        return []


class _Udp(socketserver.ThreadingUDPServer):
    daemon_threads = True
    owner: Dns


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    owner: Dns


class _UdpHandler(socketserver.BaseRequestHandler):
    server: _Udp

    def handle(self) -> None:
        wire, sock = self.request
        answer = self.server.owner.answer(wire)
        if len(answer) > 512:  # the asker comes again over TCP
            cut = dns.message.make_response(dns.message.from_wire(wire))
            cut.flags |= dns.flags.TC
            answer = cut.to_wire()
        if answer:
            sock.sendto(answer, self.client_address)


class _TcpHandler(socketserver.StreamRequestHandler):
    server: Any  # _Tcp; StreamRequestHandler has its own view

    def handle(self) -> None:
        with suppress(OSError):
            head = self.rfile.read(2)
            if len(head) == 2:
                answer = self.server.owner.answer(self.rfile.read(struct.unpack("!H", head)[0]))
                if answer:
                    self.wfile.write(struct.pack("!H", len(answer)) + answer)
