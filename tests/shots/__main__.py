"""`make shots [NAMES]`: draws each picture in a process of its own into build/shots/."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.servers.secret_service import is_installed, secret_service
from tests.shots.gallery import PICTURES
from tests.shots.stored import KEY, KEY_VARIABLE

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "build" / "shots"
LIMIT_S = 60


def main(names: list[str]) -> int:
    """Draw the named pictures, without names all; 1 where one of them could not be drawn."""
    if unknown := [name for name in names if name not in PICTURES]:
        print(f"no such picture: {', '.join(unknown)}; there are {', '.join(PICTURES)}", file=sys.stderr)
        return 2
    SHOTS.mkdir(parents=True, exist_ok=True)
    failed = 0
    with tempfile.TemporaryDirectory() as folder, _keyring(Path(folder) / "keyring") as environ:
        for name in names or PICTURES:
            status = draw(name, Path(folder) / name, environ)
            failed |= status
            print(f"{'could not draw' if status else 'drew'} {(SHOTS / name).relative_to(ROOT)}.png", flush=True)
    return failed


def draw(name: str, folder: Path, environ: Mapping[str, str]) -> int:
    """Draw one picture with everything that the program writes below `folder`; 1 where that fails."""
    folder.mkdir()
    picture = PICTURES[name]
    width, height = (round(pixels * picture.scale) for pixels in picture.size)
    screen = {"name": "1", "x": 0, "y": 0, "width": width, "height": height, "dpr": 1}
    screen |= {"logicalDpi": 96, "logicalBaseDpi": 96}
    config = folder / "screen.json"
    config.write_text(json.dumps({"screens": [screen]}))
    surroundings = {
        **os.environ,
        **environ,
        KEY_VARIABLE: KEY,
        "HOME": str(folder),
        "QT_QPA_PLATFORM": f"offscreen:configfile={config}",
        "QT_SCALE_FACTOR": str(picture.scale),
    }
    words = [sys.executable, "-m", "tests.shots.draw", name, str(folder), str(SHOTS / f"{name}.png")]
    try:
        return int(subprocess.run(words, cwd=ROOT, env=surroundings, timeout=LIMIT_S).returncode != 0)
    except subprocess.TimeoutExpired:
        return 1


@contextmanager
def _keyring(folder: Path) -> Generator[Mapping[str, str]]:
    """A keyring of the pictures' own where there can be one, so that dialogs speak of it by name."""
    if not is_installed():
        yield {}
        return
    with secret_service(folder) as running:
        yield running.environ


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
