"""One folder under IDLE (RFC 2177): a connection that hears of news. Called by `Open`, kept by `workers.listen`."""

from __future__ import annotations

from contextlib import suppress

from integrations.open.imap import Imap, Login, open_imap, told
from integrations.wire import net
from keepwarm.errors import Rejected
from keepwarm.texts import mark

NO_IDLE = mark("This mail server cannot tell us of news; it is looked at every few minutes instead.")
NEWS = frozenset({b"EXISTS", b"EXPUNGE", b"VANISHED", b"RECENT"})


class Hearing:
    """A connection in IDLE. Not a value: what stands behind it is one socket."""

    def __init__(self, imap: Imap) -> None:
        self._imap = imap

    def fileno(self) -> int:
        return int(self._imap.socket().fileno())

    def heard(self) -> bool:
        """Whether what came in is news; never waits. Raises TryAgainLater if the connection is dead."""
        with told():
            said = self._imap.idle_check(timeout=0)
            if not said:  # readable, and nothing to read: the other side hung up
                raise EOFError
            if any(each[0] == b"BYE" for each in said):
                raise EOFError
            return any(len(each) > 1 and (each[1] in NEWS or each[0] in NEWS) for each in said)

    def renew(self) -> bool:
        """Leave IDLE and enter it again, which a dead connection cannot; whether there was news meanwhile."""
        with told():
            self._imap.socket().settimeout(net.PATIENCE)
            self._imap.socket().allow(seconds=2 * net.PATIENCE, received=8 << 20)
            _, said = self._imap.idle_done()
            self._imap.idle()
            return any(len(each) > 1 and (each[1] in NEWS or each[0] in NEWS) for each in said)

    def close(self) -> None:
        with suppress(Exception):
            self._imap.shutdown()


def listen(reach: net.Reach, login: Login, folder: str) -> Hearing:
    """Listening to this folder. Raises Rejected where the server has no IDLE, else as every connection does."""
    with told():
        imap = open_imap(reach, login)
        try:
            _enter(imap, folder)
        except BaseException:
            imap.hang_up()
            raise
        return Hearing(imap)


def _enter(imap: Imap, folder: str) -> None:
    if not imap.has_capability("IDLE"):
        raise Rejected(NO_IDLE)
    imap.select_folder(folder, readonly=True)
    imap.idle()
