"""Real proxies as Debian packages them, each on a port and in a folder of the test's own: tinyproxy and squid."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

_STARTS_S = 20


@asynccontextmanager
async def tinyproxy(folder: Path, *lines: str) -> AsyncGenerator[str]:
    """The program tinyproxy with more lines in its settings; yields host and port."""
    program, port = _program("tinyproxy"), _free_port()
    settings = folder / "tinyproxy.conf"
    settings.write_text("\n".join((f"Port {port}", "Listen 127.0.0.1", "Timeout 20", "MaxClients 20", *lines, "")))
    async with _running([program, "-d", "-c", str(settings)], port):
        yield f"127.0.0.1:{port}"


@asynccontextmanager
async def squid(*lines: str, host: str = "127.0.0.1", users: str = "") -> AsyncGenerator[str]:
    """The program squid without a cache on disk, with more lines in its settings; yields host and port.

    `users` is written to the file that `{users}` stands for in the lines, in the format of Apache's htpasswd.
    """
    program, port = _program("squid"), _free_port()
    shown = f"[{host}]" if ":" in host else host
    with tempfile.TemporaryDirectory(prefix="paragone-squid-") as name:
        settings = _squid_settings(Path(name), f"{shown}:{port}", lines, users)
        # -N: one process, which ends when it is told to
        async with _running([program, "-N", "-f", str(settings), "-n", f"t{port}"], port, host):
            yield f"{shown}:{port}"


def _squid_settings(folder: Path, address: str, lines: Sequence[str], users: str) -> Path:
    folder.chmod(0o777)  # started as root it goes on as another user
    (folder / "users").write_text(users)
    common = (
        f"http_port {address}",
        f"pid_filename {folder / 'squid.pid'}",
        f"cache_log {folder / 'cache.log'}",
        f"coredump_dir {folder}",
        "access_log none",
        "cache deny all",
        "pinger_enable off",
        "shutdown_lifetime 0 seconds",
        "visible_hostname proxy.example",
        "max_filedescriptors 1024",
    )
    settings = folder / "squid.conf"
    settings.write_text("\n".join((*common, *(line.format(users=folder / "users") for line in lines), "")))
    return settings


def squid_helper(name: str) -> str:
    """One of the programs that squid signs in with. Skips the test where it is missing."""
    path = Path("/usr/lib/squid") / name
    if not path.exists():
        pytest.skip(f"squid's {name} is not installed")
    return str(path)


@asynccontextmanager
async def _running(command: Sequence[str], port: int, host: str = "127.0.0.1") -> AsyncGenerator[None]:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await _listens(process, host, port)
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _listens(process: asyncio.subprocess.Process, host: str, port: int) -> None:
    async with asyncio.timeout(_STARTS_S):
        while True:
            assert process.returncode is None, "the proxy did not start"
            try:
                _, writer = await asyncio.open_connection(host, port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return


def _program(name: str) -> str:
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
    found = shutil.which(name, path=path)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
