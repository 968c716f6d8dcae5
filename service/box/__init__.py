"""One box: a web process, a worker, a beat and a private Redis as children of one parent. Called by `keepwarm run`.

Reading order: `place` (the lock, the private runtime folder, what we remember of a run), `children` (the table of
commands), `leash` (what ties a child to its parent), `process` (one child: start, restart with back-off, stop),
`parent` (the loop).

Nothing here holds work: rows are the truth, so every process may be killed at any moment and started again.
"""

from __future__ import annotations

from service.box.parent import Box
from service.box.place import AlreadyRunning, Place

__all__ = ["AlreadyRunning", "Box", "Place"]
