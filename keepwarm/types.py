"""The world's facts as frozen values: what adapters hand in and what we hand out.

Called by everybody; knows nobody. Adapters build these, domain functions read them, the store keeps them.
Times are aware and UTC unless a field says otherwise; identifiers from outside end in ``_ref``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntFlag, StrEnum
from typing import Any, Self


class Role(StrEnum):
    """How an address takes part in a mail or an event.

    ``bit`` is the role as a bit, for whoever counts in bulk. The store keeps it, so this order stands for good.
    """

    bit: int

    def __new__(cls, value: str) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.bit = 1 << len(cls.__members__)
        return member

    FROM = "from"
    SENDER = "sender"
    REPLY_TO = "reply_to"
    TO = "to"
    CC = "cc"
    BCC = "bcc"
    LIST = "list"  # a group address that the headers themselves declare (List-Id, List-Post, X-Mailing-List ...)
    ORGANISER = "organiser"
    ATTENDEE = "attendee"


class Reply(StrEnum):
    """An attendee's answer (RFC 5545 PARTSTAT); NONE where the calendar records no answers."""

    NONE = "none"
    NEEDS_ACTION = "needs-action"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"
    DELEGATED = "delegated"


class MailMark(IntFlag):
    """What the headers of one mail prove about how it came to be."""

    NONE = 0
    AUTO = 1  # Auto-Submitted other than "no", X-Autoreply, Feedback-ID and the like (RFC 3834)
    BULK = 2  # Precedence bulk/list/junk, List-Unsubscribe: a machine distributed it
    LIST = 4  # List-Id, List-Post, X-Mailing-List, X-list: it came through a mailing list
    BOUNCE = 8  # empty Return-Path, mailer-daemon, multipart/report
    SENT = 16  # lay in a Sent folder, or the provider says the owner sent it
    OURS = 32  # carries our own X-Keepwarm header: never an input
    DRAFT = 64  # draft, spam or trash: counted as skipped
    SENT_TOO = 128  # the store's own: another import's copy of it lay in a Sent folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One address as found: ``address`` in lower case (an e-mail address, or ``linkedin:slug`` for a profile).

    ``name`` is the decoded display name, cleaned of control, bidi and zero-width characters; may be empty.
    """

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """One address in one role of one item. ``reply`` and ``resource`` are for events only."""

    role: Role
    address: Address
    reply: Reply = Reply.NONE
    resource: bool = False  # a room or other resource (CUTYPE), or a group


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A mail, as its headers tell: never a body, never a subject.

    ``ref`` identifies the mail across sources: hash of its Message-ID, or of date, sender and recipients without one.
    ``at`` is None where no header holds a readable date. ``participants`` is unique by (role, address), at most 200.
    """

    ref: str
    at: datetime | None
    participants: tuple[Participant, ...]
    marks: MailMark = MailMark.NONE
    recipients: int = 0  # how many To/Cc/Bcc addresses it names, also beyond those kept


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEvent:
    """One occurrence of a calendar event.

    ``uid`` + ``occurrence`` (the *original* start as ISO 8601 text, empty for a single event) identify it across
    moves. For all-day events ``start_at``/``end_at`` are the UTC moments of local midnight in ``zone``.
    """

    uid: str
    occurrence: str = ""
    title: str
    start_at: datetime
    end_at: datetime
    zone: str  # IANA id of the wall time; "UTC" if none is known
    zone_guessed: bool = False  # unknown or missing zone name: no automatic mail relies on it
    all_day: bool = False
    recurring: bool = False
    cancelled: bool = False
    busy: bool = True  # TRANSP:OPAQUE
    location: str = ""
    participants: tuple[Participant, ...] = ()
    ours: bool = False  # made by us (UID in our namespace or X-KEEPWARM): never an input
    resource_ref: str = ""  # the provider's own name of what holds it: a series and its exceptions share one


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCard:
    """One entry of an address book or an export of connections: known, without a touch.

    ``ref`` is unique within ``source`` (UID, profile, or a hash of the content). ``origins``: keys of METHOD.md
    section 2.
    """

    ref: str
    source: str  # vcf, linkedin, google_csv, outlook_csv, facebook, google; google_other: a name, and nothing more
    name: str
    addresses: tuple[str, ...] = ()  # lower case, unique, may be empty; linkedin:slug among them
    organisation: str = ""
    role: str = ""
    phone: str = ""
    url: str = ""
    connected_on: date | None = None
    birthday: str = ""  # YYYY-MM-DD or --MM-DD
    origins: tuple[str, ...] = ()
    resource_ref: str = ""  # the provider's own name of what holds it


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One entry of our own export (`keepwarm.portable`): what an owner said or decided, to be kept again.

    ``id``: as in the document; what refers to it there does so by this. ``values`` by the fields of the section.
    ``odd``: the fields of which something was left out, since it was nothing that we know.
    """

    section: str
    id: str
    values: Mapping[str, Any]
    odd: tuple[str, ...] = ()


Item = Message | CalendarEvent | ContactCard | Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """An item that was understood and left out on purpose; ``reason`` is a short constant key such as ``draft``."""

    position: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """An item that could not be read. ``position``: an offset, a line or an id; ``digest``: SHA-256 of its bytes."""

    position: str
    digest: str
    reason: str  # plain words for the owner, free of the item's content


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """An item the provider no longer has. ``kind``: message, event or card; ``ref``: events have uid|occurrence."""

    kind: str
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceInfo:
    """One file, Maildir or archive entry of an import. ``kind`` is one of the kinds that ``keepwarm import`` prints."""

    path: str  # as shown to the owner; archive entries as ``archive.zip!entry``
    kind: str
    fingerprint: str = ""  # of size and content; the same fingerprint again means: nothing new
    size: int = 0  # bytes, 0 if unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One portion of what changed. The last page's ``cursor`` is the one to resume from next time.

    ``source`` names the file the items came from (imports only); a page never mixes two sources.
    ``known`` counts items the adapter recognised as already read without parsing them again.
    ``read_bytes`` is how far into the source we are, for progress. ``source_anew``: it changed while it was read in
    several goes, and begins again with this page; what was counted of it so far counts no more. ``own``: addresses that
    the provider says are the owner's.

    ``whole`` names resources that this page tells completely: what is stored of them and not among ``items`` is gone (a
    resource without items is gone as a whole). ``everything``, on a last page, names all resources that there are: what
    is stored of others is gone; with ``span`` only what begins from the one moment on and before the other. An event or
    card belongs to the resource in its ``resource_ref``.
    """

    items: tuple[Item, ...] = ()
    gone: tuple[Gone, ...] = ()
    whole: tuple[str, ...] = ()
    everything: frozenset[str] | None = None
    span: tuple[datetime, datetime] | None = None
    skipped: tuple[Skipped, ...] = ()
    broken: tuple[Broken, ...] = ()
    known: int = 0
    own: tuple[str, ...] = ()
    cursor: str = ""
    last: bool = False
    source: SourceInfo | None = None
    source_done: bool = False
    source_anew: bool = False
    read_bytes: int = 0
    total_bytes: int = 0


class StreamKind(StrEnum):
    MAIL = "mail"
    CALENDAR = "calendar"
    CONTACTS = "contacts"
    FILES = "files"  # one import batch: any of the three


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Mail, calendar or contacts of one account; ``cursor`` is opaque text of the adapter, empty at first.

    ``since``: with an empty cursor, that all until then was read before, and the place in it was lost.
    """

    id: str
    owner_id: str
    account_id: str
    kind: StreamKind
    place_ref: str = ""  # a folder, calendar or address book; for files the batch
    cursor: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail we send, always to the owner alone. ``message_id`` is made from the key of the outbox row."""

    message_id: str
    sender: Address
    to: Address
    subject: str
    text: str
    html: str
    at: datetime
    lang: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OurEvent:
    """A calendar event we write: private, shown as free, never with attendees, with a reminder that rings.

    ``uid`` is deterministic (``<outbox key>@keepwarm``). Wall time and zone are kept beside the UTC moment.
    """

    uid: str
    title: str
    description: str
    start_at: datetime
    end_at: datetime
    zone: str
    reminder_minutes: int = 0  # VALARM before the start, minutes
    url: str = ""
    sequence: int = 0
    written: bool = False  # it stood in the calendar once: where it is gone now, the user took it away


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundEvent:
    """What a provider now holds of an event of ours. ``deleted_by_user`` blocks it for ever."""

    remote_ref: str
    start_at: datetime | None = None
    end_at: datetime | None = None
    fingerprint: str = ""  # of start, end and title as the provider holds them
    deleted_by_user: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """A proven hint that something changed, known by one or both of its names.

    ``subscription_ref`` is our own id of the subscription it came by, where the provider sends that back;
    ``remote_ref`` the provider's name of what it is about. Where both are told they must belong together. ``channel``:
    the provider ends an unknown one that is answered 404 (Google Calendar); others would only come again.
    """

    kind: StreamKind
    subscription_ref: str = ""
    remote_ref: str = ""
    channel: bool = False
    about: str = "news"  # or of the order itself: "renew" it now; it is "ended", so ask for another


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """An answer the provider waits for while it sets a subscription up."""

    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A provider's standing order to notify us, as the provider now holds it."""

    remote_ref: str
    secret: str = field(repr=False)
    expires_at: datetime
    pulled: bool = False  # notices are fetched by us (`integrations.base.Pulls`), not sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of a connection check, in words for a person: what was tried, whether it works, what to do if not."""

    name: str
    ok: bool
    says: str = ""
    where: str = ""  # the server that was tried
    absent: bool = False  # nothing was there to try, and that is no failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A calendar, folder or address book to choose from."""

    ref: str
    name: str
    kind: StreamKind
    ours: bool = False
    usual: bool = True  # read unless the owner says otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What the provider gave us to act, opened. Never logged."""

    values: dict[str, str] = field(default_factory=dict, repr=False)
