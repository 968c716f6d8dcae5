"""Microsoft for tests: the identity platform and Graph (mail, calendar, contacts) on one loopback port, held to the
OpenAPI subset in ../shared/contracts/microsoft.

In reading order:
  town.py           all of it together: switches, people, what happened        -> Microsoft
  person.py         one person: mailbox, calendars, contacts, grants           -> Person
  desk.py           takes each request through contract, token, scope, limits, faults and handler
  contract.py       the OpenAPI subset as checks; schema.py one schema; checking.py, odata.py the query; values.py
  oauth.py          sign-in; consent.py what a person or an administrator sees; grants.py who granted what
  rights.py         the permission each method asks for; limits.py four at once; faults.py; batch.py
  about_api.py      /me, settings, ids
  mail_api.py       with mail_shape.py, mailbox.py and sending.py
  calendar_api.py   with event_shape.py, event_rules.py, event_rounds.py, calendars.py, series.py, uids.py, zones.py
  contacts_api.py   with contacts.py
  subscriptions.py  with the handshake; pushes.py what is notified, forged.py what is not to be believed
  deltas.py         delta rounds of every kind, from ledger.py; lists.py plain lists; ids.py both kinds of ids

All hosts of Microsoft are served by one: ``town.base`` and the path as on the real host, Graph's under ``/v1.0``. Every
breach of the contract, by a request or by an answer, stands in ``town.breaches``: a test asserts that it is empty.

What PROVIDERS.md marks as [known] or gives in two ways is a switch of the town, or is here, to be looked at by the
first person with a real tenant: whether a withdrawn consent ends access tokens (``withdraw(at_once=)``) and a changed
password refresh tokens; whether subscriptions to /me/events hear of further calendars (here: no); whether a
transactionId is known after its event was deleted (here: yes); what a refused MIME recipient or a duplicate calendar
name is called; what /me gives for personal accounts; which pages of the consent flow lead back and with which words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from tests.emulators.microsoft.contract import contract
from tests.emulators.microsoft.desk import serve
from tests.emulators.microsoft.person import Person
from tests.emulators.microsoft.town import Microsoft
from tests.emulators.stand.server import serving
from tests.servers.dav import Authority

__all__ = ["Microsoft", "Person", "microsoft"]


@contextmanager
def microsoft(authority: Authority, clock: Callable[[], datetime] | None = None) -> Iterator[Microsoft]:
    """A running Microsoft; ``clock`` gives aware moments and may be moved by the test. Skips where ../shared is
    absent."""
    town = Microsoft(contract(), clock or (lambda: datetime.now(UTC)))
    with serving(authority, lambda asked: serve(town, asked)) as port:
        town.base = f"https://localhost:{port}"
        try:
            yield town
        finally:
            town.closing.set()
            town.pushes.close()
