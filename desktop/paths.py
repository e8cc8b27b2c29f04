"""Where things lie: the platform's places, or all below one folder; nowhere else is a path made up."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from desktop.errors import StoreReadOnly

APP_NAME = "Paragone"
HOME_VARIABLE = "PARAGONE_HOME"


@dataclass(frozen=True, slots=True)
class Paths:
    """Folders of one user's (or one portable) installation. None of them need exist before `make`.

    `portable` says that all lie below a folder of the user's choice.
    """

    config: Path
    data: Path
    cache: Path
    logs: Path
    portable: bool = False

    @classmethod
    def find(cls, data_dir: Path | None, environ: Mapping[str, str]) -> Paths:
        """All below `data_dir`, else below PARAGONE_HOME, else the platform's places."""
        below = data_dir or (Path(environ[HOME_VARIABLE]) if environ.get(HOME_VARIABLE) else None)
        if below is not None:
            root = below.expanduser().absolute()
            return cls(root / "config", root / "data", root / "cache", root / "logs", portable=True)
        from platformdirs import PlatformDirs

        name = APP_NAME.lower() if sys.platform.startswith("linux") else APP_NAME
        dirs = PlatformDirs(name, appauthor=False, roaming=False)
        return cls(
            Path(dirs.user_config_dir), Path(dirs.user_data_dir), Path(dirs.user_cache_dir), Path(dirs.user_log_dir)
        )

    @property
    def settings_file(self) -> Path:
        """Settings and connections, never a key."""
        return self.config / "settings.toml"

    @property
    def catalog_file(self) -> Path:
        """The user's own additions to the catalog."""
        return self.config / "catalog.toml"

    @property
    def presets_file(self) -> Path:
        """The user's own presets."""
        return self.data / "presets.toml"

    @property
    def prompt_history_file(self) -> Path:
        """Prompts typed into the terminal chat, for the arrow keys."""
        return self.data / "prompts.history"

    def make(self) -> None:
        """Make the folders, readable by their owner alone. Raises StoreReadOnly where one cannot be made."""
        for folder in (self.config, self.data, self.cache, self.logs):
            make_private_folder(folder)


def make_private_folder(folder: Path) -> None:
    """Make a folder and its parents; the folder itself gets mode 0700 whatever the umask is."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.name == "posix" and folder.stat().st_mode & 0o077 and folder.stat().st_uid == os.getuid():
            folder.chmod(0o700)
    except OSError as error:
        raise StoreReadOnly(f"The folder {folder} cannot be used: {error.strerror or error}.") from error


def resources() -> Path:
    """The folder of data files that ship with the program, frozen or not."""
    frozen = getattr(sys, "_MEIPASS", None)
    return Path(frozen) / "resources" if frozen else Path(__file__).resolve().parent.parent / "resources"
