"""What the tests of one account share: a throw-away authority that is trusted while a module runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from integrations.wire import net
from tests.servers.dav import Authority


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    made = Authority(tmp_path_factory.mktemp("authority"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(made.pem))
        net.tls_context.cache_clear()
        yield made
    net.tls_context.cache_clear()
