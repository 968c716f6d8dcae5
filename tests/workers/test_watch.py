"""The web process looks after the workers: it stands in for a silent beat, and tells the owner when nobody works."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integrations.local import LocalMail
from keepwarm.store import duties, outbox
from tests import make
from tests.workers.conftest import NOW, House
from workers import prepare, tasks, upkeep, watch
from workers.app import app


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
