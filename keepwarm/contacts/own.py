"""Which addresses are the owner's, where they did not say. Precision first; what is found is shown to be corrected."""

from __future__ import annotations

from collections.abc import Mapping, Set

from keepwarm.contacts.addresses import match_form
from keepwarm.contacts.names import name_key

# All ours. A Sent folder holds one person's mail; a stray copy of somebody else's is not a share.
LEAD = 0.3  # share of a Sent folder that its main author has at least; below, it is no Sent folder
REAL_SHARE = 0.005
REAL_COUNT = 3
NEARLY_ALL = 0.8


def infer_own(
    given: Set[str],
    sent_authors: Mapping[str, int],
    authors: Mapping[str, int],
    recipients: Mapping[str, int],
    names: Mapping[str, str] | None = None,
) -> frozenset[str]:
    """The owner's addresses beyond those given.

    ``sent_authors``: who wrote the mails of Sent folders, with counts; ``authors`` and ``recipients``: the same over
    all mail; ``names``: the most frequent display name of an address, where known. Empty where nobody stands out.
    """
    known = {match_form(each) for each in given}
    found = _of_sent(sent_authors, names or {}, given)
    if not found and not given and not sent_authors:
        found = _of_all(authors, recipients)
    return frozenset(each for each in found if match_form(each) not in known)


def _of_sent(sent_authors: Mapping[str, int], names: Mapping[str, str], given: Set[str]) -> set[str]:
    """Authors with a real share of the Sent folders, and those there under the same full name as the main one."""
    total = sum(sent_authors.values())
    if not total:
        return set()
    main = min(sent_authors, key=lambda each: (-sent_authors[each], each))
    if sent_authors[main] < LEAD * total:
        return set()
    own_names = {key for each in (main, *given) if " " in (key := name_key(names.get(each, "")))}
    return {
        each
        for each, times in sent_authors.items()
        if each == main
        or (times >= REAL_COUNT and times >= REAL_SHARE * total)
        or name_key(names.get(each, "")) in own_names
    }


def _of_all(authors: Mapping[str, int], recipients: Mapping[str, int]) -> set[str]:
    """Without a Sent folder: the one who wrote or got nearly every mail, and did both; a list only gets them."""
    total = sum(authors.values())
    part = {each: times + recipients.get(each, 0) for each, times in authors.items() if recipients.get(each)}
    wide = sorted((each for each in part if part[each] >= NEARLY_ALL * total), key=lambda each: (-part[each], each))
    if not wide or total < REAL_COUNT or (len(wide) > 1 and part[wide[0]] == part[wide[1]]):
        return set()
    return {wide[0]}
