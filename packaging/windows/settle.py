"""Replace the random values and times in an MSI built by wixl, so that builds are bit-for-bit reproducible.

wixl generates a random package code and an ID for each environment variable, and writes the build time twice. All of
them have a fixed length, and are therefore replaced in place. wixl also fails to mark environment variables for
removal, which is corrected.
"""

from __future__ import annotations

import re
import struct
import subprocess
from pathlib import Path

_SUMMARY = bytes.fromhex("e0859ff2f94f6810ab9108002b27b3d9")
"""Format ID of the summary information, which is 28 bytes after the beginning of its stream."""

_REVISION, _CREATED, _SAVED = 9, 12, 13
_STRING, _FILETIME = 0x1E, 0x40
_EPOCH_1601_S = 11_644_473_600
_GUID = re.compile(rb"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


APP_ID = "app.paragone.Paragone"
"""The AppUserModelID, which the program also sets (ui/app/application.py): Windows groups its windows by it."""

_COLUMNS = ("MsiShortcutProperty", "Shortcut_", "PropertyKey", "PropVariantValue")
_IDENTITY = (
    (
        f"CREATE TABLE `{_COLUMNS[0]}` ({', '.join(f'`{name}` CHAR(255) NOT NULL' for name in _COLUMNS)} "
        f"PRIMARY KEY `{_COLUMNS[0]}`)"
    ),
    (
        f"INSERT INTO `{_COLUMNS[0]}` ({', '.join(f'`{name}`' for name in _COLUMNS)}) "
        f"VALUES ('AppUserModelID', 'StartMenu', 'System.AppUserModel.ID', '{APP_ID}')"
    ),
)
"""Queries that give the Start menu entry the program's ID, for which wixl has no element."""


class NotAsExpected(Exception):
    """Raised if the layout of a file is not that of the known version of wixl."""


def settle(msi: Path, package_code: str, environment: str, when: int) -> None:
    """Set the package code, the ID of the environment variable, and the time of an MSI.

    Args:
        package_code: GUID of the package.
        environment: GUID for the environment variable.
        when: Seconds since 1970.
    """
    data = bytearray(msi.read_bytes())
    _settle_environment(data, _environment(msi), environment)
    _settle_summary(data, package_code, when)
    msi.write_bytes(data)
    for query in ("UPDATE `Environment` SET `Name` = '=-*PATH' WHERE `Name` = '=*PATH'", *_IDENTITY):
        subprocess.run(["msibuild", str(msi), "-q", query], check=True)


def _environment(msi: Path) -> bytes:
    """Return the random ID of the environment variable that wixl generated."""
    table = subprocess.run(["msiinfo", "export", str(msi), "Environment"], capture_output=True, check=True).stdout
    row = table.splitlines()[-1].split(b"\t")[0]
    if not _GUID.fullmatch(row):
        raise NotAsExpected("the environment variable's id is not one that wixl rolled")
    return row


def _settle_environment(data: bytearray, rolled: bytes, fixed: str) -> None:
    if data.count(rolled) != 1:
        raise NotAsExpected("the environment variable's id does not stand once in the file")
    at = data.find(rolled)
    data[at : at + len(rolled)] = fixed.lower().encode()


def _settle_summary(data: bytearray, package_code: str, when: int) -> None:
    if data.count(_SUMMARY) != 1:
        raise NotAsExpected("there is not one summary information")
    start = data.find(_SUMMARY) - 28
    (section,) = struct.unpack_from("<I", data, start + 44)
    (count,) = struct.unpack_from("<I", data, start + section + 4)
    pairs = (struct.unpack_from("<II", data, start + section + 8 + 8 * number) for number in range(count))
    offsets = {int(id_): start + section + int(offset) for id_, offset in pairs}
    code = f"{{{package_code}}}".encode()
    _put(data, offsets, _REVISION, _STRING, struct.pack("<I", len(code) + 1) + code + b"\0")
    for id_ in (_CREATED, _SAVED):
        _put(data, offsets, id_, _FILETIME, struct.pack("<Q", (when + _EPOCH_1601_S) * 10_000_000))


def _put(data: bytearray, offsets: dict[int, int], id_: int, kind: int, value: bytes) -> None:
    """Replace a property's value with one of the same type and length."""
    at = offsets.get(id_)
    if at is None or struct.unpack_from("<I", data, at) != (kind,):
        raise NotAsExpected(f"the summary's property {id_} is missing or of another type")
    if kind == _STRING and bytes(data[at + 4 : at + 8]) != value[:4]:
        raise NotAsExpected(f"the summary's property {id_} is of another length")
    data[at + 4 : at + 4 + len(value)] = value
