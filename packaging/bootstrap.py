"""Set up a checkout: system packages, .venv from the hash-pinned lock files, the embedded model, compiled code.

    python packaging/bootstrap.py          dependencies of the program
    python packaging/bootstrap.py dev      dependencies of tests and linters, too

Only needs the standard library of Python 3.11 or newer, and reads nothing from standard input. Existing parts are not
changed, so that a second run takes a fraction of a second.
"""

from __future__ import annotations

import compileall
import hashlib
import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "packaging" / "locks"
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
OLDEST = (3, 11)

# Alternatives are separated by a bar. The first one that the distribution knows is used.
SYSTEM_PACKAGES = {
    "runtime": (
        "libgomp1 libgl1 libegl1 libxkbcommon0 libglib2.0-0t64|libglib2.0-0 libfontconfig1 libfreetype6 libdbus-1-3"
        " libgssapi-krb5-2 libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-xkb1"
        " libwayland-cursor0"
    ),
    "dev": (
        "xvfb xauth openbox weston tinyproxy squid dbus-daemon gnome-keyring at-spi2-core libxtst6 fonts-dejavu-core"
        " gnupg gpgv apt-utils rpm osslsigncode wixl msitools squashfs-tools"
    ),
    "dist": (
        "binutils patchelf lintian rpmlint desktop-file-utils appstream debootstrap wine wine64 gcc"
        " gcc-mingw-w64-x86-64"
    ),
}
GROUPS = {"runtime": ("runtime",), "dev": ("runtime", "dev"), "dist": ("runtime", "dev", "dist")}


def say(text: str) -> None:
    """Print progress to standard error, because standard output belongs to the program."""
    print(f"setup: {text}", file=sys.stderr, flush=True)


def run(*command: str | Path, quiet: bool = False) -> int:
    """Run a command without input, and return its exit status."""
    out = subprocess.DEVNULL if quiet else None
    return subprocess.run(
        [*map(str, command)], stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False
    ).returncode


def must(*command: str | Path) -> None:
    """Run a command, and exit with its status if it fails."""
    if status := run(*command):
        say(f"this failed (status {status}): {' '.join(map(str, command))}")
        sys.exit(status)


def missing_system_packages(group: str) -> list[str]:
    """Return the required Debian packages that are not installed, or none on systems without dpkg."""
    if not shutil.which("dpkg-query"):
        return []
    wanted = " ".join(SYSTEM_PACKAGES[each] for each in GROUPS[group])
    choices = [choice.split("|") for choice in wanted.split()]
    flat = [name for choice in choices for name in choice]
    shown = subprocess.run(
        ["dpkg-query", "-W", "-f", "${db:Status-Abbrev} ${Package}\n", *flat],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    installed = {line.split()[1] for line in shown.stdout.splitlines() if line.startswith("ii ")}
    return ["|".join(choice) for choice in choices if not installed.intersection(choice)]


def known_name(choice: str) -> str:
    """Return the first of several alternative package names that apt knows."""
    names = choice.split("|")
    return next((name for name in names if run("apt-cache", "show", name, quiet=True) == 0), names[0])


def install_system_packages(choices: list[str]) -> None:
    """Install missing packages as root. Without root, print the command for it and continue."""
    if not choices:
        return
    if os.name == "nt" or os.geteuid() != 0:
        say("system packages are missing; this line installs them:")
        say("  sudo apt-get install -y " + " ".join(known_name(choice) for choice in choices))
        return
    say("installing system packages: " + " ".join(choices))
    os.environ.setdefault("DEBIAN_FRONTEND", "noninteractive")
    run("apt-get", "-qq", "update", quiet=True)
    names = [known_name(choice) for choice in choices]
    if run("apt-get", "-qq", "-y", "--no-install-recommends", "install", *names, quiet=True):
        say("they could not be installed; the terminal works without them. By hand: apt-get install " + " ".join(names))


def stamp_of(group: str) -> str:
    """Return a fingerprint of the lock files from which .venv is created."""
    digest = hashlib.sha256()
    for path in (LOCKS / "uv.txt", LOCKS / f"{'dev' if group == 'dev' else 'runtime'}.txt", LOCKS / "data.txt"):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def stamp_file(group: str) -> Path:
    """Return the path of a group's stamp."""
    return VENV / f"paragone-{group}.stamp"


def is_set_up(group: str) -> bool:
    """Whether .venv matches the lock files of a group. The development group includes all others."""
    for name in {"dev", group}:
        path = stamp_file(name)
        if path.is_file() and path.read_text() == stamp_of(name) and PYTHON.exists():
            return True
    return False


def make_venv() -> None:
    """Create .venv unless its interpreter works, installing Debian's venv package if necessary."""
    if PYTHON.exists() and run(PYTHON, "-m", "pip", "--version", quiet=True) == 0:
        return
    say(f"making .venv with Python {sys.version_info.major}.{sys.version_info.minor}")
    if run(sys.executable, "-m", "venv", "--clear", VENV, quiet=True) == 0:
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    install_system_packages([package] if shutil.which("dpkg-query") else [])
    must(sys.executable, "-m", "venv", "--clear", VENV)


def install(group: str) -> None:
    """Install the locked packages, verifying hashes.

    Packages that only provide files are installed without dependencies.
    """
    pip = (PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r")
    must(*pip, LOCKS / "uv.txt")
    # Use the system's certificates, like pip. The ones bundled with uv fail behind proxies that inspect TLS.
    uv = (PYTHON, "-m", "uv", "--system-certs", "pip", "install", "--quiet", "--compile-bytecode", "--require-hashes")
    where = ("--python", PYTHON)
    say("installing the locked packages (about 250 MB the first time)")
    must(*uv, *where, "-r", LOCKS / f"{group}.txt")
    must(*uv, *where, "--no-deps", "-r", LOCKS / "data.txt")
    stamp_file(group).write_text(stamp_of(group))


def compile_own_code() -> None:
    """Compile Paragone's modules, so that the first start is fast.

    Compiled code that others could have written is removed first, because compiling would not replace it. main.py
    always
    runs from source.
    """
    runpy.run_path(str(ROOT / "main.py"))["drop_open_code"](str(ROOT), ("desktop", "ui", "tests", "packaging"))
    for folder in ("desktop", "ui"):
        compileall.compile_dir(ROOT / folder, quiet=2)


def compile_translations() -> None:
    """Compile outdated translation files."""
    must(PYTHON, ROOT / "packaging" / "translations.py", "compile")


def main(arguments: list[str]) -> int:
    """Set up for running; with `dev`, for development; with `dist`, for the tests of packages."""
    if sys.version_info < OLDEST:
        say(f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed; this is {sys.version.split()[0]}")
        return 1
    os.umask(os.umask(0o077) | 0o022)  # others must not be able to change installed code
    group = next((each for each in ("dist", "dev") if each in arguments), "runtime")
    install_system_packages(missing_system_packages(group))
    group = "dev" if group == "dist" else group
    if not is_set_up(group):
        make_venv()
        install(group)
        say("done")
    compile_own_code()
    compile_translations()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
