"""File layers of SQLite for tests: a disk whose power is cut, and one that fails at random."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import apsw

SECTOR = 512

_NUMBER = itertools.count()
"""Names are not used again: the layer that encrypts remembers what once stood under one."""


@dataclass
class Image:
    """A file as it would be after a power cut: what was synced, and what was written since and may be there or not."""

    durable: bytearray | None
    pending: list[tuple[int, bytes | None]] = field(default_factory=list[tuple[int, bytes | None]])

    def sync(self) -> None:
        self.durable = self.after(lambda: True)
        self.pending.clear()

    def after(self, arrived: Callable[[], bool]) -> bytearray | None:
        """The file where only those sectors arrived for which `arrived` says so."""
        if self.durable is None and not self.pending:
            return None
        held = bytearray(self.durable or b"")
        for offset, data in self.pending:
            if data is None:
                if arrived():
                    del held[offset:]
                continue
            for start in range(0, len(data), SECTOR):
                if arrived():
                    part = data[start : start + SECTOR]
                    held.extend(bytes(max(0, offset + start - len(held))))
                    held[offset + start : offset + start + len(part)] = part
        return held


class CutDisk(apsw.VFS):
    """Real files, and beside them what of each would survive.

    After `cut_after` more writes and syncs, power is cut:
    `survivors` then holds the files, and the run goes on without knowing.
    """

    def __init__(self, seed: int, cut_after: int) -> None:
        self.name = f"cut-{next(_NUMBER)}"
        self.images: dict[str, Image] = {}
        self.survivors: dict[str, bytes] | None = None
        self.at_cut: Callable[[], None] = lambda: None
        self._chance = random.Random(seed)
        self._left = cut_after
        super().__init__(self.name, base="unix")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        path = Path(name.filename() if isinstance(name, apsw.URIFilename) else str(name))
        held = path.read_bytes() if path.exists() else None
        image = self.images.setdefault(path.name, Image(None if held is None else bytearray(held)))
        return CutFile(self, image, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        super().xDelete(filename, syncdir)
        self.images.pop(Path(filename).name, None)

    def happened(self) -> None:
        self._left -= 1
        if self._left == 0:
            self.cut()

    def cut(self) -> None:
        share = self._chance.choice((0.0, 0.5, 1.0))
        found = {name: image.after(lambda: self._chance.random() < share) for name, image in self.images.items()}
        self.survivors = {name: bytes(held) for name, held in found.items() if held is not None}
        self.at_cut()


class CutFile(apsw.VFSFile):
    def __init__(self, disk: CutDisk, image: Image, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        self._disk = disk
        self._image = image
        super().__init__("unix", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        super().xWrite(data, offset)  # pyright: ignore[reportUnknownMemberType]
        self._image.pending.append((offset, bytes(data)))
        self._disk.happened()

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        super().xTruncate(newsize)
        self._image.pending.append((newsize, None))
        self._disk.happened()

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._disk.happened()
        super().xSync(flags)
        self._image.sync()


class ShakyDisk(apsw.VFS):
    """Real files, but each read, write and sync fails with `chance`."""

    def __init__(self, seed: int) -> None:
        self.name = f"shaky-{next(_NUMBER)}"
        self.chance = 0.0
        self.failed = 0
        self._random = random.Random(seed)
        super().__init__(self.name, base="unix")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return ShakyFile(self, name, flags)

    def maybe(self) -> None:
        if self._random.random() < self.chance:
            self.failed += 1
            raise apsw.IOError("the disk shook")


class ShakyFile(apsw.VFSFile):
    def __init__(self, disk: ShakyDisk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        self._disk = disk
        super().__init__("unix", name, flags)

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        self._disk.maybe()
        return super().xRead(amount, offset)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._disk.maybe()
        super().xWrite(data, offset)  # pyright: ignore[reportUnknownMemberType]

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._disk.maybe()
        super().xSync(flags)


class WatchedDisk(apsw.VFS):
    """Real files; before one is opened that ends as `name` does, `at_open` is called, the first time alone."""

    def __init__(self, name: str, at_open: Callable[[], None]) -> None:
        self.name = f"watched-{next(_NUMBER)}"
        self._file = name
        self._at_open = at_open
        self._seen = False
        super().__init__(self.name, base="unix")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        if path.endswith(self._file) and not self._seen:
            self._seen = True
            self._at_open()
        return apsw.VFSFile("unix", name, flags)
