"""Lighthouse (npm, pinned): what it says of a page's accessibility and of good practice. Installed for the occasion.

It is Google's own measure, in Chromium; `program` of tests/service/web/screen.py says which.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.service.web.screen import FLAGS, program

HERE = Path(__file__).parent
TRIES = 3  # where it could not judge at all: a page that went by while it looked
CATEGORIES = ("accessibility", "best-practices")

Ask = Callable[[str, Mapping[str, str]], list[str]]


def installed(folder: Path) -> Ask:
    """Made ready in ``folder``: asks about an address, with these headers, and tells what keeps it from a hundred.

    Skips where there is no npm, which in CI is a failure.
    """
    if not shutil.which("npm") and not os.environ.get("CI"):
        pytest.skip("needs npm, which brings Lighthouse")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(command, cwd=folder, check=True, timeout=400, capture_output=True)
    return lambda address, headers: _asked(folder, address, headers)


def _asked(folder: Path, address: str, headers: Mapping[str, str]) -> list[str]:
    told = folder / "told.json"
    command = [
        "node", "node_modules/lighthouse/cli/index.js", address, "--quiet", "--output=json", f"--output-path={told}",
        f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags={' '.join(FLAGS)}",
        f"--extra-headers={json.dumps(dict(headers))}",
    ]  # fmt: skip
    environment = os.environ | {"CHROME_PATH": program()}
    for _ in range(TRIES):
        subprocess.run(command, cwd=folder, check=True, timeout=180, capture_output=True, env=environment)
        found = json.loads(told.read_text())
        if all(found["categories"][name]["score"] is not None for name in CATEGORIES):
            break
    return _missing(found)


def _missing(told: dict) -> list[str]:
    """One line for each audit that costs points, by category; empty for a hundred in each."""
    found = []
    for name in CATEGORIES:
        category = told["categories"][name]
        if category["score"] == 1:
            continue
        weighty = [each["id"] for each in category["auditRefs"] if each["weight"]]
        low = [told["audits"][each] for each in weighty if (told["audits"][each]["score"] or 0) < 1]
        said = [f"{each['id']} ({each['errorMessage']})" if "errorMessage" in each else each["id"] for each in low]
        found.append(f"{name} {category['score']}: {', '.join(said)}")
    return found
