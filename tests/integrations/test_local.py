"""Our own mailbox and calendar: on the disk, private, once."""

from __future__ import annotations

from datetime import timedelta
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest
from icalendar import Calendar

from integrations.local import Local
from keepwarm.errors import NotFound
from tests.integrations.houses import NOW, START, opening
from tests.integrations.test_contract import event, mail


@pytest.fixture
def local(tmp_path: Path) -> Local:
    return Local(opening(tmp_path))


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_the_same_mail_stands_there_once(local: Local, tmp_path: Path) -> None:
    assert local.send(mail()) == local.send(mail())
    (only,) = files(tmp_path / "mailbox")
    assert only.parent.name == "new"


def test_a_mail_that_was_read_elsewhere_is_still_the_same(local: Local, tmp_path: Path) -> None:
    local.send(mail())
    (only,) = files(tmp_path / "mailbox")
    only.rename(only.parents[1] / "cur" / f"{only.name}:2,S")
    local.send(mail())
    assert len(files(tmp_path / "mailbox")) == 1
    assert local.read_mail(local.find("<one@keepwarm.local>") or "").subject == "Prepared"


def test_files_and_folders_are_the_users_alone(local: Local, tmp_path: Path) -> None:
    local.send(mail())
    local.put_event(local.ensure_calendar(), event())
    local.remove_event_by_user("other@keepwarm")
    found = list(tmp_path.rglob("*"))
    assert {oct(path.stat().st_mode & 0o777) for path in found} == {"0o700", "0o600"}


def test_a_mail_reads_back_with_both_parts(local: Local) -> None:
    found = local.read_mail(local.send(mail()))
    assert (found.subject, found.at) == ("Prepared", NOW)
    assert found.text.strip()
    assert found.html.startswith("<p>")
    assert [each.ref for each in local.list_mails()] == [found.ref]


def test_an_emptied_mail_says_so_and_is_not_sent_again(local: Local, tmp_path: Path) -> None:
    ref = local.send(mail())
    (only,) = files(tmp_path / "mailbox")
    seen = only.rename(only.parents[1] / "cur" / f"{only.name}:2,S")
    local.erase_mail(ref, subject="Gone", text="Taken out, wäsch.")
    assert local.send(mail()) == ref
    found = local.read_mail(ref)
    assert files(tmp_path / "mailbox") == [seen]
    assert (found.subject, found.at, found.html, found.emptied) == ("Gone", NOW, "", True)
    assert found.text.strip() == "Taken out, wäsch."
    assert b"Prepared" not in seen.read_bytes()
    with pytest.raises(NotFound):
        local.erase_mail("x", subject="Gone", text="")


def test_an_unknown_mail_is_not_found(local: Local) -> None:
    for ref in ("x", "../../secret", ""):
        with pytest.raises(NotFound):
            local.read_mail(ref)


def test_what_lands_is_marked_as_ours(local: Local, tmp_path: Path) -> None:
    local.send(mail())
    parsed = BytesParser(policy=policy.default).parsebytes(files(tmp_path / "mailbox")[0].read_bytes())
    assert (parsed["Auto-Submitted"], parsed["X-Keepwarm"]) == ("auto-generated", "1")


def test_the_feed_holds_every_event_and_its_alarm(local: Local) -> None:
    place = local.ensure_calendar()
    local.put_event(place, event())
    found = Calendar.from_ical(local.feed()).walk("VEVENT")
    assert [str(each["UID"]) for each in found] == ["fu-1@keepwarm"]
    assert len(found[0].walk("VALARM")) == 1
    assert "ATTENDEE" not in found[0]
    assert (str(found[0]["CLASS"]), str(found[0]["TRANSP"])) == ("PRIVATE", "TRANSPARENT")


def test_an_empty_calendar_has_a_feed(local: Local) -> None:
    assert Calendar.from_ical(local.feed()).walk("VEVENT") == []


def test_moving_over_a_clock_change_keeps_the_wall_time(local: Local) -> None:
    local.put_event(local.ensure_calendar(), event())
    summer = START + timedelta(days=180, hours=-1)  # 09:30 in Amsterdam, as before
    local.move_event("fu-1@keepwarm", summer)
    (found,) = Calendar.from_ical(local.feed()).walk("VEVENT")
    assert found["DTSTART"].dt.strftime("%H:%M") == "09:30"


def test_moving_what_is_not_there_says_so(local: Local) -> None:
    with pytest.raises(NotFound):
        local.move_event("nothing@keepwarm", START)
