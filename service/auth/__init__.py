"""Who is there. In reading order: ``door`` (in front of every page), ``entering`` (sessions and known devices),
``signing`` (in and out), ``joining`` (the first visit, invitations), ``forgotten`` (a new password),
``new_address`` (confirmed by mail), ``providers`` (signing in with Google or Microsoft).

Called by `service.create_app`. The cookie holds a random token whose hash is a row (`keepwarm.store.access`): signing
out removes the row. Where to go after sign-in is the name of a page, never an address (RELIABILITY.md G5). Whether an
address is known here, no page tells: not by its words, and not by its time.
"""

from __future__ import annotations

from service.auth import forgotten, joining, new_address, providers, signing
from service.auth.door import PUBLIC, admit, known_page, pages, upload_folder
from service.auth.entering import start_anew

__all__ = [
    "PUBLIC", "admit", "forgotten", "joining", "known_page", "new_address", "pages", "providers", "signing",
    "start_anew", "upload_folder",
]  # fmt: skip
