"""Who is new, who is human, who is the same person, who is never contacted. Pure.

Called by `keepwarm.store.contacts` after every sync and by the pages for the sentences. Evidence is gathered per
address (`AddressFacts`), judged per address (`judge`), and turned into decisions (`detect`) that the store carries out.
In reading order:

- ``facts``          the values: evidence in, decisions out
- ``addresses``      the canonical form of an address, for matching only
- ``humans``         `judge`: a person or a machine
- ``tables``         words and domains
- ``names``          the best name of those seen, and whether two names can be one person's
- ``organisations``  an organisation out of a domain, and when two spellings are one
- ``own``            which addresses are the owner's
- ``clusters``       addresses and cards that are certainly one person
- ``detection``      `detect`: whom to propose, what to attach
- ``alike``          who is likely the same, to be asked
- ``lookalike``      who looks like somebody else, to be warned of
- ``folding``        words as a search compares them
- ``sentences``      the evidence and the reasons in words
"""

from keepwarm.contacts.addresses import domain_keys, match_form, tombstone_keys
from keepwarm.contacts.detection import detect
from keepwarm.contacts.facts import (
    AddressFacts,
    Attach,
    CardFacts,
    Decisions,
    KnownContact,
    Likely,
    NewContact,
    Verdict,
)
from keepwarm.contacts.folding import asked_words, folded, search_text, sort_key
from keepwarm.contacts.humans import judge
from keepwarm.contacts.lookalike import Doubt, Familiar, address_skeleton, doubt, familiar, skeleton
from keepwarm.contacts.names import best_name, clean_name, compatible_name, name_from_address
from keepwarm.contacts.organisations import is_free_mail, organisation_key, organisation_of
from keepwarm.contacts.own import aliases, infer_own, namesakes
from keepwarm.contacts.sentences import doubt_words, evidence, likely_reason

__all__ = [
    "AddressFacts",
    "Attach",
    "CardFacts",
    "Decisions",
    "Doubt",
    "Familiar",
    "KnownContact",
    "Likely",
    "NewContact",
    "Verdict",
    "address_skeleton",
    "aliases",
    "asked_words",
    "best_name",
    "clean_name",
    "compatible_name",
    "detect",
    "domain_keys",
    "doubt",
    "doubt_words",
    "evidence",
    "familiar",
    "folded",
    "infer_own",
    "is_free_mail",
    "judge",
    "likely_reason",
    "match_form",
    "name_from_address",
    "namesakes",
    "organisation_key",
    "organisation_of",
    "search_text",
    "skeleton",
    "sort_key",
    "tombstone_keys",
]
