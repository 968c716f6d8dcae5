"""What is counted of people holds until something is written; and what SQLite has to know to find a way to it.

A row of `listing` says ``counted`` as long as its counts are true. Triggers take that away with the first touch that
comes or goes, and with the first address that changes hands, whoever writes them; detection counts anew. On PostgreSQL
those of touches run once a statement, so that an import of thousands of rows pays once.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

FORGET = "UPDATE listing SET counted = false WHERE counted AND"

# Name of a trigger, when it runs, and of whom nothing is counted from then on.
OF_TOUCH = "contact_id = (SELECT contact_id FROM address WHERE id = {}.address_id)"
ON_SQLITE = (
    ("touch_insert", "AFTER INSERT ON touch", OF_TOUCH.format("NEW")),
    ("touch_update", "AFTER UPDATE ON touch", OF_TOUCH.format("NEW")),
    ("touch_delete", "AFTER DELETE ON touch", OF_TOUCH.format("OLD")),
    ("address_update", "AFTER UPDATE OF contact_id ON address", "contact_id IN (OLD.contact_id, NEW.contact_id)"),
    ("address_insert", "AFTER INSERT ON address WHEN NEW.contact_id IS NOT NULL", "contact_id = NEW.contact_id"),
    ("address_delete", "AFTER DELETE ON address WHEN OLD.contact_id IS NOT NULL", "contact_id = OLD.contact_id"),
)

# Name of a function, and what it does.
FUNCTIONS = (
    (
        "touched",
        """UPDATE listing SET counted = false FROM changed JOIN address ON address.id = changed.address_id
        WHERE listing.counted AND listing.contact_id = address.contact_id;""",
    ),
    (
        "address",
        f"""IF TG_OP <> 'INSERT' THEN {FORGET} contact_id = OLD.contact_id; END IF;
        IF TG_OP <> 'DELETE' THEN {FORGET} contact_id = NEW.contact_id; END IF;""",
    ),
)
# Name of a trigger, when it runs, and the function it runs.
EACH_ROW = "FOR EACH ROW WHEN ({})"
EACH_STATEMENT = "REFERENCING {} TABLE AS changed FOR EACH STATEMENT"
ON_POSTGRESQL = (
    ("touch_insert", f"AFTER INSERT ON touch {EACH_STATEMENT.format('NEW')}", "touched"),
    ("touch_update", f"AFTER UPDATE ON touch {EACH_STATEMENT.format('NEW')}", "touched"),
    ("touch_delete", f"AFTER DELETE ON touch {EACH_STATEMENT.format('OLD')}", "touched"),
    (
        "address_update",
        f"AFTER UPDATE OF contact_id ON address {EACH_ROW.format('OLD.contact_id IS DISTINCT FROM NEW.contact_id')}",
        "address",
    ),
    ("address_insert", f"AFTER INSERT ON address {EACH_ROW.format('NEW.contact_id IS NOT NULL')}", "address"),
    ("address_delete", f"AFTER DELETE ON address {EACH_ROW.format('OLD.contact_id IS NOT NULL')}", "address"),
)

# SQLite chooses its way by statistics; without any it reads all touches of an owner to count those of one contact. It
# takes them from this table when a connection opens, so it never has to be told later on: rows of a table, then rows
# that share the first column of an index, the first two, and so on (sqlite.org/fileformat2.html#stat1tab). Those of
# 20,000 contacts and 200,000 mails and meetings of one owner; a small database is quick whichever way it takes.
STATISTICS = {
    "address": {
        "address_match": "23000 23000 1",
        "ix_address_contact_id": "23000 2",
        "sqlite_autoindex_address_1": "23000 1",
    },
    "card": {"ix_card_contact_id": "8000 1", "ix_card_owner_id": "8000 8000", "sqlite_autoindex_card_1": "8000 1"},
    "contact": {
        "contact_introducer": "20000 20000 20",
        "contact_state": "20000 20000 5000",
        "ix_contact_owner_id": "20000 20000",
        "sqlite_autoindex_contact_1": "20000 1",
    },
    "event": {"event_end": "20000 20000 1", "event_time": "20000 20000 1", "sqlite_autoindex_event_1": "20000 1"},
    "message": {"sqlite_autoindex_message_1": "180000 1"},
    "note": {"ix_note_contact_id": "1000 2", "ix_note_owner_id": "1000 1000", "sqlite_autoindex_note_1": "1000 1"},
    "participant": {"participant": "500000 500000 3 1", "participant_address": "500000 500000 25 1"},
    "likeness": {"likeness": "40000 40000 2 1", "likeness_contact": "40000 2"},
    "listing": {
        "ix_listing_owner_id": "20000 20000",
        "listing_sorting": "20000 20000 2",
        "sqlite_autoindex_listing_1": "20000 1",
    },
    "touch": {"touch": "250000 250000 12 1 1"},
}


def upgrade() -> None:
    op.create_index("participant_address", "participant", ["owner_id", "address_id", "at"])
    op.create_index("event_end", "event", ["owner_id", "end_at"])
    op.create_index("contact_introducer", "contact", ["owner_id", "introducer_address_id"])
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for name, when, whose in ON_SQLITE:
            op.execute(f"CREATE TRIGGER counted_{name} {when} BEGIN {FORGET} {whose}; END")
        _tell_statistics(connection)
        return
    for name, does in FUNCTIONS:
        head = f"CREATE FUNCTION counted_{name}() RETURNS trigger LANGUAGE plpgsql"
        op.execute(f"{head} AS $$ BEGIN {does} RETURN NULL; END $$")
    for name, when, function in ON_POSTGRESQL:
        op.execute(f"CREATE TRIGGER counted_{name} {when} EXECUTE FUNCTION counted_{function}()")


def _tell_statistics(connection: sa.Connection) -> None:
    connection.exec_driver_sql("ANALYZE")  # makes the table
    connection.exec_driver_sql("DELETE FROM sqlite_stat1")
    rows = [(table, index, told) for table, indexes in STATISTICS.items() for index, told in indexes.items()]
    connection.exec_driver_sql("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", rows)
