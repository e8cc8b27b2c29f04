"""The Debian packages in a clean system: installed silently, used, ruled by IT, upgraded, purged."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apt
import keys
import pytest
from keys import Keys

from tests.packaging import frozen
from tests.packaging.chroot import Machine, bootstrapped, can
from tests.packaging.release_steps import TREE

LACKING = can() or frozen.lacking("dpkg-deb", "gpg", "gpgconf", "apt-ftparchive")
pytestmark = [pytest.mark.dist, pytest.mark.skipif(bool(LACKING), reason=LACKING)]
USER = "anna"
SUITE = """schema: paragone-suite/1
name: Capitals
prompts: ["What is the capital of {{country}}? Answer with one word."]
contenders: [embedded/smollm2]
cases:
  - vars: {country: France}
    graders: [{type: contains, value: Paris}]
  - vars: {country: Italy}
    graders: [{type: contains, value: Rome}]
"""
KEYRING = "/etc/apt/keyrings/paragone.asc"
APT = ("apt-get", "-qq", "-y")
GLIBC = {"bookworm": (2, 36), "trixie": (2, 41)}


@pytest.fixture(scope="module", params=GLIBC)
def suite(request: pytest.FixtureRequest) -> str:
    """The Debian in which the packages are installed."""
    return request.param


@pytest.fixture(scope="module")
def debs(request: pytest.FixtureRequest, suite: str) -> list[Path]:
    """Both packages, as `make deb` made them; for an older system, as the release's workflow makes them."""
    found = sorted((frozen.REAL.parent).glob("paragone*_amd64.deb"))
    if len(found) != 2:
        pytest.skip("no Debian packages in dist/: make deb makes them")
    asked = frozen.output("dpkg-deb", "-f", found[-1], "Depends")
    (needed,) = re.findall(r"libc6 \(>= (\d+)\.(\d+)\)", asked)
    if tuple(map(int, needed)) <= GLIBC[suite]:
        return found
    released: Machine = request.getfixturevalue("released")
    return sorted((released.upper / TREE[1:] / "dist").glob("paragone*_amd64.deb"))


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    before = os.environ.get("GNUPGHOME")
    environ = keys.make_throwaway(tmp_path_factory.mktemp("k") / "a")
    yield environ
    keys.run(["gpgconf", "--homedir", environ["GNUPGHOME"], "--kill", "all"])
    if before is None:
        del os.environ["GNUPGHOME"]
    else:
        os.environ["GNUPGHOME"] = before


@pytest.fixture(scope="module")
def clean(suite: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A system with an ordinary user, and nothing of ours."""
    folder = tmp_path_factory.mktemp("debian")
    machine = Machine(folder / "clean", (bootstrapped(folder, suite),))
    machine.must("useradd", "--create-home", "--user-group", USER)
    machine.must(*APT, "update")
    yield machine
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def ready(
    clean: Machine, signer: dict[str, str], debs: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Machine:
    """A system that knows our signed repository."""
    made = clean.over(tmp_path_factory.mktemp("ready"))
    publish(made, signer, debs, tmp_path_factory.mktemp("repository") / "apt")
    trust(made, signer)
    made.must(*APT, "update")
    return made


@pytest.fixture(scope="module")
def installed(ready: Machine, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A system into which both packages were installed without a question."""
    made = ready.over(tmp_path_factory.mktemp("installed"))
    made.must(*APT, "install", "paragone")
    return made


@pytest.fixture
def machine(installed: Machine, tmp_path: Path) -> Machine:
    return installed.over(tmp_path / "machine")


def trust(machine: Machine, signer: dict[str, str]) -> None:
    """Add our repository and its key, as the administrator's guide says."""
    machine.put(Path(signer["PARAGONE_GPG_PUBLIC"]), KEYRING)
    machine.write(apt.source_line(Path("/srv/apt"), Path(KEYRING)), "/etc/apt/sources.list.d/paragone.list")


def publish(
    machine: Machine, signer: dict[str, str], debs: list[Path], folder: Path, now: datetime | None = None
) -> None:
    apt.sign(Keys.of(signer), folder, debs, now or datetime.now(UTC))
    machine.put(folder, "/srv/apt")


def newer(deb: Path, folder: Path, version: str) -> Path:
    """The same package under a later version, with a file less."""
    root = folder / deb.name
    subprocess.run(["dpkg-deb", "-R", str(deb), str(root)], check=True)
    control = root / "DEBIAN" / "control"
    control.write_text(control.read_text().replace(f"Version: {frozen.VERSION}", f"Version: {version}"))
    control.write_text(control.read_text().replace(f"(= {frozen.VERSION})", f"(= {version})"))
    if deb.name.startswith("paragone_"):
        (root / "usr/share/doc/paragone/changelog.gz").unlink()
        (root / "DEBIAN/md5sums").unlink()
    made = folder / deb.name.replace(frozen.VERSION, version)
    command = ["dpkg-deb", "-Zgzip", "-z1", "--root-owner-group", "--build", str(root), str(made)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return made


def test_an_ordinary_user_finds_that_everything_works(machine: Machine) -> None:
    said = machine.must("paragone", "--selftest", user=USER)
    states = {line.split(":")[0].split(maxsplit=1)[1]: line.split()[0] for line in said.splitlines()[1:]}
    assert states.pop("keyring") == "missing"
    assert set(states.values()) == {"ok"}, said


def test_programs_of_the_system_run_with_our_libraries_before_theirs(machine: Machine) -> None:
    machine.must(*APT, "--no-install-recommends", "install", "libglib2.0-bin", "curl")
    first = ("env", "LD_LIBRARY_PATH=/usr/lib/paragone/_internal")
    assert machine.must(*first, "gio", "version").startswith("2.")
    assert "GnuTLS" in (said := machine.must(*first, "curl", "--version")) or "OpenSSL" in said


def test_an_answer_is_kept_and_found_again(machine: Machine) -> None:
    asked = ("paragone", "ask", "--save", "What is the capital of France?")
    assert "Paris" in machine.must(*asked, user=USER)
    found = json.loads(machine.must("paragone", "conversations", "search", "capital", "--json", user=USER))
    assert len(found) >= 1


def test_a_policy_of_roots_takes_hold_and_one_that_users_write_does_not(machine: Machine) -> None:
    asked = ("paragone", "ask", "--json", "Hello")
    place = "/etc/paragone/policies/managed/10.json"
    machine.write('{"EmbeddedModel": false}', place)
    ended = machine(*asked, user=USER)
    assert ended.status == 1
    assert '"code":"policy"' in ended.out.replace(" ", "")
    assert place in ended.out
    machine.write('{"EmbeddedModel": false}', place, mode=0o666)
    ended = machine(*asked, user=USER)
    assert ended.status == 0, ended.err


SELFTEST_POLICIES = {
    "a company with a gateway": {"AllowedHosts": ["*.example.com"], "UserConnections": False, "SignIn": ["entra"]},
    "no embedded model": {"EmbeddedModel": False, "OwnModelFiles": False},
    "nothing in or out": {"Import": False, "Export": False, "Attachments": False, "Links": False},
    "nothing is kept": {"History": False, "Votes": False, "Requests": False},
    "no tools and no runs": {"Tools": False, "WebSearch": False, "Runs": False, "Batches": False, "UpdateCheck": False},
}


@pytest.mark.parametrize("name", SELFTEST_POLICIES)
def test_the_self_test_holds_under_policies_for(machine: Machine, name: str) -> None:
    machine.write(json.dumps(SELFTEST_POLICIES[name]), "/etc/paragone/policies/managed/10.json")
    said = machine.must("paragone", "--selftest", user=USER)
    assert "FAILED" not in said
    in_effect = json.loads(machine.must("paragone", "policies", "--json", user=USER))
    assert {each["name"] for each in in_effect["policies"]} == set(SELFTEST_POLICIES[name])
    assert in_effect["notices"] == []


def test_a_policy_file_is_tried_before_it_is_installed(machine: Machine) -> None:
    machine.write('{"Export": false, "Oops": 1}', f"/home/{USER}/trial.json")
    tried = machine("paragone", "policies", "--file", f"/home/{USER}/trial.json", user=USER)
    assert tried.status == 1
    assert "Export" in tried.out
    assert "Oops" in tried.out
    machine.must("paragone", "ask", "--save", "What is the capital of France?", user=USER)
    machine.must("paragone", "conversations", "export", "--all", "--output", "/tmp/all.json", user=USER)


def test_a_suite_is_run_and_reported_and_files_go_in_and_out(machine: Machine) -> None:
    machine.write(SUITE, f"/home/{USER}/suite.yaml")
    machine.write("The capital of France is Paris.", f"/home/{USER}/note.txt")
    home = ("sh", "-c", 'cd && "$@"', "sh", "paragone")
    ended = machine(*home, "run", "suite.yaml", "--min-pass-rate", "0.5", "--yes", user=USER)
    assert ended.status in (0, 3), ended.out + ended.err
    (run,) = json.loads(machine.must(*home, "runs", "list", "--json", user=USER))
    for form in ("html", "csv", "junit"):
        machine.must(*home, "runs", "report", run["id"], "--format", form, "--output", f"report.{form}", user=USER)
        assert machine.must("cat", f"/home/{USER}/report.{form}").strip()
    machine.must(*home, "ask", "--save", "--attach", "note.txt", "What is in the note?", user=USER)
    for form in ("docx", "pdf", "zip"):
        machine.must(*home, "conversations", "export", "--all", "--output", f"all.{form}", user=USER)
        assert machine("test", "-s", f"/home/{USER}/all.{form}").status == 0
    machine.must(*home, "conversations", "import", "--dry-run", "all.zip", user=USER)


def test_an_older_version_goes_back_to_the_backup_that_fits(machine: Machine) -> None:
    """As after a downgrade: the database has a schema of the future, beside a backup of before."""
    machine.must(*APT, "--no-install-recommends", "install", "sqlite3")
    machine.must("paragone", "ask", "--save", "What is the capital of France?", user=USER)
    data = f"/home/{USER}/.local/share/paragone"
    schema = int(machine.must("sqlite3", f"{data}/conversations.db", "PRAGMA user_version", user=USER))
    backup = f"{data}/backups/conversations-v{schema}-20260101-120000.db"
    machine.must("mkdir", "-p", f"{data}/backups", user=USER)
    machine.must("sqlite3", f"{data}/conversations.db", f"VACUUM INTO '{backup}'", user=USER)
    machine.must("sqlite3", f"{data}/conversations.db", f"PRAGMA user_version = {schema + 1}", user=USER)
    refused = machine("paragone", "conversations", "list", user=USER)
    assert refused.status == 1
    assert "storage restore" in refused.err
    assert "20260101" in machine.must("paragone", "storage", "backups", user=USER)
    machine.must("paragone", "storage", "restore", "--yes", user=USER)
    kept = json.loads(machine.must("paragone", "conversations", "list", "--json", user=USER))
    assert [each["title"] for each in kept] == ["What is the capital of France?"]


def test_without_the_engine_its_absence_is_said_and_the_rest_works(ready: Machine, tmp_path: Path) -> None:
    machine = ready.over(tmp_path / "machine")
    machine.must(*APT, "--no-install-recommends", "install", "paragone")
    said = machine.must("paragone", "--selftest", user=USER)
    assert "missing  embedded model" in said
    assert "FAILED" not in said


def test_an_upgrade_keeps_what_users_have_and_takes_old_files_away(
    machine: Machine, signer: dict[str, str], debs: list[Path], tmp_path: Path
) -> None:
    machine.must("paragone", "ask", "--save", "What is the capital of France?", user=USER)
    old = machine.must("readlink", "-f", "/usr/share/doc/paragone/changelog.gz").strip()
    machine.write('{"Theme": "dark"}', "/etc/paragone/policies/managed/10.json")
    (tmp_path / "newer").mkdir()
    later = [newer(deb, tmp_path / "newer", "0.1.1") for deb in debs]
    shutil.rmtree(machine.upper / "srv", ignore_errors=True)
    publish(machine, signer, later, tmp_path / "apt")
    machine.must(*APT, "update")
    machine.must(*APT, "dist-upgrade")
    assert "0.1.1" in machine.must("dpkg-query", "-W", "paragone", "paragone-engine")
    kept = json.loads(machine.must("paragone", "conversations", "list", "--json", user=USER))
    assert [each["title"] for each in kept] == ["What is the capital of France?"]
    assert machine("test", "-e", old).status == 1
    assert "dark" in machine.must("cat", "/etc/paragone/policies/managed/10.json")


def test_purged_nothing_of_ours_is_left_but_what_users_keep(ready: Machine, machine: Machine) -> None:
    machine.must("paragone", "--selftest", user=USER)
    machine.must("paragone", "ask", "--save", "What is the capital of France?", user=USER)
    machine.must(*APT, "purge", "paragone", "paragone-engine")
    ours = {path for path in machine.files() - ready.files() if "paragone" in path.lower()}
    assert ours == set()
    assert machine("test", "-d", f"/home/{USER}/.local/share/paragone").status == 0


@pytest.mark.parametrize("fault", ["changed", "unsigned", "stranger", "outdated"])
def test_apt_refuses_a_repository_that_is(
    clean: Machine, signer: dict[str, str], debs: list[Path], tmp_path: Path, fault: str
) -> None:
    machine = clean.over(tmp_path / "machine")
    trust(machine, signer)
    small = [deb for deb in debs if deb.name.startswith("paragone_")]
    now = datetime.now(UTC) - timedelta(days=apt.VALID_DAYS + 1) if fault == "outdated" else None
    if fault == "stranger":
        before = os.environ["GNUPGHOME"]
        other = keys.make_throwaway(tmp_path / "k")
        publish(machine, other, small, tmp_path / "apt", now)
        keys.run(["gpgconf", "--homedir", other["GNUPGHOME"], "--kill", "all"])
        os.environ["GNUPGHOME"] = before
    else:
        publish(machine, signer, small, tmp_path / "apt", now)
    suite = machine.upper / "srv/apt/dists/stable"
    if fault == "unsigned":
        for name in ("InRelease", "Release.gpg"):
            (suite / name).unlink()
    if fault == "changed":
        (package,) = (machine.upper / "srv/apt/pool").rglob("*.deb")
        package.write_bytes(package.read_bytes() + b"x")
    # Apt's own default, which the machine that lends its settings may have changed
    strict = (
        "-o",
        "Acquire::Check-Date=true",
        "-o",
        "Acquire::Check-Valid-Until=true",
        "-o",
        "APT::Update::Error-Mode=any",
    )
    updated = machine(*APT, *strict, "update")
    fetched = machine(*APT, "--no-install-recommends", "install", "paragone")
    assert fetched.status != 0
    assert fault == "changed" or updated.status != 0
    assert machine("test", "-e", "/usr/bin/paragone").status == 1
