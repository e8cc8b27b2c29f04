"""What is released is signed, and what is changed, unsigned or signed by another key is refused."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import apt
import join
import keys
import pytest
import rpms
import sign
import sums
import verify
import windows
from keys import Keys, Refused

from tests.packaging import made

_TOOLS = (
    "gpg",
    "gpgv",
    "gpgconf",
    "openssl",
    "apt-ftparchive",
    "dpkg-deb",
    "rpmbuild",
    "rpmsign",
    "osslsigncode",
    "wixl",
)
LACKING = made.missing(*_TOOLS)
pytestmark = pytest.mark.skipif(bool(LACKING), reason=LACKING)


@dataclass(frozen=True)
class Owner:
    """Somebody with keys of one day; `environ` names them."""

    environ: dict[str, str]

    @property
    def keys(self) -> Keys:
        return Keys.of(self.environ)

    @property
    def public(self) -> Path:
        return Path(self.environ["PARAGONE_GPG_PUBLIC"])

    @property
    def ca(self) -> Path:
        return Path(self.environ["PARAGONE_WINDOWS_CA"])

    def act(self) -> None:
        """Be the one whose keyring gpg uses."""
        os.environ["GNUPGHOME"] = self.environ["GNUPGHOME"]


@pytest.fixture(scope="module")
def owners(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Owner, Owner]]:
    """Us, and a stranger."""
    before = os.environ.get("GNUPGHOME")
    # Short paths: the agent's socket lies in the folder
    made_ = [Owner(keys.make_throwaway(tmp_path_factory.mktemp("k") / name)) for name in "ab"]
    yield made_[0], made_[1]
    for owner in made_:
        keys.run(["gpgconf", "--homedir", owner.environ["GNUPGHOME"], "--kill", "all"])
    if before is None:
        del os.environ["GNUPGHOME"]
    else:
        os.environ["GNUPGHOME"] = before


@pytest.fixture
def us(owners: tuple[Owner, Owner]) -> Owner:
    owners[0].act()
    return owners[0]


@pytest.fixture
def stranger(owners: tuple[Owner, Owner]) -> Owner:
    return owners[1]


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One package of each sort."""
    folder = tmp_path_factory.mktemp("packages")
    for make in (made.deb, made.rpm, made.msi):
        make(folder)
    return folder


@pytest.fixture
def dist(packages: Path, tmp_path: Path, us: Owner) -> Path:
    """A folder of packages, signed by us."""
    folder = shutil.copytree(packages, tmp_path / "dist")
    sign.sign(us.keys, folder)
    return folder


def refused(dist: Path, owner: Owner) -> str:
    with pytest.raises(Refused) as caught:
        verify.verify(dist, owner.public, owner.ca)
    return str(caught.value)


def test_what_was_signed_is_good(dist: Path, us: Owner) -> None:
    good = verify.verify(dist, us.public, us.ca)
    assert good == ["tiny-1.0-1.noarch.rpm", "tiny.msi", "tiny_1.0_amd64.deb", "apt (the repository)"]


@pytest.mark.parametrize("pattern", ["*.deb", "*.rpm", "*.msi"])
def test_a_changed_package_is_refused_by_name(dist: Path, us: Owner, pattern: str) -> None:
    (package,) = dist.glob(pattern)
    data = bytearray(package.read_bytes())
    data[len(data) // 2] ^= 1
    package.write_bytes(data)
    assert package.name in refused(dist, us)


def test_changed_sums_are_refused(dist: Path, us: Owner) -> None:
    with (dist / "SHA256SUMS").open("a") as file:
        file.write("0" * 64 + "  tiny.msi\n")
    assert "BAD signature" in refused(dist, us)


def test_what_a_stranger_signed_is_refused(dist: Path, us: Owner, stranger: Owner) -> None:
    stranger.act()
    sign.sign(stranger.keys, dist)
    assert "gpgv" in refused(dist, us)


def test_unsigned_is_refused(packages: Path, tmp_path: Path, us: Owner) -> None:
    folder = shutil.copytree(packages, tmp_path / "dist")
    assert "not signed" in refused(folder, us)


def test_a_package_that_was_added_is_refused(dist: Path, us: Owner) -> None:
    shutil.copy(dist / "tiny.msi", dist / "other.msi")
    assert "other.msi" in refused(dist, us)


def test_a_missing_package_is_refused(dist: Path, us: Owner) -> None:
    (dist / "tiny.msi").unlink()
    assert "tiny.msi" in refused(dist, us)


def test_an_unsigned_rpm_is_refused_by_itself(packages: Path, us: Owner) -> None:
    (package,) = packages.glob("*.rpm")
    with pytest.raises(Refused):
        rpms.verify(package, us.public)


def test_an_rpm_of_another_key_is_refused_by_itself(dist: Path, stranger: Owner) -> None:
    (package,) = dist.glob("*.rpm")
    with pytest.raises(Refused):
        rpms.verify(package, stranger.public)


def test_an_msi_without_a_signature_of_another_authority_or_changed_is_refused(
    dist: Path, packages: Path, us: Owner, stranger: Owner
) -> None:
    windows.verify(dist / "tiny.msi", us.ca)
    with pytest.raises(Refused):
        windows.verify(packages / "tiny.msi", us.ca)
    with pytest.raises(Refused):
        windows.verify(dist / "tiny.msi", stranger.ca)


def test_a_changed_package_in_the_repository_is_refused(dist: Path, us: Owner) -> None:
    (package,) = (dist / "apt" / "pool").rglob("*.deb")
    package.write_bytes(package.read_bytes() + b"x")
    with pytest.raises(Refused, match="tiny"):
        apt.verify(dist / "apt", us.public)


def test_a_changed_index_is_refused(dist: Path, us: Owner) -> None:
    (index,) = (dist / "apt").rglob("Packages")
    index.write_text(index.read_text().replace("tiny", "evil"))
    with pytest.raises(Refused, match="Packages"):
        apt.verify(dist / "apt", us.public)


def test_the_repository_ends(tmp_path: Path, packages: Path, us: Owner) -> None:
    apt.sign(us.keys, tmp_path / "apt", packages.glob("*.deb"), datetime(2026, 1, 1, tzinfo=UTC))
    release = (tmp_path / "apt" / "dists" / "stable" / "InRelease").read_text()
    assert "Valid-Until: Mon, 02 Mar 2026 00:00:00 GMT" in release


def test_a_renewed_repository_is_valid_for_longer_and_nothing_else_is_changed(dist: Path, us: Owner) -> None:
    before = {path: path.read_bytes() for path in (dist / "apt").rglob("*") if path.is_file()}
    apt.renew(us.keys, dist / "apt", us.public, datetime(2030, 1, 1, tzinfo=UTC))
    apt.verify(dist / "apt", us.public)
    changed = {path.name for path, content in before.items() if path.read_bytes() != content}
    assert changed == {"Release", "InRelease", "Release.gpg"}
    assert "Valid-Until: Sat, 02 Mar 2030" in (dist / "apt/dists/stable/Release").read_text()


def test_a_repository_that_was_changed_is_not_renewed(dist: Path, us: Owner) -> None:
    (package,) = (dist / "apt").rglob("*.deb")
    package.write_bytes(b"evil")
    with pytest.raises(Refused, match="was changed"):
        apt.renew(us.keys, dist / "apt", us.public, datetime.now(UTC))


@pytest.fixture
def builds(packages: Path, tmp_path: Path) -> Path:
    """What the workflows of the three systems upload."""
    folder = tmp_path / "artifacts"
    for build, name in {
        "linux-x86_64": "*.deb",
        "windows-x64": "*.msi",
        "macos-arm64": "Paragone-0.1.0-arm64.pkg",
    }.items():
        (folder / build).mkdir(parents=True)
        (folder / build / "paragone.cdx.json").write_text(build)
        for path in packages.glob(name):
            shutil.copy2(path, folder / build)
    (folder / "macos-arm64" / "Paragone-0.1.0-arm64.pkg").write_bytes(b"pkg")
    return folder


def test_the_files_of_all_systems_are_joined_under_one_signed_list(builds: Path, tmp_path: Path, us: Owner) -> None:
    joined = {path.name for path in join.join(us.keys, builds, tmp_path / "out")}
    assert {"Paragone-0.1.0-arm64.pkg", "tiny_1.0_amd64.deb", "paragone-windows-x64.cdx.json"} <= joined
    assert set(sums.verify(tmp_path / "out", us.public)) == joined


def test_a_release_without_a_system_or_with_two_files_of_a_name_is_refused(
    builds: Path, tmp_path: Path, us: Owner
) -> None:
    shutil.copytree(builds / "linux-x86_64", builds / "linux-again")
    with pytest.raises(Refused, match="two builds"):
        join.join(us.keys, builds, tmp_path / "out")
    shutil.rmtree(builds / "macos-arm64")
    with pytest.raises(Refused, match="no build for macos"):
        join.join(us.keys, builds, tmp_path / "out2")


def test_a_timestamp_authority_that_fails_is_asked_again_and_then_the_next(
    tmp_path: Path, us: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two addresses where nothing listens: each is asked three times, and nothing half signed is left."""
    monkeypatch.setattr(windows, "_PAUSE_S", 0)
    asked: list[str] = []

    def count(words: Sequence[str | Path], **_: str) -> str:
        asked.append(str([*words][[*words].index("-ts") + 1]))
        return keys.run(words)

    monkeypatch.setattr(windows, "run", count)
    program = made.exe(tmp_path / "a.exe")
    unreachable = "http://127.0.0.1:9/a http://127.0.0.1:9/b"
    with pytest.raises(Refused):
        windows.sign(replace(us.keys, timestamp=unreachable), program)
    assert asked == [*unreachable.split()] * 3
    assert [path.name for path in tmp_path.glob("a*")] == ["a.exe"]


def test_a_cloud_signer_is_run_on_each_file(tmp_path: Path, us: Owner) -> None:
    program = made.exe(tmp_path / "a b.exe")
    windows.sign(replace(us.keys, signer="sh -c 'echo signed >> \"$0\"' {file}"), program)
    assert program.read_bytes().endswith(b"signed\n")


def test_programs_are_signed_unless_somebody_else_did(tmp_path: Path, us: Owner, stranger: Owner) -> None:
    folder = tmp_path / "frozen"
    program, library = made.exe(folder / "paragone.exe"), made.exe(folder / "_internal" / "Qt6Core.dll")
    (folder / "note.txt").write_text("text")
    windows.sign(stranger.keys, library)
    assert windows.sign_folder(us.keys, folder) == [program]
    windows.verify(program, us.ca)
    windows.verify(library, stranger.ca)
    assert windows.sign_folder(us.keys, folder) == []


def test_without_keys_nothing_is_signed_and_it_is_said(dist: Path) -> None:
    with pytest.raises(Refused, match="PARAGONE_GPG_KEY"):
        sign.sign(Keys(), dist)
    with pytest.raises(Refused, match="PARAGONE_WINDOWS_CERT"):
        windows.sign(Keys(), dist / "tiny.msi")
