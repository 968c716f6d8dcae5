"""Whom to propose, what to attach, who is likely the same: the decisions that the store carries out."""

from __future__ import annotations

from collections.abc import Sequence, Set

from keepwarm.contacts.alike import alike
from keepwarm.contacts.clusters import Cluster, gather, name_of
from keepwarm.contacts.facts import AddressFacts, Attach, CardFacts, Decisions, KnownContact, Likely, NewContact
from keepwarm.contacts.names import compatible_name, informative
from keepwarm.contacts.organisations import organisation_of

# METHOD.md section 2, end: where the product found them.
_ORIGIN_OF_SOURCE = {
    "linkedin": "linkedin",
    "facebook": "facebook",
    "vcf": "address_book",
    "google": "address_book",
    "microsoft": "address_book",
    "google_csv": "address_book",
    "outlook_csv": "address_book",
}


def detect(
    facts: Sequence[AddressFacts],
    cards: Sequence[CardFacts],
    known: Sequence[KnownContact],
    gone: Set[str],
    own: Set[str],
) -> Decisions:
    """Whom to propose, what to attach, who is likely the same.

    ``gone`` holds the marks (`tombstone_keys`) of people who must not return: those who match are left out. The same
    input in any order gives the same decisions; carried out and asked again, nothing is left to decide.
    """
    gathered = gather(facts, cards, known, gone, own)
    new = [each for each in gathered.clusters if each.known is None and (each.addresses or each.new_cards)]
    attach = [decision for each in gathered.clusters if (decision := _attach(each))]
    refs = {id(each): f"new:{index}" for index, each in enumerate(new)}
    refs |= {id(each): each.known.contact_id for each in gathered.clusters if each.known}
    contested = [
        Likely(a=refs[id(a)], b=refs[id(b)], reason_key="same_address", values={"address": address})
        for a, b, address in gathered.contested
        if id(a) in refs and id(b) in refs
    ]
    likely = _unique(contested + alike(gathered.clusters, refs))
    return Decisions(new=tuple(_new(each) for each in new), attach=tuple(attach), likely=likely)


def _new(cluster: Cluster) -> NewContact:
    name = name_of(cluster)
    return NewContact(
        name=name,
        addresses=tuple(cluster.addresses),
        card_ids=tuple(cluster.new_cards),
        organisation=_organisation(cluster, name),
        role=next((each.card.role for each in cluster.cards if each.card.role), ""),
        origins=_origins(cluster),
        brought_by=_brought_by(cluster),
    )


def _attach(cluster: Cluster) -> Attach | None:
    """What a contact gains; None where that is nothing. Fields that the owner edited stay theirs."""
    known = cluster.known
    if known is None:
        return None
    name = _better_name(cluster, known)
    # What the owner has not judged yet may still improve by itself; later only what is attached brings news.
    news = cluster.fresh or (known.state == "proposed" and name)
    if not news:
        return None
    organisation = "" if known.organisation or "organisation" in known.edited else _organisation(cluster, known.name)
    role = next((each.card.role for each in cluster.cards if each.card.role), "")
    return Attach(
        contact_id=known.contact_id,
        addresses=tuple(cluster.new_addresses),
        card_ids=tuple(cluster.new_cards),
        name=name,
        organisation=organisation,
        role="" if known.role or "role" in known.edited else role,
        origins=()
        if "origins" in known.edited
        else tuple(each for each in _origins(cluster) if each not in known.origins),
    )


def _better_name(cluster: Cluster, known: KnownContact) -> str:
    """A name that tells more than the one we have, and can be the same person's; "" if there is none."""
    name = name_of(cluster)
    if "name" in known.edited or not compatible_name(known.name, name) or informative(name) <= informative(known.name):
        return ""
    return name


def _organisation(cluster: Cluster, name: str) -> str:
    """A card's word, else the domain of the address most in use that has one to tell."""
    told = (each.card.organisation.strip() for each in cluster.cards)
    read = (organisation_of(each, name) for each in cluster.addresses)
    return next((each for each in (*told, *read) if each), "")


def _origins(cluster: Cluster) -> tuple[str, ...]:
    """Unique; where we found them first, then what the cards say."""
    found = ["mail"] if any(each.sent or each.received for each in cluster.facts) else []
    found += ["calendar"] if any(each.meetings for each in cluster.facts) else []
    found += [_ORIGIN_OF_SOURCE[each.card.source] for each in cluster.cards if each.card.source in _ORIGIN_OF_SOURCE]
    found += [origin for each in cluster.cards for origin in each.card.origins]
    return tuple(dict.fromkeys(found))


def _brought_by(cluster: Cluster) -> str:
    """Who wrote the first mail they appeared in, if neither the owner nor themselves."""
    dated = [each for each in cluster.facts if each.first_at]
    if not dated:
        return ""
    first = min(dated, key=lambda each: (each.first_at, each.address))
    return "" if first.brought_by in cluster.addresses else first.brought_by


def _unique(likely: Sequence[Likely]) -> tuple[Likely, ...]:
    """One for each pair, the first reason wins."""
    pairs: dict[frozenset[str], Likely] = {}
    for each in likely:
        if each.a != each.b:
            pairs.setdefault(frozenset((each.a, each.b)), each)
    return tuple(pairs.values())
