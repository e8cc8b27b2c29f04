"""Fixtures of the end-to-end tests: the program, the fault server, and a connection between them."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.e2e.program import Program
from tests.servers.faults import FaultServer
from tests.servers.threaded import fault_server

KEY = "test-key-0123456789abcdef"


@pytest.fixture(scope="session")
def server() -> Generator[FaultServer]:
    with fault_server(KEY) as running:
        yield running


@pytest.fixture
def paragone(tmp_path: Path) -> Program:
    folder = tmp_path / "run"
    folder.mkdir()
    return Program(folder, {"TEST_KEY": KEY})


@pytest.fixture
def lab(paragone: Program, server: FaultServer) -> Program:
    """The program with a connection `lab` to the fault server."""
    paragone.add("lab", server.url)
    return paragone
