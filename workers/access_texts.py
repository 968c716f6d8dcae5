"""What the mails about signing in say: subject, sentences, the words of the link, sentences behind it.

Called by `workers.render`. Places: {address} of this installation, {moment}, {until}, {provider}, {who} invites.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from keepwarm.texts import mark

FOOT = mark("You get this because it is about how one signs in to Keepwarm at {address}.")
FOOT_INVITED = mark(
    "You get this once, because somebody typed your address. No account was made; without you, none is."
)
NOT_ME = mark(
    "If that was not you, choose a new password at once: {address}/forgotten. Whoever runs Keepwarm there can help too."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    subject: str
    lines: Sequence[str]
    deed: str = ""
    after: Sequence[str] = ()
    foot: str = FOOT


WORDINGS: Mapping[str, Wording] = {
    "password": Wording(
        subject=mark("Your way to a new password"),
        lines=(mark("Somebody, most likely you, asked for a new password for Keepwarm at {address}."),),
        deed=mark("Choose a new password"),
        after=(
            mark("The link works once, until {until}. Afterwards you sign in anew on every device."),
            mark("If it was not you, you need not do anything: your password stays as it is."),
        ),
    ),
    "password_changed": Wording(
        subject=mark("Your password was changed"),
        lines=(
            mark("Your password for Keepwarm at {address} was changed, {moment}. Every other device is signed out."),
            NOT_ME,
        ),
    ),
    "address": Wording(
        subject=mark("Is this your new address?"),
        lines=(mark("You asked to sign in to Keepwarm at {address} with this address."),),
        deed=mark("Use this address"),
        after=(
            mark("The link works once, until {until}. Until then you sign in as before."),
            mark("If it was not you, you need not do anything: without the link nothing changes."),
        ),
    ),
    "address_changed": Wording(
        subject=mark("You sign in with another address now"),
        lines=(
            mark("The address with which you sign in to Keepwarm at {address} was changed, {moment}."),
            mark("From now on mails go to the new address; this is the last one to this one."),
            mark("If that was not you, whoever runs Keepwarm there can put it right."),
        ),
    ),
    "operator": Wording(
        subject=mark("You look after Keepwarm now"),
        lines=(
            mark("Whoever ran Keepwarm at {address} has left. You are there longest: it is yours to look after."),
            mark("You invite people there, under People on this server. Nobody's network can be seen by you."),
        ),
    ),
    "identity_on": Wording(
        subject=mark("You can sign in with {provider} now"),
        lines=(
            mark("Signing in with {provider} was switched on for Keepwarm at {address}, {moment}."),
            mark("If that was not you, sign in and switch it off under Settings, and choose a new password."),
        ),
    ),
    "identity_off": Wording(
        subject=mark("Signing in with {provider} is switched off"),
        lines=(mark("Signing in with {provider} was switched off for Keepwarm at {address}, {moment}."), NOT_ME),
    ),
    "invitation": Wording(
        subject=mark("An invitation to Keepwarm"),
        lines=(
            mark("{who} invites you to Keepwarm at {address}: it helps you stay in touch with the people you know."),
            mark("You get a place of your own there. Nobody else on it sees your people, and you see nobody else's."),
        ),
        deed=mark("Make my account"),
        after=(mark("The link works once, until {until}."),),
        foot=FOOT_INVITED,
    ),
}
