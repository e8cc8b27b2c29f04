"""Programs that the program starts show nothing of themselves on Windows."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STARTERS = {"create_subprocess_exec", "create_subprocess_shell", "subprocess_exec", "subprocess_shell", "Popen"}
OF_SUBPROCESS = {"run", "call", "check_call", "check_output"}


def starts(path: Path) -> Iterator[ast.Call]:
    """Where a module starts another program."""
    source = path.read_text(encoding="utf-8")
    if not any(name in source for name in (*STARTERS, "subprocess")):
        return  # nothing to look at more closely
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
            if node.func.attr in STARTERS or (owner == "subprocess" and node.func.attr in OF_SUBPROCESS):
                yield node


def test_no_child_opens_a_console_window() -> None:
    """What starts foreign programs does so otherwise on Windows."""
    modules = [ROOT / "main.py", *(ROOT / "desktop").rglob("*.py"), *(ROOT / "ui").rglob("*.py")]
    modules.remove(ROOT / "desktop" / "system" / "external_programs.py")
    found = [(path.name, node) for path in modules for node in starts(path)]
    assert {name for name, _ in found} >= {"engine.py", "child_process.py", "proxy_lookups.py"}
    shown = [name for name, node in found if "creationflags" not in {each.arg for each in node.keywords}]
    assert shown == []
