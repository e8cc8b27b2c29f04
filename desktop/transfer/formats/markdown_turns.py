"""Finds turns in a Markdown page: headings, speakers, and the reasoning and files of each message."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import cache
from html import unescape
from itertools import pairwise
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from desktop.domain.conversation_types import Role


class _Outermost(list[Token]):
    """Top-level tokens from a parser. Nested tokens are dropped, because a page may have millions."""

    def append(self, token: Token) -> None:
        """Append a token if it is on the top level."""
        if not token.level:
            super().append(token)


class PageOutline(NamedTuple):
    """Indexes of lines: headings with their levels, starts of paragraphs, and quotations."""

    headings: dict[int, int]
    paragraphs: frozenset[int]
    quotes: frozenset[int]


def page_lines(text: str) -> list[str]:
    """Return the lines of a page with any line endings, without a byte order mark."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def outline(lines: list[str]) -> PageOutline:
    """Return the top-level structure of a page."""
    headings: dict[int, int] = {}
    paragraphs: set[int] = set()
    quotes: set[int] = set()
    tokens = _Outermost()
    _blocks().block.parse("\n".join(lines), _blocks(), {}, tokens)
    for token in tokens:
        if not token.map:
            continue
        if token.type == "heading_open":
            headings[token.map[0]] = int(token.tag[1:])
        elif token.type == "paragraph_open":
            paragraphs.add(token.map[0])
        elif token.type == "blockquote_open":
            quotes.update(range(*token.map))
    return PageOutline(headings, frozenset(paragraphs), frozenset(quotes))


def without_blank(lines: Sequence[str]) -> list[str]:
    """Return lines without leading and trailing blank ones."""
    said = [at for at, line in enumerate(lines) if line.strip()]
    return [*lines[said[0] : said[-1] + 1]] if said else []


@cache
def _blocks() -> MarkdownIt:
    """Return a cached parser for blocks only, which ignores inline markup."""
    return MarkdownIt("commonmark").disable("reference")


_THOUGHT = re.compile(
    r"think|thought|reason|thinking|überleg|denk|gedank|raison|pensé|pensa|razon|ragion|мысл|рассужд|思|推理|考え|생각|추론|تفكير",
    re.IGNORECASE,
)
_PASSAGE_CALLOUT = re.compile(r"> ?\[!(?P<kind>[\w-]{1,40})\][+-]?(?P<rest>.*)")
_QUOTED_LINE = re.compile(r"> ?(.*)")
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
    """The parts of a message; `time` is not parsed."""

    thought: str
    said: str
    files: list[str]
    time: str


def passages_of(lines: Sequence[str], *, answered: bool) -> Passages:
    """Return the parts of a message. `answered` is whether the message is a response."""
    rest, time = _times_apart([*lines])
    thought = ""
    if answered:
        thought, rest = _thought_apart(rest)
    rest, files = _files_apart(rest)
    return Passages(thought.strip("\n"), "\n".join(without_blank(rest)), files, time)


def is_one_fence(lines: Sequence[str]) -> bool:
    """Whether the lines are a single code block without a language."""
    if len(lines) < 2 or (opened := _FENCE.fullmatch(lines[0])) is None or opened["info"].strip():
        return False
    return not any(line.lstrip().startswith(opened["fence"]) for line in lines[1:-1]) and lines[-1] == opened["fence"]


def _times_apart(lines: list[str]) -> tuple[list[str], str]:
    """Remove leading and trailing lines that contain only a time or a comment; return the rest and the time."""
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
    """Separate the reasoning at the start of a response: quoted, in a callout, or in a collapsed section."""
    callout = _PASSAGE_CALLOUT.fullmatch(lines[0]) if lines else None
    lines = _without_heads(lines)
    quoted = bool(lines) and lines[0].strip() in ("> *Reasoning*", "> **Reasoning**", "> *Thinking*")
    if quoted or (callout is not None and _THOUGHT.search(f"{callout['kind']} {callout['rest']}")):
        end = next((at for at, line in enumerate(lines) if not line.startswith(">")), len(lines))
        inner = [found[1] for line in lines[1:end] if (found := _QUOTED_LINE.fullmatch(line)) is not None]
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
    """Replace the headings above quoted reasoning with a uniform line."""
    for at, line in enumerate(lines[:_MOST_HEADS]):
        if line.startswith(">"):
            return ["> *Reasoning*", *lines[at:]] if at else lines
        if line.strip() and not (_HEAD.fullmatch(line) and _THOUGHT.search(line)):
            break
    return lines


def _files_apart(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """Remove lines that only embed or name a file. Return the rest and the names of the files."""
    rest: list[str] = []
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
            (names if name else rest).append(name or line)
    return rest, names


def _file_of(line: str) -> str:
    """Return the name of the file that a line embeds; empty if there is none."""
    if found := _EMBED.fullmatch(line) or _CLIP.fullmatch(line):
        return found["name"].strip()
    picture = _PICTURE.fullmatch(line)
    if picture is None or ":" in picture["path"][:12]:
        return ""
    return picture["name"].strip() or picture["path"].rpartition("/")[2]


def _names(words: str) -> frozenset[str]:
    """Return the names in a list separated by slashes."""
    return frozenset(filter(None, (each.strip() for each in words.split("/"))))


_PEOPLE = _names(
    "user/you/me/human/prompt/request/i/you said/message from you/from you"
    "/benutzer/nutzer/du/ich/mensch/sie/du hast gesagt/deine nachricht"
    "/usuario/usuaria/tú/yo/humano/mensaje de ti/usuário/você/eu/mensagem de você"
    "/utilisateur/utilisatrice/vous/moi/tu/humain/message de vous/utente/io/umano/messaggio da te"
    "/gebruiker/jij/ik/mens/bericht van jou/пользователь/вы/ты/я/сообщение от вас/użytkownik/ty"
    "/kullanıcı/sen/senin mesajın/用户/用戶/使用者/你/我/您/来自你的消息/來自你的訊息"
    "/ユーザー/あなた/自分/あなたからのメッセージ/사용자/나/내 메시지/المستخدم/أنت/أنا"
    "/người dùng/bạn/tin nhắn của bạn/tin nhắn từ bạn/pengguna/anda/pesan dari anda/उपयोगकर्ता/ব্যবহারকারী/আপনার বার্তা"
    "/uživatel/zpráva od vás/používateľ/správa od vás/bruker/melding fra deg/fra dig/besked fra dig/deine nachricht"
    "/nachricht von dir/sizin mesajınız/твоё сообщение/رسالة منك/來自您的訊息"
)
_MODELS = _names(
    "assistant/ai/bot/model/chatgpt/claude/gemini/bard/copilot/deepseek/grok/mistral/perplexity/qwen/kimi/llama/llm"
    "/le chat/meta ai/ai assistant/response/reply/message from chatgpt/chatgpt said/gemini said/claude said"
    "/assistent/assistentin/ki/nachricht von chatgpt/asistente/ia/mensaje de chatgpt/assistente"
    "/mensagem de chatgpt/assistante/message de chatgpt/messaggio da chatgpt/bericht van chatgpt"
    "/ассистент/ии/бот/сообщение от chatgpt/asystent/asistan/yapay zeka/chatgpt mesajı"
    "/助手/助理/机器人/模型/ai 助手/来自 chatgpt 的消息/來自 chatgpt 的訊息/アシスタント"
    "/chatgpt からのメッセージ/어시스턴트/المساعد/trợ lý/asisten/सहायक"
    "/zpráva od chatgpt/zpráva z chatgpt/správa od chatgpt/melding fra chatgpt/fra chatgpt/besked fra chatgpt"
    "/pesan dari chatgpt/tin nhắn từ chatgpt/chatgpt'nin mesajı/сообщение chatgpt/رسالة من chatgpt/চ্যাটজিপিটির বার্তা"
)
_NAMELESS = _MODELS - _names(
    "chatgpt/claude/gemini/bard/copilot/deepseek/grok/mistral/perplexity/qwen/kimi/llama/le chat/meta ai"
)
_SYSTEMS = _names(
    "system/developer/system prompt/system message/systemprompt/system-prompt/sistema/système/система"
    "/系统/系統/システム/시스템/النظام"
)
_TOOLS = _names("tool/tools/function/tool call/tool calls/tool result/工具/ツール/도구")
_FAMILY = re.compile(
    r"(?:(?:openai|anthropic|google|meta|mistralai|deepseek|qwen|x-ai|azure)[/@])?"
    r"(?:chatgpt|gpt|claude|gemini|gemma|llama|mistral|mixtral|codestral|qwen|qwq|deepseek|grok|phi|kimi|glm|nova|o[134])"
    r"(?:[^\w\s]?[\w.:/@-]{0,60}[0-9][\w.:/@-]{0,60}| (?=[0-9v]|sonnet|opus|haiku|pro|flash|turbo|mini)[\w.:-]{1,30})"
    r"(?: [\w.:/@()-]{1,30}){0,4}"
)
_TAG = re.compile(r"<[^<>]{0,300}>")
_TRAILER = re.compile(r"(?:\((?P<round>[^()]{1,200})\)|\[(?P<square>[^\[\]]{1,200})\])\Z")
_APART = re.compile(r", on | [-–—|·@] |, (?=[0-9])")
_ROLE_SIGN = "role::"
_PERSON_SIGNS, _MODEL_SIGNS = "👤🧑👨👩🙋", "🤖✨🧠"
_TIMED = re.compile(r"(?<![0-9.])[0-9]{1,2}:[0-9]{2}(?![0-9])|[0-9]{1,4}[/.\-][0-9]{1,2}[/.\-][0-9]{1,4}")


class Speaker(NamedTuple):
    """Speaker of a turn: `role` is None for tools; `model` is empty if not named; `time` is not parsed."""

    role: Role | None
    model: str = ""
    time: str = ""
    name: str = ""
    """Name of the program that the response comes from, if given."""


def speaker_of(label: str) -> Speaker | None:
    """Return the speaker that a heading names, or None."""
    words = _TAG.sub("", label[:600]).strip().strip("#*_ \t")
    trailer = _TRAILER.search(words)
    inside = (trailer["round"] or trailer["square"]).strip() if trailer is not None else ""
    head, *rest = _APART.split(words[: trailer.start()] if trailer is not None else words, maxsplit=1)
    name = _bare(head)
    told = [each for each in (*rest, inside) if each]
    time = next((each for each in told if _TIMED.search(each)), "")
    role = _role(name, head)
    if role is not Role.ASSISTANT:
        return None if role is None and name.casefold() not in _TOOLS else Speaker(role, "", time)
    model = name if name.casefold() not in _MODELS else ""
    called = "" if name.casefold() in _NAMELESS else name
    return Speaker(role, model or (inside if inside != time else ""), time, called)


def _bare(head: str) -> str:
    """Return a name without surrounding punctuation."""
    name = head.strip()
    name = name.removeprefix(_ROLE_SIGN)
    start = next((at for at, sign in enumerate(name) if sign.isalnum()), len(name))
    return name[start:].rstrip(" \t:*_：\u200b")


def _role(name: str, head: str) -> Role | None:
    known = name.casefold()
    if known in _PEOPLE:
        return Role.USER
    if known in _SYSTEMS:
        return Role.SYSTEM
    if known in _TOOLS:
        return None
    signs = head[: max(head.find(name), 0)] if name else head
    if known in _MODELS or _FAMILY.fullmatch(known) or (name and any(sign in signs for sign in _MODEL_SIGNS)):
        return Role.ASSISTANT
    return Role.USER if any(sign in signs for sign in _PERSON_SIGNS) else None


_BOLD = re.compile(
    r"(?P<before>[^\w*]{0,8})(?:_?\*\*|__)(?P<name>[^*\n]{1,60}?)(?P<colon>:?)(?:\*\*_?|__)(?P<after> ?:)?(?P<rest>.*)"
)
_CALLOUT = re.compile(r" {0,3}> ?\[!(?P<kind>[\w-]{1,40})\][+-]?(?P<rest>.*)")
_CALLED = {"agent": "assistant", "question": "", "quote": ""}
_QUOTED = re.compile(r" {0,3}> ?(.*)")
_THREAD = re.compile(r"## [0-9]{1,4}\. .*")
_FIRST_THREAD = re.compile(r"## 1\. .*")
_SEPARATOR = re.compile(r" {0,3}(?:(?:-[ ]?){3,}|(?:\*[ ]?){3,}|(?:_[ ]?){3,}|<hr[^<>]{0,80}>)[ ]*")
_ANCHOR = re.compile(r"###### (?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4,12}){4})")
_LINKS = re.compile(r"(?:\[(?:parent|child)[^\]\n]{0,20}\]\(#(?P<id>[0-9A-Za-z-]{1,64})\)[ |]{0,4}){1,99}")
_BRANCH = re.compile(r"\([^()\n]{1,80} ⎇\)")
_PARENT, _MAIN = "[parent", "(main branch"
_SIGN = "role::"


class WrittenTurn(NamedTuple):
    """A turn as lines. Only few programs write `id` and `parent`, or mark the displayed branch with `main`."""

    speaker: Speaker
    lines: list[str]
    id: str = ""
    parent: str = ""
    main: bool = False


class WrittenTurns(NamedTuple):
    """The turns, and the lines above the first one."""

    above: list[str]
    turns: list[WrittenTurn]


class _Mark(NamedTuple):
    line: int
    speaker: Speaker
    rest: str = ""
    """Text of the message on the same line."""
    lines: int = 1
    """Number of lines that contain the speaker's name."""


def written_turns(lines: Sequence[str], page: PageOutline, start: int) -> list[WrittenTurns]:
    """Return the conversations after the line `start`; none unless two speakers are named."""
    styles = ((_headings(lines, page, start), _plain), (_callouts(lines, page, start), _dequoted))
    marks, read = min((*styles, (_bolds(lines, page, start), _plain)), key=_first)
    if not marks:
        return []
    threads = [at for at, level in page.headings.items() if level == 2 and _THREAD.fullmatch(lines[at])]
    if marks[0].line not in page.headings and threads and _FIRST_THREAD.fullmatch(lines[threads[0]]):
        bounds = [threads[0], *(at for at in threads[1:] if at > marks[0].line), len(lines)]
    else:
        bounds = [start, len(lines)]
    conversations: list[WrittenTurns] = []
    places = [mark.line for mark in marks]
    for begin, end in pairwise(bounds):
        own = marks[bisect_left(places, begin) : bisect_left(places, end)]
        if own:
            conversations.append(_parted(lines, start if not conversations else begin, end, own, read))
    return conversations


def _first(style: tuple[Sequence[_Mark], object]) -> float:
    """Return the line at which a style first names a speaker.

    The earliest style is used, because later ones may be in a message.
    """
    marks, _ = style
    return marks[0].line if marks else float("inf")


def _both(marks: list[_Mark], *, alone: bool = False) -> list[_Mark]:
    """Return the marks, or none if only one speaker is named."""
    roles = {mark.speaker.role for mark in marks}
    return marks if Role.ASSISTANT in roles and (alone or Role.USER in roles) else []


def _headings(lines: Sequence[str], page: PageOutline, start: int) -> list[_Mark]:
    """Return headings that name speakers, on the levels of the first user and the first assistant."""
    marks = [
        _Mark(at, speaker, lines=1 if lines[at].lstrip().startswith("#") else 2)
        for at in page.headings
        if at >= start and (speaker := speaker_of(lines[at].lstrip("# ").rstrip("# "))) is not None
    ]
    people = [mark.line for mark in marks if mark.speaker.role is Role.USER]
    answers = [mark.line for mark in marks if mark.speaker.role is Role.ASSISTANT]
    level = page.headings[people[0]] if people else 0
    beside = next((at for at in answers if page.headings[at] == level), None)
    after = next((at for at in answers if not people or at > people[0]), None)
    answered = page.headings[beside] if beside is not None else page.headings[after] if after is not None else 0
    levels = {Role.USER: {level}, Role.ASSISTANT: {answered}}
    kept = [m for m in marks if page.headings[m.line] in levels.get(m.speaker.role or Role.SYSTEM, {level, answered})]
    return _both(kept, alone=any(_SIGN in lines[mark.line] for mark in kept))


def _bolds(lines: Sequence[str], page: PageOutline, start: int) -> list[_Mark]:
    """Return bold names at the start of paragraphs."""
    marks: list[_Mark] = []
    shapes: list[tuple[bool, bool]] = []
    for at in sorted(page.paragraphs):
        bold = _BOLD.fullmatch(lines[at]) if at >= start else None
        speaker = speaker_of(f"{bold['before']}{bold['name']}") if bold is not None else None
        if bold is None or speaker is None:
            continue
        rest = bold["rest"].strip()
        if bold["colon"] or bold["after"]:
            marks.append(_Mark(at, speaker, rest))
        else:
            told = speaker_of(f"{bold['before']}{bold['name']} {rest}")
            if told is None:
                continue
            marks.append(_Mark(at, told))
        shapes.append((bool(bold["colon"]), bool(bold["after"])))
    return _both([mark for mark, shape in zip(marks, shapes, strict=True) if shape == shapes[0]])


def _callouts(lines: Sequence[str], page: PageOutline, start: int) -> list[_Mark]:
    """Return callouts whose type or title names a speaker."""
    marks: list[_Mark] = []
    for at in sorted(page.quotes):
        found = _CALLOUT.fullmatch(lines[at]) if at >= start else None
        if found is None:
            continue
        kind = found["kind"].casefold().removeprefix("nexus_")
        by_kind = speaker_of(_CALLED.get(kind, kind))
        titled = speaker_of(found["rest"].replace("*", ""))
        if by_kind is not None and titled is not None:
            by_kind = by_kind._replace(model=titled.model, time=titled.time)
        if (speaker := by_kind or titled) is not None:
            marks.append(_Mark(at, speaker))
    return _both(marks)


def _plain(lines: Sequence[str]) -> list[str]:
    return [*lines]


def _dequoted(lines: Sequence[str]) -> list[str]:
    """Return the lines of a callout without the leading quotation marks."""
    return [found[1] if (found := _QUOTED.fullmatch(line)) is not None else line for line in lines]


def _parted(
    lines: Sequence[str], start: int, end: int, marks: Sequence[_Mark], read: Callable[[Sequence[str]], list[str]]
) -> WrittenTurns:
    """Return the turns between two lines. Links to other turns precede the line with the speaker."""
    above = [*lines[start : marks[0].line]]
    tail = _tail(above)
    turns: list[WrittenTurn] = []
    if any(_SIGN in lines[mark.line] for mark in marks) and without_blank(above):
        turns.append(WrittenTurn(Speaker(Role.USER), without_blank(above)))
        above = []
    for mark, after in zip(marks, [*(mark.line for mark in marks[1:]), end], strict=True):
        own = [*lines[mark.line + mark.lines : after]]
        own_tail = _tail(own)
        own = [line for place, line in enumerate(own) if place or not _LINKS.fullmatch(line)]
        anchors = [found["id"] for line in tail if (found := _ANCHOR.fullmatch(line)) is not None]
        links = [found["id"] for line in tail if line.startswith(_PARENT) and (found := _LINKS.fullmatch(line))]
        said = without_blank([*([mark.rest] if mark.rest else []), *read(own)])
        main = any(line.startswith(_MAIN) for line in tail)
        turns.append(WrittenTurn(mark.speaker, said, anchors[0] if anchors else "", links[0] if links else "", main))
        tail = own_tail
    return WrittenTurns(without_blank(above), turns)


def _tail(lines: list[str]) -> list[str]:
    """Remove trailing rules and links from some lines, and return them."""
    taken: list[str] = []
    while lines and (not lines[-1].strip() or _is_between(lines[-1])):
        taken.append(lines.pop().strip())
    return taken


def _is_between(line: str) -> bool:
    return any(each.fullmatch(line.rstrip()) for each in (_SEPARATOR, _ANCHOR, _LINKS, _BRANCH))
