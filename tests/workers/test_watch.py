"""The web process looks after the workers: it stands in for a silent beat, and tells the owner when nobody works."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from integrations.local import LocalMail
from keepwarm.store import Tx, accounts, duties, outbox, pruning
from tests import make
from tests.workers.conftest import NOW, House
from workers import deliver, prepare, tasks, upkeep, watch
from workers.app import app
from workers.runtime import Runtime


def waiting_sweeps(house: House) -> int:
    """How many sweeps were asked for and not taken yet; they are taken away."""
    with app.connection_for_write(house.runtime.settings.broker_url) as connection:
        return int(connection.default_channel.queue_purge("upkeep") or 0)


def alarms(house: House) -> list[LocalMail]:
    return house.runtime.open_local(house.owner_id).list_mails()  # type: ignore[no-any-return]


@pytest.mark.parametrize(("minutes", "sweeps"), [(1, 0), (2, 1)])
def test_a_silent_beat_is_stood_in_for(plain_house: House, minutes: int, sweeps: int) -> None:
    waiting_sweeps(plain_house)
    upkeep.sweep(plain_house.runtime, by="beat")
    plain_house.later(minutes=minutes)
    watch.look(plain_house.runtime)
    assert waiting_sweeps(plain_house) == sweeps


def test_standing_in_does_not_hide_that_beat_is_silent(plain_house: House) -> None:
    upkeep.sweep(plain_house.runtime, by="beat")
    for _ in range(6):
        plain_house.later(minutes=1)
        upkeep.sweep(plain_house.runtime, by="watch")
    with plain_house.store.system() as tx:
        overdue = {each.name for each in duties.duties(tx, plain_house.moment) if each.overdue}
    assert "beat" in overdue
    assert not overdue & {"sweep", "watch"}


def test_with_all_workers_gone_the_owner_gets_a_mail(plain_house: House) -> None:
    upkeep.sweep(plain_house.runtime, by="beat")
    for _ in range(59):
        plain_house.later(minutes=1)
        watch.look(plain_house.runtime)
    assert alarms(plain_house) == []
    for _ in range(3):
        plain_house.later(minutes=1)
        watch.look(plain_house.runtime)
    assert [each.subject for each in alarms(plain_house)] == ["Keepwarm needs a look"]


def test_the_mail_goes_though_a_hundred_others_wait_for_a_later_day(plain_house: House) -> None:
    with plain_house.store.transaction(plain_house.owner_id) as tx:
        for number in range(120):
            later = NOW + timedelta(days=30 + number)
            outbox.put(tx, outbox.Intent(key=f"note:{number}", kind="note", subject_ref=str(number), run_at=later), NOW)
    for _ in range(62):
        watch.look(plain_house.runtime)
        plain_house.later(minutes=1)
    assert len(alarms(plain_house)) == 1


def test_with_workers_that_never_were_the_owner_gets_a_mail(plain_house: House) -> None:
    for _ in range(62):
        watch.look(plain_house.runtime)
        plain_house.later(minutes=1)
    assert len(alarms(plain_house)) == 1


def test_one_owner_for_whom_nothing_is_prepared_is_seen(plain_house: House) -> None:
    """What goes well for the others hides nothing."""
    make.owner(plain_house.store, "other@example.org")
    for _ in range(8):
        upkeep.sweep(plain_house.runtime, by="beat")
        prepare.prepare_owner(plain_house.runtime, plain_house.owner_id)
        plain_house.later(minutes=1)
    with plain_house.store.system() as tx:
        assert "prepare" in {each.name for each in duties.duties(tx, plain_house.moment) if each.overdue}


def test_a_machine_that_slept_is_no_alarm(plain_house: House) -> None:
    upkeep.sweep(plain_house.runtime, by="beat")
    watch.look(plain_house.runtime)
    plain_house.later(days=3)
    for _ in range(55):
        watch.look(plain_house.runtime)
        plain_house.later(minutes=1)
    assert alarms(plain_house) == []


def test_a_worker_that_works_is_left_in_peace(plain_house: House) -> None:
    for _ in range(70):
        tasks.drain(plain_house.runtime)
        watch.look(plain_house.runtime)
        plain_house.later(minutes=1)
    assert alarms(plain_house) == []
    assert plain_house.moment - NOW > timedelta(hours=1)


def nowhere(house: House) -> House:
    """The owner came along from a machine that knew more zones: no moment can be told to them."""
    with house.store.transaction(house.owner_id) as tx:
        accounts.update_owner(tx, zone="Europe/Lantern")
    return house


def test_one_owner_who_cannot_be_told_hinders_nobody_else(plain_house: House) -> None:
    other = make.owner(nowhere(plain_house).store, "other@example.org")
    for _ in range(62):
        watch.look(plain_house.runtime)
        plain_house.later(minutes=1)
    assert len(plain_house.runtime.open_local(other).list_mails()) == 1


def test_one_owner_who_cannot_be_told_stops_no_work(plain_house: House) -> None:
    """The sweep is noted as alive before it raises alarms: what it found must be asked for, else all stops unseen."""
    nowhere(plain_house)
    for _ in range(62):
        found = upkeep.sweep(plain_house.runtime, by="beat")
        plain_house.later(minutes=1)
    assert ("prepare_owner", plain_house.owner_id) in found.wake


def test_what_cannot_be_tidied_stops_no_work_and_is_told(plain_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def prune(tx: Tx, now: datetime) -> None:
        tx.connection.exec_driver_sql("UPDATE outbox SET reason = 'gone'")
        raise RuntimeError("out of time")

    monkeypatch.setattr(pruning, "prune", prune)
    for _ in range(40):
        found = upkeep.sweep(plain_house.later(hours=1).runtime, by="beat")
    assert ("prepare_owner", plain_house.owner_id) in found.wake
    with plain_house.store.system() as tx:
        late = {each.name for each in duties.duties(tx, plain_house.moment) if each.overdue}
    assert "prune" in late
    assert "sweep" not in late


def test_one_alarm_that_cannot_be_sent_hinders_no_other(plain_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    other, real = make.owner(plain_house.store, "other@example.org"), deliver.deliver

    def send(runtime: Runtime, outbox_id: str) -> str:
        with runtime.store.system(write=False) as tx:
            if outbox.row(tx, outbox_id).owner_id == plain_house.owner_id:
                raise RuntimeError("their way out is broken")
        return real(runtime, outbox_id)

    monkeypatch.setattr(deliver, "deliver", send)
    for _ in range(62):
        watch.look(plain_house.runtime)
        plain_house.later(minutes=1)
    assert len(plain_house.runtime.open_local(other).list_mails()) == 1
