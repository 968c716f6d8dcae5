"""How we know somebody, as SQL can tell: never cooler than the rule says. Called by `lateness` and `adding`.

The rule is `keepwarm.circles.propose`, and it is the rule that counts: what is here only leaves people out for whom it
cannot come to that, so that not everybody has to be read. All numbers are the rule's own.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, FromClause, Text, and_, cast, or_

from keepwarm.circles import ORIGIN_CIRCLE, WARM_MAILS, WARM_SMALL_MEETINGS
from keepwarm.store.tables import contact, listing


def listed() -> FromClause:
    """Contacts with what is counted of them; whether that holds is `keepwarm.store.counted`' matter."""
    return contact.join(listing, listing.c.contact_id == contact.c.id)


def may_be(circle: str) -> ColumnElement[bool]:
    """Whether somebody may be this warm ("warm"), or at least that ("lukewarm"): the owner's word, else evidence."""
    told = or_(*(_from(origin) for origin, theirs in ORIGIN_CIRCLE.items() if circle in ("lukewarm", theirs)))
    wide = (contact.c.introducer_address_id.is_not(None), _two_way()) if circle == "lukewarm" else ()
    said = ("warm", "lukewarm") if circle == "lukewarm" else ("warm",)
    return or_(contact.c.circle.in_(said), and_(contact.c.circle.is_(None), or_(_often(), told, *wide)))


def _often() -> ColumnElement[bool]:
    return or_(
        and_(listing.c.sent >= WARM_MAILS, listing.c.received >= WARM_MAILS),
        listing.c.small_meetings >= WARM_SMALL_MEETINGS,
    )


def _two_way() -> ColumnElement[bool]:
    return or_(and_(listing.c.sent > 0, listing.c.received > 0), listing.c.meetings > 0)


def _from(origin: str) -> ColumnElement[bool]:
    """Whether a list that is kept as JSON text holds this word."""
    return cast(contact.c.origins, Text).like(f'%"{origin}"%')
