"""Passwords are sealed for one account of one owner, under keys that can be turned and are never overwritten."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from keepwarm.errors import MisconfiguredError
from keepwarm.store import accounts
from keepwarm.store.accounts import Sealed
from keepwarm.types import Grant
from tests.workers.conftest import House
from workers import sealing
from workers.sealing import Keys

GRANT = Grant(values={"password": "open sesame"})


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys.of(tmp_path / "keys")


def sealed(keys: Keys, owner_id: str = "o", account_id: str = "a") -> Sealed:
    text = keys.seal(owner_id, account_id, GRANT)
    return Sealed(owner_id=owner_id, account_id=account_id, sealed=text, key_id=keys.id)


def test_what_was_sealed_opens_again_and_tells_nothing(keys: Keys) -> None:
    assert keys.open(sealed(keys)) == GRANT
    assert "sesame" not in sealed(keys).sealed + repr(sealed(keys)) + repr(GRANT) + repr(keys)


@pytest.mark.parametrize("change", [{"owner_id": "other"}, {"account_id": "other"}, {"sealed": "gAAAA"}])
def test_a_row_that_was_moved_or_changed_opens_nothing(keys: Keys, change: dict[str, str]) -> None:
    with pytest.raises(MisconfiguredError):
        keys.open(replace(sealed(keys), **change))


def test_another_file_of_keys_opens_nothing_and_stays_as_it_is(keys: Keys, tmp_path: Path) -> None:
    other = Keys.of(tmp_path / "other")
    before = (tmp_path / "other").read_bytes()
    with pytest.raises(MisconfiguredError):
        other.open(sealed(keys))
    assert (tmp_path / "other").read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"not a key\n"])
def test_a_file_that_holds_no_key_is_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "keys").write_bytes(content)
    with pytest.raises(MisconfiguredError):
        Keys.of(tmp_path / "keys")
    assert (tmp_path / "keys").read_bytes() == content


def test_the_file_is_its_users_alone(keys: Keys, tmp_path: Path) -> None:
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0


def test_a_turn_that_was_cut_off_goes_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime, ids = house.runtime, [f"account-{number}" for number in range(5)]
    with house.store.transaction(house.owner_id) as tx:
        for each in ids:
            accounts.keep_grant(tx, each, runtime.keys.seal(house.owner_id, each, GRANT), runtime.keys.id)
    old = runtime.keys_file.read_bytes()
    real, left = accounts.reseal, [3]

    def cut_off(*given: object) -> bool:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return real(*given)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(accounts, "reseal", cut_off)
    with pytest.raises(KeyboardInterrupt):
        sealing.rotate(runtime)
    monkeypatch.undo()
    assert sealing.rotate(runtime) == 5
    assert old.strip() not in runtime.keys_file.read_bytes()
    with house.store.reading(house.owner_id) as tx:
        for each in ids:
            row = accounts.grant(tx, each)
            assert row is not None
            assert runtime.keys.open(row) == GRANT  # a process that was running all the time
