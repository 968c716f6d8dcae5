"""Address books over CardDAV (RFC 6352), read only. Called by the provider `open`."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from integrations.open.bodies import Sort
from integrations.open.comparing import compare
from integrations.open.dav import Dav
from integrations.open.davhomes import books
from integrations.wire.vcard import read_cards
from keepwarm.types import Page, Place, Stream, StreamKind

SORT = Sort(multiget="R:addressbook-multiget", data="R:address-data", read=lambda body: read_cards(io.BytesIO(body)))


class Books:
    """The address books that an account can read; ``url`` may be any address of it, empty for that of ``dav``."""

    def __init__(self, dav: Dav, url: str = "", *, now: Callable[[], datetime]) -> None:
        self._dav, self._url, self._now = dav, url, now

    def places(self) -> Sequence[Place]:
        """In the server's order."""
        return [Place(ref=each.ref, name=each.name, kind=StreamKind.CONTACTS) for each in books(self._dav, self._url)]

    def changes(self, stream: Stream) -> Iterator[Page]:
        """As `integrations.base.Source.changes`; a card keeps the reference that its UID gives it."""
        dav, path = self._dav.at(stream.place_ref)
        return compare(dav, path, stream.cursor, SORT, self._now())
