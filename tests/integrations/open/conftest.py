"""What the tests of one account share: a throw-away authority that is trusted while a module runs; calendar servers.

What an account on one of these is made of stands in `dav`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from integrations.open import comparing
from integrations.wire import net
from tests.integrations.open.dav import Account, account_at
from tests.servers.dav import Alter, Authority, door, radicale, xandikos

DOMAINS = ("home.test", "else.test", "deep.home.test", "co.uk")  # their hosts have certificates, as localhost has
KEPT = {"radicale": "radicale/collections/collection-root", "xandikos": "xandikos/data"}  # where a server keeps it all


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    made = Authority(tmp_path_factory.mktemp("authority"), *(f"*.{domain}" for domain in DOMAINS))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(made.pem))
        net.tls_context.cache_clear()
        yield made
    net.tls_context.cache_clear()


@pytest.fixture
def blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small ones: each look at what there is here takes a few."""
    monkeypatch.setattr(comparing, "BLOCK", 100)


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder where the calendar servers stand."""
    return tmp_path_factory.mktemp("dav")


@pytest.fixture(scope="module")
def addresses(authority: Authority, ground: Path) -> Iterator[dict[str, str]]:
    with radicale(authority, ground / "radicale") as one, xandikos(authority, ground / "xandikos") as other:
        yield {"radicale": one, "xandikos": other}


@pytest.fixture(params=["radicale", "xandikos"])
def account(request: pytest.FixtureRequest, addresses: dict[str, str], ground: Path, blocks: None) -> Iterator[Account]:
    made = account_at(request.param, addresses[request.param], ground / KEPT[request.param])
    if made.name == "radicale":
        made.raw("PROPFIND", "/ann/", Depth="0")  # the first visit makes the home
    yield made
    made.client.close()


@pytest.fixture
def false(authority: Authority, blocks: None) -> Iterator[Callable[[Alter], Account]]:
    """An account on a server that answers as the test says."""
    with ExitStack() as stack:

        def make(alter: Alter) -> Account:
            made = account_at("radicale", stack.enter_context(door(authority, alter=alter)))
            stack.callback(made.client.close)
            return made

        yield make
