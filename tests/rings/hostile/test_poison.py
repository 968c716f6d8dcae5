"""Every bomb alone among a hundred good items, through the provider into a store: the hundred are there."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from keepwarm.store import Store, accounts, duties, items
from tests import make
from tests.integrations.files.mail.conftest import files, stream
from tests.rings.conftest import Ring
from tests.rings.hostile.bombs import CALENDARS, CARDS, ENTRIES, FILES, FRIENDS, MAILS, ROWS
from tests.rings.hostile.bombs.archives import with_entry
from tests.rings.hostile.bombs.bomb import QUARANTINED, READ, SKIPPED, Becomes
from tests.rings.hostile.bombs.tables import HEAD, friends

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

GOOD = 100
SAMPLE = 8  # bombs of each form, where not all are tried
HALF = GOOD // 2
SEPARATOR = b"From ann@example.org Fri May  3 10:00:00 2024\n"


def good_mail(number: int) -> bytes:
    return (
        f"From: Ann <ann{number}@example.org>\nTo: owner@example.org\nDate: Fri, 3 May 2024 10:00:00 +0000\n"
        f"Message-ID: <good-{number}@example.org>\n\nHello\n"
    ).encode()


def good_event(number: int) -> bytes:
    return (
        f"BEGIN:VEVENT\r\nUID:good-{number}@example.org\r\nSUMMARY:Talk\r\nDTSTART:20260115T100000Z\r\nEND:VEVENT\r\n"
    ).encode()


def good_card(number: int) -> bytes:
    return f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann Example {number}\r\nEND:VCARD\r\n".encode()


def good_row(number: int) -> bytes:
    return f"Ann{number},Example,,,,,01 Jan 2020\n".encode()


def around(bomb: bytes, good: Callable[[int], bytes]) -> list[bytes]:
    """The bomb in the middle of the hundred."""
    parts = [good(number) for number in range(GOOD)]
    return [*parts[:HALF], bomb, *parts[HALF:]]


def in_mbox(folder: Path, bomb: bytes) -> None:
    (folder / "mail.mbox").write_bytes(b"".join(SEPARATOR + mail + b"\n\n" for mail in around(bomb, good_mail)))


def in_maildir(folder: Path, bomb: bytes) -> None:
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir()
    for number, mail in enumerate(around(bomb, good_mail)):
        (folder / "cur" / f"{number:06d}.x:2,S").write_bytes(mail)


def in_calendar(folder: Path, bomb: bytes) -> None:
    inside = b"".join(around(bomb, good_event))
    (folder / "a.ics").write_bytes(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + inside + b"END:VCALENDAR\r\n")


def in_cards(folder: Path, bomb: bytes) -> None:
    (folder / "a.vcf").write_bytes(b"".join(around(bomb, good_card)))


def in_rows(folder: Path, bomb: bytes) -> None:
    (folder / "Connections.csv").write_bytes(HEAD.encode() + b"".join(around(bomb, good_row)))


def in_friends(folder: Path, bomb: bytes) -> None:
    names = around(bomb, lambda number: f'{{"name": "Ann Example {number}"}}'.encode())
    (folder / "friends.json").write_bytes(friends(*(one.decode() for one in names)).encode())


def in_folder(folder: Path, bomb: bytes) -> None:
    """A file among mails, one to a file."""
    for number, mail in enumerate(around(bomb, good_mail)):
        (folder / f"{number:06d}").write_bytes(mail)


def in_archive(folder: Path, bomb: str) -> None:
    good = [(f"{number:06d}.eml", good_mail(number)) for number in range(GOOD)]
    (folder / "a.zip").write_bytes(with_entry(good, ENTRIES[bomb]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Poison:
    """A bomb, how it is laid among good items, and what is to become of it."""

    lay: Callable[[Path], None]
    becomes: Becomes
    many: bool = False


def poisons() -> dict[str, dict[str, Poison]]:
    """By the form of the file: every bomb that can stand in it."""
    forms = {
        "mails in an mbox": (MAILS, in_mbox),
        "mails in a Maildir": (MAILS, in_maildir),
        "events in a calendar": (CALENDARS, in_calendar),
        "cards in an address book": (CARDS, in_cards),
        "rows in a table": (ROWS, in_rows),
        "friends in a list": (FRIENDS, in_friends),
        "files in a folder": (FILES, in_folder),
    }
    found = {
        form: {
            name: Poison(
                lay=lambda folder, bomb=bomb, lay=lay: lay(folder, bomb.full()),
                becomes=bomb.becomes,
                many=bomb.items > 1,
            )
            for name, bomb in table.items()
        }
        for form, (table, lay) in forms.items()
    }
    found["entries in an archive"] = {
        name: Poison(lay=lambda folder, name=name: in_archive(folder, name), becomes=bomb.becomes)
        for name, bomb in ENTRIES.items()
    }
    return found


POISONS = poisons()


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[Path]:
    """Room for a hundred megabytes that is given back at once."""
    room = tmp_path / "room"
    room.mkdir()
    yield room
    shutil.rmtree(room)


@pytest.mark.parametrize("form", POISONS)
def test_a_bomb_leaves_the_hundred_beside_it(ring: Ring, sqlite_store: Store, folders: Path, form: str) -> None:
    became = dict.fromkeys(Becomes, 0)
    wrong = []
    names = list(POISONS[form])
    drawn = ring.chance("poison").sample(names, min(len(names), ring.size(len(names), SAMPLE)))
    for number, name in enumerate(drawn):
        poison = POISONS[form][name]
        folder = folders / str(number)
        folder.mkdir()
        poison.lay(folder)
        stored, skipped, quarantined = imported(sqlite_store, folder, f"owner{number}@example.org")
        shutil.rmtree(folder)
        found = QUARANTINED if quarantined else SKIPPED if skipped else READ
        became[found] += 1
        if found != poison.becomes or (quarantined > 1 and not poison.many):
            wrong.append(f"{name}: {found}, not {poison.becomes} ({stored} stored, {quarantined} quarantined)")
        elif stored < GOOD or (found is not READ and not poison.many and stored > GOOD):
            wrong.append(f"{name}: {stored} stored, {quarantined} quarantined, {skipped} skipped")
    ring.record(bombs=len(drawn), **{str(each): count for each, count in became.items()})
    assert wrong == []


def imported(store: Store, folder: Path, email: str) -> tuple[int, int, int]:
    """How many items were stored, skipped and quarantined; and all that was read is one of these or known."""
    me = make.owner(store, email)
    with store.transaction(me) as tx:
        batch_id, held = make.lease(tx, label=str(folder))
    for page in files([folder]).changes(stream()):
        with store.transaction(me) as tx:
            items.keep_page(tx, held, page, make.NOW)
    with store.reading(me) as tx:
        sources = accounts.batch(tx, batch_id).sources
        quarantined = len(duties.quarantined(tx))
    assert all(one.read == one.stored + one.known + one.skipped + one.quarantined for one in sources)
    assert sum(one.quarantined for one in sources) >= quarantined
    return sum(one.stored for one in sources), sum(one.skipped for one in sources), quarantined
