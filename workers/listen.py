"""The listener: one process that holds a connection for each folder under IDLE, and only marks streams stale.

Started by `keepwarm run` and deploy/ as `python -m workers.listen`. What it misses, polling finds (`workers.schedule`).
A connection costs a socket and some 60 KiB; connecting and renewing wait in a few threads, hearing waits in one
`select`, so that some hundreds fit one process.
"""

from __future__ import annotations

import selectors
import signal
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from integrations.base import Ear
from keepwarm.errors import AccessRevoked, KeepwarmError, NotFound, Rejected
from keepwarm.store import AWAY, accounts, duties
from keepwarm.types import Stream
from workers import logs, roll, tasks
from workers.runtime import Runtime
from workers.schedule import SWEEP_SECONDS

TICK = 1.0  # seconds between looks at what is due
RENEW = 600.0  # seconds; RFC 2177 asks for less than 29 minutes, PROVIDERS.md section 6 advises ten
ROSTER = 3.0  # seconds between looks at which streams there are: who connects waits for it
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 900.0  # seconds before a lost connection is made anew; doubles
NEVER = 86_400.0  # seconds: the server cannot; polling does without
THREADS = 8


@dataclass(slots=True)
class Post:
    """One stream that is listened to, or waits to be. Not a value: its connection comes and goes."""

    stream: Stream
    provider: str
    ear: Ear | None = None
    due_at: float = 0.0  # to connect, or to renew
    pause: float = FIRST_PAUSE
    busy: bool = False
    gone: bool = False


@dataclass(slots=True)
class Listener:
    """All posts of this process."""

    runtime: Runtime
    wake: Callable[[str], object]
    posts: dict[str, Post] = field(default_factory=dict)
    ready: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(THREADS, "listen"))
    done: list[Callable[[], None]] = field(default_factory=list)
    roster_at: float = 0.0
    alive_at: float = 0.0  # when to note next that it lives
    stopping: bool = False

    def run(self) -> None:
        """Until told to stop."""
        try:
            while not self.stopping:
                self.turn()
        finally:
            for post in self.posts.values():
                self._close(post)
            self.threads.shutdown(wait=False, cancel_futures=True)

    def turn(self) -> None:
        """One round: who there is, what came in, what is due."""
        now = self.runtime.ticks()
        if now >= self.roster_at:
            self._call_the_roll(now)
        for key, _ in self.ready.select(TICK) if self.posts else ():
            self._hear(key.data)
        while self.done:
            self.done.pop(0)()
        for post in list(self.posts.values()):
            if not post.busy and self.runtime.ticks() >= post.due_at:
                self._tend(post)
        if not self.posts:
            signal_pause(TICK)

    def _call_the_roll(self, now: float) -> None:
        """The mail streams of accounts that can be listened to; posts come and go with them."""
        self.roster_at = now + ROSTER
        try:
            wanted = self._wanted(now)
        except AWAY:  # whoever is listened to stays so until the database is back
            return
        for stream_id in self.posts.keys() - wanted.keys():
            self._close(self.posts[stream_id])
            self.posts.pop(stream_id).gone = True
        for stream_id in wanted.keys() - self.posts.keys():
            stream, provider = wanted[stream_id]
            self.posts[stream_id] = Post(stream=stream, provider=provider, due_at=now)

    def _wanted(self, now: float) -> dict[str, tuple[Stream, str]]:
        """Who is to be listened to; notes once a minute that somebody does."""
        with self.runtime.store.system(write=False) as tx:
            wanted = roll.listened(tx, self.runtime)
        if now >= self.alive_at:
            with self.runtime.store.system() as tx:
                duties.ok(tx, "listen", self.runtime.now())
            self.alive_at = now + SWEEP_SECONDS
        return wanted

    def _tend(self, post: Post) -> None:
        """Connect or renew, in a thread; what comes of it is taken up in a later round."""
        post.busy = True
        if post.ear is not None:
            self.ready.unregister(post.ear)
            work: Callable[[], Any] = post.ear.renew
        else:
            work = lambda: self._connect(post)  # noqa: E731 - one of two things to do
        self.threads.submit(work).add_done_callback(lambda made: self.done.append(lambda: self._tended(post, made)))

    def _connect(self, post: Post) -> Ear:
        account: Any = self.runtime.open_account(post.stream.owner_id, post.stream.account_id)
        ear: Ear = account.listen(post.stream)
        return ear

    def _tended(self, post: Post, made: Future[Any]) -> None:
        post.busy = False
        try:
            result = made.result()
        except Exception as error:  # noqa: BLE001 - one foreign server: whatever it was, the others go on
            self._lost(post, error)
            return
        fresh = post.ear is None
        if fresh:
            post.ear = result
        assert post.ear is not None
        if post.gone:
            self._close(post)
            return
        self.ready.register(post.ear, selectors.EVENT_READ, post)
        post.due_at, post.pause = self.runtime.ticks() + RENEW, FIRST_PAUSE
        if fresh or result:  # what came while nobody listened
            self._tell(post)

    def _hear(self, post: Post) -> None:
        if post.ear is None or post.busy:
            return
        try:
            news = post.ear.heard()
        except Exception as error:  # noqa: BLE001 - as above
            self.ready.unregister(post.ear)
            self._lost(post, error)
            return
        if news:
            self._tell(post)

    def _lost(self, post: Post, error: Exception) -> None:
        self._close(post)
        wait = NEVER if isinstance(error, Rejected | NotFound) else post.pause
        if isinstance(error, AccessRevoked):  # reading notes it, and the roll leaves this post out until it is mended
            wait = LONGEST_PAUSE
            self._tell(post)
        post.due_at, post.pause = self.runtime.ticks() + wait, min(post.pause * 2, LONGEST_PAUSE)
        logs.line("not listening", stream=post.stream.id, error=type(error).__name__)

    def _close(self, post: Post) -> None:
        if post.ear is not None:
            with suppress(KeyError, ValueError):
                self.ready.unregister(post.ear)
            post.ear.close()
            post.ear = None

    def _tell(self, post: Post) -> None:
        """Mark it stale, and ask a worker to look; if either fails, polling finds it."""
        try:
            with self.runtime.store.transaction(post.stream.owner_id) as tx:
                accounts.mark_stale(tx, post.stream.id, self.runtime.now())
        except (KeepwarmError, *AWAY):
            return
        self.wake(post.stream.id)


def signal_pause(seconds: float) -> None:
    """Wait, or until a signal comes."""
    signal.sigtimedwait([], seconds)


def main() -> None:
    """The process: ends at SIGTERM or Ctrl-C."""
    logs.set_up()
    runtime = Runtime.build()
    listener = Listener(runtime=runtime, wake=lambda stream_id: tasks.wake(runtime, "sync_stream", stream_id))

    def stop(_number: int, _frame: object) -> None:
        listener.stopping = True

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    listener.run()


if __name__ == "__main__":
    main()
