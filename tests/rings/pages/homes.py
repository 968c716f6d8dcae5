"""Whose pages are looked at: the sample network and what it lacks, an account with nothing in it, a thousand contacts.

Called by the tests and the pictures beside it. All people are invented.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import update

from keepwarm.store import Tx, access, accounts, contacts, invitations, notes, password_links, samples, tagging, views
from keepwarm.store.accounts import Owner
from keepwarm.store.tables import owner as owner_table
from keepwarm.types import Place, StreamKind
from tests.service.web import world
from workers import letting_in, links
from workers.runtime import Runtime

CROWD = 1000
FIRST = ("Anouk", "Bilal", "Carmen", "Dirk", "Eline", "Farid", "Greta", "Hugo", "Ilse", "Joris")
LAST = ("van den Akker", "Bakker", "Çelik", "Dijkstra", "Évrard", "Fontein", "Groen", "Haddad", "Ibsen", "Jacobs")
STEPS = ("goal", "connect", "meet", "pick", "origins", "plan", "rhythm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """``beside``: pages to which no link leads, for whoever is signed in; ``doors``: those of strangers.

    ``spent``: where links end that were used before.
    """

    owner_id: str
    beside: Sequence[str] = ()
    doors: Sequence[str] = ()
    spent: Sequence[str] = (
        *(f"/{door}?token=spent" for door in ("join", "new-password", "new-address", "start")),
        "/reply/spent",
    )


def sampled(runtime: Runtime, now: datetime, lang: str) -> Home:
    """The sample network, as somebody's own so that no form of it is closed, and whatever has a page besides."""
    owner = own_sample(runtime, now, lang)
    with runtime.store.transaction(owner.id) as tx:
        google_id = _connect(tx, now)
        people = [row.id for row in contacts.contacts(tx, states=["active"], now=now)]
        new = [row.id for row in contacts.contacts(tx, states=["proposed"], now=now)]
        tagging.add_tag(tx, people[:3], "museum", now)
        promise, whose = next((each.id, one) for one in people for each in notes.promises(tx, one))
        at_now = views.upcoming(tx, now=now, days=60, stored=True).talks[0].event.id
        accounts.update_owner(tx, settings={"first": {"settled": [*STEPS], "over": True}})
    runtime.open_local(owner.id).send(world.mail(now, owner.email))
    about = {"person": people[0], "new": new[0], "promise": promise, "talk": at_now, "stop": "digest", "undo": "1"}
    beside = [f"/reply/{signed(runtime, owner.id, what, ref)}" for what, ref in about.items()]
    beside += [f"/contacts/{whose}/promise/{promise}/correct", "/offline", "/first/", f"/accounts/{google_id}/mail"]
    return Home(owner_id=owner.id, beside=beside, doors=_doors(runtime, owner, now))


def own_sample(runtime: Runtime, now: datetime, lang: str) -> Owner:
    """The people of the sample as those of an owner of their own, who runs the installation."""
    visitor = world.make_owner(runtime.store, now, lang=lang)
    with runtime.store.system() as tx:
        made = samples.begin(tx, accounts.owner(replace(tx, owner_id=visitor)), now)
        mine = replace(tx, owner_id=made.id)
        accounts.update_owner(mine, settings={samples.SAMPLE_OF: None})
        tx.connection.execute(update(owner_table).where(owner_table.c.id == made.id).values(operator=True))
        return accounts.owner(mine)


def empty(runtime: Runtime, now: datetime, lang: str) -> Home:
    """Somebody who has just been given an account."""
    return Home(owner_id=world.make_owner(runtime.store, now, lang=lang))


def crowded(runtime: Runtime, now: datetime, lang: str) -> Home:
    """Somebody with a thousand people, half of them in the network, the others to be judged."""
    owner_id = world.make_owner(runtime.store, now, lang=lang)
    people = [
        (f"{FIRST[n % 10]} {LAST[n // 10 % 10]} {n // 100 + 1}", f"p{n}@firm{n % 150}.example", 1 + n % 3, 1 + n % 2,
         3 + n % 700)
        for n in range(CROWD)
    ]  # fmt: skip
    world.keep(runtime.store, owner_id, now, world.mails(now, world.OWNER, people))
    with runtime.store.transaction(owner_id) as tx:
        proposed = [row.id for row in contacts.contacts(tx, states=["proposed"], now=now)]
        contacts.accept(tx, proposed[::2], now=now)
    return Home(owner_id=owner_id)


HOMES: Mapping[str, Callable[[Runtime, datetime, str], Home]] = {
    "sample": sampled,
    "empty": empty,
    "crowded": crowded,
}


def signed(runtime: Runtime, owner_id: str, about: str, ref: str | int) -> str:
    """The token of a link in a mail."""
    told = links.Signed(owner_id=owner_id, about=about, ref=str(ref))
    return links.token(links.key_of(runtime), told, runtime.now())


def _connect(tx: Tx, now: datetime) -> str:
    """An account in order, and one that asks for its mail still; the id of the latter."""
    ours = accounts.ensure_account(tx, provider="fake", name="alex@example.org", settings={"world": "pages"}, now=now)
    places = [Place(ref="INBOX", name="Inbox", kind=StreamKind.MAIL), Place(ref="c", name="", kind=StreamKind.CALENDAR)]
    accounts.set_places(tx, ours.id, places, now)
    later = now + timedelta(seconds=1)
    told = {"address": "alex@example.com", "calendar": True}
    return accounts.ensure_account(tx, provider="google", name="alex@example.com", settings=told, now=later).id


def _doors(runtime: Runtime, owner: Owner, now: datetime) -> list[str]:
    """What strangers see: each way in, still open."""
    with runtime.store.system() as tx:
        printed = access.new_one_time_token(tx, "start", now)
        whose = replace(tx, owner_id=owner.id)
        asked = {
            "invitation": invitations.invite(tx, "kim@example.org", now).id,
            "password": password_links.make(whose, now),
            "address": password_links.make_for_address(whose, "alex@example.net", now),
        }
    mailed = [letting_in.link(runtime, what, row_id).removeprefix(runtime.base_url) for what, row_id in asked.items()]
    return [f"/start?token={printed}", "/forgotten", *mailed, "/goodbye"]
