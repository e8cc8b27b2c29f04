"""`python -m tests.corpora.katex CHECKOUT`: how many formulas of the tests in a checkout of KaTeX are drawn."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import yaml

from desktop.renderer.render_wire import FormulaReply, FormulaRequest
from desktop.renderer.renderer import Renderer
from main import RENDER_SWITCH, child_command

_ENDS = r"\.to(?:Parse|Build)\("
_LITERAL = re.compile(rf"expect(\(?)\s*(r?)`([^`]*)`\s*\)?{_ENDS}|expect\(\"((?:[^\"\\]|\\.)*)\"\){_ENDS}")


def spec_formulas(checkout: Path) -> Iterator[tuple[str, FormulaRequest]]:
    """The formulas that KaTeX's specification calls valid."""
    sources: set[str] = set()
    for call, raw, template, text in _LITERAL.findall((checkout / "test" / "katex-spec.ts").read_text("utf-8")):
        if text:
            sources.add(json.loads('"' + text.replace("\\'", "'") + '"'))
        else:
            is_raw = raw or not call
            sources.add(template if is_raw else template.replace("\\\\", "\\").replace("\\n", "\n"))
    for source in sorted(sources):
        if "\\error" not in source and "${" not in source:
            yield source, FormulaRequest(source=source, size=16)


def screenshot_formulas(checkout: Path) -> Iterator[tuple[str, FormulaRequest]]:
    """The formulas that KaTeX compares pictures of."""
    cases: dict[str, Any] = yaml.safe_load((checkout / "test" / "screenshotter" / "ss_data.yaml").read_text("utf-8"))
    for name, case in cases.items():
        given: dict[str, Any] = {"tex": case} if isinstance(case, str) else case
        macros: dict[str, str] = given.get("macros", {})
        source = "".join(rf"\def{macro}{{{meaning}}}" for macro, meaning in macros.items()) + given["tex"]
        yield name, FormulaRequest(source=source, size=16, display=bool(given.get("display")))


async def _count(what: str, requests: list[tuple[str, FormulaRequest]]) -> None:
    renderer = Renderer(child_command(RENDER_SWITCH))
    await renderer.ask(FormulaRequest(source="x", size=16))  # MathJax is loaded with the first formula
    taken: list[float] = []
    drawn = 0
    try:
        for name, request in requests:
            begun = time.perf_counter()
            reply = await renderer.ask(request)
            taken.append((time.perf_counter() - begun) * 1000)
            drawn += isinstance(reply, FormulaReply)
            if not isinstance(reply, FormulaReply):
                print(f"    not drawn: {name!r}", file=sys.stderr)
    finally:
        await renderer.aclose()
    print(
        f"{what}: {drawn} of {len(requests)} drawn; p50 {median(taken):.1f} ms, p95 {quantiles(taken, n=20)[-1]:.1f} ms"
    )


async def _main(checkout: Path) -> None:
    await _count("valid in the specification", [*spec_formulas(checkout)])
    await _count("screenshots", [*screenshot_formulas(checkout)])


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1])))
