"""Ties a child to its parent, then becomes the child: ``python leash.py PARENT_PID COMMAND...``.

Called by `service.box.process`, as a script so that nothing else is imported. On Linux the kernel sends the child
SIGTERM when the parent dies, even by kill -9 (prctl PR_SET_PDEATHSIG, kept across exec). Elsewhere the next start ends
what is left.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(parent: int, command: list[str]) -> None:
    """Never returns: replaces this process by ``command``."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:  # it died before the kernel knew whom to watch
        sys.exit(0)
    os.execvp(command[0], command)  # noqa: S606 - the command is our own table's, no shell takes part


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
