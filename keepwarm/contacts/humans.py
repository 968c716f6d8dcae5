"""A person or a machine, decided per address: evidence first, words second (PRODUCT.md sections 2 A and 3.2)."""

from __future__ import annotations

import re

from keepwarm.contacts.facts import AddressFacts, Verdict
from keepwarm.contacts.names import compatible_name, is_personal, words_of
from keepwarm.contacts.organisations import is_free_mail
from keepwarm.contacts.tables import COMPANY, NOT_PERSONAL, ROOM

MOSTLY = 0.5  # share of what an address wrote; ours
NEARLY_ALL = 0.8
UNANSWERED_GROUP = 20  # ours: nameless, written to so many times for each mail from it

ANSWERED = 5  # ours: mails of a distributor for each mail to it, up to which it is a conversation
VOICES = 4  # ours: names over one address that cannot be the same person's as the first

_PARTS = re.compile(r"[._]")  # how people write theirs; machines mostly take the hyphen
_VIA = re.compile(r"\S\s+\(?(via|on behalf of|namens)\s+\S", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_SEPARATORS = re.compile(r"[._-]")
_BOUNCE = re.compile(r"mailer[-_.]?daemon|daemon|bounces?([-_.=].*)?|.*[-_.]bounces?([-_.=].*)?|mdaemon")
_NO_REPLY = re.compile(
    r"(.*[-_.])?(no|not|do[-_.]?not|dont|niet|geen|ne[-_.]?pas)[-_.]?(reply|replies|antwoorden|repondre)([-_.\d].*)?"
    r"|(.*[-_.])?(notifications?|notify|notifier|notificaties|meldingen|alerts?|invitations?|invites?|unsubscribe)([-_.\d].*)?"
    r"|(calendar|drive-shares|comments|messages|reminders?)[-_](notification|noreply|server|dm-noreply)s?"
    r"|reply|(e?news?[-_]?letters?|nieuwsbrie(f|ven)|mailing|mailings|bulkmail|automail(er)?|auto[-_]?(reply|confirm|responder))"
)
_BOT = re.compile(
    r"(bugzilla|cron|nagios|buildd|cvs|svn|git|jenkins|hudson|mailman|system|ftp)[-_.]?daemon"
    r"|(.*[-_.])?(ro)?bot([-_.\d].*)?"
    r"|(build|patch|syz|depend?a|renovate|travis|greenkeeper|snyk|merge|test|chat)bot"
    r"|dependabot|patchwork|bugzilla|buildmaster|autobuild(er)?|github-actions|jenkins|travis|circleci|gerrit|jira|trac"
    r"|.*\[bot\]|lkp|cronjobs?|majordomo|listserv|listproc|sympa|mailman"
)
_BOT_NAME = re.compile(
    r"\[bot\]|\b(test|build|patch|merge|release|ci|mail|chat)[- ]?(ro)?bot\b|^\s*bugzilla\s*$", re.IGNORECASE
)
_LIST_SERVICE = re.compile(
    r"owner-.+|.+-owner|.+-(request|requests|subscribe|unsubscribe|help|admin|confirm|digest)"
    r"|(e?mail(ing)?)?-?(list|lists|lijst)|(mail(ing)?)-?(list|lijst)"
)
_LIST_DOMAIN = re.compile(
    r"(googlegroups|yahoogroups|freelists|groups|listserv)\.(com|io|org|net|nl)|vger\.kernel\.org"
)
_ROLE = re.compile(
    r"info|information|informatie|support|helpdesk|help|sales|verkoop|inkoop|team|news|nieuws|office|kantoor|hr|jobs?|careers?|"
    r"vacatures?|recruit(ment|ing)|sollicitaties?|werkenbij|contact|hello|hallo|hi|welcome|welkom|admin|administrator|administratie|"
    r"webmaster|postmaster|hostmaster|abuse|security|root|mail|email|marketing|media|press|pers|communicatie|redactie|editor|"
    r"billing|invoices?|factu(ur|ren)|finance|accounts?|accounting|boekhouding|debiteuren|crediteuren|orders?|bestelling(en)?|"
    r"shop|winkel|store|service|services|customer-?(service|care|support)|klanten-?service|klantcontact|receptie|reception|"
    r"secretariaat|secretary|secretaris|bestuur|board|leden|ledenadministratie|members?|membership|events?|evenementen|"
    r"everyone|everybody|iedereen|allen|all|staff|medewerkers|personeel|feedback|enquir(y|ies)|inquir(y|ies)|general|algemeen|"
    r"reservations?|reserveren|reserveringen|booking|bookings|boekingen|planning|balie|privacy|avg|legal|juridisch|"
    r"noc|ops|devops|dev|developers?|webteam|it|ict|servicedesk|service-?desk|training|opleidingen|academy|donateurs|voorzitter|"
    r"penningmeester|vrijwilligers|deals|offers|promo(tions?)?|aanbiedingen|acties|all[-_.]?(staff|users|hands|medewerkers)|"
    r"((conf(erence)?|meeting)[-_.]?)?rooms?[-_.]?\d*|zaal[-_.]?\d*"
)


def judge(facts: AddressFacts) -> Verdict:
    """Whether a person writes from this address, decided from evidence first, words second.

    A role address is a person's when contact goes both ways and it carries a person's name. A list that the headers
    declare is never one; a person who writes through a list is, for the list is another address.
    """
    local = facts.address.rpartition("@")[0]
    reason = _evidence(facts, local) or _words(facts, local)
    return Verdict(human=not reason, reason=reason or "person")


def _evidence(facts: AddressFacts, local: str) -> str:
    if not local and not facts.address.startswith("linkedin:"):
        return "empty"
    if facts.resource or _is_room(facts):
        return "resource"
    if facts.group or _silent_group(facts) or _many_voices(facts) or _speaks_for_others(facts):
        return "group"
    if _share(facts.authored_auto, facts.authored) > (NEARLY_ALL if _lived_with(facts) else MOSTLY):
        return "auto"
    bulk = _share(facts.authored_bulk, facts.authored)
    return "bulk" if bulk > MOSTLY and not (_lived_with(facts) or _conversed(facts)) else ""


def _words(facts: AddressFacts, local: str) -> str:
    plain = local.partition("+")[0]
    if any(_BOT_NAME.search(name) for name, _ in facts.names):
        return "auto"
    if _named_so(facts, plain):
        return ""
    if _BOUNCE.fullmatch(plain):
        return "bounce"
    if _NO_REPLY.fullmatch(plain):
        return "no_reply"
    if _BOT.fullmatch(plain):
        return "auto"
    if _lived_with(facts) and not (_ROLE.fullmatch(plain) and _named_after_house(facts)):
        return ""
    if _LIST_SERVICE.fullmatch(plain) or _LIST_DOMAIN.fullmatch(facts.address.rpartition("@")[2]):
        return "group"
    return "role" if _ROLE.fullmatch(plain) or _is_desk(facts, plain) else ""


def _is_room(facts: AddressFacts) -> bool:
    """Whether it only ever stood in meetings, under names of rooms and things: a calendar that does not say so."""
    silent = not (facts.sent or facts.received or facts.authored)
    return silent and bool(facts.names) and all(ROOM.search(name) for name, _ in facts.names)


def _lived_with(facts: AddressFacts) -> bool:
    """Contact both ways, under a person's name: the strongest evidence there is."""
    met = facts.meetings > 0 or (facts.sent > 0 and facts.received > 0)
    return met and any(is_personal(name) for name, _ in facts.names)


def _conversed(facts: AddressFacts) -> bool:
    """Answered too often for a newsletter, or by free mail, which sends none; not under an organisation's name."""
    if facts.sent == 0 or facts.received == 0:
        return False
    answered = facts.sent * ANSWERED >= facts.received or is_free_mail(facts.address.rpartition("@")[2])
    return answered and not any(_is_house(name, facts.address) for name, _ in facts.names)


def _is_house(name: str, address: str) -> bool:
    """Whether a name is an organisation's: by a word of it, or because the domain says the same."""
    words = set(_WORD.findall(name.casefold()))
    labels = set(address.rpartition("@")[2].split("."))
    return bool(words & (NOT_PERSONAL | COMPANY)) or bool(words and words <= labels)


def _silent_group(facts: AddressFacts) -> bool:
    """Written to over and over, hardly ever writing, never under a name: an undeclared list seen from outside."""
    if any(is_personal(name) for name, _ in facts.names) or facts.meetings:
        return False
    return facts.sent >= UNANSWERED_GROUP * max(1, facts.authored)


def _many_voices(facts: AddressFacts) -> bool:
    """So many people's names over one address that it passes on what others write, as lists and services do."""
    personal = [name for name, _ in facts.names if is_personal(name)]
    return sum(not compatible_name(personal[0], each) for each in personal[1:]) >= VOICES


def _speaks_for_others(facts: AddressFacts) -> bool:
    """Whether every name over it is somebody's "via" something: then the address is the something's."""
    return bool(facts.names) and all(_VIA.search(name) for name, _ in facts.names)


def _named_so(facts: AddressFacts, plain: str) -> bool:
    """Whether the local part spells the name of somebody in touch ("jan.bot"): then its words prove nothing."""
    parts = set(_PARTS.split(plain))
    if len(parts) < 2 or not _lived_with(facts):
        return False
    return any(parts <= set(words_of(name)) for name, _ in facts.names)


def _is_desk(facts: AddressFacts, plain: str) -> bool:
    """Whether part of the local part is a role's ("team-north"), and every name is an organisation's too."""
    if not facts.names or not any(_ROLE.fullmatch(each) for each in _SEPARATORS.split(plain)):
        return False
    return all(_is_house(name, facts.address) for name, _ in facts.names)


def _named_after_house(facts: AddressFacts) -> bool:
    """Whether every name begins with the domain's: "Example Garden" at example.com is the house, not a person."""
    labels = set(facts.address.rpartition("@")[2].split("."))
    return all(words_of(name) and words_of(name)[0] in labels for name, _ in facts.names)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
