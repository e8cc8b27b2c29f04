"""The program's own services over a folder of the test's, with a keyring in memory."""

from __future__ import annotations

import argparse
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

import main
from desktop.credentials.backends import Backend
from desktop.credentials.keys import Keys
from desktop.services import Services
from tests.desktop.credentials.fakes import MemoryKeyring


@pytest.fixture
def keyring() -> MemoryKeyring:
    return MemoryKeyring()


@pytest.fixture
async def services(tmp_path: Path, keyring: MemoryKeyring) -> AsyncGenerator[Services]:
    made = main.assemble(argparse.Namespace(data_dir=tmp_path / "data"))

    def find() -> Backend:
        return keyring

    made.gateway._keys = made.keys = Keys(service="test", environ={}, find=find)
    yield made
    await made.aclose()
