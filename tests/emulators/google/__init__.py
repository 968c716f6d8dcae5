"""Google for tests: sign-in, Gmail, Calendar, People and Pub/Sub on one loopback port, held to Google's own documents.

In reading order:
  town.py          all of it together: switches, people, what happened        -> Google
  person.py        one person: mailbox, calendars, contacts, grants           -> Person
  desk.py          takes each request through contract, token, scope, quota, faults and handler
  contract.py      the discovery documents as checks; schema.py one schema; values.py what passes through
  oauth.py         sign-in; consent.py what a person sees; grants.py who granted what
  gmail.py         with mailbox.py, sending.py and batch.py
  calendar_api.py  with calendars.py, series.py, event_lists.py, event_rules.py and channels.py
  contacts_api.py  with contacts.py
  topics_api.py    with topics.py; pushes.py delivers; forged.py makes pushes not to be believed
  pages.py         pages and tokens of every list; fields.py partial answers; quota.py; faults.py

What every emulator is made of is in `stand`: the server, tokens, the plan of faults, the queue of pushes; server.py
and tokens.py are but its names.

All hosts of Google are served by one: ``town.base`` and the path as on the real host. Every breach of the contract, by
a request or by an answer, stands in ``town.breaches``: a test asserts that it is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from tests.emulators.google.contract import contract
from tests.emulators.google.desk import serve
from tests.emulators.google.person import Person
from tests.emulators.google.town import Google
from tests.emulators.stand.server import serving
from tests.servers.dav import Authority

__all__ = ["Google", "Person", "google"]


@contextmanager
def google(authority: Authority, clock: Callable[[], datetime] | None = None) -> Iterator[Google]:
    """A running Google; ``clock`` gives aware moments and may be moved by the test. Skips where ../shared is absent."""
    town = Google(contract(), clock or (lambda: datetime.now(UTC)))
    with serving(authority, lambda asked: serve(town, asked)) as port:
        town.base = f"https://localhost:{port}"
        try:
            yield town
        finally:
            town.closing.set()
            town.pushes.close()
