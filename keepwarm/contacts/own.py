"""Which addresses are the owner's, where they did not say. Precision first; what is found is shown to be corrected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from keepwarm.contacts.addresses import match_form
from keepwarm.contacts.names import compatible_name, is_personal, name_key, words_of

# All ours. A Sent folder holds one person's mail; a stray copy of somebody else's is not a share.
LEAD = 0.3  # share of a Sent folder that its main author has at least; below, it is no Sent folder
REAL_SHARE = 0.005
REAL_COUNT = 3
OTHERS_SHARE = 0.1  # for an author whose name contradicts the owner's: mails of theirs get filed there too
MAJORITY = 0.5
TIMES_MORE = 3  # how far the owner is ahead of anybody else in writing and being written to
NEARLY_ALL = 0.8
WRITES = 0.25  # share of all mail that the owner wrote, where they are not as far ahead
MOSTLY = 0.5


def infer_own(
    given: Set[str],
    sent_authors: Mapping[str, int],
    authors: Mapping[str, int],
    recipients: Mapping[str, int],
    names: Mapping[str, str] | None = None,
    groups: Set[str] = frozenset(),
) -> frozenset[str]:
    """The owner's addresses beyond those given.

    ``sent_authors``: who wrote the mails of Sent folders, with counts; ``authors`` and ``recipients``: the same over
    all mail; ``names``: the most frequent display name of an address, where known; ``groups``: addresses that headers
    call mailing lists. Empty where nobody stands out.
    """
    known = {match_form(each) for each in given}
    found = _of_sent(sent_authors, names or {}, given)
    if not found and not given and not sent_authors:
        found = _of_all(authors, recipients, groups)
    return frozenset(each for each in found if match_form(each) not in known)


def namesakes(own: Set[str], authors: Iterable[str], names: Mapping[str, str]) -> frozenset[str]:
    """Further authors under a full name of the owner's: the owner at another address, or somebody of that name."""
    forms = {match_form(each) for each in own}
    full = _full_names(own, names)
    return frozenset(each for each in authors if match_form(each) not in forms and _key(each, names) in full)


def aliases(candidates: Set[str], authors: Mapping[str, int], addressed: Mapping[str, int]) -> frozenset[str]:
    """Which namesakes are the owner: they write most of their mails to others.

    A namesake in the owner's mailbox is there for writing to the owner. ``addressed``: how many mails of each name an
    address of the owner's.
    """
    return frozenset(each for each in candidates if addressed.get(each, 0) < MOSTLY * authors.get(each, 0))


def _of_sent(sent_authors: Mapping[str, int], names: Mapping[str, str], given: Set[str]) -> set[str]:
    """Authors with a real share of the Sent folders, and those there under the same full name as the main one."""
    total = sum(sent_authors.values())
    if not total:
        return set()
    main = min(sent_authors, key=lambda each: (-sent_authors[each], each))
    if sent_authors[main] < LEAD * total:
        return set()
    theirs = (main, *given)
    full = _full_names(theirs, names)
    return {
        each
        for each, times in sent_authors.items()
        if each == main
        or (times >= REAL_COUNT and times >= _share_needed(each, theirs, names) * total)
        or _key(each, names) in full
    }


def _share_needed(address: str, own: Iterable[str], names: Mapping[str, str]) -> float:
    name = names.get(address, "")
    shown = [names.get(each, "") for each in own]
    contradicts = is_personal(name) and any(map(is_personal, shown))
    return OTHERS_SHARE if contradicts and not any(compatible_name(name, each) for each in shown) else REAL_SHARE


def _full_names(addresses: Iterable[str], names: Mapping[str, str]) -> set[str]:
    return {key for each in addresses if (key := _key(each, names))}


def _key(address: str, names: Mapping[str, str]) -> str:
    """The same for every spelling of the full name that an address writes under; "" where it tells no full name."""
    name = names.get(address, "")
    return name_key(name) if sum(len(each) > 1 for each in words_of(name)) > 1 else ""


def _of_all(authors: Mapping[str, int], recipients: Mapping[str, int], groups: Set[str]) -> set[str]:
    """Without a Sent folder: who takes part in more mails than anybody, in both roles, by far or in nearly all.

    Nobody where somebody else is in nearly all and hardly writes: it may be the owner, whose own mails are missing.
    """
    total = sum(authors.values())
    part = {each: authors.get(each, 0) + recipients.get(each, 0) for each in authors.keys() | recipients.keys()}
    widest = sorted((each for each in part if each not in groups), key=lambda each: (-part[each], each))
    if not widest or total < REAL_COUNT:
        return set()
    main, *others = widest
    both = {each: min(authors.get(each, 0), recipients.get(each, 0)) for each in widest}
    silent = any(part[each] >= NEARLY_ALL * total and authors.get(each, 0) < WRITES * total for each in others)
    if not both[main] or silent or [part[main]] == [part[each] for each in others[:1]]:
        return set()
    far = part[main] >= MAJORITY * total and both[main] >= TIMES_MORE * max((both[each] for each in others), default=0)
    everywhere = part[main] >= NEARLY_ALL * total and authors[main] >= WRITES * total
    return {main} if far or everywhere else set()
