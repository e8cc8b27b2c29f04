"""What the window's modules cost while they are imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

_IMPORT = r"""
import builtins, gc, linecache, sys
usual = builtins.__import__
from ui.app.startup import speed_up_imports
speed_up_imports()
from ui.app import application as app
ours = [name for name in linecache.cache if "desktop" in name or "/ui/" in name.replace("\\", "/")]
print(gc.isenabled(), len(ours), builtins.__import__ is usual, *sorted(set(sys.modules) & set(sys.argv[1:])))
"""

_WRONG_CALL = r"""
import builtins, sys
compiled = builtins.compile
from ui.app.startup import speed_up_imports
speed_up_imports()
from PySide6.QtCore import QTimer
writers = [vars(module) for name, module in sys.modules.items() if name.endswith((".enum_sig", ".pyi_generator"))]
print(builtins.compile is compiled, any("Path" in names or "ExactEnumerator" in names for names in writers))
try:
    QTimer().setInterval("soon")
except TypeError as error:
    print(error)
"""

_ENUMS = r"""
import enum
from ui.app.startup import make_enums_simply
usual = vars(enum.EnumMeta)["_create_"]
make_enums_simply()
quick, tried, otherwise = vars(enum.EnumMeta)["_create_"], [], []

def told(get):
    try:
        return str(get())
    except Exception as error:
        return f"refused: {error}"

def facts(kind):
    members = [*kind.__members__.values()]
    yield kind.__name__, kind.__qualname__, kind.__module__, kind.__bases__, sorted({*vars(kind)} - {"__doc__"})
    yield [(each.name, each.value, repr(each), str(each), kind(each.value).name, bool(each)) for each in members]
    yield [each.name for each in kind], [*kind.__members__]
    yield [type(vars(kind)[name]).__name__ for name in kind.__members__]  # no function before a member
    yield [told(lambda: kind(value)) for value in (-1, 0, 7, 1 << 40)]
    if issubclass(kind, enum.Flag):
        some = members[:4] + members[-4:]
        yield [told(lambda: (~each, [*each], each | other, each & other)) for each in some for other in some]

def both(kind, name, names, **named):
    made, other = (way(kind, name, names, **{**named, "module": "here"}) for way in (usual, quick))
    tried.append(name)
    otherwise.extend([name] * ([*facts(made)] != [*facts(other)]))
    return other

enum.EnumMeta._create_ = both
from PySide6 import QtCore, QtGui, QtWidgets
for module in (QtCore, QtGui, QtWidgets):
    for name in dir(module):
        getattr(module, name)
print(len(tried), quick is not usual, otherwise)
enum.EnumMeta._create_ = quick
print(QtCore.Qt.Key.__module__, repr(QtCore.Qt.Key.Key_A))
print(enum.Enum("Own", "first second").second, enum.Enum("Own", {"a": "b"}).__module__)
"""

_PAINT = r"""
import argparse, enum, os, sys
from pathlib import Path
from ui.app.startup import speed_up_imports
speed_up_imports()
made, make = [], enum.EnumType.__new__
enum.EnumType.__new__ = lambda kind, name, *more, **named: made.append(name) or make(kind, name, *more, **named)
import main
from ui.app import application as app

class Watched(app.MainWindow):
    def __init__(self, *given):
        super().__init__(*given)
        self.painted.connect(self.tell)

    def tell(self):
        print(len(made), {"WizardStyle", "ColorDialogOption"} & {*made}, *sorted(set(sys.modules) & set(sys.argv[2:])))
        sys.stdout.flush()
        os._exit(0)

app.MainWindow = Watched
app.run(lambda: main.assemble(argparse.Namespace(data_dir=Path(sys.argv[1]))))
"""

_LATER = (
    "desktop.metrics.differences",
    "desktop.metrics.volume_cost",
    "desktop.spelling.speller",
    "ui.composer.spelling_desk",
    "ui.transcript.caret_reader",
    "ui.transcript.error_card",
    "ui.transcript.find_bar",
    "ui.transcript.link_question",
    "ui.settings.shortcuts_page",
    "ui.charts.chart",
    "ui.sidebar.plain_snippet",
    "ui.window.palette",
    "ui.window.palette_choices",
    "aiohttp",
    "azure.ai.inference",
    "difflib",
    "filelock",
    "html",
    "json",
    "keyring",
    "logging.handlers",
    "pickle",
    "PySide6.QtNetwork",
)
"""What the first paint does without."""


def test_no_source_is_read_no_garbage_looked_for_and_nothing_imported_for_later_before_the_window() -> None:
    command = [sys.executable, "-c", _IMPORT, *_LATER]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200)
    assert done.stdout.split() == ["False", "0", "True"], done.stderr


def test_writers_of_stub_files_are_left_out_and_a_wrong_call_still_names_what_is_right() -> None:
    environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", _WRONG_CALL]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200, env=environ)
    assert done.stdout.startswith("True False\n"), done.stderr
    assert "setInterval(msec: int" in done.stdout


def test_enums_that_are_made_simply_are_those_of_the_usual_way() -> None:
    done = subprocess.run([sys.executable, "-c", _ENUMS], cwd=ROOT, capture_output=True, text=True, timeout=200)
    tried, quick, otherwise = done.stdout.splitlines()[0].split(" ", 2)
    assert int(tried) > 500, done.stderr
    assert (quick, otherwise) == ("True", "[]")
    assert done.stdout.splitlines()[1:] == ["PySide6.QtCore <Key.Key_A: 65>", "Own.second __main__"]


def test_the_window_is_painted_before_every_kind_of_widget_is_made_known(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _PAINT, str(tmp_path), *_LATER]
    environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200, env=environ)
    enumerations, *others = done.stdout.split()
    assert int(enumerations) > 100, done.stderr
    assert others == ["set()"]


def test_a_window_whose_draft_has_a_file_is_painted(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    part = {"type": "file", "sha256": "0" * 64, "media_type": "text/plain", "name": "a.txt", "size": 1}
    draft = {"": {"text": "See", "files": [part]}}  # a new chat's
    (tmp_path / "data" / "drafts.json").write_text(json.dumps(draft), "utf-8")
    environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", _PAINT, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200, env=environ)
    assert done.stdout.endswith("set()\n"), done.stderr
