"""Detects network file systems, where SQLite's write-ahead log is unsafe."""

from __future__ import annotations

import re
import sys
from pathlib import Path

_REMOTE = {
    "9p", "afs", "ceph", "cifs", "davfs", "fuse.davfs2", "fuse.glusterfs", "fuse.rclone", "fuse.sshfs", "glusterfs",
    "lustre", "ncpfs", "nfs", "nfs4", "smb3", "smbfs", "vboxsf",
}  # fmt: skip
_MOUNTS = Path("/proc/self/mountinfo")
_DRIVE_REMOTE = 4  # what GetDriveTypeW says of a mapped drive


def network_kind(folder: Path) -> str | None:
    """Return the type of network file system of a folder, or None if it is local or unknown (macOS)."""
    absolute = folder.absolute()
    if sys.platform == "win32":
        return _windows_kind(absolute)
    try:
        mounts = _MOUNTS.read_text(errors="surrogateescape")
    except OSError:
        return None
    return kind_in(mounts, absolute)


def kind_in(mounts: str, place: Path) -> str | None:
    """Return the type of network file system of a folder from Linux's mountinfo (`man 5 proc_pid_mountinfo`).

    The last matching mount is used.
    """
    halves = (line.partition(" - ") for line in mounts.splitlines())
    mounted = [(before, after.split()[0]) for before, _, after in halves if after.strip()]
    if not any(kind in _REMOTE for _, kind in mounted):
        return None  # most machines have none, whatever lies where
    best = (0, "")
    for before, kind in mounted:
        fields = before.split()
        if len(fields) < 5:
            continue
        # Spaces and similar characters in names are octal escapes.
        point = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4]))
        if place.is_relative_to(point) and len(point.parts) >= best[0]:
            best = (len(point.parts), kind)
    return best[1] if best[1] in _REMOTE else None


def _windows_kind(place: Path) -> str | None:
    if place.drive.startswith("\\\\"):
        return "UNC"
    import ctypes

    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - there only on Windows
    return "mapped drive" if kernel.GetDriveTypeW(f"{place.drive}\\") == _DRIVE_REMOTE else None
