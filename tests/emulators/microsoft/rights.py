"""Which delegated permissions each method asks for. `desk.py` enforces it.

PROVIDERS.md, section 4, Permissions; the "Permissions" table of each method's page under M/graph/api.
"""

from __future__ import annotations

import re

READ_MAIL = frozenset(("Mail.ReadBasic", "Mail.Read", "Mail.ReadWrite"))
WHOLE_MAIL = frozenset(("Mail.Read", "Mail.ReadWrite"))
WRITE_MAIL = frozenset(("Mail.ReadWrite",))
SEND = frozenset(("Mail.Send",))
READ_EVENTS = frozenset(("Calendars.ReadBasic", "Calendars.Read", "Calendars.ReadWrite"))
WRITE_EVENTS = frozenset(("Calendars.ReadWrite",))
READ_CONTACTS = frozenset(("Contacts.Read", "Contacts.ReadWrite"))
WRITE_CONTACTS = frozenset(("Contacts.ReadWrite",))
ANY: frozenset[str] = frozenset()  # any token of Graph

TABLE: tuple[tuple[str, frozenset[str]], ...] = (  # the first that fits the method's name
    (r"GET /me", frozenset(("User.Read",))),
    (r"GET /me/mailboxSettings", frozenset(("MailboxSettings.Read", "MailboxSettings.ReadWrite"))),
    (r"PATCH /me/mailboxSettings", frozenset(("MailboxSettings.ReadWrite",))),
    (r"POST /me/sendMail|POST /me/messages/\{id\}/(send|reply|replyAll|forward)", SEND),
    (r"GET /me/messages/\{id\}/(\$value|attachments.*|extensions.*)", WHOLE_MAIL),
    (r"GET /me/(messages|mailFolders).*", READ_MAIL),
    (r"\w+ /me/(messages|mailFolders).*", WRITE_MAIL),
    (r"GET /me/(calendar|calendars|calendarView|events).*", READ_EVENTS),
    (r"\w+ /me/(calendar|calendars|events).*", WRITE_EVENTS),
    (r"GET /me/(contacts|contactFolders).*", READ_CONTACTS),
    (r"\w+ /me/(contacts|contactFolders).*", WRITE_CONTACTS),
    (r"POST /me/translateExchangeIds", frozenset(("User.Read", *READ_MAIL, *READ_EVENTS, *READ_CONTACTS))),
)
RESOURCES = {"mail": READ_MAIL, "events": READ_EVENTS, "contacts": READ_CONTACTS}  # of subscriptions


def needed(method: str) -> frozenset[str]:
    """Any one of these suffices; empty where any token does."""
    return next((scopes for pattern, scopes in TABLE if re.fullmatch(pattern, method)), ANY)
