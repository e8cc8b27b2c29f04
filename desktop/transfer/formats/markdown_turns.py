"""A Markdown file of another program parted into what each one said: below headings, behind bold names, in callouts."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from desktop.domain.conversation_types import Role
from desktop.transfer.formats.page_outline import PageOutline, without_blank


def _names(words: str) -> frozenset[str]:
    """Names that stand between strokes."""
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
    """Who speaks, None for what a tool says; the model where it is named; when, in the file's words."""

    role: Role | None
    model: str = ""
    time: str = ""
    name: str = ""
    """What an answer's program is called, where it is told."""


def speaker_of(label: str) -> Speaker | None:
    """Who speaks below some words; None where they name nobody."""
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
    """A name without the signs around it."""
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
    """What one said, in lines. Few programs name `id` and `parent`, or that it is on the shown branch, `main`."""

    speaker: Speaker
    lines: list[str]
    id: str = ""
    parent: str = ""
    main: bool = False


class WrittenTurns(NamedTuple):
    """What stands above the first turn, and the turns."""

    above: list[str]
    turns: list[WrittenTurn]


class _Mark(NamedTuple):
    line: int
    speaker: Speaker
    rest: str = ""
    """What is said in the line itself."""
    lines: int = 1
    """How many lines say it."""


def written_turns(lines: Sequence[str], page: PageOutline, start: int) -> list[WrittenTurns]:
    """The conversations in the lines from one on; none where nothing says who speaks, or only one does."""
    styles = ((_headings(lines, page, start), _plain), (_callouts(lines, page, start), _dequoted))
    marks, read = min((*styles, (_bolds(lines, page, start), _plain)), key=_first)
    if not marks:
        return []
    threads = [at for at, level in page.headings.items() if level == 2 and _THREAD.fullmatch(lines[at])]
    if marks[0].line not in page.headings and threads and _FIRST_THREAD.fullmatch(lines[threads[0]]):
        bounds = [threads[0], *(at for at in threads[1:] if at > marks[0].line), len(lines)]
    else:
        bounds = [start, len(lines)]
    found: list[WrittenTurns] = []
    places = [mark.line for mark in marks]
    for begin, end in pairwise(bounds):
        own = marks[bisect_left(places, begin) : bisect_left(places, end)]
        if own:
            found.append(_parted(lines, start if not found else begin, end, own, read))
    return found


def _first(style: tuple[Sequence[_Mark], object]) -> float:
    """Where a style begins by which two speak: what stands above it counts, and what is in a message does not."""
    marks, _ = style
    return marks[0].line if marks else float("inf")


def _both(marks: list[_Mark], *, alone: bool = False) -> list[_Mark]:
    """The marks, none of them where only one speaks."""
    roles = {mark.speaker.role for mark in marks}
    return marks if Role.ASSISTANT in roles and (alone or Role.USER in roles) else []


def _headings(lines: Sequence[str], page: PageOutline, start: int) -> list[_Mark]:
    """Headings that say who speaks: on the level of the first person, and on that of the first answer."""
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
    """Bold names at the beginning of paragraphs."""
    marks: list[_Mark] = []
    shapes: list[tuple[bool, bool]] = []
    for at in sorted(page.paragraphs):
        found = _BOLD.fullmatch(lines[at]) if at >= start else None
        speaker = speaker_of(f"{found['before']}{found['name']}") if found is not None else None
        if found is None or speaker is None:
            continue
        rest = found["rest"].strip()
        if found["colon"] or found["after"]:
            marks.append(_Mark(at, speaker, rest))
        else:
            told = speaker_of(f"{found['before']}{found['name']} {rest}")
            if told is None:
                continue
            marks.append(_Mark(at, told))
        shapes.append((bool(found["colon"]), bool(found["after"])))
    return _both([mark for mark, shape in zip(marks, shapes, strict=True) if shape == shapes[0]])


def _callouts(lines: Sequence[str], page: PageOutline, start: int) -> list[_Mark]:
    """Callouts of a kind, or with a title, that says who speaks."""
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
    """Lines of a callout without the sign that each begins with; what follows it stays as it is."""
    return [found[1] if (found := _QUOTED.fullmatch(line)) is not None else line for line in lines]


def _parted(
    lines: Sequence[str], start: int, end: int, marks: Sequence[_Mark], read: Callable[[Sequence[str]], list[str]]
) -> WrittenTurns:
    """The turns between two lines. What links one to others stands above the line that says who speaks."""
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
    """Take the rules and links from the end of some lines; what was taken."""
    taken: list[str] = []
    while lines and (not lines[-1].strip() or _is_between(lines[-1])):
        taken.append(lines.pop().strip())
    return taken


def _is_between(line: str) -> bool:
    return any(each.fullmatch(line.rstrip()) for each in (_SEPARATOR, _ANCHOR, _LINKS, _BRANCH))
