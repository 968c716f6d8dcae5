"""What the identity platform's refusals mean: its numbers (AADSTS…), and where there is none that we know, its words.

Called by `consent` and `checks`. Microsoft says that numbers and texts change, so a number only ever refines what the
word alone would lead to. Followed: PROVIDERS.md, section 5; M/entra/identity-platform/reference-error-codes and
M/entra/identity/enterprise-apps/application-sign-in-unexpected-user-consent-error, read November 2026.

Not verified on a real tenant: which number comes with which word; whether 65004 also comes where somebody leaves the
page "Need admin approval" (other apps take it so); whether a made-up code gets as far as the secret being looked at.
"""

from __future__ import annotations

import re

from integrations.base import NeedsAdministrator
from integrations.wire import oauth
from integrations.wire.tokens import Refusal
from keepwarm.errors import AccessRevoked, KeepwarmError, MisconfiguredError, Rejected
from keepwarm.texts import mark

WRONG_SECRET = mark(
    "Microsoft does not take the client secret. Accounts and what was read stay as they are. Make a new one in the"
    " Entra admin centre, under Certificates & secrets, and put its value, not its id, into the file that"
    " KEEPWARM_MICROSOFT_SECRET names."
)
SECRET_OVER = mark(
    "The client secret has expired. Accounts and what was read stay as they are. Make a new one in the Entra admin"
    " centre, under Certificates & secrets, put its value into the file that KEEPWARM_MICROSOFT_SECRET names, and set"
    " KEEPWARM_MICROSOFT_SECRET_ENDS."
)
UNKNOWN_APP = mark(
    "Microsoft does not know this app. Compare KEEPWARM_MICROSOFT_CLIENT and KEEPWARM_MICROSOFT_TENANT with the"
    " overview page of your app registration."
)
UNKNOWN_TENANT = mark(
    "Microsoft knows no such organisation. Compare KEEPWARM_MICROSOFT_TENANT with the overview page of your app"
    " registration."
)
ONE_TENANT = mark(
    "This app takes accounts of one organisation alone: set KEEPWARM_MICROSOFT_TENANT to its id, or let the app take"
    " more accounts in the Entra admin centre, under Authentication."
)
PERSONAL_ALONE = mark("This app takes personal accounts alone: set KEEPWARM_MICROSOFT_TENANT to consumers.")
ADD_REDIRECT = mark(
    "Add this address to the app in the Entra admin centre, under Authentication, as a redirect URI of the platform"
    " Web."
)
NOT_WEB = mark(
    "The redirect address stands under another platform: move it to the platform Web in the Entra admin centre, under"
    " Authentication. What the platform Single-page application gives ends after a day."
)
BLOCKED = mark(
    "Your organisation lets only an administrator allow this. Nothing was changed. Send them the link, and connect once"
    " more when they have agreed."
)
LEFT = mark(
    "You did not allow it, so nothing was changed. If Microsoft asked for an administrator's approval, send them the"
    " link, and connect once more when they have agreed."
)
OTHER_TENANT = mark(
    "This Microsoft account does not belong to those that can be connected here. Nothing was changed; choose another."
)

OPERATORS: dict[int, str] = {
    7000215: WRONG_SECRET,
    7000222: SECRET_OVER,
    700016: UNKNOWN_APP,
    90002: UNKNOWN_TENANT,
    900023: UNKNOWN_TENANT,
    50194: ONE_TENANT,
    9002331: PERSONAL_ALONE,
    9002346: PERSONAL_ALONE,
    50011: ADD_REDIRECT,
    9002327: NOT_WEB,
}
ADMINISTRATORS = frozenset({65001, 90008, 90093, 90094, 90095, 650056, 900941})
DECLINED = 65004
PEOPLE: dict[int, str] = {50020: OTHER_TENANT, 50105: oauth.BLOCKED, 53003: oauth.BLOCKED}
CLIENT = frozenset({"invalid_client", "unauthorized_client"})
OVER = frozenset({"invalid_grant", "interaction_required", "consent_required", "login_required"})
ENDS = frozenset({50173, 50076, 50079, 65001, 700082})  # password or revoked, sign in anew (twice), no consent, idle

_NUMBER = re.compile(r"AADSTS(\d{4,8})", re.ASCII)


def operators(refused: Refusal) -> MisconfiguredError | None:
    """The error where the set-up is at fault, in words for whoever runs this."""
    found = [OPERATORS[each] for each in _numbers(refused) if each in OPERATORS]
    if found or refused.word in CLIENT:
        return MisconfiguredError(found[0] if found else WRONG_SECRET)
    return None


def at_consent(refused: Refusal, link: str) -> KeepwarmError | None:
    """The error where more is known than the word says; ``link``: for an administrator, empty where there is none."""
    numbers = _numbers(refused)
    if found := operators(refused):
        return found
    if people := [PEOPLE[each] for each in numbers if each in PEOPLE]:
        return Rejected(people[0])
    if link and DECLINED in numbers:
        return NeedsAdministrator(LEFT, link)
    if link and (ADMINISTRATORS.intersection(numbers) or (refused.word == "consent_required" and not numbers)):
        return NeedsAdministrator(BLOCKED, link)
    return Rejected(oauth.DENIED) if DECLINED in numbers else None


def at_renewal(refused: Refusal) -> KeepwarmError | None:
    """Whether the grant is over, or the operator's secret; None: what the word says."""
    if found := operators(refused):
        return found
    over = refused.word in OVER or ENDS.intersection(_numbers(refused))
    return AccessRevoked(oauth.GONE) if over else None


def _numbers(refused: Refusal) -> list[int]:
    """In the order in which they are told; may be empty."""
    return [int(each) for each in _NUMBER.findall(refused.about)]
