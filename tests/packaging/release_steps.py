"""The steps of the Linux release, as its workflow has them."""

from __future__ import annotations

from typing import Any

import yaml

from tests.packaging import frozen

SUITES = {"12": "bookworm", "13": "trixie"}
TREE = "/work"


def job() -> dict[str, Any]:
    text = (frozen.ROOT / ".github/workflows/release-linux.yml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(text)["jobs"]["build"]
    return found


def steps() -> list[dict[str, Any]]:
    """Those that run a command on every release."""
    return [step for step in job()["steps"] if "run" in step and "if" not in step]
