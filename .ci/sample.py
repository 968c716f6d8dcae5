"""Runs the slow tests that always count (browser, whole run) and a share of the others, drawn by a seed.

Called by .ci/run.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

ALWAYS = ("test_end_to_end.py", "test_browser.py")


def drawn(test: str, seed: str, share: int) -> bool:
    """Whether a test belongs to this seed's sample: the same for the same seed, whatever other tests there are."""
    return int(sha256(f"{seed}|{test}".encode()).hexdigest(), 16) % 100 < share


def collected() -> list[str]:
    """The ids of all slow tests, in order."""
    asked = subprocess.run(
        [sys.executable, "-m", "pytest", "-m", "slow", "--collect-only", "-q", "-p", "no:randomly"],
        capture_output=True,
        text=True,
        check=False,
    )
    if asked.returncode not in {0, 5}:  # 5: there are none
        sys.exit(asked.stdout + asked.stderr)
    return [line for line in asked.stdout.splitlines() if "::" in line]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", required=True)
    parser.add_argument("--share", type=int, default=30)
    wanted = parser.parse_args()
    tests = collected()
    chosen = [test for test in tests if any(name in test for name in ALWAYS) or drawn(test, wanted.seed, wanted.share)]
    sys.stdout.write(f"slow tests: {len(chosen)} of {len(tests)}, seed {wanted.seed}\n")
    sys.stdout.flush()
    if not chosen:
        return 0
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as listed:
        listed.write("\n".join(chosen) + "\n")
        listed.flush()
        seed = str(int(sha256(wanted.seed.encode()).hexdigest()[:8], 16))
        run = [sys.executable, "-m", "pytest", "-m", "slow", "-q", "-p", "no:cacheprovider", f"--randomly-seed={seed}"]
        return subprocess.run([*run, f"@{listed.name}"], cwd=Path.cwd(), check=False).returncode  # noqa: S603 - our own


if __name__ == "__main__":
    sys.exit(main())
