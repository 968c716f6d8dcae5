"""Work F: events and cards over CalDAV and CardDAV, from Radicale on loopback, TLS for everybody; then nothing new.

Goals: PERFORMANCE F1, F2. Ours reads both collections one after the other into its store, in a worker that runs
already, and finds the people; vdirsyncer puts both into files, its pairs side by side. What a start of it costs is told
beside, and our command is timed with its own. Radicale has seen everybody once before, so that its own notes are made.

The library caldav, where it is installed, fetches the events and keeps nothing: it is there to decide by. It brings
urllib3-future, which puts itself in the place of urllib3 for everybody, and then ours is not measured as shipped.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from benchmarks import servers
from benchmarks.rows import Extent, Figures, Row, against, in_turns, missing
from benchmarks.servers import Served

MAILS_A_PIECE = 10  # 2,000 events and 2,000 cards where there are 20,000 mails
KINDS = {"cal": ("caldav", ".ics"), "card": ("carddav", ".vcf")}
PAIR = """\
[pair {name}]
a = "{name}_near"
b = "{name}_far"
collections = [["{name}", "{name}", "{name}"]]
[storage {name}_near]
type = "filesystem"
path = "{folder}/near/"
fileext = "{ending}"
[storage {name}_far]
type = "{kind}"
url = "{url}"
username = "{user}"
password = "{password}"
verify = "{pem}"
"""


def run(extent: Extent) -> list[Row]:
    number = max(1, extent.mails // MAILS_A_PIECE)
    print(f"\n{number:,} events and {number:,} cards")
    if find_spec("urllib3_future"):
        print("urllib3-future stands in the place of urllib3, so ours is not measured as shipped")
    with servers.collections(number) as served:
        cases: dict[str, Callable[[], Figures]] = {
            "vdirsyncer": partial(_vdirsyncer, served),
            "ours": partial(_ours, served),
        }
        if find_spec("caldav"):
            cases["caldav"] = partial(servers.peer, "benchmarks.over_dav", "caldav", served)
        for each in cases.values():
            each()
        found = in_turns(extent.rounds, cases)
    for name, figures in found.items():
        if figures["items"] != (number if name == "caldav" else 2 * number) or figures.get("none", 0):
            raise RuntimeError(f"{name} did not read the collections: {figures}")
    return _rows(found, 2 * number)


def _rows(found: dict[str, dict[str, float]], items: int) -> list[Row]:
    ours, theirs, unit = found["ours"], found["vdirsyncer"], "items/s"
    rate, library = items / theirs["first"], "F1 the library caldav, events fetched alone"
    return [
        Row(name="F1 vdirsyncer, first sync to files", figure=rate, unit=unit),
        Row(name="F1 a start of it alone", figure=theirs["start"], unit="s"),
        Row(name="F1 who was found by ours", figure=ours["people"], unit="people"),
        against("F1 ours, storing, people found", items / ours["first"], unit, base=rate, least=3.0, of="vdirsyncer"),
        Row(name=library, figure=items / 2 / found["caldav"]["first"], unit=unit) if "caldav" in found
        else missing(library),
        Row(name="F2 vdirsyncer, nothing new", figure=theirs["again"], unit="s"),
        against("F2 ours, nothing new", ours["again"], "s", base=theirs["again"], most=0.1, of="vdirsyncer"),
        Row(name="F2 `keepwarm sync --wait`, start counted", figure=ours["command"], unit="s",
            ratio=ours["command"] / theirs["again"]),
    ]  # fmt: skip


def _ours(served: Served) -> Figures:
    home = f"/{served.user}"
    places = [("calendar", f"{home}/cal/"), ("contacts", f"{home}/card/")]
    return servers.ours(served, {"caldav": served.where, "carddav": served.where}, places)


def _vdirsyncer(served: Served) -> Figures:
    """What to read is found beforehand, as it is for us."""
    folder = servers.fresh(served.folder / "vdirsyncer")
    login = {"url": f"{served.where}{served.user}/", "user": served.user, "password": served.password}
    pairs = [
        PAIR.format(name=name, kind=kind, ending=ending, folder=folder, pem=served.pem, **login)
        for name, (kind, ending) in KINDS.items()
    ]
    (folder / "config").write_text(f'[general]\nstatus_path = "{folder}/status/"\n' + "".join(pairs))
    for name in KINDS:
        (folder / "near" / name).mkdir(parents=True)
    command = [str(Path(sys.executable).parent / "vdirsyncer"), "-v", "error", "-c", str(folder / "config")]
    servers.output([*command, "discover", "--no-list"])
    first, again = (servers.timed([*command, "sync"]) for _ in range(2))
    read = sum(1 for name in KINDS for _ in (folder / "near" / name).iterdir())
    return {"first": first, "again": again, "start": servers.timed([command[0], "--version"]), "items": read}


def events(address: str, user: str, password: str, pem: str) -> int:
    """All events of the calendar with one call of the library caldav; nothing is kept."""
    from caldav import DAVClient

    with DAVClient(address, username=user, password=password, ssl_verify_cert=pem) as client:
        return len(client.calendar(url=f"{address}{user}/cal/").events())


def main(address: str, user: str, password: str, pem: str) -> None:
    import caldav  # noqa: F401 - its import is not counted

    begun = time.perf_counter()
    read = events(address, user, password, pem)
    print(time.perf_counter() - begun, read)


if __name__ == "__main__":
    main(*sys.argv[2:])
