"""Commands about the owner: what they want and bring, and the organisations where they would like to be."""

from __future__ import annotations

from collections.abc import Sequence

import click

from keepwarm.foreign import one_line
from keepwarm.store import organisations, profiles
from keepwarm.store.profiles import Target
from keepwarm.texts import LANGUAGES, mark
from service.cli.session import Session, columns, command

FIELDS = {  # as printed, in this order
    "role": mark("role"),
    "wishes": mark("wishes"),
    "experience": mark("experience"),
    "education": mark("education"),
    "sectors": mark("sectors"),
    "regions": mark("regions"),
}


@command("me")
@click.option("--role", help="The role you have in mind.")
@click.option("--wishes", help="What you wish for in your work.")
@click.option("--experience", help="What you bring: questions repeat its first line.")
@click.option("--education", help="The same of what you learned.")
@click.option("--sector", "sectors", multiple=True, help="A sector that interests you; may be given again.")
@click.option("--region", "regions", multiple=True, help="Where you would like to work; may be given again.")
@click.option("--spoken", help="Your introduction as you say it, half a minute.")
@click.option("--written", help="The same as you write it, two lines.")
@click.option("--in", "lang", type=click.Choice(LANGUAGES), help="The language of these two; yours without.")
def me(session: Session, lang: str | None, **given: str | Sequence[str] | None) -> None:
    """What you want and what you bring; with options, say it. An empty text takes something away."""
    fields: dict[str, object] = {name: each for name, each in given.items() if each is not None and each != ()}
    for name in {"spoken", "written"} & fields.keys():
        fields[name] = {lang or session.owner.lang: str(fields[name]).strip()}
    with session.writing() as tx:
        if fields:
            profiles.save_profile(tx, session.now, **fields)
    _show(session)


def _show(session: Session) -> None:
    with session.reading() as tx:
        mine = profiles.profile(tx)
    lists = {"sectors": list(mine.sectors), "regions": list(mine.regions)}
    shape = {
        **{name: getattr(mine, name) or None for name in FIELDS if name not in lists},
        **lists,
        "spoken": dict(mine.spoken),
        "written": dict(mine.written),
        "checked": sorted(mine.checked),
    }
    texts = session.texts
    lines = []
    for name, label in FIELDS.items():
        said = ", ".join(lists[name]) if name in lists else getattr(mine, name)
        if said:
            lines.append((texts(label), one_line(said, 2_000)))
    lines += [
        (texts("spoken ({language})", language=lang), one_line(said, 2_000)) for lang, said in mine.spoken.items()
    ]
    lines += [
        (texts("written ({language})", language=lang), one_line(said, 2_000)) for lang, said in mine.written.items()
    ]
    nothing = texts("Nothing about you yet. Say it with: keepwarm me --role TEXT, or on the page Me.")
    session.answer(shape, columns(lines) or nothing)


@click.group("target")
def target() -> None:
    """Organisations where you would like to be, and whom you know there."""


@command("list")
def list_(session: Session) -> None:
    """All of them, in your order."""
    _targets(session)


@command("add")
@click.argument("name")
@click.option("--why", default="", help="Why there.")
@click.option("--link", default="", help="Something to read about it.")
def add(session: Session, name: str, why: str, link: str) -> None:
    """Put an organisation on the list."""
    with session.writing() as tx:
        profiles.add_target(tx, session.now, name=one_line(name, 200), why=one_line(why, 500), link=one_line(link, 500))
    _targets(session)


@command("remove")
@click.argument("target_id", metavar="ID")
def remove(session: Session, target_id: str) -> None:
    """Take an organisation off the list; keepwarm undo puts it back."""
    with session.writing() as tx:
        profiles.remove_target(tx, target_id, session.now)
    _targets(session)


def _targets(session: Session) -> None:
    with session.reading() as tx:
        found = profiles.targets(tx)
        known = organisations.known_at(tx, [each.name for each in found], session.now, most=organisations.PEOPLE)
    nobody = session.texts("nobody there yet")
    lines = [
        (each.id, each.name, ", ".join(row.name for row in known[each.name]) or nobody, each.why) for each in found
    ]
    nothing = session.texts("No organisations on your list yet. Add one with: keepwarm target add NAME")
    session.answer([_shape(each, [row.id for row in known[each.name]]) for each in found], columns(lines) or nothing)


def _shape(each: Target, contacts: Sequence[str]) -> dict[str, object]:
    return {
        "id": each.id,
        "name": each.name,
        "why": each.why or None,
        "link": each.link or None,
        "contacts": list(contacts),
    }


for each in (list_, add, remove):
    target.add_command(each)

COMMANDS = (me, target)
