"""Policies as the tests write them: into a folder that the test owns, read as the administrator's."""

from __future__ import annotations

import json
import os
from pathlib import Path

from desktop.settings.managed import linux
from desktop.settings.managed.policy_declarations import Declarations, load
from desktop.settings.managed.policy_sources import policy_of
from desktop.settings.policy import Policy
from desktop.system.paths import resources

ME = os.getuid() if os.name == "posix" else 0


def declarations() -> Declarations:
    return load(resources() / "policies.toml")


class Folder:
    """A folder of policies like /etc/paragone/policies."""

    def __init__(self, below: Path) -> None:
        self.path = below / "paragone" / "policies"
        for name in ("managed", "recommended"):
            (self.path / name).mkdir(parents=True)
        for folder in (self.path.parent, self.path, *self.path.iterdir()):
            folder.chmod(0o755)

    def put(self, text: str | bytes, name: str = "10.json", kind: str = "managed") -> Path:
        """Write a file as it stands."""
        file = self.path / kind / name
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        file.chmod(0o644)
        return file

    def say(self, name: str = "10.json", kind: str = "managed", **values: object) -> Path:
        """Write a file of these policies."""
        return self.put(json.dumps(values), name, kind)

    @property
    def policy(self) -> Policy:
        """What is read from it."""
        return policy_of(linux.read(self.path, owner=ME), declarations())
