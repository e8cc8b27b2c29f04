"""The steps of the Linux release, read from its workflow, work in a clean system of the release that it names."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keys
import pytest
import yaml

from tests.packaging import frozen
from tests.packaging.chroot import Machine, bootstrapped, can, with_python_packages

WORKFLOWS = sorted((frozen.ROOT / ".github" / "workflows").glob("*.yml"))
SUITES = {"12": "bookworm", "13": "trixie"}
TREE = "/work"
LACKING = can() or frozen.lacking("git", "gpg")
in_a_system = pytest.mark.skipif(bool(LACKING), reason=LACKING)


def job() -> dict[str, Any]:
    text = (frozen.ROOT / ".github/workflows/release-linux.yml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(text)["jobs"]["build"]
    return found


def steps() -> list[dict[str, Any]]:
    """Those that run a command on every release."""
    return [step for step in job()["steps"] if "run" in step and "if" not in step]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_and_images_are_pinned_by_their_sums(workflow: Path) -> None:
    text = workflow.read_text("utf-8")
    for action in re.findall(r"uses: ([^.\s]\S*)", text):
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action
    for image in re.findall(r"(?:container|image): (\S+)", text):
        assert re.fullmatch(r"[\w./:-]+@sha256:[0-9a-f]{64}", image), image


def test_the_release_is_built_on_a_known_debian() -> None:
    assert job()["container"].partition("@")[0].removeprefix("debian:") in SUITES
    assert [step["run"] for step in steps()][1:4] == [
        'git config --global --add safe.directory "$PWD"',
        "make dev",
        "make deb rpm",
    ]


@pytest.fixture(scope="module")
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


@pytest.mark.dist
@in_a_system
@pytest.mark.timeout(5400)
def test_the_steps_make_what_the_release_uploads(released: Machine) -> None:
    made = {path.name for path in (released.upper / TREE[1:] / "dist").iterdir()}
    assert {f"paragone_{frozen.VERSION}_amd64.deb", "paragone.cdx.json", "SHA256SUMS", "apt"} <= made


@pytest.mark.dist
@in_a_system
@pytest.mark.timeout(1800)
def test_a_second_build_is_alike_to_the_bit(released: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    build = ".venv/bin/python packaging/build.py --work build/again --out again"
    released.must("sh", "-c", f"cd {TREE} && {build} --python build/freeze/venv/bin/python", within_s=1200)
    first, second = (sums(released.upper / TREE[1:] / name) for name in ("dist", "again"))
    with capsys.disabled():
        print(f"\ncompared, {len(first)} files:", *sorted(first), sep="\n  ")
    assert {"paragone.cdx.json", "paragone/paragone", "paragone/NOTICES.txt"} < first.keys()
    assert first == second


def sums(folder: Path) -> dict[str, str]:
    """The sums of what was frozen, and of the bill of materials beside it."""
    found = [*(folder / "paragone").rglob("*"), folder / "paragone.cdx.json"]
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in found
        if path.is_file()
    }
