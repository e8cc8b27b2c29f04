"""The stand-in for the authority on a thread of its own, for the real program."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.authority import StandIn
from tests.servers.threaded import on_a_thread
from tests.servers.tls import make_certificates


@dataclass
class Running:
    """An authority that runs, and the file that makes it trusted."""

    authority: StandIn
    ca_file: Path


@contextmanager
def running_authority(folder: Path) -> Generator[Running]:
    """A StandIn, running until the block is left; read and set its fields freely."""
    ca_file, context = make_certificates(folder)
    with on_a_thread(lambda: StandIn(context), "authority") as authority:
        yield Running(authority, ca_file)
