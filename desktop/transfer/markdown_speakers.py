"""Who speaks, by the words that programs put above the messages of a Markdown file, in many languages; pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from desktop.domain import Role


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
