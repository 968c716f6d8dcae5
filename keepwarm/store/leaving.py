"""An owner who leaves: every row of theirs goes, in every table. Called by `workers.leaving`. There is no undo."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import delete, func, select

from keepwarm.store.database import Tx
from keepwarm.store.owners import Owner, owner, owners, update_owner
from keepwarm.store.rows import changed, mine
from keepwarm.store.tables import account, contact, instance, invitation, message, metadata, note, password_link
from keepwarm.store.tables import owner as owner_table

NEW_OPERATOR = "new_operator"  # the setting: a page of theirs tells them, until they have seen it


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What stands here of an owner, to be said before it goes."""

    people: int
    notes: int
    mails: int
    accounts: int


def kept(tx: Tx) -> Kept:
    counts = {
        name: select(func.count()).select_from(table).where(mine(tx, table))
        for name, table in (("people", contact), ("notes", note), ("mails", message))
    }
    standing = select(func.count()).select_from(account).where(mine(tx, account), account.c.disconnected_at.is_(None))
    outside = account.c.provider.not_in(("files", "local"))
    numbers = {name: int(tx.connection.execute(query).scalar_one()) for name, query in counts.items()}
    return Kept(**numbers, accounts=int(tx.connection.execute(standing.where(outside)).scalar_one()))


def pass_on(tx: Tx) -> Owner | None:
    """If this owner runs the installation, whoever was here longest after them does now; None if nobody does anew."""
    if not owner(tx).operator:
        return None
    heir = next((each for each in owners(tx) if each.id != tx.owner_id), None)
    if heir is not None:
        for key, runs in ((tx.owner_id, False), (heir.id, True)):
            update_owner(replace(tx, owner_id=key), operator=runs)
        update_owner(replace(tx, owner_id=heir.id), settings={NEW_OPERATOR: True})
    return heir


def erase_owner(tx: Tx) -> int:
    """Delete every row of this owner, whatever table it stands in, and the owner; how many there were."""
    email = owner(tx).email
    asked = delete(password_link).where(password_link.c.owner_id == "", password_link.c.email == email)
    invited = delete(invitation).where(invitation.c.email == email)
    theirs = [table for table in reversed(metadata.sorted_tables) if "owner_id" in table.c]
    gone = sum(changed(tx, delete(table).where(mine(tx, table))) for table in theirs)
    gone += sum(changed(tx, each) for each in (asked, invited))  # no owner stands in these, but the address does
    changed(tx, delete(instance).where(instance.c.name.endswith(tx.owner_id, autoescape=True)))  # facts named by them
    return gone + changed(tx, delete(owner_table).where(owner_table.c.id == tx.owner_id))
