"""One participant row for each address of an item, with all its roles; what is one owner's lies together.

Owners learn when all evidence was last looked at.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

# In the order of keepwarm.types.Role, which stands for good.
BITS = {
    "from": 1,
    "sender": 2,
    "reply_to": 4,
    "to": 8,
    "cc": 16,
    "bcc": 32,
    "list": 64,
    "organiser": 128,
    "attendee": 256,
}


def upgrade() -> None:
    op.add_column("owner", sa.Column("detected_at", sa.BigInteger(), nullable=True))
    _participants()
    _touches()
    _images()


def _participants() -> None:
    op.create_table(
        "participant_new",
        sa.Column("owner_id", sa.String(length=32), nullable=False),
        sa.Column("item_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("address_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("roles", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reply", sa.String(length=16), nullable=False),
        sa.Column("resource", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "item_id", "address_id", name="participant_new_pkey"),
        sqlite_with_rowid=False,
    )
    bits = " ".join(f"WHEN '{role}' THEN {bit}" for role, bit in BITS.items())
    op.execute(
        "INSERT INTO participant_new (owner_id, item_id, address_id, roles, at, name, reply, resource) "  # noqa: S608 - constants
        f"SELECT owner_id, item_id, address_id, SUM(CASE role {bits} END), MAX(at), MAX(name), "
        "COALESCE(MAX(NULLIF(reply, 'none')), 'none'), MAX(CASE WHEN resource THEN 1 ELSE 0 END) = 1 "
        "FROM participant GROUP BY owner_id, item_id, address_id"
    )
    _take_place_of("participant")


def _touches() -> None:
    op.create_table(
        "touch_new",
        sa.Column("owner_id", sa.String(length=32), nullable=False),
        sa.Column("address_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("item_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=1), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "address_id", "item_id", "kind", name="touch_new_pkey"),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO touch_new (owner_id, address_id, item_id, kind, at) "
        "SELECT owner_id, address_id, item_id, kind, at FROM touch"
    )
    _take_place_of("touch")


def _take_place_of(name: str) -> None:
    op.drop_table(name)
    op.rename_table(f"{name}_new", name)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER INDEX {name}_new_pkey RENAME TO {name}_pkey")


def _images() -> None:
    """What other imports hold of changed events keeps the same rows as JSON."""
    sighting = sa.table(
        "sighting", sa.column("item_id"), sa.column("batch_id"), sa.column("kind"), sa.column("image", sa.JSON())
    )
    bind = op.get_bind()
    held = sa.select(sighting).where(sighting.c.kind == "e", sighting.c.image.is_not(None))
    for row in bind.execute(held).mappings().all():
        image = row["image"] | {"links": joined(row["image"]["links"])}
        here = sa.update(sighting).where(sighting.c.item_id == row["item_id"], sighting.c.batch_id == row["batch_id"])
        bind.execute(here.values(image=image))


def joined(links: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The participant rows of one event, one for each address."""
    found: dict[int, dict[str, Any]] = {}
    for old in links:
        kept = {name: each for name, each in old.items() if name not in {"role", "kind"}}
        row = found.setdefault(old["address_id"], kept | {"roles": 0})
        row["roles"] |= BITS[old["role"]]
        row["name"] = row["name"] or old["name"]
        row["reply"] = row["reply"] if old["reply"] == "none" else old["reply"]
        row["resource"] = row["resource"] or old["resource"]
    return list(found.values())
