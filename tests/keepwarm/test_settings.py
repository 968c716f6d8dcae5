"""Settings from the environment, and the page that documents them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from keepwarm.errors import MisconfiguredError
from keepwarm.settings import VARIABLES, Settings, document

PAGE = Path(__file__).resolve().parents[2] / "docs" / "settings.md"


def test_the_documented_table_is_current() -> None:
    if os.environ.get("UPDATE_GOLDEN"):
        PAGE.write_text(document(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == document()


def test_every_setting_is_a_line_of_the_table() -> None:
    assert {each.field for each in VARIABLES} == set(Settings.__dataclass_fields__)


def test_defaults_need_no_environment() -> None:
    found = Settings.from_mapping({}, home="/home/robin/keepwarm")
    assert found.database_url == "sqlite:////home/robin/keepwarm/keepwarm.db"
    assert (found.public_url, found.broker_url, found.clock_offset, found.allow_hosts) == ("", "", 0, ())


@pytest.mark.parametrize(
    ("variable", "text", "field", "value"),
    [
        ("KEEPWARM_HOME", "/data/", "home", "/data"),
        ("KEEPWARM_PUBLIC_URL", "https://keepwarm.example.org/", "public_url", "https://keepwarm.example.org"),
        ("KEEPWARM_CLOCK_OFFSET", "-3600", "clock_offset", -3600),
        ("KEEPWARM_PROXIES", "2", "proxies", 2),
        ("KEEPWARM_ALLOW_HOSTS", "a.example.org, 10.0.0.0/8 ,", "allow_hosts", ("a.example.org", "10.0.0.0/8")),
        ("KEEPWARM_DATABASE_URL", "postgresql://db/keepwarm", "database_url", "postgresql://db/keepwarm"),
        ("KEEPWARM_DATABASE_URL", "postgresql:///kw?host=/run", "database_url", "postgresql:///kw?host=/run"),
    ],
)
def test_a_good_value_is_taken(variable: str, text: str, field: str, value: object) -> None:
    assert getattr(Settings.from_mapping({variable: text}, home="/x"), field) == value


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("KEEPWARM_HOME", "relative/folder"),
        ("KEEPWARM_PUBLIC_URL", "keepwarm.example.org"),
        ("KEEPWARM_PUBLIC_URL", "javascript:alert(1)"),
        ("KEEPWARM_PUBLIC_URL", "http://["),
        ("KEEPWARM_PUBLIC_URL", "http://keepwarm.example.org:none/"),
        ("KEEPWARM_CLOCK_OFFSET", "an hour"),
        ("KEEPWARM_CLOCK_OFFSET", "99999999999"),
        ("KEEPWARM_PROXIES", "10"),
        ("KEEPWARM_PROXIES", "-1"),
        ("KEEPWARM_PROXIES", "one of them"),
        ("KEEPWARM_DATABASE_URL", "mysql://db/keepwarm"),
        ("KEEPWARM_DATABASE_URL", "postgresql://db:none/keepwarm"),
        ("KEEPWARM_BROKER_URL", "localhost"),
        ("KEEPWARM_SMTP_URL", "mailto:robin@example.org"),
    ],
)
def test_a_bad_value_names_its_variable_and_not_itself(variable: str, text: str) -> None:
    with pytest.raises(MisconfiguredError, match=variable) as wrong:
        Settings.from_mapping({variable: text}, home="/x")
    assert text not in str(wrong.value)
