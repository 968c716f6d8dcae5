"""Load from the same machine: requests sent ahead of time as bytes, over connections that stay open.

Called by `benchmarks` and by the ring `load`. ``saturate`` keeps a number of connections busy, each waiting for its
answer; ``at_pace`` sends at given moments whether or not earlier answers came, so that a slow server cannot slow the
load down and hide it. One thread, one selector: the load costs little beside the server it measures.
"""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

LENGTH = re.compile(rb"\r\n[Cc]ontent-[Ll]ength: *(\d+)")
CHUNKED = re.compile(rb"\r\n[Tt]ransfer-[Ee]ncoding: *chunked")
LOST = 0  # the status of a request that got no answer
PATIENCE = 10.0  # seconds without any answer before the rest counts as lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One request. ``at``: seconds from the beginning, 0 for as soon as there is room."""

    request: bytes
    at: float = 0.0
    name: str = ""


@dataclass(slots=True)
class Told:
    """What came back: statuses and seconds by the shots' names. Seconds count from the moment a shot was due."""

    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    took: float = 0.0

    def add(self, name: str, status: int, seconds: float) -> None:
        self.statuses.setdefault(name, Counter())[status] += 1
        self.seconds.setdefault(name, []).append(seconds)

    @property
    def answered(self) -> int:
        return sum(count for each in self.statuses.values() for status, count in each.items() if status != LOST)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answered / self.took if self.took else 0.0

    def share(self, share: float, name: str = "") -> float:
        """The seconds within which this share of the answers came."""
        found = sorted(self.seconds.get(name, [0.0]))
        return found[min(len(found) - 1, int(len(found) * share))]


def request(path: str, body: bytes = b"", headers: Mapping[str, str] | None = None, *, method: str = "POST") -> bytes:
    """A whole HTTP/1.1 request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


class Line:
    """One connection, with at most one request under way."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket: socket.socket | None = None
        self.got = b""
        self.shot: Shot | None = None
        self.due = 0.0
        self.kept = False  # this request goes over a connection that carried one before

    def send(self, shot: Shot, due: float, selector: selectors.BaseSelector) -> None:
        self.shot, self.due, self.kept = shot, due, self.socket is not None
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=5)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(self.socket, selectors.EVENT_READ, self)
        try:
            self.socket.sendall(shot.request)
        except OSError:  # closed by the other side: `read` finds its last words, if there were any
            if self.kept:
                self.close(selector)
                self.send(shot, due, selector)

    def close(self, selector: selectors.BaseSelector) -> None:
        if self.socket is not None:
            selector.unregister(self.socket)
            self.socket.close()
        self.socket, self.got = None, b""

    def read(self, selector: selectors.BaseSelector) -> int | None:
        """The status once the answer is complete; LOST if the other side closed before."""
        assert self.socket is not None
        try:
            part = self.socket.recv(65536)
        except OSError:
            part = b""
        self.got += part
        status = _complete(self.got)
        if status is None:
            return None if part else self._broken(selector)
        if not part or b"\r\nConnection: close" in self.got or b"\r\nconnection: close" in self.got:
            self.close(selector)
        self.got = b""
        return status

    def _broken(self, selector: selectors.BaseSelector) -> int | None:
        """The other side closed. As any client, ask again if it only let go of a connection that stood idle."""
        again = self.kept and not self.got
        self.close(selector)
        if self.shot is None:
            return None
        if not again:
            return LOST
        self.send(self.shot, self.due, selector)
        return None


def _complete(got: bytes) -> int | None:
    """The status of this answer, None while some of it is missing."""
    head, end, rest = got.partition(b"\r\n\r\n")
    if not end:
        return None
    status = int(head[9:12])
    length = LENGTH.search(head)
    if CHUNKED.search(head):
        return status if rest.endswith(b"0\r\n\r\n") else None
    return status if length is None or len(rest) >= int(length[1]) else None


def fire(port: int, shots: Iterable[Shot], *, lines: int, seconds: float | None = None) -> Told:
    """Send the shots in their order over ``lines`` connections; ends with the last answer, or after ``seconds``."""
    told, idle, selector = Told(), deque(Line(port) for _ in range(lines)), selectors.DefaultSelector()
    left, busy, begun = iter(shots), 0, time.perf_counter()
    upcoming, heard = next(left, None), begun
    while True:
        now = time.perf_counter()
        while upcoming and idle and now - begun >= upcoming.at and (seconds is None or now - begun < seconds):
            idle.popleft().send(upcoming, begun + upcoming.at if upcoming.at else now, selector)
            busy, heard, upcoming = busy + 1, now, next(left, None)
        over = upcoming is None or (seconds is not None and now - begun >= seconds)
        if (over and not busy) or now - heard > PATIENCE:
            break
        for key, _ in selector.select(0.001 if upcoming and not over else 0.05):
            line: Line = key.data
            status = line.read(selector)
            if status is not None and line.shot is not None:
                heard = time.perf_counter()
                told.add(line.shot.name, status, heard - line.due)
                line.shot, busy = None, busy - 1
                idle.appendleft(line)
    told.took = heard - begun
    _count_lost(told, selector, heard)
    return told


def _count_lost(told: Told, selector: selectors.BaseSelector, now: float) -> None:
    for key in list(selector.get_map().values()):
        line: Line = key.data
        if line.shot is not None:
            told.add(line.shot.name, LOST, now - line.due)
        line.close(selector)
    selector.close()


def saturate(port: int, requests: Sequence[bytes], *, lines: int, seconds: float) -> Told:
    """These requests over and over for so long, on so many connections."""

    def endless() -> Iterable[Shot]:
        while True:
            yield from (Shot(request=each) for each in requests)

    return fire(port, endless(), lines=lines, seconds=seconds)


def at_pace(port: int, paces: Mapping[str, tuple[float, Callable[[int], bytes]]], *, seconds: float) -> Told:
    """Several kinds of requests at once, each so many a second, evenly: by name the pace and what makes the nth."""
    queue: list[tuple[float, str, int]] = [(0.001, name, 0) for name in paces]
    shots: list[Shot] = []
    while queue:
        at, name, number = heappop(queue)
        pace, make = paces[name]
        if at >= seconds:
            continue
        shots.append(Shot(request=make(number), at=at, name=name))
        heappush(queue, ((number + 1) / pace, name, number + 1))
    return fire(port, shots, lines=64)
