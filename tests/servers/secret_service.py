"""A real Secret Service for tests: a D-Bus session of their own with gnome-keyring in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

WAIT_S = 20


@dataclass(frozen=True)
class SecretService:
    """A running keyring; programs that are to see it get `environ`."""

    environ: dict[str, str]


def is_installed() -> bool:
    """Whether this machine has what it takes (Debian: dbus-daemon and gnome-keyring)."""
    return all(shutil.which(name) for name in ("dbus-daemon", "gnome-keyring-daemon"))


@contextmanager
def session_bus(folder: Path) -> Generator[dict[str, str]]:
    """Run a D-Bus session without any service of the machine; yields the environment that leads to it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    config = folder / "bus.conf"
    config.write_text(
        "<busconfig><type>session</type>"
        f"<listen>unix:path={folder / 'bus'}</listen><auth>EXTERNAL</auth>"
        '<policy context="default"><allow user="*"/><allow send_destination="*" eavesdrop="true"/>'
        '<allow eavesdrop="true"/><allow own="*"/></policy></busconfig>'
    )
    bus = subprocess.Popen(
        ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address=1"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert bus.stdout is not None
        address = bus.stdout.readline().strip()
        assert address, "the D-Bus session did not start"
        yield {"DBUS_SESSION_BUS_ADDRESS": address, "XDG_RUNTIME_DIR": str(folder), "HOME": str(folder)}
    finally:
        bus.terminate()
        bus.communicate(timeout=WAIT_S)


@contextmanager
def secret_service(folder: Path) -> Generator[SecretService]:
    """gnome-keyring in a session of its own, its collection unlocked."""
    with session_bus(folder) as environ:
        keyring = subprocess.Popen(
            ["gnome-keyring-daemon", "--foreground", "--components=secrets", "--unlock"],
            env={**os.environ, **environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            assert keyring.stdin is not None
            keyring.stdin.write("test")
            keyring.stdin.close()
            _wait_for_name(environ)
            yield SecretService(environ)
        finally:
            keyring.terminate()
            keyring.wait(WAIT_S)
            assert keyring.stdout is not None
            keyring.stdout.close()


def _wait_for_name(environ: dict[str, str]) -> None:
    """Until the keyring answers on the bus."""
    script = (
        "import secretstorage\nfrom contextlib import closing\n"
        "with closing(secretstorage.dbus_init()) as bus: secretstorage.get_default_collection(bus)"
    )
    for _ in range(WAIT_S * 10):
        done = subprocess.run([sys.executable, "-c", script], env={**os.environ, **environ}, capture_output=True)
        if done.returncode == 0:
            return
        time.sleep(0.02)
    raise AssertionError("gnome-keyring did not appear on the bus")


def lock(environ: dict[str, str]) -> None:
    """Lock the keyring's collection, as a user's session does when it is left alone."""
    script = (
        "import secretstorage\nfrom contextlib import closing\n"
        "with closing(secretstorage.dbus_init()) as bus: secretstorage.get_default_collection(bus).lock()"
    )
    subprocess.run([sys.executable, "-c", script], env={**os.environ, **environ}, check=True, timeout=WAIT_S)
