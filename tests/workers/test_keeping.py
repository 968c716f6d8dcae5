"""A grant that nothing renews by itself is renewed long before it dies of that."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from integrations.fake import Fake
from keepwarm.errors import AccessRevoked, TryAgainLater
from keepwarm.store import accounts
from keepwarm.types import Grant
from tests.workers.conftest import House
from workers import keeping, upkeep
from workers.schedule import IDLE


class Keeping(Fake):
    """A provider whose grants die."""

    def keep(self) -> None:
        self._call("keep")


@pytest.fixture
def idle(house: House) -> House:
    house.runtime = replace(house.runtime, load=lambda _: Keeping)
    connected(house, accounts_id(house), dies=True)
    return house


def accounts_id(house: House) -> str:
    with house.store.reading(house.owner_id) as tx:
        return accounts.accounts(tx)[0].id


def connected(house: House, account_id: str, *, dies: bool) -> None:
    keys, moment = house.runtime.keys, house.moment if dies else None
    with house.store.transaction(house.owner_id) as tx:
        accounts.keep_grant(tx, account_id, keys.seal(house.owner_id, account_id, Grant()), keys.id, moment)


def wanted(house: House) -> list[str]:
    return [row for name, row in upkeep.sweep(house.runtime).wake if name == "keep_grant"]


def test_it_is_renewed_after_a_month_and_not_before(idle: House) -> None:
    idle.at(idle.moment + IDLE - timedelta(hours=1))
    assert wanted(idle) == []
    idle.later(hours=2)
    assert wanted(idle) == [accounts_id(idle)]
    assert keeping.keep_grant(idle.runtime, accounts_id(idle)) == "kept"
    assert keeping.keep_grant(idle.runtime, accounts_id(idle)) == "held"
    assert wanted(idle) == []


def test_a_try_that_failed_is_made_again_in_a_day(idle: House) -> None:
    idle.later(days=31)
    idle.world.throttle = timedelta(minutes=1)
    with pytest.raises(TryAgainLater):
        keeping.keep_grant(idle.runtime, accounts_id(idle))
    idle.world.throttle = None
    assert wanted(idle) == []
    idle.later(hours=25)
    assert keeping.keep_grant(idle.runtime, wanted(idle)[0]) == "kept"


def test_a_dead_one_is_told_by_reading(idle: House) -> None:
    stream_id = idle.stream()
    with idle.store.system() as tx:
        lease = accounts.lease_stream(tx, stream_id, idle.moment)
        assert lease is not None
    with idle.store.transaction(idle.owner_id) as tx:
        accounts.finish_stream(tx, lease, idle.moment)
    idle.later(days=31)
    idle.world.revoked = True
    assert keeping.keep_grant(idle.runtime, accounts_id(idle)) == "revoked"
    with idle.store.reading(idle.owner_id) as tx:
        assert accounts.streams(tx)[0].stale_since == idle.moment
    with pytest.raises(AccessRevoked):
        Keeping.keep(idle.runtime.open_account(idle.owner_id, accounts_id(idle)))


def test_a_password_is_never_renewed(house: House) -> None:
    connected(house, accounts_id(house), dies=False)
    house.later(days=400)
    assert wanted(house) == []
