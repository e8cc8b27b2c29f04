"""MathJax in QuickJS: converts LaTeX to SVG without files or network, with limits on memory, stack and time."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from desktop.system.paths import resources

MODULES = (
    *("startup.js", "core.js", "adaptors/liteDOM.js", "input/tex-full.js", "output/svg.js"),
    "output/svg/fonts/tex.js",
)
"""MathJax's own files, unmodified, in the order of evaluation."""

_PACKAGE = "mathjax"
"""Folder of MathJax in the wheel django-static-mathjax, whose Python code is never imported."""

_MEMORY_BYTES = 200 << 20
_STACK_BYTES = 4_000_000
"""Stack limit in bytes. The engine's default overflows on chemical formulas."""

_SECONDS = 0.6
"""Time limit for one formula. Shorter than the program waits, so that child and engine survive slow formulas."""

_PAGE = (
    "globalThis.global = globalThis;"
    "globalThis.console = {log() {}, info() {}, warn() {}, error() {}};"
    "globalThis.MathJax = {startup: {typeset: false}, loader: {load: []}};"
)
"""Global variables that MathJax expects from a web page."""


class NotDrawn(Exception):
    """Raised if a formula cannot be drawn completely. Its source is shown instead."""


class _Draw(Protocol):
    def __call__(self, source: str, display: bool, /) -> str: ...  # noqa: FBT001 - the engine takes no names


@cache
def load() -> _Draw:
    """Return the engine's `draw` function, loaded once (0.1 s, 30 MB).

    Raises ImportError if this system has no engine, and OSError if MathJax's files are missing.
    """
    context = _quickjs().Context()
    context.set_max_stack_size(_STACK_BYTES)
    context.set_memory_limit(_MEMORY_BYTES)
    context.eval(_PAGE)
    folder = mathjax_folder()
    for name in MODULES:
        context.eval((folder / name).read_text("utf-8"))
    context.eval((resources() / "formulas" / "draw.js").read_text("utf-8"))
    context.set_time_limit(_SECONDS)
    return context.get("draw")


def _quickjs() -> Any:  # noqa: ANN401 - a library without types
    return import_module("quickjs")


def mathjax_folder() -> Path:
    """Return MathJax's folder: in the resources of a frozen program, or else in the installed wheel."""
    frozen = resources() / _PACKAGE
    if frozen.is_dir():
        return frozen
    found = find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError(_PACKAGE)
    return Path(found.submodule_search_locations[0]) / "static" / "mathjax" / "es5"


def svg(source: str, *, display: bool) -> str:
    """Return a formula as SVG, in thousandths of its font size. Raises NotDrawn with MathJax's reason."""
    draw = load()
    try:
        return draw(source, display)
    except _quickjs().JSException as error:
        reason = str(error).partition("\n")[0].removeprefix("Error: ")
        if "out of memory" in reason:
            load.cache_clear()  # the engine may be damaged
        raise NotDrawn(reason) from None
