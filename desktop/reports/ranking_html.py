"""Ranking as a self-contained web page without scripts: plot of intervals, conclusions, table and wins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from html import escape
from typing import NamedTuple

from desktop.reports.ranking_text import COLUMNS, cells
from desktop.text.phrases import Phrase, phrase
from desktop.voting.ranking import MIDDLE, SCALE, RankedModel, Ranking

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_ROW, _NAMES, _WIDTH, _PAD = 30, 210, 900, 14
_LEAST = 200.0
_MOST_MET = 40
"""Maximum number of models for which the table of wins is included."""

_STYLE = """
:root { color-scheme: light dark; --canvas: #ffffff; --line: #dddcd8; --text: #1d1d1b; --muted: #6b6a66;
  --accent: #2b5fd0; }
@media (prefers-color-scheme: dark) { :root { --canvas: #1a1a19; --line: #3a3937; --text: #ebeae6; --muted: #a09f9a;
  --accent: #8ab0ff; } }
@media print { :root { --canvas: #ffffff; --line: #bbbbbb; --text: #000000; --muted: #444444; --accent: #1d4fb8; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--canvas); color: var(--text); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.1rem; margin: 2.2rem 0 .7rem; }
.about { color: var(--muted); font-size: .85rem; margin: 0 0 1.8rem; }
ul { padding-inline-start: 1.2rem; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--text); font: 13px system-ui, sans-serif; }
svg .muted { fill: var(--muted); }
svg line { stroke: var(--accent); stroke-width: 2; stroke-linecap: round; }
svg .axis { stroke: var(--line); stroke-width: 1; }
svg circle { fill: var(--accent); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .7rem; text-align: end; white-space: nowrap; }
th:first-child, td:first-child { text-align: start; }
tr, figure { break-inside: avoid; }
figure { margin: 0; }
"""


class PageWords(NamedTuple):
    """Language of a page, its text direction, and the function that translates phrases."""

    language: str = "en"
    is_rtl: bool = False
    say: Callable[[Phrase], str] = str


def page(ranking: Ranking, claimed: Sequence[Phrase], known: Sequence[Phrase], at: datetime, words: PageWords) -> str:
    """Return a ranking as a web page.

    Args:
        claimed: Conclusions that the ranking supports.
        known: Notes about method and data.
        at: Creation time.
        words: Language of the page.
    """
    return "".join(_pieces(ranking, claimed, known, at, words))


def _pieces(
    ranking: Ranking, claimed: Sequence[Phrase], known: Sequence[Phrase], at: datetime, words: PageWords
) -> Iterator[str]:
    translated = _Said(words.say)
    title = translated(phrase("Ranking"))
    counts = ranking.counts
    about = translated(
        phrase("{votes} votes on {prompts} prompts", votes=f"{counts.total:,}", prompts=f"{counts.prompts:,}")
    )
    yield (
        f'<!doctype html>\n<html lang="{escape(words.language)}" dir="{"rtl" if words.is_rtl else "ltr"}">\n<head>\n'
        f'<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
        f'<p class="about">{about} · {at:%Y-%m-%d %H:%M}</p>\n'
    )
    if ranking.models:
        yield f"<figure>{_plot(ranking.models, words)}</figure>\n"
    yield from _listed(translated(phrase("Conclusions")), [translated(each) for each in claimed])
    if ranking.models:
        yield f'<div class="wide">{_table(ranking.models, translated)}</div>\n'
        if len(ranking.models) <= _MOST_MET:
            yield f"<h2>{translated(phrase('Wins (row against column)'))}</h2>\n"
            yield f'<div class="wide">{_wins(ranking)}</div>\n'
    yield from _listed(translated(phrase("Notes")), [translated(each) for each in known])
    yield "</main>\n</body>\n</html>\n"


class _Said:
    """Translates phrases to the page's language and escapes them for HTML."""

    def __init__(self, say: Callable[[Phrase], str]) -> None:
        self._say = say

    def __call__(self, words: Phrase) -> str:
        return escape(self._say(words))


def _listed(title: str, sentences: Sequence[str]) -> Iterator[str]:
    if sentences:
        items = "".join(f'<li dir="auto">{each}</li>\n' for each in sentences)
        yield f"<h2>{title}</h2>\n<ul>\n{items}</ul>\n"


def _plot(models: Sequence[RankedModel], words: PageWords) -> str:
    ends = [(MIDDLE + SCALE * model.interval.low, MIDDLE + SCALE * model.interval.high) for model in models]
    low, high = min(end for end, _ in ends), max(end for _, end in ends)
    lacks = max(_LEAST - (high - low), 0.0) / 2
    low, high = low - lacks, high + lacks

    def x(score: float) -> float:
        """Return the x coordinate of a score. Right-to-left pages are mirrored."""
        at = _NAMES + (score - low) / (high - low) * (_WIDTH - _NAMES - _PAD)
        return _WIDTH - at if words.is_rtl else at

    start, anchor = (_WIDTH - 4, "end") if words.is_rtl else (4, "start")
    height = len(models) * _ROW + 26
    pieces = [f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" direction="ltr">']
    for number, (model, (left, right)) in enumerate(zip(models, ends, strict=True)):
        y = number * _ROW + _ROW / 2
        label = escape(model.name if len(model.name) <= 30 else f"{model.name[:14]}…{model.name[-14:]}")
        pieces += (
            f'<text x="{start}" y="{y + 4:.1f}" text-anchor="{anchor}">{label}</text>',
            f'<line x1="{x(left):.1f}" y1="{y:.1f}" x2="{x(right):.1f}" y2="{y:.1f}"/>',
            *(
                f'<line x1="{x(end):.1f}" y1="{y - 5:.1f}" x2="{x(end):.1f}" y2="{y + 5:.1f}"/>'
                for end in (left, right)
            ),
            f'<circle cx="{x(model.score):.1f}" cy="{y:.1f}" r="4.5"/>',
        )
    base = len(models) * _ROW
    pieces.append(f'<line class="axis" x1="{x(low):.1f}" y1="{base}" x2="{x(high):.1f}" y2="{base}"/>')
    for score, anchor in ((low, "start"), ((low + high) / 2, "middle"), (high, "end")):
        side = {"start": "end", "end": "start"}.get(anchor, anchor) if words.is_rtl else anchor
        pieces.append(f'<text class="muted" x="{x(score):.1f}" y="{base + 18}" text-anchor="{side}">{score:.0f}</text>')
    return "\n".join((*pieces, "</svg>"))


def _table(models: Sequence[RankedModel], said: _Said) -> str:
    head = "".join(f'<th scope="col">{said(name)}</th>' for name in COLUMNS)
    rows = "".join(
        f'<tr><th scope="row" dir="auto">{escape(name)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in rest)
        + "</tr>\n"
        for name, *rest in map(cells, models)
    )
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>"


def _wins(ranking: Ranking) -> str:
    names, won = ranking.counts.names, dict[tuple[str, str], int]()
    for pair in ranking.counts.pairs:
        for met in (pair, pair.turned):
            key = names[met.first], names[met.second]
            won[key] = won.get(key, 0) + met.first_wins
    listed = [model.name for model in ranking.models]
    head = "".join(f'<th scope="col" dir="auto">{escape(name)}</th>' for name in listed)
    rows = "".join(
        f'<tr><th scope="row" dir="auto">{escape(one)}</th>'
        + "".join(f"<td>{won.get((one, other), '') if one != other else ''}</td>" for other in listed)
        + "</tr>\n"
        for one in listed
    )
    return f"<table>\n<thead><tr><th></th>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>"
