"""Whether the words of a request fit its method: every property named in a query, and ids of the kind preferred.

`desk.py` asks before anything else. PROVIDERS.md, section 4, Ids and Delta.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.emulators.microsoft import ids, odata
from tests.emulators.microsoft.contract import Contract, Method
from tests.emulators.microsoft.odata import Prefer
from tests.emulators.stand.checks import Wrong


def held(contract: Contract, method: Method, path: Mapping[str, str], query: Mapping[str, Any], prefer: Prefer) -> None:
    """Wrong where they do not."""
    for name in _names(query):
        kind, cast, last = name.rpartition("/")
        known = contract.fields(kind) if cast else method.fields
        if last not in known:
            raise Wrong(f"{name} is no property")
    if not prefer.immutable and any(ids.immutable(id_) for id_ in path.values()):
        raise Wrong('an immutable id is used without Prefer: IdType="ImmutableId"')


def _names(query: Mapping[str, Any]) -> Iterator[str]:
    """Of properties, alone or behind the type they are cast to."""
    yield from query.get("$select", ())
    yield from (odata.expanded(part)[0] for part in query.get("$expand", ()))
    yield from (path.partition("/")[0] for path, _ in odata.order(query.get("$orderby", ())))
    if "$filter" in query:
        yield from odata.read(query["$filter"]).names
