"""The command that answers who can introduce the owner: to a contact, or into an organisation."""

from __future__ import annotations

import click

from keepwarm.paths import Way
from keepwarm.store import ties, views
from keepwarm.texts import mark
from service.cli.session import Session, columns, command

NO_WAY = mark(
    "No way found through the people you know. Somebody who knows you well may still know somebody: ask for names."
)


@command("path")
@click.argument("whom", metavar="CONTACT|ORGANISATION")
def path(session: Session, whom: str) -> None:
    """Who can introduce you: the best ways to a contact (by id), or into an organisation (by name)."""
    with session.reading() as tx:
        at_now = views.world(tx, session.now)
        found = ties.ways_to(tx, at_now, [whom]) if whom in at_now.people else ties.ways_into(tx, at_now, whom)
    lines = [(" → ".join(step.name for step in way.steps), " ".join(step.why for step in way.steps)) for way in found]
    session.answer([_shape(way) for way in found], columns(lines) or session.texts(NO_WAY))


def _shape(way: Way) -> dict[str, object]:
    steps = [
        {"contact": step.contact_id, "name": step.name, "why": step.why, "doubt": step.doubt} for step in way.steps
    ]
    return {"strength": round(way.strength, 3), "steps": steps}


COMMANDS = (path,)
