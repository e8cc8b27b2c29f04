"""What a message of a Markdown file holds beside its words: thoughts, names of files, the time; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from typing import NamedTuple

from desktop.transfer.formats.page_outline import without_blank

_THOUGHT = re.compile(
    r"think|thought|reason|thinking|überleg|denk|gedank|raison|pensé|pensa|razon|ragion|мысл|рассужд|思|推理|考え|생각|추론|تفكير",
    re.IGNORECASE,
)
_CALLOUT = re.compile(r"> ?\[!(?P<kind>[\w-]{1,40})\][+-]?(?P<rest>.*)")
_QUOTED = re.compile(r"> ?(.*)")
_HEAD = re.compile(r"(?:#{1,6} |[*_]{1,2})[^\n]{1,80}")
_MOST_HEADS = 8
_SUMMARY = re.compile(r"<summary[^<>]{0,200}>(?P<words>[^<]{0,200})")
_SUMMARY_END, _DETAILS, _DETAILS_END = "</summary>", "<details", "</details>"
_TIME = re.compile(r"<time datetime=\"(?P<exact>[^\"<>]{4,40})\"[^<>]{0,200}>[^<>]{0,60}</time>")
_STAMP = re.compile(r"\[Timestamp: (?P<words>[^\[\]]{4,60})\]")
_ALONE = re.compile(r"[*_](?P<words>[^*_]{4,60})[*_]")
_COMMENT = re.compile(r"<!--[^\n]{0,100000}-->")
_EMBED = re.compile(r"!\[\[(?P<name>[^\[\]|#\n]{1,300})(?:[|#][^\[\]\n]{0,200})?\]\]")
_PICTURE = re.compile(r"!\[(?P<name>[^\[\]\n]{0,300})\]\(<?(?P<path>[^()<>\s]{1,1000})>?\)")
_CLIP = re.compile(r"[-*] 📎 (?P<name>.{1,300})")
_ATTACHED = re.compile(
    r">{1,2} ?\[!nexus_attachment\][+-]? ?(?:\*\*(?P<bold>[^*\n]{1,300})\*\*|(?P<name>[^(\n]{1,300})).*"
)
_FENCE = re.compile(r" {0,3}(?P<fence>`{3,}|~{3,})(?P<info>[^`]*)")


class Passages(NamedTuple):
    """A message in its pieces: when it was said is in the file's words."""

    thought: str
    said: str
    files: list[str]
    time: str


def passages_of(lines: Sequence[str], *, answered: bool) -> Passages:
    """The pieces of a message."""
    rest, time = _times_apart([*lines])
    thought = ""
    if answered:
        thought, rest = _thought_apart(rest)
    rest, files = _files_apart(rest)
    return Passages(thought.strip("\n"), "\n".join(without_blank(rest)), files, time)


def is_one_fence(lines: Sequence[str]) -> bool:
    """Whether lines are one block of code without a language, and nothing else."""
    if len(lines) < 2 or (opened := _FENCE.fullmatch(lines[0])) is None or opened["info"].strip():
        return False
    return not any(line.lstrip().startswith(opened["fence"]) for line in lines[1:-1]) and lines[-1] == opened["fence"]


def _times_apart(lines: list[str]) -> tuple[list[str], str]:
    """The lines without those that only tell a time or a comment at their beginning or end."""
    time = ""
    while lines and (not lines[-1].strip() or _COMMENT.fullmatch(lines[-1].strip()) or _STAMP.fullmatch(lines[-1])):
        stamp = _STAMP.fullmatch(lines.pop())
        time = stamp["words"] if stamp is not None else time
    lines = without_blank(lines)
    first = lines[0].strip() if lines else ""
    told = _TIME.fullmatch(first)
    alone = _ALONE.fullmatch(first)
    if told is not None:
        return without_blank(lines[1:]), told["exact"]
    if alone is not None and re.search(r"[0-9]{1,2}:[0-9]{2}", alone["words"]):
        return without_blank(lines[1:]), alone["words"]
    return lines, time


def _thought_apart(lines: list[str]) -> tuple[str, list[str]]:
    """The thoughts that an answer begins with: quoted, in a callout, or folded."""
    callout = _CALLOUT.fullmatch(lines[0]) if lines else None
    lines = _without_heads(lines)
    quoted = bool(lines) and lines[0].strip() in ("> *Reasoning*", "> **Reasoning**", "> *Thinking*")
    if quoted or (callout is not None and _THOUGHT.search(f"{callout['kind']} {callout['rest']}")):
        end = next((at for at, line in enumerate(lines) if not line.startswith(">")), len(lines))
        inner = [found[1] for line in lines[1:end] if (found := _QUOTED.fullmatch(line)) is not None]
        return "\n".join(inner), without_blank(lines[end:])
    whole = "\n".join(lines)
    opened = whole.find(_DETAILS, 0, 400)
    before = whole[:opened].strip() if opened >= 0 else "no"
    summary = _SUMMARY.search(whole, opened, opened + 800) if opened >= 0 else None
    end = whole.find(_DETAILS_END, opened) if opened >= 0 else -1
    if (
        (before and not before.startswith("<div"))
        or summary is None
        or end < 0
        or not _THOUGHT.search(summary["words"])
    ):
        return "", lines
    begin = whole.find(_SUMMARY_END, opened, end)
    inner = whole[begin + len(_SUMMARY_END) : end].strip() if begin >= 0 else ""
    if "<br" in inner:
        inner = unescape(inner.replace("<br>", "\n").replace("<br/>", "\n").replace("<br />", "\n"))
    after = whole[end + len(_DETAILS_END) :].lstrip()
    return inner, without_blank((after.removeprefix("</div>") if before else after).split("\n"))


def _without_heads(lines: list[str]) -> list[str]:
    """Lines whose thoughts are quoted below words that say so: with one line in the place of these words."""
    for at, line in enumerate(lines[:_MOST_HEADS]):
        if line.startswith(">"):
            return ["> *Reasoning*", *lines[at:]] if at else lines
        if line.strip() and not (_HEAD.fullmatch(line) and _THOUGHT.search(line)):
            break
    return lines


def _files_apart(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """The lines without those that only embed or name a file, and the names of these."""
    kept: list[str] = []
    names: list[str] = []
    fence = ""
    in_callout = False
    for line in lines:
        opened = _FENCE.fullmatch(line)
        if opened is not None and not fence:
            fence = opened["fence"]
        elif opened is not None and opened["fence"].startswith(fence) and not opened["info"].strip():
            fence = ""
        in_callout = in_callout and line.startswith(">")
        attached = _ATTACHED.fullmatch(line) if not fence else None
        if attached is not None:
            names.append((attached["bold"] or attached["name"]).strip())
            in_callout = True
        elif not in_callout:
            name = _file_of(line.strip()) if not fence else ""
            (names if name else kept).append(name or line)
    return kept, names


def _file_of(line: str) -> str:
    """The name of the file that a line only embeds; nothing for any other line."""
    if found := _EMBED.fullmatch(line) or _CLIP.fullmatch(line):
        return found["name"].strip()
    picture = _PICTURE.fullmatch(line)
    if picture is None or ":" in picture["path"][:12]:
        return ""
    return picture["name"].strip() or picture["path"].rpartition("/")[2]
