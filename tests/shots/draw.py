"""The child of `make shots`: puts the program together as main does, sets one picture, and saves it."""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import cast

from PySide6.QtWidgets import QApplication

import main as program
from tests.shots.gallery import PICTURES
from tests.shots.server import PicturesServer
from tests.shots.stage import Stage
from tests.shots.stored import KEY, fill, write_settings
from ui.app.loop import Loop
from ui.base.language import Language
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.window.window_group import WindowGroup


def main(name: str, folder: Path, target: Path) -> int:
    """Draw one picture; 1 where the program had a bug meanwhile."""
    app = QApplication(["paragone"])
    app.setApplicationName("Paragone")
    app.setApplicationDisplayName("Paragone")
    app.setQuitOnLastWindowClosed(False)
    with cast("AbstractContextManager[asyncio.AbstractEventLoop]", Loop(app)) as loop:
        return loop.run_until_complete(_draw(app, name, folder, target))


async def _draw(app: QApplication, name: str, folder: Path, target: Path) -> int:
    picture = PICTURES[name]
    language = Language(app)
    language.use(picture.language)
    async with PicturesServer(key=KEY) as server:
        if picture.stored:
            write_settings(folder, server.origin, picture.model)
        services = program.assemble(argparse.Namespace(data_dir=folder))
        if picture.stored:
            await fill(await services.store())
        tasks = Tasks()
        bugs: list[object] = []
        tasks.bug.connect(bugs.append)
        themes = Themes()
        themes.apply()
        group = WindowGroup(services, tasks, themes)
        window = group.first
        themes.choose(picture.theme)  # after the window's own choice, as its menu does
        window.resize(*picture.size)
        window.show()
        await window.settle_in()
        stage = Stage(window, services, themes, server, group)
        await stage.settle()
        try:
            await picture.set_up(stage)
            await stage.settle()
        finally:
            # What was reached is worth a look also where it is not what was meant.
            taken = stage.picture() if stage.kept is None else stage.kept
            assert taken.save(str(target)), f"{target} cannot be written"
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()  # a menu runs a loop of its own
        group.quit()
        await tasks.cancel_all()
        await services.aclose()
    return len(bugs)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
