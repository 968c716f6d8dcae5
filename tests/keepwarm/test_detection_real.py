"""Detection on real mailboxes against an independent plain reference, made with the standard library alone.

Nothing here names a person: owners, lists and people are all derived from the files at run time.
"""

from __future__ import annotations

import json
import mailbox
import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message as Mail
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path

import pytest

from integrations.wire.mime import read_message
from keepwarm.contacts import AddressFacts, Decisions, detect, infer_own, match_form
from keepwarm.interactions import TouchKind, mail_touches
from keepwarm.types import MailMark, Message, Role

pytestmark = pytest.mark.shared

MAILBOXES = 2  # folders mail-owner-* there
RECALL = 0.98
MACHINE = re.compile(
    r"no-?reply|do-?not-?reply|mailer-daemon|postmaster|bounces?|notifications?|.*-bot|majordomo|bugzilla-daemon"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    owners: frozenset[str]
    mails: tuple[tuple[bytes, bool], ...]  # raw, from the Sent folder


def read_box(folder: Path) -> Box:
    owners = frozenset(each.lower() for each in json.loads((folder / "owner.json").read_text())["owner_addresses"])
    mails: list[tuple[bytes, bool]] = []
    for name in ("Sent.mbox", "Inbox.mbox", "List.mbox"):
        box = mailbox.mbox(folder / name, create=False)
        mails += [(box.get_bytes(key), name.startswith("Sent")) for key in box.keys()]  # noqa: SIM118 - a mailbox iterates over mails
        box.close()
    mails += [(path.read_bytes(), False) for path in sorted((folder / "Maildir-list").rglob("*")) if path.is_file()]
    return Box(owners=owners, mails=tuple(mails))


# ---- the reference: plain, slow, and without a line of ours ----


def head(raw: bytes) -> bytes:
    return raw.split(b"\n\n", 1)[0] + b"\n\n"


def named(mail: Mail, *headers: str) -> set[str]:
    values = [str(value) for header in headers for value in mail.get_all(header, [])]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {address.lower() for _, address in getaddresses(values) if "@" in address}


def is_machine_made(mail: Mail) -> bool:
    auto = str(mail.get("Auto-Submitted", "no")).strip().lower()
    return not auto.startswith("no") or str(mail.get("Return-Path", "")).strip() == "<>" or "X-Autoreply" in mail


def is_dated(mail: Mail) -> bool:
    try:
        return parsedate_to_datetime(str(mail["Date"])) is not None
    except (TypeError, ValueError):
        return False


@dataclass(slots=True)
class Reference:
    sent: Counter[str] = field(default_factory=Counter)
    received: Counter[str] = field(default_factory=Counter)
    groups: set[str] = field(default_factory=set)
    lists: set[str] = field(default_factory=set)  # names of lists, without a domain

    def two_way(self) -> set[str]:
        both = self.sent.keys() & self.received.keys()
        return {each for each in both - self.groups if not MACHINE.fullmatch(each.partition("@")[0])}


def plain_reference(box: Box) -> Reference:
    found, seen = Reference(), set()
    for raw, _ in box.mails:
        mail = message_from_bytes(head(raw))
        found.groups |= {
            each.strip(" <>").removeprefix("mailto:").lower()
            for header in ("List-Post", "X-Mailing-List", "X-BeenThere")
            for each in re.findall(r"[^\s<>]+@[^\s<>;,]+", str(mail.get(header, "")))
        }
        found.lists.add(str(mail.get("X-list", "")).strip().lower())
        if (key := str(mail.get("Message-ID", raw[:500])).strip()) in seen:
            continue
        seen.add(key)
        count_mail(mail, box.owners, found)
    return found


def count_mail(mail: Mail, owners: frozenset[str], found: Reference) -> None:
    writers, readers = named(mail, "From"), named(mail, "To", "Cc", "Bcc")
    if len(readers) > 20 or is_machine_made(mail) or not is_dated(mail):
        return
    if writers & owners:
        found.sent.update(readers - owners)
    elif readers & owners:
        found.received.update(writers)


# ---- ours: bytes to decisions, by the functions that the product uses ----


def messages(box: Box) -> Iterator[Message]:
    seen: set[str] = set()
    for raw, sent in box.mails:
        message = read_message(raw, sent_folder=sent)
        if message.ref not in seen:
            seen.add(message.ref)
            yield message


def facts_of(found: list[Message], own: frozenset[str]) -> list[AddressFacts]:
    forms = {match_form(each) for each in own}
    names: defaultdict[str, Counter[str]] = defaultdict(Counter)
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    groups: set[str] = set()
    for message in found:
        for each in message.participants:
            names[each.address.address][each.address.name] += 1
            if each.role is Role.LIST:
                groups.add(each.address.address)
            if each.role is Role.FROM:
                counts[each.address.address]["authored"] += 1
                counts[each.address.address]["auto"] += bool(message.marks & MailMark.AUTO)
                counts[each.address.address]["bulk"] += (
                    message.marks & (MailMark.BULK | MailMark.LIST)
                ) == MailMark.BULK
        for touch in mail_touches(message, forms):
            counts[touch.address][touch.kind] += 1
    return [
        AddressFacts(
            address=address,
            names=tuple((name, times) for name, times in names[address].most_common() if name),
            sent=counts[address][TouchKind.SENT],
            received=counts[address][TouchKind.RECEIVED],
            authored=counts[address]["authored"],
            authored_auto=counts[address]["auto"],
            authored_bulk=counts[address]["bulk"],
            group=address in groups,
        )
        for address in names
        if match_form(address) not in forms
    ]


def decide(found: list[Message], own: frozenset[str]) -> Decisions:
    return detect(facts_of(found, own), [], [], frozenset(), frozenset(map(match_form, own)))


@pytest.fixture(scope="module", params=range(MAILBOXES))
def box(request: pytest.FixtureRequest, shared: Path) -> Box:
    return read_box(sorted(shared.glob("mail-owner-*"))[request.param])


@pytest.fixture(scope="module")
def read(box: Box) -> list[Message]:
    return list(messages(box))


def test_two_way_people_are_proposed(box: Box, read: list[Message], capsys: pytest.CaptureFixture[str]) -> None:
    wanted = plain_reference(box).two_way()
    proposed = {address for each in decide(read, box.owners).new for address in each.addresses}
    recall = len(wanted & proposed) / len(wanted)
    numbers = f"two-way {len(wanted)}, proposed {len(proposed)}, recall {recall:.4f}, more {len(proposed - wanted)}"
    with capsys.disabled():
        print(f"\n  {numbers}")  # noqa: T201 - the numbers are what the proof is for
    assert len(wanted) > 40
    assert recall >= RECALL
    assert len(proposed - wanted) <= 0.02 * len(wanted)


def test_no_group_machine_or_owner_is_proposed(box: Box, read: list[Message]) -> None:
    proposed = {address for each in decide(read, box.owners).new for address in each.addresses}
    reference = plain_reference(box)
    groups = reference.groups | {each for each in reference.sent if each.partition("@")[0] in reference.lists}
    assert groups
    assert not proposed & groups
    assert not proposed & box.owners
    assert not [each for each in proposed if MACHINE.fullmatch(each.partition("@")[0])]


def test_counts_agree_with_the_reference(box: Box, read: list[Message]) -> None:
    reference = plain_reference(box)
    ours = {each.address: each for each in facts_of(read, box.owners)}
    wrong = [
        address
        for address in reference.two_way() & ours.keys()
        if (ours[address].sent, ours[address].received) != (reference.sent[address], reference.received[address])
    ]
    assert len(wrong) <= 0.02 * len(ours)


def test_every_proposal_has_a_readable_name(box: Box, read: list[Message]) -> None:
    new = decide(read, box.owners).new
    assert [each for each in new if not each.name or "=?" in each.name or '"' in each.name] == []
    assert sum("@" in each.name for each in new) <= 0.03 * len(new)


def test_owner_is_found_from_the_sent_folder(box: Box, read: list[Message]) -> None:
    sent = Counter(
        each.address.address
        for message in read
        if message.marks & MailMark.SENT
        for each in message.participants
        if each.role is Role.FROM
    )
    names = {
        each.address.address: each.address.name
        for message in read
        for each in message.participants
        if each.role is Role.FROM
    }
    assert infer_own(frozenset(), sent, sent, {}, names) == set(sent)
    assert set(sent) <= box.owners
    main = sent.most_common(1)[0][0]
    assert main in infer_own(frozenset(), sent, sent, {})


def test_owner_is_found_without_a_sent_folder(box: Box, read: list[Message]) -> None:
    authors, recipients = Counter[str](), Counter[str]()
    for message in read:
        roles = [(each.address.address, each.role) for each in message.participants]
        authors.update({address for address, role in roles if role is Role.FROM})
        recipients.update({address for address, role in roles if role in {Role.TO, Role.CC}})
    assert infer_own(frozenset(), {}, authors, recipients) <= box.owners


def test_without_given_addresses_the_same_people_come_out(box: Box, read: list[Message]) -> None:
    sent = Counter(
        each.address.address
        for message in read
        if message.marks & MailMark.SENT
        for each in message.participants
        if each.role is Role.FROM
    )
    own = infer_own(frozenset(), sent, sent, {})
    wanted = plain_reference(box).two_way()
    proposed = {address for each in decide(read, own).new for address in each.addresses}
    assert len(wanted & proposed) / len(wanted) >= RECALL
