"""A clean Debian of a test's own: bootstrapped once, and for each test a layer over it that goes with the test.

Everything is mounted in a namespace that ends with the command that runs there: nothing is mounted outside.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

SUITE = "trixie"
_MOUNT = (
    'mount -t overlay overlay -o "lowerdir=$LOWER,upperdir=$UPPER,workdir=$WORK" "$ROOT"'
    ' && mount -t proc proc "$ROOT/proc" && mount -t tmpfs tmpfs "$ROOT/tmp" && mount -t tmpfs tmpfs "$ROOT/dev"'
    ' && for each in null zero full random urandom tty; do touch "$ROOT/dev/$each"'
    ' && mount --bind "/dev/$each" "$ROOT/dev/$each" || exit; done'
    ' && mkdir "$ROOT/dev/shm" "$ROOT/dev/pts" && exec chroot "$ROOT" "$@"'
)
_LOCAL = ("file:", "cdrom:")


@dataclass(frozen=True)
class Ended:
    """How a command in the system ended."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Machine:
    """One system: `lower` are the folders that it begins with, `place` is where its changes lie."""

    place: Path
    lower: tuple[Path, ...]
    environ: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def upper(self) -> Path:
        """What was changed, as a folder that a further system can begin with."""
        return self.place / "upper"

    def __call__(self, *words: str, user: str = "", within_s: float = 600) -> Ended:
        """Run a command, as root or as a user of the system with a home."""
        for name in ("upper", "work", "root"):
            (self.place / name).mkdir(parents=True, exist_ok=True)
        command = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--", *words] if user else [*words]
        clean = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
        home = {"HOME": f"/home/{user}" if user else "/root"}
        layers = {
            "LOWER": ":".join(map(str, self.lower)),
            "UPPER": str(self.upper),
            "WORK": str(self.place / "work"),
            "ROOT": str(self.place / "root"),
        }
        done = subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", _MOUNT, "sh", *command],
            env={**clean, **home, **self.environ, **layers},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=within_s,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def must(self, *words: str, user: str = "", within_s: float = 600) -> str:
        """What a command prints that must not fail."""
        ended = self(*words, user=user, within_s=within_s)
        assert ended.status == 0, f"{words}: {ended.status}\n{ended.out[-3000:]}\n{ended.err[-3000:]}"
        return ended.out

    def put(self, source: Path, target: str) -> None:
        """Copy a file or a folder into the system."""
        copy = self.upper / target.lstrip("/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy, dirs_exist_ok=True)
        else:
            shutil.copy2(source, copy)

    def write(self, text: str, target: str, mode: int = 0o644) -> None:
        """Write a file of root's into the system."""
        copy = self.upper / target.lstrip("/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(text, encoding="utf-8")
        copy.chmod(mode)

    def over(self, place: Path) -> Machine:
        """A further system that begins as this one stands."""
        return Machine(place, (self.upper, *self.lower), self.environ)

    def files(self) -> set[str]:
        """All files and folders there are, but for the package manager's records, caches, logs and homes."""
        roots = "/var/lib/dpkg /var/lib/apt /var/cache /var/log /proc /tmp /dev /sys /root /home"
        prune = " -o ".join(f"-path {root}" for root in roots.split())
        return set(self.must("sh", "-c", f"find / -xdev \\( {prune} \\) -prune -o -print").splitlines())


def bootstrapped(folder: Path, suite: str = SUITE) -> Path:
    """A minimal system from this machine's own sources of packages."""
    root = folder / suite
    shown = _output("apt-get", "indextargets", "--format", "$(SITE) $(RELEASE)", "Created-By: Packages").splitlines()
    sites = [line.split()[0] for line in shown if line.endswith(f" {SUITE}") and not line.startswith(_LOCAL)]
    _output("debootstrap", "--variant=minbase", suite, str(root), sites[0])
    for name in ("apt.conf.d", "auth.conf.d", "keyrings", "trusted.gpg.d"):
        shutil.copytree(f"/etc/apt/{name}", root / "etc/apt" / name, dirs_exist_ok=True)
    for name in ("resolv.conf", "hosts"):
        shutil.copy2(f"/etc/{name}", root / "etc" / name)
    return root


def with_python_packages(root: Path) -> dict[str, str]:
    """Give a system this machine's settings of pip and its authorities; return the variables that belong to them."""
    names = ("etc/pip.conf", "root/.config/pip", "etc/ssl/certs/ca-certificates.crt", "usr/local/share/ca-certificates")
    variables = {
        name: os.environ[name] for name in ("SSL_CERT_FILE", "PIP_CERT", "PIP_FIND_LINKS") if name in os.environ
    }
    for name in (*names, *(path.lstrip("/") for path in variables.values() if Path(path).exists())):
        source, target = Path("/", name), root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        elif source.is_file():
            shutil.copy2(source, target)
    return variables


def can() -> str:
    """Why this cannot run here; empty where it can."""
    if os.geteuid() != 0:
        return "a system is made by root"
    absent = [name for name in ("debootstrap", "unshare", "setpriv") if shutil.which(name) is None]
    return f"not installed: {', '.join(absent)}" if absent else ""


def _output(*words: str) -> str:
    done = subprocess.run([*words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout
