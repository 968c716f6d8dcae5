"""The question lists: read one, leave questions out, say them in one's own words, add one's own."""

from __future__ import annotations

import click

from keepwarm.questions import REGISTERS, TYPES, OwnList, load_lists
from keepwarm.store import own_lists
from service.cli.session import Session, columns, command


@command("questions")
@click.argument("kind", metavar="[TYPE]", type=click.Choice(TYPES), required=False)
@click.option("--lang", type=click.Choice([*REGISTERS]), help="The language of the list; yours without.")
@click.option("--hide", metavar="ID", help="Never ask this one.")
@click.option("--show", metavar="ID", help="Ask it again.")
@click.option("--word", nargs=2, metavar="ID TEXT", help="In your own words; an empty text takes them back.")
@click.option("--add", metavar="TEXT", help="A question of your own, asked first.")
@click.option("--remove", type=int, metavar="NUMBER", help="Take a question of your own away.")
@click.option("--as-prepared", is_flag=True, help="Back to the list as it was prepared.")
def questions(  # noqa: PLR0913 - a form, each field by name
    session: Session, kind: str | None, *, lang: str | None, hide: str | None, show: str | None,
    word: tuple[str, str] | None, add: str | None, remove: int | None, as_prepared: bool,
) -> None:  # fmt: skip
    """The questions of one type of talk, or all types; with options, make a list your own."""
    spoken = lang or (session.owner.lang if session.owner.lang in REGISTERS else "en")
    if kind is None:
        if hide or show or word or add or remove or as_prepared:
            raise click.UsageError("Say which list: keepwarm questions TYPE ...")
        _all(session, spoken)
        return
    with session.writing() as tx:
        if hide:
            own_lists.hide(tx, kind, spoken, hide, session.now)
        if show:
            own_lists.hide(tx, kind, spoken, show, session.now, again=True)
        if word:
            own_lists.word(tx, kind, spoken, word[0], word[1], session.now)
        if add:
            own_lists.add(tx, kind, spoken, add, session.now)
        if remove:
            own_lists.remove(tx, kind, spoken, remove, session.now)
        if as_prepared:
            own_lists.as_prepared(tx, kind, spoken, session.now)
        own = own_lists.own_lists(tx).get(spoken, {}).get(kind, OwnList())
    _one(session, kind, spoken, own)


def _all(session: Session, lang: str) -> None:
    lists = load_lists(lang)
    shape = [{"type": each, "title": lists[each].title, "questions": len(lists[each].questions)} for each in TYPES]
    session.answer(shape, columns([(each, lists[each].title) for each in TYPES]))


def _one(session: Session, kind: str, lang: str, own: OwnList) -> None:
    familiar = REGISTERS[lang][0]
    texts, lines = session.texts, []
    lines += [(str(number), texts("your own"), text) for number, text in enumerate(own.added, 1)]
    found = []
    for each in load_lists(lang)[kind].questions:
        hidden, worded = each.id in own.hidden, own.worded.get(each.id)
        state = texts("left out") if hidden else texts("your own words") if worded else texts("prepared")
        lines.append((each.id, state, worded or each.text[familiar]))
        found.append({"id": each.id, "text": dict(each.text), "own_words": worded, "left_out": hidden})
    session.answer({"type": kind, "lang": lang, "added": list(own.added), "prepared": found}, columns(lines))


COMMANDS = (questions,)
