"""Who is likely the same person: proposed with a reason, never joined by itself. By index, so linear in the people."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from keepwarm.contacts.clusters import Cluster, name_of
from keepwarm.contacts.facts import Likely
from keepwarm.contacts.names import best_name, compatible_name, name_key, words_of
from keepwarm.contacts.organisations import organisation_of

AT_MOST = 5  # questions about one person; ours, more are a nuisance
NAMESAKES = 12  # people under one name beyond whom the name says nothing; ours
TELLING = 5  # letters that a local part has at least to be somebody's own; ours


def alike(clusters: Sequence[Cluster], refs: Mapping[int, str]) -> list[Likely]:
    """Pairs that are likely one person, the surest reason first. At least one of a pair is new or changed."""
    buckets: defaultdict[tuple[str, str], list[Cluster]] = defaultdict(list)
    names = {id(each): _name(each) for each in clusters if id(each) in refs and not _never(each)}
    for each in clusters:
        if id(each) in names:
            for key in _keys(each, names[id(each)]):
                buckets[key].append(each)
    asked: Counter[int] = Counter()
    found: list[Likely] = []
    for key, members in buckets.items():
        for a, b in _pairs(members):
            if asked[id(a)] < AT_MOST and asked[id(b)] < AT_MOST and compatible_name(names[id(a)], names[id(b)]):
                asked.update((id(a), id(b)))
                found.append(_likely(a, b, key, refs, names[id(b)]))
    return found


def _never(cluster: Cluster) -> bool:
    return cluster.known is not None and cluster.known.state == "never"


def _name(cluster: Cluster) -> str:
    return best_name([(cluster.known.name, 1)]) or name_of(cluster) if cluster.known else name_of(cluster)


def _keys(cluster: Cluster, name: str) -> Iterator[tuple[str, str]]:
    """What somebody who is the same person would have too: the full name, or a local part made of it."""
    words = words_of(name)
    full = [each for each in words if len(each) > 1]
    if len(full) < 2 or "@" in name:
        return
    yield "name", name_key(name)
    patterns = _patterns(words)
    locals_ = (each.rpartition("@")[0].partition("+")[0] for each in cluster.addresses if "@" in each)
    for local in sorted({each.replace(".", "").replace("_", "").replace("-", "") for each in locals_}):
        if local in patterns and len(local) >= TELLING:
            yield "local", f"{local} {words[-1]}"


def _patterns(words: Sequence[str]) -> frozenset[str]:
    first, last = words[0], words[-1]
    return frozenset({first + last, last + first, first[0] + last, first + last[0], last + first[0]})


def _pairs(members: list[Cluster]) -> Iterator[tuple[Cluster, Cluster]]:
    """The first of a bucket with each other one: joined one by one, all come together."""
    unique = list({id(each): each for each in members}.values())
    if len(unique) > NAMESAKES:
        return
    for other in unique[1:]:
        if unique[0].fresh or other.fresh:
            yield unique[0], other


def _likely(a: Cluster, b: Cluster, key: tuple[str, str], refs: Mapping[int, str], name: str) -> Likely:
    reason, values = "same_name", {"name": name}
    shared = _shared_organisations(a, b)
    if key[0] == "local":
        reason, values = "same_local_part", {"name": name}
    elif shared:
        reason, values = "same_name_organisation", {"name": name, "organisation": min(shared)}
    return Likely(a=refs[id(a)], b=refs[id(b)], reason_key=reason, values=values)


def _shared_organisations(a: Cluster, b: Cluster) -> set[str]:
    """In lower case. What both were told to belong to says more than a domain that they share."""
    told_a, told_b = _told(a), _told(b)
    if told_a and told_b:
        return told_a & told_b
    return (told_a | _of_domains(a)) & (told_b | _of_domains(b))


def _told(cluster: Cluster) -> set[str]:
    """Organisations from cards and the contact itself."""
    told = [each.card.organisation for each in cluster.cards]
    told += [cluster.known.organisation] if cluster.known else []
    return {each.strip().casefold() for each in told if each.strip()}


def _of_domains(cluster: Cluster) -> set[str]:
    return {organisation_of(each).casefold() for each in cluster.addresses} - {""}
