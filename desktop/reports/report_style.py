"""Style sheet of a comparison's page, for light and dark screens and for paper.

On screen, all responses of a turn are in one grid that scrolls horizontally if necessary. On paper, the columns are
split into bands; each band is a table whose header repeats on every page.
"""

from __future__ import annotations

from itertools import pairwise

MOST_IN_BAND = 4
"""Maximum number of columns side by side on paper."""

PORTRAIT = 2
"""Maximum number of columns on portrait paper. More columns are printed in landscape."""

LIGHT = ("#3B5BDB", "#B4530A", "#0F7B6C", "#9C36B5", "#822165", "#356D96", "#776231", "#C2255C")
_DARK = ("#8EA2FF", "#F2A65A", "#5BD0BE", "#DDA0F0", "#E8C8A0", "#F4E06D", "#FF8FA3", "#D7F5FF")
"""Colors of the panes, as in the dark theme of the window."""

COLOURS = len(LIGHT)

INKS = {
    "keyword": "#6d1f90",
    "name": "#1b418f",
    "string": "#14582a",
    "number": "#7d3a00",
    "comment": "#555f6e",
    "tag": "#8f1d17",
}
"""Syntax colors of code on white paper and in other programs."""

_SHEET = """
:root { color-scheme: light dark; --canvas: #ffffff; --surface: #f6f7f9; --line: #e3e6eb; --text: #1b1f27;
  --muted: #5c6573; --accent: #3b5bdb; --bad: #c22f3d; --good: #1b7f4b; --marked: #fdf0c4; --under: #b98900;
  --on: #ffffff; --keyword: #8128a8; --name: #2454b8; --string: #1b7336; --number: #a04a00; --comment: #667080;
  --tag: #b3261e; LIGHT }
@media (prefers-color-scheme: dark) { :root { --canvas: #16181d; --surface: #1d2026; --line: #323741; --text: #e8eaee;
  --muted: #9aa3b2; --accent: #8ea2ff; --bad: #ff7b86; --good: #5fd39b; --marked: #463a12; --under: #e0b64a;
  --on: #14171f; --keyword: #d6a2f5; --name: #9cb8ff; --string: #8bd6a0; --number: #f3b17a; --comment: #98a2b3;
  --tag: #ff8a80; DARK } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--canvas); color: var(--text); font: 15px/1.55 system-ui, sans-serif; }
main { padding: 2rem clamp(1rem, 3vw, 3rem) 4rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; line-height: 1.3; margin: 0 0 .6rem; }
h3, h4, h5, h6 { font-size: 1rem; line-height: 1.35; margin: 1.2em 0 .4em; }
p, ul, ol, blockquote, figure, pre, .formula { margin: 0 0 .75em; }
ul, ol { padding-inline-start: 1.4em; }
ul:dir(ltr) > li:dir(rtl), ol:dir(ltr) > li:dir(rtl), ul:dir(rtl) > li:dir(ltr), ol:dir(rtl) > li:dir(ltr) {
  margin-inline: 1.4em -1.4em; }
a { color: var(--accent); overflow-wrap: anywhere; }
.about, .note { color: var(--muted); font-size: .93em; }
.about { margin: 0 0 1.6rem; }
.block { margin: 0 0 2.2rem; max-width: 78rem; }
.claims li { margin: 0 0 .2em; }
.wide { overflow-x: auto; }
.facts { border-collapse: collapse; font-size: .87rem; font-variant-numeric: tabular-nums; }
.facts th, .facts td { border-bottom: 1px solid var(--line); padding: .35rem .7rem; text-align: end; }
.facts th { color: var(--muted); font-weight: 500; vertical-align: bottom; }
.facts .word { text-align: start; }
.facts tbody th { color: var(--text); font-weight: 600; }
.facts .first { font-weight: 700; color: var(--good); }
.setting { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem 1rem; margin: 0;
  font-size: .93em; }
.setting dt { color: var(--muted); }
.setting dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
.settings .all { display: grid; grid-template-columns: repeat(auto-fill, minmax(19rem, 1fr)); gap: 1rem 2rem; }
.settings h3 { margin: 0 0 .3em; }
.settings .long { grid-column: 1 / -1; }
.claims ul { margin: .8rem 0 0; }
.dot { display: inline-block; min-width: 1.5em; padding: 0 .35em; border-radius: .75em; color: var(--on);
  font: 600 .8em/1.5em system-ui, sans-serif; text-align: center; vertical-align: .1em; }
.toggle { accent-color: var(--accent); }
.toggle:not(:checked) ~ .turn mark { background: none; text-decoration: none; }
.toggle:not(:checked) ~ .turn .marked { border: none; padding: 0; }
nav ol { columns: 24rem; margin: 0; }
nav li { break-inside: avoid; }
.turn { margin: 0; padding: 1.6rem 0; border-top: 1px solid var(--line); content-visibility: auto;
  contain-intrinsic-size: auto 40rem; }
.prompt { background: var(--surface); border-radius: .6rem; padding: .7rem 1rem; margin: 0 0 .8rem; max-width: 78rem;
  overflow-wrap: anywhere; }
.plain { white-space: pre-wrap; font: inherit; overflow-wrap: anywhere; }
.votes { font-size: .93em; margin: 0 0 .8rem; padding: 0; list-style: none; }
.votes li::before { content: "\\2713"; color: var(--good); padding-inline-end: .4em; }
.when { color: var(--muted); font-size: .75em; font-weight: 400; padding-inline-start: .6em; }
.answers { font-size: .93rem; }
.answers td { overflow-wrap: anywhere; vertical-align: top; }
.pane { text-align: start; font-weight: 600; overflow-wrap: anywhere; vertical-align: bottom; }
.pane small { display: block; color: var(--muted); font-weight: 400; }
.figures { color: var(--muted); font-size: .87em; font-variant-numeric: tabular-nums; margin: 0 0 .7em; }
.figures b { color: var(--good); font-weight: 600; }
.best { box-shadow: inset 0 2px var(--good); }
.won { color: var(--good); }
.problem { color: var(--bad); }
.none { color: var(--muted); }
.attached { color: var(--muted); font-size: .9em; }
mark { background: var(--marked); color: inherit; text-decoration: underline 1.5px var(--under);
  text-underline-offset: .18em; text-decoration-skip-ink: none; }
div.marked { border-inline-start: 2px solid var(--under); padding-inline-start: .5em; }
details { margin: 0 0 .7em; border-inline-start: 2px solid var(--line); padding-inline-start: .8em; }
details > * { color: var(--muted); }
summary { cursor: pointer; font-size: .9em; }
blockquote { border-inline-start: 3px solid var(--line); padding-inline-start: .8em; margin-inline: 0;
  color: var(--muted); }
code, pre { font: .88em/1.5 ui-monospace, Menlo, Consolas, monospace; }
code, .math, figure.code { direction: ltr; unicode-bidi: isolate; text-align: left; }
code { background: var(--surface); border-radius: .25rem; padding: .1em .3em; }
figure.code, pre.math { background: var(--surface); border: 1px solid var(--line); border-radius: .4rem; }
figure.code pre, pre.math { margin: 0; padding: .55rem .8rem; overflow-x: auto; }
pre.plain { margin: 0 0 .75em; }
figure.code code { background: none; padding: 0; }
.language { color: var(--muted); font-size: .8em; padding: .25rem .8rem; border-bottom: 1px solid var(--line); }
.k-keyword { color: var(--keyword); } .k-name { color: var(--name); } .k-string { color: var(--string); }
.k-number { color: var(--number); } .k-comment { color: var(--comment); } .k-tag { color: var(--tag); }
svg { display: inline-block; overflow: visible; max-width: 100%; }
.formula { overflow-x: auto; text-align: center; }
.answers td table { border-collapse: collapse; display: block; overflow-x: auto; margin: 0 0 .75em; }
.answers td table th, .answers td table td { border: 1px solid var(--line); padding: .25rem .5rem; text-align: start; }
.footnote { font-size: .9em; color: var(--muted); }
hr { border: none; border-top: 1px solid var(--line); margin: 1.2em 0; }
@media screen {
  .answers { display: grid; grid-template-columns: repeat(COLUMNS, minmax(17rem, 1fr)); overflow-x: auto; }
  .band, .band > thead, .band > tbody, .band > thead > tr, .band > tbody > tr { display: contents; }
  .band > thead > tr > th { grid-row: 1; padding: .5rem 1rem .3rem 0; align-self: end; }
  .band > tbody > tr > td { grid-row: 2; padding: .5rem 1rem .3rem 0; border-top: 1px solid var(--line); min-width: 0; }
}
@page { size: PAPER; margin: 12mm 11mm 14mm; @bottom-right { content: counter(page) " / " counter(pages);
  font: 8pt system-ui, sans-serif; color: #5c6573; } }
@media print {
  :root { color-scheme: light; --canvas: #ffffff; --surface: #f3f4f7; --line: #c9ced7; --text: #000000;
    --muted: #444b57; --accent: #1d3fb0; --bad: #a01824; --good: #0f5f36; --marked: #fdf0c4; --under: #8f6a00;
    --on: #ffffff; INKS LIGHT }
  body { font-size: 9pt; line-height: 1.4; }
  main { padding: 0; }
  nav, .toggle, .toggle + label, .thoughts { display: none; }
  h1 { font-size: 17pt; } h2 { font-size: 12pt; }
  h1, h2, h3, h4, h5, h6, .prompt, .votes, .language { break-after: avoid; }
  .block { max-width: none; }
  .dot, mark, .prompt, figure.code, code { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .turn { content-visibility: visible; padding: 5mm 0 3mm; }
  .answers { font-size: 8.5pt; display: block; }
  .band { width: 100%; table-layout: fixed; border-collapse: collapse; margin: 0 0 4mm; }
  .band > thead { display: table-header-group; break-inside: avoid; }
  .band > thead > tr > th { padding: 1mm 2.5mm 1.5mm 0; }
  .pane small { border-bottom: 1pt solid var(--text); padding-bottom: 1mm; }
  .settings .all { display: block; columns: 3; }
  .settings .short { break-inside: avoid; padding: 0 0 3mm; }
  .settings .long { column-span: all; padding: 0 0 3mm; }
  .claims li, .votes li { break-inside: avoid; }
  .votes li { break-after: avoid; }
  .band > tbody > tr > td { padding: 0 2.5mm 1mm 0; }
  .band > tbody > tr > td + td, .band > thead > tr > th + th { padding-inline-start: 2.5mm; }
  .band > tbody > tr > td + td { border-inline-start: .5pt solid var(--line); }
  p, li { orphans: 3; widows: 3; }
  figure.code pre, pre.math { white-space: pre-wrap; overflow-wrap: anywhere; overflow: visible; }
  .facts .word { overflow-wrap: anywhere; }
  .wide, .formula, .answers td table { overflow: visible; }
  .answers td table { display: table; width: 100%; table-layout: auto; }
  .answers td table tr, .facts tr, .formula, blockquote { break-inside: avoid; }
  .facts { width: 100%; font-size: 8pt; }
  .facts th, .facts td { padding: 1mm 1.5mm; }
  a { color: inherit; text-decoration: underline; }
}
"""


def style(columns: int) -> str:
    """Return the style sheet for a page with this number of columns."""
    paper = "portrait" if columns <= PORTRAIT else "landscape"
    sheet = _SHEET.replace("LIGHT", _declared(LIGHT)).replace("DARK", _declared(_DARK))
    sheet = sheet.replace("INKS", " ".join(f"--{name}: {ink};" for name, ink in INKS.items()))
    dots = "".join(f".p{place} {{ background: var(--p{place}); }}\n" for place in range(COLOURS))
    return sheet.replace("COLUMNS", str(max(columns, 1))).replace("PAPER", paper) + dots


_CHAT = """
main { max-width: 46rem; margin: 0 auto; }
nav { margin: 0 0 2.5rem; padding-bottom: 1.5rem; border-bottom: 1px solid var(--line); }
article + article { margin-top: 3.5rem; padding-top: 2.5rem; border-top: 1px solid var(--line); }
section { margin: 0 0 1.8rem; overflow-wrap: anywhere; }
section > h2 { font-size: .87rem; color: var(--muted); margin: 0 0 .4rem; }
section > h2 .state { font-weight: 400; }
section.user > .plain, section.system > .plain { background: var(--surface); border-radius: .6rem;
  padding: .7rem 1rem; }
section table { border-collapse: collapse; display: block; overflow-x: auto; margin: 0 0 .75em; }
section th, section td { border: 1px solid var(--line); padding: .25rem .5rem; text-align: start;
  overflow-wrap: normal; }
.attached img { display: block; max-width: 100%; max-height: 30rem; border-radius: .5rem; margin-bottom: .3rem; }
@media print {
  main { max-width: none; }
  article + article { break-before: page; border: none; margin: 0; padding: 0; }
  details { display: none; }
  section > h2 { break-after: avoid; }
  section table { display: table; overflow: visible; }
  section tr { break-inside: avoid; }
}
"""


def chat_style() -> str:
    """Return the style sheet for a page of conversations."""
    return style(1) + _CHAT


def bands(columns: int) -> list[range]:
    """Split the columns as evenly as possible into bands for paper."""
    number = max(-(-columns // MOST_IN_BAND), 1)
    ends = [columns * place // number for place in range(number + 1)]
    return [range(start, end) for start, end in pairwise(ends)]


def _declared(colours: tuple[str, ...]) -> str:
    return " ".join(f"--p{place}: {colour};" for place, colour in enumerate(colours))
