"""Reading in a process beside the one that writes: the two halves of a large import, each on a core of its own.

Called by `workers.sync`. The reader is a fork, so it needs no start of its own; it is one page ahead at most, touches
no database, and ends with whoever started it: at the next page it finds nobody there to take it.
"""

from __future__ import annotations

import os
import pickle
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

LARGE = 4 << 20  # bytes, some thousand mails: measured as the size from which the second process pays

T = TypeVar("T")


class ReaderLostError(RuntimeError):
    """The reading process ended before its last page. What was kept stands; the import goes on from there."""


def pays(paths: Sequence[str]) -> bool:
    """Whether so much is to be read that a second process is quicker, and a fork is safe: no other thread runs."""
    large = any(Path(path).is_dir() or (Path(path).is_file() and Path(path).stat().st_size > LARGE) for path in paths)
    return large and may_fork()


def may_fork() -> bool:
    """Whether a second process has a core of its own, and a fork is safe."""
    return (os.cpu_count() or 1) > 1 and threading.active_count() == 1


def read_ahead(pages: Callable[[], Iterator[T]]) -> Generator[T, None, None]:
    """The same pages, read by a process of their own. An error there is raised here; the process ends with this."""
    receiver, sender = Pipe(duplex=False)
    reader = os.fork()
    if reader == 0:
        receiver.close()
        _read(pages, sender)
    sender.close()
    try:
        while True:
            page, error = _next(receiver)
            if error is not None:
                raise error
            if page is None:
                return
            yield page
    finally:
        receiver.close()
        os.kill(reader, signal.SIGKILL)
        os.waitpid(reader, 0)


def _next(receiver: Connection) -> tuple[T | None, Exception | None]:
    try:
        found: tuple[T | None, Exception | None] = receiver.recv()
    except EOFError:
        return None, ReaderLostError("the reading process ended early")
    return found


def _read(pages: Callable[[], Iterator[T]], sender: Connection) -> None:
    """In the fork: send every page, then None. Never returns, and runs nothing of what the parent had planned."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    try:
        try:
            for page in pages():
                sender.send_bytes(pickle.dumps((page, None), pickle.HIGHEST_PROTOCOL))
            sender.send((None, None))
        except BrokenPipeError:
            pass  # nobody is there any more
        except Exception as error:  # noqa: BLE001 - carried over to the parent, which answers it by remedy
            sender.send_bytes(_carried(error))
    finally:
        os._exit(0)


def _carried(error: Exception) -> bytes:
    """The error as bytes that can be read again; one that cannot travel is told by its kind."""
    try:
        packed = pickle.dumps((None, error))
        pickle.loads(packed)  # noqa: S301 - our own bytes
    except Exception:  # noqa: BLE001 - errors of libraries with arguments of their own
        return pickle.dumps((None, ReaderLostError(type(error).__name__)))
    return packed
