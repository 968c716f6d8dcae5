"""Addresses and cards that are certainly one person: the same address under names that can be one person's.

`gather` puts every candidate into a cluster, new or of a contact that exists. An address belongs to one cluster only;
where names contradict each other nothing is joined, and the pair is kept as contested for the owner to judge.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field, replace

from keepwarm.contacts.addresses import match_form, tombstone_keys
from keepwarm.contacts.facts import AddressFacts, CardFacts, KnownContact
from keepwarm.contacts.humans import judge
from keepwarm.contacts.names import best_name, clean_name, compatible_name, informative, is_personal, name_from_address

OWNERS_WORD = 1000  # weight of a name in the owner's own address book beside counts of mails; ours
_KEPT_BY_CARD = frozenset({"role", "bulk"})  # verdicts that a card with a person's name outweighs
_NAMES_ALONE = frozenset({"google_other"})  # sources that no owner wrote: people whom a provider noted from mail


@dataclass(slots=True, kw_only=True, eq=False)
class Cluster:
    """One person in the making. ``fresh``: something was added to a contact that existed."""

    known: KnownContact | None = None
    name: str = ""
    addresses: list[str] = field(default_factory=list)
    facts: list[AddressFacts] = field(default_factory=list)
    cards: list[CardFacts] = field(default_factory=list)
    new_addresses: list[str] = field(default_factory=list)
    new_cards: list[int] = field(default_factory=list)

    @property
    def fresh(self) -> bool:
        return self.known is None or bool(self.new_addresses or self.new_cards)


@dataclass(slots=True, kw_only=True)
class Gathered:
    """``clusters`` in order of discovery; ``contested``: pairs that share an address under contradicting names."""

    own: Set[str]
    gone: Set[str]
    by_address: dict[str, AddressFacts]
    clusters: list[Cluster] = field(default_factory=list)
    contested: list[tuple[Cluster, Cluster, str]] = field(default_factory=list)
    exact: dict[str, Cluster] = field(default_factory=dict)  # who has an address
    forms: dict[str, Cluster] = field(default_factory=dict)  # who had its canonical form first
    by_contact: dict[str, Cluster] = field(default_factory=dict)


def gather(
    facts: Sequence[AddressFacts],
    cards: Sequence[CardFacts],
    known: Sequence[KnownContact],
    gone: Set[str],
    own: Set[str],
) -> Gathered:
    """Everything that is a person, in clusters. The order of the input does not matter."""
    all_facts = sorted(
        _told_of(facts, cards), key=lambda each: (-(each.sent + each.received + each.meetings), each.address)
    )
    gathered = Gathered(
        own={match_form(each) for each in own}, gone=gone, by_address={each.address: each for each in all_facts}
    )
    for contact in sorted(known, key=lambda each: each.contact_id):
        _place_known(gathered, contact)
    strangers = [each for each in all_facts if not _place_owned(gathered, each)]
    candidates = {each.address for each in strangers if is_candidate(each)}
    for each in strangers:
        if each.address in candidates:
            _place_candidate(gathered, each)
    for card in sorted(cards, key=lambda each: each.card_id):
        if card.card.source not in _NAMES_ALONE:
            _place_card(gathered, card)
    _place_witnesses(gathered, [each for each in strangers if each.address not in candidates])
    return gathered


def _told_of(facts: Iterable[AddressFacts], cards: Iterable[CardFacts]) -> list[AddressFacts]:
    """The facts with the names that cards of no owner's know of their addresses: as if a mail had borne them once."""
    noted = [each.card for each in cards if each.card.source in _NAMES_ALONE]
    names: dict[str, set[str]] = {}
    for address, name in ((address, card.name) for card in noted for address in card.addresses):
        names.setdefault(address, set()).add(name)
    told = {address: tuple((name, 1) for name in sorted(found)) for address, found in names.items()}
    return [replace(each, names=(*each.names, *told.get(each.address, ()))) for each in facts]


def is_candidate(facts: AddressFacts) -> bool:
    """Whether contact was two-way, or a meeting happened, and it is a person."""
    met = facts.meetings > 0 or (facts.sent > 0 and facts.received > 0)
    return met and judge(facts).human


def _place_known(gathered: Gathered, contact: KnownContact) -> None:
    cluster = Cluster(known=contact, name=clean_name(contact.name), addresses=list(contact.addresses))
    gathered.clusters.append(cluster)
    gathered.by_contact[contact.contact_id] = cluster
    for address in contact.addresses:
        _index(gathered, cluster, address)


def _place_owned(gathered: Gathered, facts: AddressFacts) -> bool:
    """Whether it needs no deciding: the owner's, gone, or somebody's already (whose evidence it then is)."""
    if facts.contact_id is None:
        return match_form(facts.address) in gathered.own or _is_gone(gathered, facts.address)
    cluster = gathered.by_contact.get(facts.contact_id)
    if cluster:
        cluster.facts.append(facts)
        _index(gathered, cluster, facts.address)
    return True


def _place_candidate(gathered: Gathered, facts: AddressFacts) -> None:
    """Into the cluster of its canonical address where the names agree, else into one of its own."""
    cluster = _holder(gathered, facts.address)
    name = best_name(facts.names)
    if cluster and compatible_name(cluster.name, name):
        _add_address(gathered, cluster, facts.address)
        cluster.facts.append(facts)
        cluster.name = cluster.name or name
        return
    if cluster and facts.address in cluster.addresses:
        return
    fresh = Cluster(name=name, facts=[facts])
    gathered.clusters.append(fresh)
    _add_address(gathered, fresh, facts.address)
    if cluster:
        gathered.contested.append((cluster, fresh, facts.address))


def _place_witnesses(gathered: Gathered, witnesses: Iterable[AddressFacts]) -> None:
    """Addresses that prove nothing by themselves still belong to whom has them, or another form of them.

    Each may bring a name that makes the next one fit, so this goes on until nothing more fits.
    """
    rest = [each for each in witnesses if not _is_at_home(gathered, each)]
    while rest:
        left = [each for each in rest if not _adopt(gathered, each)]
        if len(left) == len(rest):
            return
        rest = left


def _is_at_home(gathered: Gathered, facts: AddressFacts) -> bool:
    """Whether it is settled: nobody has a form of it, or somebody has it already, whose evidence it then is."""
    cluster = _holder(gathered, facts.address)
    if cluster and facts.address in cluster.addresses:
        cluster.facts.append(facts)
        return True
    return cluster is None or not judge(facts).human


def _adopt(gathered: Gathered, facts: AddressFacts) -> bool:
    cluster = _holder(gathered, facts.address)
    if cluster is None or not compatible_name(_fullest_name(cluster), best_name(facts.names)):
        return False
    _add_address(gathered, cluster, facts.address)
    cluster.facts.append(facts)
    return True


def _fullest_name(cluster: Cluster) -> str:
    name = name_of(cluster)
    fuller = informative(name) > informative(cluster.name) and compatible_name(name, cluster.name)
    return name if fuller else cluster.name


def _place_card(gathered: Gathered, card: CardFacts) -> None:
    if card.contact_id is not None:
        if cluster := gathered.by_contact.get(card.contact_id):
            cluster.cards.append(card)
        return
    addresses = _usable(gathered, card)
    if addresses is None:
        return
    name = clean_name(card.card.name)
    hits = list(dict.fromkeys(hit for each in addresses if (hit := _holder(gathered, each))))
    fitting = sorted((each for each in hits if compatible_name(each.name, name)), key=lambda each: each.known is None)
    target = fitting[0] if fitting else Cluster(name=name)
    if not fitting:
        gathered.clusters.append(target)
        gathered.contested += [(hit, target, addresses[0]) for hit in hits[:1]]
    for other in fitting[1:]:
        _unite(gathered, target, other)
    target.cards.append(card)
    target.new_cards.append(card.card_id)
    target.name = target.name or name
    for address in addresses:
        _add_address(gathered, target, address)


def _usable(gathered: Gathered, card: CardFacts) -> list[str] | None:
    """The addresses of a card that are a person's; None where the card is the owner's, gone, or no person's at all."""
    value = card.card
    forms = {match_form(each) for each in value.addresses}
    if forms & gathered.own or _blocked(gathered, card):
        return None
    personal = is_personal(value.name)
    addresses = [each for each in value.addresses if _is_persons(gathered, each, value.name, personal=personal)]
    name = clean_name(value.name)
    if not personal and name and name.casefold() == value.organisation.strip().casefold():
        return None
    nameless = not name or (bool(value.addresses) and not personal)
    return None if nameless and not addresses else addresses


def _is_persons(gathered: Gathered, address: str, name: str, *, personal: bool) -> bool:
    facts = gathered.by_address.get(address) or AddressFacts(address=address, names=((name, 1),))
    verdict = judge(facts)
    return verdict.human or (personal and verdict.reason in _KEPT_BY_CARD)


def _blocked(gathered: Gathered, card: CardFacts) -> bool:
    value = card.card
    keys = tombstone_keys(value.name, value.organisation, value.source, value.addresses)
    return any(each in gathered.gone for each in keys)


def _is_gone(gathered: Gathered, address: str) -> bool:
    return match_form(address) in gathered.gone


def _add_address(gathered: Gathered, cluster: Cluster, address: str) -> None:
    """Gives an address to a cluster, unless somebody has it."""
    if _is_others(gathered, address) or gathered.exact.setdefault(address, cluster) is not cluster:
        return
    _index(gathered, cluster, address)
    if address not in cluster.addresses:
        cluster.addresses.append(address)
        cluster.new_addresses.append(address)


def _index(gathered: Gathered, cluster: Cluster, address: str) -> None:
    gathered.exact.setdefault(address, cluster)
    gathered.forms.setdefault(match_form(address), cluster)


def _holder(gathered: Gathered, address: str) -> Cluster | None:
    """Who has this very address, else another form of it."""
    return gathered.exact.get(address) or gathered.forms.get(match_form(address))


def _is_others(gathered: Gathered, address: str) -> bool:
    facts = gathered.by_address.get(address)
    return facts is not None and facts.contact_id is not None


def _unite(gathered: Gathered, target: Cluster, other: Cluster) -> None:
    """Joins a cluster that is new; two contacts that both exist are for the owner to judge."""
    if other.known is not None or not compatible_name(target.name, other.name):
        gathered.contested.append((target, other, other.addresses[0] if other.addresses else ""))
        return
    gathered.clusters.remove(other)
    target.facts += other.facts
    target.cards += other.cards
    target.new_cards += other.new_cards
    for address in other.addresses:
        gathered.exact[address] = target
        if gathered.forms.get(match_form(address)) is other:
            gathered.forms[match_form(address)] = target
    _extend(target, other.addresses)


def _extend(target: Cluster, addresses: Iterable[str]) -> None:
    fresh = [each for each in addresses if each not in target.addresses]
    target.addresses += fresh
    target.new_addresses += fresh


def name_of(cluster: Cluster) -> str:
    """The name to show: the best of cards and mails, else a readable local part, else the address.

    A card is the owner's word: what mails say must not contradict it.
    """
    told = [(each.card.name, OWNERS_WORD) for each in cluster.cards]
    word = best_name(told)
    seen = told + [pair for each in cluster.facts for pair in each.names if compatible_name(word, pair[0])]
    by_address = name_from_address(cluster.addresses[0]) if cluster.addresses else ""
    return best_name(seen) or by_address
