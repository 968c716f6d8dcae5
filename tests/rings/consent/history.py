"""What may be wrong with the events that stand and the mails that were handed in, whoever the provider is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What there should be: titles of events, each once; how the subjects of mails begin, each once.

    ``told``: subjects that the owner is told are uncertain; ``uncertain``: those that may be so.
    """

    events: tuple[str, ...] = ()
    mails: tuple[str, ...] = ()
    told: Sequence[str] = field(default=())
    uncertain: Sequence[str] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A mail that was handed in."""

    key: str
    subject: str
    to: tuple[str, ...]


def of_events(titles: Sequence[str], wanted: Wanted) -> Iterator[str]:
    found, asked = Counter(titles), Counter(wanted.events)
    yield from (f"doubled: {found[each]} events" for each in found if asked[each] and found[each] > asked[each])
    yield from (f"unasked: {found[each]} events" for each in found if not asked[each])
    yield from ("lost: an event" for each in asked if found[each] < asked[each])


def of_mails(handed_in: Sequence[Sent], wanted: Wanted, address: str) -> Iterator[str]:
    yield from (f"doubled: {n} mails of one key" for n in Counter(each.key for each in handed_in).values() if n > 1)
    yield from ("outside: a mail to somebody else" for each in handed_in if each.to != (address,))
    yield from ("unasked: a mail" for each in handed_in if not each.subject.startswith(wanted.mails or ("\0",)))
    for subject in wanted.mails:
        found = [each for each in handed_in if each.subject.startswith(subject)]
        if len(found) > 1:
            yield f"doubled: {len(found)} mails of one kind"
        if not found and subject not in wanted.told:
            yield "lost: no mail, and nobody was told"
        if subject in wanted.told and (found or subject not in wanted.uncertain):
            yield "untold: a mail is called uncertain for no reason"
