"""Pages of runs in a real Chromium: they ask for nothing, complain of nothing, hold no script and fit the screen."""

from __future__ import annotations

from pathlib import Path

from desktop.reports.ranking_html import PageWords
from desktop.reports.run_report import RunReportFormat, report_of, write_report
from tests.desktop.evals.reports.test_run_tables import Kept
from tests.desktop.reports.test_run_html import evil_facts, plain_facts
from tests.real_browser.chromium import PAPERS, Tab

_TOO_WIDE = """(() => {
  const most = document.documentElement.clientWidth + 1;
  const wide = [...document.querySelectorAll('main > *, main > section > *')];
  return wide.filter((one) => one.getBoundingClientRect().right > most).length
    + (document.documentElement.scrollWidth > most ? 1 : 0);
})()"""
"""How many things stick out that cannot be scrolled to."""

_BROKEN = """[...document.querySelectorAll(
    '.cases thead th:nth-child(-n + 2), .cases tbody tr:first-child > :first-child')].filter((one) => {
  const words = document.createRange();
  words.selectNodeContents(one);
  return new Set([...words.getClientRects()].map((each) => each.top)).size > 1;
}).length"""
"""How many numbers of cases, and heads of the first columns, take more than a line."""

_OPENED = "document.querySelectorAll('details').forEach((one) => { one.open = true })"


async def write_run_pages(folder: Path) -> tuple[str, ...]:
    """Write pages of runs; their names."""
    pages = {
        "run-1": (plain_facts(5, "a"), PageWords()),
        "run-3": (plain_facts(30, "abc"), PageWords()),
        "run-long": (plain_facts(30, "ab", " and more" * 30), PageWords()),
        "run-16": (plain_facts(10, "abcdefghijklmnop"), PageWords()),
        "run-rtl": (plain_facts(10, "ab"), PageWords("ar", True)),
        "run-hostile": (evil_facts(), PageWords()),
    }
    for name, ((facts, records), words) in pages.items():
        pieces: list[str] = []
        await write_report(report_of(RunReportFormat.HTML, facts, words), Kept(records), pieces.append)
        (folder / f"{name}.html").write_text("".join(pieces), "utf-8")
    return tuple(pages)


async def check_run(tab: Tab, folder: Path, name: str) -> list[str]:
    """What is wrong with a page, on screens with every answer opened; it is printed too."""
    wrong: list[str] = []
    page = folder / f"{name}.html"
    for look, dark, width in (("light", False, 1600), ("dark", True, 1600), ("narrow", False, 480)):
        tab.requests.clear()
        tab.complaints.clear()
        await tab.open(page, dark=dark, width=width)
        await tab.value(_OPENED)
        await tab.picture(folder / f"{name}-{look}.png")
        wrong += [f"asked for {each}" for each in tab.requests if each != page.as_uri()]
        wrong += [f"complained: {each}" for each in tab.complaints]
        if too_wide := await tab.value(_TOO_WIDE):
            wrong.append(f"{too_wide} things stick out ({look})")
        if broken := await tab.value(_BROKEN):
            wrong.append(f"{broken} numbers or heads are broken ({look})")
        if await tab.value("document.scripts.length"):
            wrong.append("there is a script")
    for paper in PAPERS:
        await tab.print(folder / f"{name}-{paper}.pdf", paper)
    return wrong
