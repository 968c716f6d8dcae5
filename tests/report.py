"""The slow rings: which of their tests run, and a report of how much they tried and what they found. A pytest plugin.

With ``--share`` a part of the rings' tests is drawn by the seed: another part each day, as the seed is the date. Whole
runs of the product are in every part.

With ``--report FOLDER`` one page for each ring is written there, named by date and ring; without it the same lines end
the run's output.
"""

from __future__ import annotations

import platform
import random
import sqlite3
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WHOLE = "whole"  # the ring of slow tests that stand beside what they test: whole runs, the browser


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("rings", "the slow rings")
    today = int(datetime.now(UTC).strftime("%Y%m%d"))
    group.addoption("--full", action="store_true", help="the rings in full; else a sample of minutes")
    group.addoption("--share", type=float, default=1.0, help="of the rings' tests, the part that runs (default: 1.0)")
    group.addoption("--seed", type=int, default=today, help="what the rings draw from (default: today's date)")
    group.addoption("--report", type=Path, help="folder for a dated page of each ring")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    seed, share = config.getoption("--seed"), config.getoption("--share")
    left = [each for each in items if not drawn(each.nodeid, seed, share) and each.get_closest_marker("slow")]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [each for each in items if each not in set(left)]


def drawn(nodeid: str, seed: int, share: float) -> bool:
    """Whether this test is in the part that runs: always where it belongs to no ring."""
    return ring_of(nodeid) == WHOLE or random.Random(f"{seed}|{nodeid}").random() < share


class Report:
    """Keeps the last word on every slow test."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.kept: dict[str, pytest.TestReport] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if "slow" in report.keywords and (report.when == "call" or not report.passed):
            self.kept[report.nodeid] = report

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        folder: Path | None = self.config.getoption("--report")
        for ring, found in _by_ring(self.kept.values()).items():
            if folder is None:
                terminalreporter.section(f"ring {ring}, seed {self.config.getoption('--seed')}")
                terminalreporter.write_line("\n".join(map(_line, found)))
            else:
                folder.mkdir(parents=True, exist_ok=True)
                page = folder / f"{datetime.now(UTC):%Y-%m-%d}-{ring}.md"
                page.write_text(self._page(ring, found), encoding="utf-8")
                terminalreporter.write_line(f"wrote {page}")

    def _page(self, ring: str, found: list[pytest.TestReport]) -> str:
        passed = sum(each.passed for each in found)
        how = "in full" if self.config.getoption("--full") else "a sample"
        head = [
            f"# Ring {ring}, {datetime.now(UTC):%Y-%m-%d}",
            "",
            f"{passed} of {len(found)} passed; {how}, seed {self.config.getoption('--seed')}. {_machine()}",
            "",
        ]
        return "\n".join([*head, *map(_line, found)]) + "\n"


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # with xdist: in the process that collects the reports
        config.pluginmanager.register(Report(config))


def _by_ring(reports: Iterable[pytest.TestReport]) -> dict[str, list[pytest.TestReport]]:
    found: dict[str, list[pytest.TestReport]] = {}
    for each in sorted(reports, key=lambda report: report.nodeid):
        found.setdefault(ring_of(each.nodeid), []).append(each)
    return found


def ring_of(nodeid: str) -> str:
    _, _, below = nodeid.partition("tests/rings/")
    return below.partition("/")[0] if below else WHOLE


def _line(report: pytest.TestReport) -> str:
    name = report.nodeid.rpartition("::")[2].removeprefix("test_").replace("_", " ")
    figures = "; ".join(f"{key.replace('_', ' ')} {value}" for key, value in report.user_properties)
    return f"- **{name}**: {report.outcome}, {report.duration:.0f} s{': ' if figures else ''}{figures}"


def _machine() -> str:
    asked = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return (
        f"At {asked.stdout.strip() or 'an unknown state'}; Python {platform.python_version()},"
        f" SQLite {sqlite3.sqlite_version}, {platform.system()} {platform.machine()}."
    )
