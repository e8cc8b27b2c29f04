"""Regular files are read without waiting."""

from __future__ import annotations

import os
from io import BufferedReader
from pathlib import Path

import pytest

from desktop.system.plain_files import MOST_BYTES, TooLarge, Unwaiting, open_plain, read_plain


def test_a_file_is_read_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"0123456789")
    with open_plain(tmp_path / "file") as file:
        assert (file.read(4), file.read()) == (b"0123", b"456789")


@pytest.mark.skipif(not hasattr(os, "set_blocking"), reason="every read waits here")
def test_what_has_nothing_to_say_just_now_is_at_its_end() -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    with open(writing, "wb", buffering=0) as pipe, BufferedReader(Unwaiting(reading)) as file:  # noqa: PTH123 - no path
        assert (file.read(16), file.read(), file.readline()) == (b"", b"", b"")
        pipe.write(b"a line of the system\n")
        assert file.readline() == b"a line of the system\n"


def test_a_file_beyond_all_measure_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    assert read_plain(path, 10) == b"0123456789"
    with pytest.raises(TooLarge, match="larger than"):
        read_plain(path, 9)
    os.truncate(path, 1 << 40)
    with pytest.raises(TooLarge, match=f"{MOST_BYTES >> 20} MB"):
        read_plain(path)
