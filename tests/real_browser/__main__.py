"""`python -m tests.real_browser --folder DIR`: pages of comparisons and runs in a real Chromium, on screens and paper.

    .venv/bin/python -m tests.real_browser --folder build/pages

It wants a Chromium on this machine (Debian: chromium or chromium-headless-shell) and fetches nothing. Each page may ask
for nothing but itself and may complain of nothing; nothing on it may be wider than the screen or the paper. The pages,
pictures and PDFs stay in the folder, to be looked at. Prints a line a check; 1 where one is wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from desktop.domain.conversation_types import Conversation
from desktop.domain.message_parts import TextPart
from desktop.renderer.renderer import Renderer
from desktop.reports.comparison_report import ComparisonReport
from desktop.reports.report_drawings import ReportDrawings
from desktop.transfer.export.export import ExportFormat
from desktop.transfer.export.report_export import export_report
from main import RENDER_SWITCH, child_command
from tests.desktop.reports import samples
from tests.desktop.transfer.test_html import EVIL
from tests.real_browser.chromium import PAPERS, Tab, browser, found
from tests.real_browser.run_pages import check_run, write_run_pages

_ARABIC = "عاصمة أستراليا هي **كانبرا**، وليست سيدني. اختيرت عام 1908، و`capital()` تعيدها.\n\n- واحد\n- اثنان"
_LONG = "word " * 6_000
_WIDE_WORD = "W" * 400

_TOO_WIDE = """(() => {
  const most = document.documentElement.clientWidth + 1;
  const wide = [...document.querySelectorAll('main > *, .turn > *, .band > tbody > tr > td, .pane')];
  const around = (one) => one.closest('.answers, .wide');
  const scrolled = (one) => around(one) && getComputedStyle(around(one)).overflowX === 'auto';
  return wide.filter((one) => one.getBoundingClientRect().right > most && !scrolled(one)).length
    + (document.documentElement.scrollWidth > most ? 1 : 0);
})()"""
"""How many things stick out that cannot be scrolled to."""

_MARKED_AND_DRAWN = "!!document.querySelector('mark') && !!document.querySelector('svg')"

_CUT = """[...document.querySelectorAll('.band > tbody > tr > td')].filter(
  (one) => one.scrollWidth > one.clientWidth + 1).length"""
"""How many answers are wider than their column on paper."""


def reports() -> dict[str, ComparisonReport]:
    """Comparisons by the names of their pages."""
    made = {f"panes-{number}": _report(number, 3) for number in (1, 2, 3, 8, 16)}
    evil = [samples.conversation(place, len(EVIL), texts=EVIL) for place in range(3)]
    made["hostile"] = samples.report(evil, [samples.vote(evil, 0, 1)], "<script>alert(1)</script>\u202e")
    texts = (_ARABIC, _LONG, _WIDE_WORD, f"```\n{_WIDE_WORD}\n```\n\n| {_WIDE_WORD} | b |\n|---|---|\n| 1 | 2 |")
    odd = [_with_prompt(samples.conversation(place, 1, texts=[text]), _ARABIC) for place, text in enumerate(texts)]
    made["odd"] = samples.report(odd, title="مقارنة العواصم")
    return made


def _report(panes: int, turns: int) -> ComparisonReport:
    conversations = [samples.conversation(place, turns, sentences=8) for place in range(panes)]
    votes = [samples.vote(conversations, turn, turn % panes) for turn in range(turns)] if panes > 1 else []
    return samples.report(conversations, votes)


def _with_prompt(conversation: Conversation, text: str) -> Conversation:
    prompt, *rest = conversation.messages
    asked = msgspec.structs.replace(prompt, parts=(TextPart(text=text),))
    return msgspec.structs.replace(conversation, messages=(asked, *rest))


async def check(folder: Path, program: str) -> AsyncIterator[tuple[str, list[str]]]:
    """Each check's name with what is wrong."""
    async with _drawings() as drawings:
        for name, report in reports().items():
            await export_report(report, ExportFormat.HTML, folder / f"{name}.html", drawings=drawings())
    runs = await write_run_pages(folder)
    with tempfile.TemporaryDirectory(prefix="paragone-browser-") as profile:
        async with browser(program, Path(profile)) as tab:
            for name in runs:
                yield name, await check_run(tab, folder, name)
            for name in reports():
                for check_of in (_on_screens, _on_paper):
                    yield (
                        f"{name}, {check_of.__name__.removeprefix('_').replace('_', ' ')}",
                        await check_of(tab, folder, name),
                    )


@asynccontextmanager
async def _drawings() -> AsyncGenerator[Callable[[], ReportDrawings]]:
    renderer = Renderer(child_command(RENDER_SWITCH))
    try:
        yield lambda: ReportDrawings(renderer.ask)
    finally:
        await renderer.aclose()


async def _on_screens(tab: Tab, folder: Path, name: str) -> list[str]:
    wrong: list[str] = []
    page = folder / f"{name}.html"
    for look, dark, width in (("light", False, 1600), ("dark", True, 1600), ("narrow", False, 480)):
        tab.requests.clear()
        tab.complaints.clear()
        await tab.open(page, dark=dark, width=width)
        await tab.picture(folder / f"{name}-{look}.png")
        await tab.value("document.getElementById('t1').scrollIntoView()")
        await asyncio.sleep(0.2)  # what comes into view is laid out
        await tab.picture(folder / f"{name}-{look}-turn.png")
        wrong += [f"asked for {each}" for each in tab.requests if each != page.as_uri()]
        wrong += [f"complained: {each}" for each in tab.complaints]
        if too_wide := await tab.value(_TOO_WIDE):
            wrong.append(f"{too_wide} things stick out ({look})")
        if await tab.value("document.scripts.length"):
            wrong.append("there is a script")
    marks, drawn = await tab.value(
        "[document.querySelectorAll('mark').length, document.querySelectorAll('svg').length]"
    )
    if name == "panes-8" and not (marks and drawn):
        wrong.append("nothing is marked, or drawn")
    return wrong


async def _on_paper(tab: Tab, folder: Path, name: str) -> list[str]:
    wrong: list[str] = []
    for paper, inches in PAPERS.items():
        file = folder / f"{name}-{paper}.pdf"
        await tab.open(folder / f"{name}.html")
        await tab.print(file, paper)
        data = await asyncio.to_thread(file.read_bytes)
        boxes = {tuple(map(float, box)) for box in re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", data)}
        turned = name not in ("panes-1", "panes-2")
        wanted = sorted((72 * side for side in inches), reverse=turned)
        if not boxes or any(abs(at - side) > 1.5 for box in boxes for at, side in zip(box, wanted, strict=True)):
            wrong.append(f"{paper} is {boxes}")
        await tab.call("Emulation.setEmulatedMedia", media="print")
        width = round(96 * (max(inches) if turned else min(inches)) - 96 * 22 / 25.4)
        size = {"width": width, "height": 700, "deviceScaleFactor": 1, "mobile": False}
        await tab.call("Emulation.setDeviceMetricsOverride", **size)
        if cut := await tab.value(_CUT):
            wrong.append(f"{cut} answers are cut on {paper}")
        await tab.call("Emulation.setEmulatedMedia", media="")
    return wrong


async def _main(folder: Path, program: str) -> int:
    failed = 0
    async for name, wrong in check(folder, program):
        print(f"{name:<40} {'; '.join(wrong) or 'right'}", flush=True)
        failed += bool(wrong)
    return 1 if failed else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the pages and check them."""
    parser = argparse.ArgumentParser(description="Opens pages of comparisons in a real browser, and prints them.")
    parser.add_argument("--folder", type=Path, required=True, help="where pages, pictures and PDFs are written")
    parser.add_argument("--browser", default=found(), help="a Chromium; the first that is found without it")
    given = parser.parse_args(arguments)
    if given.browser is None:
        print("There is no Chromium on this machine: nothing was tried.", file=sys.stderr)
        return 2
    folder: Path = given.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return asyncio.run(_main(folder, given.browser))


if __name__ == "__main__":
    sys.exit(main())
