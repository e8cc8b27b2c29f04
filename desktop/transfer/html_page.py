"""Conversations as one web page to read: the branch that is shown, with its style inside, and no script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from desktop.domain import Conversation, Message, Role
from desktop.imported_models import model_text
from desktop.transfer.html_text import plain, rendered
from desktop.transfer.markdown_page import MARKS
from desktop.transfer.page_files import PageFile, PageFileLook, named
from desktop.transfer.told_problems import problem_text

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_MOST_LISTED = 1_000

STYLE = """
:root { color-scheme: light dark; --canvas: #ffffff; --surface: #f6f6f4; --line: #dddcd8; --text: #1d1d1b;
  --muted: #6b6a66; --accent: #2b5fd0; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --canvas: #1a1a19; --surface: #242422; --line: #3a3937; --text: #ebeae6;
  --muted: #a09f9a; --accent: #8ab0ff; --bad: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--canvas); color: var(--text); font: 16px/1.6 system-ui, sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: .85rem; color: var(--muted); margin: 0 0 .4rem; }
h2 .mark { font-weight: 400; }
h3, h4, h5, h6 { line-height: 1.3; margin: 1.4em 0 .5em; }
p, ul, ol, table, blockquote, figure, pre { margin: 0 0 .9em; }
a { color: var(--accent); overflow-wrap: anywhere; }
nav { margin: 0 0 2.5rem; padding-bottom: 1.5rem; border-bottom: 1px solid var(--line); }
nav ol { margin: 0; padding-left: 1.5rem; }
article + article { margin-top: 3.5rem; padding-top: 2.5rem; border-top: 1px solid var(--line); }
.about { color: var(--muted); font-size: .85rem; margin: 0 0 2rem; }
section { margin: 0 0 1.8rem; overflow-wrap: anywhere; }
section.user > div, section.system > div { background: var(--surface); border-radius: .6rem; padding: .7rem 1rem; }
.plain { white-space: pre-wrap; font: inherit; }
.problem { color: var(--bad); }
.attached { color: var(--muted); font-size: .85rem; }
.attached img { display: block; max-width: 100%; max-height: 30rem; border-radius: .5rem; margin-bottom: .3rem; }
details { margin: 0 0 1rem; border-left: 2px solid var(--line); padding-left: 1rem; color: var(--muted); }
summary { cursor: pointer; font-size: .85rem; }
blockquote { border-left: 3px solid var(--line); padding-left: 1rem; margin-left: 0; color: var(--muted); }
code, pre { font: .9em/1.5 ui-monospace, Menlo, Consolas, monospace; }
code { background: var(--surface); border-radius: .25rem; padding: .1em .3em; }
figure.code, pre.math { background: var(--surface); border: 1px solid var(--line); border-radius: .5rem; }
figure.code pre, pre.math { margin: 0 0 .9em; padding: .7rem 1rem; overflow-x: auto; }
figure.code pre { margin: 0; }
figure.code code { background: none; padding: 0; }
.language { color: var(--muted); font-size: .75rem; padding: .4rem 1rem; border-bottom: 1px solid var(--line); }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid var(--line); padding: .35rem .7rem; text-align: left; }
.footnote { font-size: .85rem; color: var(--muted); }
hr { border: none; border-top: 1px solid var(--line); margin: 1.5em 0; }
@media print { details { display: none; } }
"""


def head(titles: Sequence[str]) -> str:
    """What the page begins with; a list of what is in it, where that is several."""
    title = titles[0] if len(titles) == 1 else f"{len(titles):,} conversations"
    entries = "".join(f'<li><a href="#c{place}">{_title(each)}</a></li>\n' for place, each in enumerate(titles, 1))
    listed = f"<nav><ol>\n{entries}</ol></nav>\n" if 1 < len(titles) <= _MOST_LISTED else ""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_title(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{listed}"
    )


def piece(conversation: Conversation, number: int) -> str:
    """A conversation in its place in the page, counted from 1."""
    return "".join(parts(conversation, number))


def parts(conversation: Conversation, number: int, look: PageFileLook = named) -> Iterator[str]:
    """The same in parts: what it begins with, the files of each message, the rest of it, its end."""
    about = f"{model_text(conversation.model)} · {conversation.created_at:%Y-%m-%d %H:%M} UTC"
    yield f'<article id="c{number}">\n<h1 dir="auto">{_title(conversation.title)}</h1>\n'
    yield f'<p class="about">{escape(about)}</p>\n'
    if conversation.system:
        yield f'<section class="system"><h2>System</h2>\n{plain(conversation.system)}</section>\n'
    for message in conversation.path():
        yield _beginning(message)
        for part in message.files:
            yield _file(look(part))
        yield _message(message)
    yield "</article>\n"


def tail() -> str:
    """What the page ends with."""
    return "</main>\n</body>\n</html>\n"


def _title(title: str) -> str:
    return escape(" ".join(title.split()) or "Untitled")


def _beginning(message: Message) -> str:
    asked = message.role is Role.USER
    who = "You" if asked else model_text(message.model) if message.model else message.role.value
    mark = f' <span class="mark">({MARKS[message.status]})</span>' if message.status in MARKS else ""
    return f'<section class="{message.role.value}"><h2>{escape(who)}{mark}</h2>\n'


def _file(file: PageFile) -> str:
    """An attached file: a picture, or a name."""
    name = f'<span dir="auto">{escape(file.name)}</span>'
    if file.picture:
        image = f'<img src="{escape(file.picture)}" alt="{escape(file.name)}">'
        return f'<figure class="attached">{image}<figcaption>{name}</figcaption></figure>\n'
    gone = " (no longer there)" if file.gone else ""
    return f'<p class="attached">Attached: {name}{gone}</p>\n'


def _message(message: Message) -> str:
    made: list[str] = []
    if message.reasoning:
        made.append(f"<details><summary>Reasoning</summary>\n{rendered(message.reasoning)}</details>\n")
    if message.text:
        made.append(plain(message.text) if message.role is Role.USER else rendered(message.text))
    if message.sources:
        made.append(f"<p><b>Sources</b></p>\n{rendered(message.sources)}")
    made += [f'<p class="attached">{escape(each.sentence)}</p>\n' for each in message.left_out]
    if message.problem is not None:
        made.append(f'<p class="problem">{escape(problem_text(message))}</p>\n')
    return "".join((*made, "</section>\n"))
