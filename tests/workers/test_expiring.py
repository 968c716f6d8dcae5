"""The secret at Microsoft that ends: told a month before and each week from then on, once each, to everybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from integrations.fake import Fake
from keepwarm.store import accounts
from keepwarm.texts import Texts
from tests import make
from tests.workers.conftest import NOW, House
from workers import deliver, expiring, upkeep

ENDS = NOW.date() + timedelta(days=60)
CLIENT = "11111111-2222-3333-4444-555555555555"


@pytest.fixture
def watched(plain_house: House) -> House:
    """A house whose operator noted the day."""
    settings = replace(plain_house.runtime.settings, microsoft_client=CLIENT, microsoft_secret_ends=ENDS.isoformat())
    return replace(plain_house, runtime=replace(plain_house.runtime, settings=settings))


def on(house: House, day: date, times: int = 1) -> list[str]:
    """What the mails about it say after so many sweeps on a day."""
    now = NOW + (day - NOW.date())
    for _ in range(times):
        upkeep.sweep(house.runtime.at(now), by="beat")
    return [row.payload["lines"][0] for row in house.rows("alarm") if ":secret:" in row.key]


@pytest.mark.parametrize(
    ("days", "stage", "over"),
    [(60, None, False), (31, None, False), (30, 0, False), (24, 0, False), (23, 1, False), (0, 4, False), (-1, 4, True),
     (-5, 5, True)],
)  # fmt: skip
def test_the_stages_are_a_month_before_and_each_week_after(
    watched: House, days: int, stage: int | None, over: bool
) -> None:
    found = expiring.secret(watched.runtime.settings, NOW + (ENDS - NOW.date()) - timedelta(days=days))
    assert found is not None
    assert (found.stage, found.over, found.soon) == (stage, over, stage is not None)


@pytest.mark.parametrize("changed", [{"microsoft_client": ""}, {"microsoft_secret_ends": ""}])
def test_nothing_is_watched_where_there_is_no_secret_or_no_day(watched: House, changed: dict[str, str]) -> None:
    assert expiring.secret(replace(watched.runtime.settings, **changed), NOW) is None


def test_each_stage_is_told_once(watched: House) -> None:
    assert on(watched, ENDS - timedelta(days=31)) == []
    told = "The secret with which Keepwarm signs in at Microsoft ends on 22 January 2027."
    assert on(watched, ENDS - timedelta(days=30), times=3) == [told]
    assert on(watched, ENDS - timedelta(days=24), times=2) == [told]
    assert on(watched, ENDS - timedelta(days=23), times=2) == [told] * 2
    ended = told.replace("ends on", "ended on")
    assert sorted(on(watched, ENDS + timedelta(days=5), times=2)) == sorted([told, told, ended])


def test_a_stage_that_nobody_was_awake_for_is_not_caught_up_with(watched: House) -> None:
    assert len(on(watched, ENDS - timedelta(days=3))) == 1


def test_a_new_day_begins_anew(watched: House) -> None:
    on(watched, ENDS - timedelta(days=30))
    later = replace(watched.runtime.settings, microsoft_secret_ends=(ENDS + timedelta(days=700)).isoformat())
    renewed = replace(watched, runtime=replace(watched.runtime, settings=later))
    assert len(on(renewed, ENDS - timedelta(days=20))) == 1
    assert len(on(renewed, ENDS + timedelta(days=670))) == 2


def test_everybody_is_told_in_their_own_language_where_to_go(watched: House) -> None:
    other = make.owner(watched.store, "kim@example.org")
    with watched.store.transaction(other) as tx:
        accounts.update_owner(tx, lang="nl")
    on(watched, ENDS - timedelta(days=30))
    dutch = replace(watched, owner_id=other)
    (row,) = watched.rows("alarm")
    (theirs,) = dutch.rows("alarm")
    assert "/accounts/microsoft/check" in row.payload["lines"][1]
    assert theirs.payload["lines"][0] == Texts.load("nl")(expiring.ENDS, date="22 januari 2027")


def test_one_who_cannot_be_told_hinders_nobody_else_and_is_told_later(watched: House) -> None:
    other = replace(watched, owner_id=make.owner(watched.store, "kim@example.org"))
    with watched.store.transaction(watched.owner_id) as tx:
        accounts.ensure_account(tx, provider="gone", name="robin@town.example", now=NOW)
    on(watched, ENDS - timedelta(days=30))
    assert (len(watched.rows("alarm")), len(other.rows("alarm"))) == (0, 1)
    runtime = replace(watched.runtime, load=lambda _: Fake)
    on(replace(watched, runtime=runtime), ENDS - timedelta(days=30))
    assert (len(watched.rows("alarm")), len(other.rows("alarm"))) == (1, 1)


def test_it_arrives_as_a_mail(watched: House) -> None:
    on(watched, ENDS - timedelta(days=30))
    (row,) = watched.rows("alarm")
    deliver.deliver(watched.runtime.at(NOW + (ENDS - NOW.date()) - timedelta(days=29)), row.id)
    (mail,) = watched.runtime.open_local(watched.owner_id).list_mails()
    assert mail.subject == "Keepwarm needs a look"


@pytest.mark.parametrize(("days", "through"), [(30, True), (-5, False)])
def test_once_it_is_over_the_mail_does_not_go_through_microsoft(watched: House, days: int, through: bool) -> None:
    with watched.store.transaction(watched.owner_id) as tx:
        account = accounts.ensure_account(tx, provider="microsoft", name="robin@town.example", settings={}, now=NOW)
    runtime = replace(watched.runtime, load=lambda _: Fake)
    on(replace(watched, runtime=runtime), ENDS - timedelta(days=days))
    (row,) = watched.rows("alarm")
    assert row.account_id == (account.id if through else None)
