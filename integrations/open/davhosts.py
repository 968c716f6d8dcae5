"""Whether two hosts are one provider's, so that an account's login may go to both. Called by `dav`.

A principal and a home may lie on another host than the address that a person gave: RFC 6764 section 6 has a client
follow the principal's properties, and iCloud's name pNN-caldav.icloud.com. What an answer lists may not: its hrefs have
to match the request (RFC 4918 section 8.3). That "another" ends at the parent domain is ours.
"""

from __future__ import annotations

from keepwarm.contacts.tables import TWO_LEVELS

Origin = tuple[str, str, int]

# Domains below which each name is another person's: those that home servers have. A few of publicsuffix.org's; ours.
SHARED = frozenset(
    (
        "ddns.net", "duckdns.org", "dynv6.net", "freeddns.org", "github.io", "goip.de", "hopto.org", "i234.me",
        "my-ds.net", "myds.me", "myfritz.net", "noip.me", "selfhost.eu", "spdns.de", "synology.me", "zapto.org",
    )
)  # fmt: skip


def siblings(own: Origin, other: Origin) -> bool:
    """Whether ``other`` differs from the account's ``own`` host in nothing but its first label."""
    first, _, parent = other[1].partition(".")
    same = (own[0], own[2]) == (other[0], other[2])
    return same and bool(first) and parent == own[1].partition(".")[2] and registered(parent)


def registered(domain: str) -> bool:
    """Whether a domain looks like one that somebody registered, and not like one below which everybody does.

    Careful rather than complete: "web.de" looks like "com.au", and is refused.
    """
    labels = domain.split(".")
    if len(labels) < 2 or not all(labels) or labels[-1].isdigit():
        return False
    suffix = len(labels) == 2 and len(labels[1]) == 2 and len(labels[0]) <= 3
    return not suffix and domain not in TWO_LEVELS | SHARED
