"""The release, built once for all tests that want it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import keys
import pytest

from tests.packaging import frozen
from tests.packaging.chroot import Machine, bootstrapped, with_python_packages
from tests.packaging.release_steps import SUITES, TREE, job, steps


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A system in which every step was run, on a clone of this tree, with a throw-away key."""
    folder = tmp_path_factory.mktemp("release")
    suite = SUITES[job()["container"].partition("@")[0].removeprefix("debian:")]
    root = bootstrapped(folder, suite)
    machine = Machine(folder / "machine", (root,), with_python_packages(root))
    before = os.environ.get("GNUPGHOME")
    signer = keys.make_throwaway(folder / "k")
    exported = ["gpg", "--batch", "--armor", "--export-secret-keys", signer["PARAGONE_GPG_KEY"]]
    secret = subprocess.run(exported, capture_output=True, text=True, check=True, env={**os.environ, **signer}).stdout
    machine.environ.update(KEY=secret, PARAGONE_GPG_KEY=signer["PARAGONE_GPG_KEY"], RUNNER_TEMP="/var/tmp")
    clone = folder / "tree"
    subprocess.run(["git", "clone", "--quiet", str(frozen.ROOT), str(clone)], check=True)
    machine.put(clone, TREE)
    for step in steps():
        machine.must("sh", "-e", "-c", f"cd {TREE}\n{step['run']}", within_s=2400)
    yield machine
    keys.run(["gpgconf", "--homedir", signer["GNUPGHOME"], "--kill", "all"])
    if before is None:
        os.environ.pop("GNUPGHOME", None)
    else:
        os.environ["GNUPGHOME"] = before
