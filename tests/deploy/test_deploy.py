"""The containers' description fits this code: what it starts exists, and what it leans on is there.

Docker itself is not run here; docs/decisions and CHANGELOG say so.
"""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.box import children

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())
ENTRYPOINT = (ROOT / "deploy" / "entrypoint").read_text()
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()


def test_services_are_those_of_the_design() -> None:
    assert set(COMPOSE["services"]) == {"web", "worker", "beat", "listen", "redis", "postgres"}


@pytest.mark.parametrize("name", ["web", "worker", "beat", "listen"])
def test_every_process_of_ours_is_one_the_entrypoint_knows(name: str) -> None:
    (word,) = COMPOSE["services"][name]["command"]
    assert re.search(rf"^\s*{word}\)", ENTRYPOINT, re.MULTILINE)


def test_containers_start_what_the_box_starts() -> None:
    celery = ("celery -A workers.app worker", "celery -A workers.app beat")
    for part in (*celery, "workers.listen", "service.wsgi:make_app"):
        assert part in ENTRYPOINT
    assert children.QUEUES in ENTRYPOINT
    assert "workers.app" in children.worker()
    web = children.web("0.0.0.0", 8420)
    written = " ".join(ENTRYPOINT.replace("\\\n", " ").split())
    for option, value in pairwise(web):
        if option.startswith("--") and option != "--workers":
            assert f"{option} {'' if value.startswith('--') else value}".strip() in written, option
    assert web[-1] == "service.wsgi:make_app"


@pytest.mark.parametrize(("module", "name"), [("service/wsgi.py", "make_app"), ("workers/app.py", "app")])
def test_what_is_named_exists(module: str, name: str) -> None:
    tree = ast.parse((ROOT / module).read_text())
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        names |= {target.id for target in targets if isinstance(target, ast.Name)}
    assert name in names


def test_volumes_and_secrets_that_are_used_are_declared() -> None:
    for service in COMPOSE["services"].values():
        for volume in service.get("volumes", []):
            assert volume.partition(":")[0] in COMPOSE["volumes"]
        for secret in service.get("secrets", []):
            assert secret in COMPOSE["secrets"]


@pytest.mark.parametrize("name", ["web", "worker", "beat", "redis", "postgres"])
def test_what_ends_is_started_again(name: str) -> None:
    """Whatever its status: a deaf worker ends itself (`workers.hearing`) and counts on it."""
    assert COMPOSE["services"][name]["restart"] in {"unless-stopped", "always"}


def test_our_containers_share_the_data_folder_and_hold_no_password() -> None:
    for name in ("web", "worker", "beat"):
        service = COMPOSE["services"][name]
        assert "home:/data" in service["volumes"]
        assert not [
            key
            for key, value in service["environment"].items()
            if "password" in f"{value}".lower() and "/run/secrets/" not in value
        ]


def test_redis_keeps_what_it_holds_and_refuses_rather_than_forgets() -> None:
    command = COMPOSE["services"]["redis"]["command"]
    assert command[command.index("--appendonly") + 1] == "yes"
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"


def test_web_is_reachable_from_this_machine_alone() -> None:
    assert COMPOSE["services"]["web"]["ports"] == ["127.0.0.1:8420:8420"]
    assert not COMPOSE["services"]["redis"].get("ports")
    assert not COMPOSE["services"]["postgres"].get("ports")


def test_image_installs_by_hash_and_runs_as_nobody_special() -> None:
    assert "--require-hashes" in DOCKERFILE
    assert re.search(r"^USER keepwarm$", DOCKERFILE, re.MULTILINE)
    assert "HEALTHCHECK" in DOCKERFILE
    for copied in re.findall(r"^COPY (?!--from)(?:--\S+ )?(.+) \S+$", DOCKERFILE, re.MULTILINE):
        for source in copied.split():
            assert (ROOT / source).exists(), source


@pytest.mark.parametrize("name", ["run", "test", "bench"])
def test_locks_hold_hashes_and_no_index_address(name: str) -> None:
    lock = (ROOT / "requirements" / f"{name}.txt").read_text()
    pinned = re.findall(r"^([A-Za-z0-9_.\[\]-]+)==\S+.*\\\n    --hash=sha256:", lock, re.MULTILINE)
    assert len(pinned) == len(re.findall(r"^[A-Za-z0-9]", lock, re.MULTILINE))
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links", lock)
