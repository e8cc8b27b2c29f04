"""What the window remembers of itself from one start to the next, in a small file of its own."""

from __future__ import annotations

import contextlib
from pathlib import Path

import msgspec

from desktop.domain import Value
from desktop.log import logger
from desktop.private_files import write_private

FILE = "window.json"
SIDEBAR_WIDTH, NARROWEST_SIDEBAR, WIDEST_SIDEBAR = 255, 180, 480

_log = logger("ui.place")


class WindowState(Value, frozen=True, kw_only=True):
    """Where the window stood (Qt's own description in Base64), and how wide the sidebar was.

    `shown` is the id of the conversation that was shown, or of the comparison where it `compares`; empty for a new one.
    """

    geometry: str = ""
    sidebar_width: int = SIDEBAR_WIDTH
    sidebar_shown: bool = True
    grouped_by: str = "model"
    shown: str = ""
    compares: bool = False


def load(folder: Path) -> WindowState:
    """What was remembered in this folder; the defaults where nothing was, or nothing that can be read."""
    with contextlib.suppress(OSError, msgspec.DecodeError, UnicodeDecodeError):
        place = msgspec.json.decode((folder / FILE).read_bytes(), type=WindowState)
        return msgspec.structs.replace(
            place, sidebar_width=min(max(place.sidebar_width, NARROWEST_SIDEBAR), WIDEST_SIDEBAR)
        )
    return WindowState()


def save(folder: Path, place: WindowState) -> None:
    """Remember it; where the disk refuses, the window opens at its default place next time."""
    try:
        write_private(folder / FILE, msgspec.json.encode(place).decode())
    except OSError as error:
        _log.warning("the window's place was not kept: %s", error.strerror)
