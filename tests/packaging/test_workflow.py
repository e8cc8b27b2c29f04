"""The steps of the Linux release, read from its workflow, work in a clean system of the release that it names."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from tests.packaging import frozen
from tests.packaging.chroot import Machine, can
from tests.packaging.release_steps import SUITES, TREE, job, steps

WORKFLOWS = sorted((frozen.ROOT / ".github" / "workflows").glob("*.yml"))
LACKING = can() or frozen.lacking("git", "gpg")
in_a_system = pytest.mark.skipif(bool(LACKING), reason=LACKING)


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
