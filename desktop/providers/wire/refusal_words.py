"""Conditions on a rejected request, such as too long, no credit, bad key or unknown model. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from msgspec import Struct

from desktop.providers.wire.content_filters import flagged, in_words
from desktop.providers.wire.error_bodies import ErrorBody, plain
from desktop.redaction.redactor import hide_head
from desktop.text.late_pattern import late_pattern
from desktop.text.phrases import Phrase, phrase

_V1_HOSTS = (".services.ai.azure.com", ".openai.azure.com", ".cognitiveservices.azure.com")


class RequestTarget(Struct, frozen=True, kw_only=True):
    """Server and model of a request, for error messages.

    Args:
        host: Host as the user knows it.
        model: The requested model or deployment.
        secrets: Keys that must never be shown.
        retirable: Whether the route is Azure's model inference, where a plain 404 means that it was retired.
        by_token: Whether the user signed in with Entra ID instead of a key.
        without_key: Whether no key is sent.
        by_deployment: Whether the server is Azure, which identifies models by deployment.
    """

    host: str
    model: str = ""
    secrets: tuple[str, ...] = ()
    retirable: bool = False
    by_token: bool = False
    without_key: bool = False
    by_deployment: bool = False

    @property
    def has_v1_address(self) -> bool:
        """Whether the host is one of Azure's that have a v1 address."""
        return self.host.endswith(_V1_HOSTS)

    @property
    def is_azure(self) -> bool:
        """Whether the route or the host is Azure's."""
        return self.retirable or self.by_deployment or self.has_v1_address

    def shown(self, text: str) -> str:
        """Return a server's text for a message: on one line, truncated, with keys redacted."""
        return plain(hide_head(text, self.secrets))


class RefusedRequest(NamedTuple):
    """A rejected request: its status, the server's error, and the request's target."""

    status: int
    complaint: ErrorBody
    target: RequestTarget

    @property
    def said(self) -> str:
        """End of a sentence with the server's own message, if any."""
        complaint = self.complaint
        if complaint.title:
            return f": a web page, “{complaint.title}”."
        message = complaint.shown.rstrip()
        if not message or message == str(self.status):
            return "."
        return f": {message}" if message[-1] in ".!?…。！？؟" else f": {message}."

    def sentence(self, template: Phrase) -> Phrase:
        """Fill in the placeholders {host}, {status}, {said}, {shown} (the model) and {words} (of the filter)."""
        values: dict[str, Callable[[], object]] = {
            "host": lambda: self.target.host,
            "status": lambda: self.status,
            "said": lambda: self.said,
            "shown": lambda: self.target.shown(self.target.model),
            "words": lambda: in_words(flagged(self.complaint.filter_result)),
        }
        wanted = {name: value() for name, value in values.items() if f"{{{name}}}" in template}
        return Phrase(template.format(**wanted), template.template, wanted)


Condition = Callable[[RefusedRequest], bool]


def says(pattern: str) -> Condition:
    """Return a condition that searches the message and the codes, ignoring case."""
    compiled = late_pattern(pattern, re.IGNORECASE)
    return lambda refusal: bool(compiled.search("\n".join((refusal.complaint.message, *refusal.complaint.codes))))


def message_says(pattern: str, flags: int = 0) -> Condition:
    """Return a condition that searches only the message, ignoring case."""
    compiled = late_pattern(pattern, re.IGNORECASE | flags)
    return lambda refusal: bool(compiled.search(refusal.complaint.message))


REFUSAL_STATUSES = frozenset({400, 401, 402, 403, 412, 422, 429})
"""Statuses with which services reject requests; which of them a service uses means little."""

BAD_KEY_CODES = frozenset(
    {
        *("invalid_api_key", "authentication_error", "unauthorized", "401", "api_key_invalid", "wrong_api_key"),
        *("missing_api_key", "expired_key", "token_expired", "expiredtokenexception", "unrecognizedclientexception"),
        *("credentials_missing", "oauth.v2.invalidapikey", "consumer_suspended"),
    }
)
_VAGUE_KEY_CODES = frozenset({"unauthorized", "401"})
"""Codes that, with status 403, also mean missing permissions."""

_KEY = r"(?:api[ _-]?key|(?:api|access|auth(?:entication|orization)?|bearer|security|oauth)[ _-]token|credentials?)"
_BAD_KEY = late_pattern(
    r"\b(?:incorrect|invalid|wrong|bad|missing|malformed|unrecogni[sz]ed)(?: or (?:invalid|missing|expired|malformed))?"
    r" (?:(?:x-)?(?:api|access|auth(?:entication|orization)?|bearer|subscription|security|oauth)[ _-]?"
    r"(?:key|token|header)|(?:(?:auth(?:entication)?|api) )?credentials?)\b"
    rf"|\b{_KEY}:?(?: provided| sent| included in the request| [^\s.]{{1,80}})?(?: is| are| was| were)?"
    r" (?:not valid|invalid|incorrect|malformed|not recogni[sz]ed|required|missing\b(?! an? ))"
    r"|\bmake sure (?:that )?(?:your|the) (?:api )?(?:key|token) is (?:valid|correct)"
    rf"|\bno (?:valid )?(?:auth(?:entication|orization)? |cookie auth )?(?:{_KEY}|header|token) "
    r"(?:was |were )?(?:found|provided|sent|given|passed)"
    r"|\bunregistered callers\b|\bnot authenticated\b|\bcould not (?:authenticate|validate credentials)"
    r"|\baccess to this api has been disallowed\b|\bkey not authori[sz]ed\b|\bauthorization field missing\b"
    r"|\bfailed to authenticate\b|\bauthentication (?:failed|fails|failure|error)\b"
    r"|无效的(?:令牌|密钥|api ?key)|(?:令牌|密钥|api ?key)(?:无效|错误|不存在|不正确)|(?:身份验证|认证|鉴权)失败",
    re.IGNORECASE,
)
_DEAD_KEY = late_pattern(
    r"\b(?:(?:api|access|secret|security|session|auth|bearer|oauth)[ _-]?(?:key|token)|(?:your|this) (?:key|token))\b"
    r".{0,40}\b(?:leaked|revoked|disabled|deactivated|blocked|deleted|expired)\b"
    r"|\b(?:key|jwt) (?:is|was|has|has been) (?:revoked|disabled|deactivated|deleted|expired)\b"
    r"|\bexpired (?:api )?key\b"
    r"|\bconsumer\b.{0,100}\bsuspended\b|(?:令牌|密钥|api ?key).{0,6}(?:过期|失效|禁用|删除)",
    re.IGNORECASE,
)
QUOTA_CODES = frozenset(
    {
        "insufficient_quota",
        "billing_hard_limit_reached",
        "billing_not_active",
        "insufficient_balance",
        "budget_exceeded",
        "exceeded_current_quota_error",
        "insufficient_credits",
        "insufficient_user_quota",
        "arrearage",
        *("accountoverdueerror", "allocationquota.freetieronly", "creditserror", "credit_limit_exceeded"),
        *("insufficient_funds", "insufficientbalance", "monthlylimiterror"),
    }
)
_NO_CREDIT = late_pattern(
    r"credit balance is too low|have any credits|draw from your extra usage"
    r"|(?:insufficient|not enough) (?:account |wallet |remaining )?(?:balance|credits?|funds|quota)"
    r"|(?:out of|no more|ran out of|requires more|need more) credits?\b|no credits? (?:left|remaining|available)"
    r"|\bcredits?(?: limit| balance)? (?:(?:is|are|was|were|have|has) )?(?:been )?"
    r"(?:depleted|exhausted|used up|expired|exceeded)"
    r"|\b(?:used|exhausted|depleted|spent) (?:up )?all [^.]{0,30}credits?\b|\bpre-?paid credits are required"
    r"|balance (?:is )?(?:too low|insufficient|not enough|depleted|exhausted|negative)"
    r"|\boverdue (?:balance|payment|bill|invoice)|\bin arrears\b"
    r"|\b(?:reached|exceeded|hit|over) (?:its|your|the|their|a)(?: \w{1,20}){0,2} (?:spend(?:ing)?|billing|budget)"
    r" (?:limit|cap)|\b(?:spend(?:ing)?|billing|budget) (?:hard )?(?:limit|cap) (?:has been |was |is )?"
    r"(?:reached|exceeded)|\bbudget (?:has been |was |is )?exceeded|\b(?:over|exceeded) (?:its |your |the )?budget\b"
    r"|\bfree (?:tier|quota|trial|credits?|allocation)\b[^.]{0,60}\b(?:exhausted|used up|ended|expired|depleted)\b"
    r"|\blimit of (?:the|your) free (?:tier|trial|plan)|\b(?:inactive|no active|expired) subscription\b"
    r"|\bsubscription (?:has |is )?(?:expired|lapsed|inactive)"
    r"|[余餘][额額]不足|欠[费費]|[请請]充值|(?<!令牌)(?<!令牌的)[额額]度(?:不足|[已用耗]{1,2}[尽盡完])"
    r"|免[费費][额額]度.{0,20}[尽盡完]|残高不足|잔액.{0,4}부족|недостаточно средств",
    re.IGNORECASE,
)
_NO_PAYMENT = late_pattern(
    r"\b(?:no|valid|add a|enter a|missing|invalid) payment[ _](?:method|instrument|details|instruction)",
    re.IGNORECASE,
)
"""Advice that servers also give with a rate limit."""

_OPENAI_QUOTA = late_pattern(
    r"\b(?:openai|azure)(?:exception)?(?: \w{1,40}error| error)? ?[:-] .{0,40}exceeded your current quota"
    r"|exceeded your current quota\b.{0,160}platform\.openai\.com",
    re.IGNORECASE,
)
"""Quota messages that mean no credit at OpenAI, but a rate limit at Google."""

_NO_QUOTA = late_pattern(
    r"(?<!remaining )\blimit: ?0\b(?!\.\d| remaining| left)|\brate limit (?:is )?set to 0\b", re.IGNORECASE
)
"""Gemini's message for a model outside the free tier, although it also asks to retry later."""

TOO_LONG_CODES = frozenset(
    {
        "context_length_exceeded",
        "context_window_exceeded",
        "exceed_context_size_error",
        "string_above_max_length",
        "model_max_prompt_tokens_exceeded",
        "tokens_limit_reached",
    }
)
_TOO_LONG = late_pattern(
    r"maximum (?:context|prompt|model|input) length|context (?:window|length|size|limit)|too many tokens"
    r"|(?:prompt|input) (?:is )?too (?:long|large)|(?:input|prompt) token count|model token limit"
    r"|number of tokens allowed|`inputs` (?:tokens|must)|range of input length|exceeds max(?:imum)? length"
    r"|reduce the length of the messages|contextwindowexceedederror",
    re.IGNORECASE,
)
_OF_PROMPT = late_pattern(
    r"(?:maximum|model's) (?:context|prompt|input) length|context (?:window|length|size|limit)"
    r"|(?:prompt|input) (?:is )?too (?:long|large)|range of input length",
    re.IGNORECASE,
)
"""Text about a prompt's length with any status; “too many tokens” alone can mean tokens per minute."""

_MORE_THAN_FITS = late_pattern(
    r"(?<!max[ _])(?<!output )(?<!completion )(?<!new )\b(?:tokens?|prompt(?:_tokens)?|input|context)\b[^.]{0,60}?"
    r"(?:\bexceed(?:s|ed|ing)?\b|\bis over\b|>|\b(?:longer|greater|larger|more) than\b)"
    r"[^.]{0,40}?\b(?:max(?:imum)?|limit|context|window|capacity|kv cache|max_seq_len)\b"
    r"|(?:prompt|输入|輸入|文本|上下文|提示词|内容|消息)[^。]{0,12}(?:[过過][长長]|超[长長]|超出|太[长長])"
    r"|入力.{0,12}長すぎ|プロンプト.{0,12}長すぎ",
    re.IGNORECASE,
)
_OF_ELSE = late_pattern(
    r"\b(?:bytes?|[kmg]i?b|payload|characters?|batch|schema|depth)\b"
    r"|\b(?:quota|rate[ -]limits?|tp[md]|credits?|spend(?:ing)?)\b"
    r"|\bimages? (?:exceed|size|is )|\b(?:per|a|/) ?(?:second|min(?:ute)?|hour|day|week|month)\b",
    re.IGNORECASE,
)
"""Other things with limits of their own, and rate limits."""

_TOO_LONG_STATUSES = frozenset({400, 413, 422, 424})
_EXCEEDS = late_pattern(
    r"exceed|too (?:long|large|many)|(?:long|larg|great)er than|less than|must be|over(?:flow|run)"
    r"|\b(?:were|was) (?:given|requested|sent)\b|requested \d",
    re.IGNORECASE,
)
_WRAPPED = late_pattern(r"\A<\d{3}>")
_NUMBERS = late_pattern(r"\b\d{1,3}(?:,\d{3}){1,3}\b|\b\d{2,9}\b")
_WINDOW = late_pattern(
    r"(?:context (?:length|size|window)|maximum(?: of)?)[^0-9]{0,40}\b(\d{1,3}(?:,\d{3}){1,3}|\d{2,9})\b", re.IGNORECASE
)

_NOT_OF_TOKENS = late_pattern(
    r"\bmax_(?:completion_)?tokens\b['\"`]? is too large|\bmaximum length \d{1,9}\b", re.IGNORECASE
)
"""Text with numbers of characters, or with the response's limit, which are not the conversation's tokens."""

_EXCEEDED_BY = late_pattern(r"\bexceed(?:ed|s)? (?:the limit )?by (\d{1,9})\b", re.IGNORECASE)


_NO_DEPLOYMENT_CODES = frozenset(
    {
        *("deploymentnotfound", "model_not_found", "modelnotfound", "unknown_model", "notfounderror", "invalid_model"),
        "modelerror",
    }
)
_no_model_words = message_says(
    r"\b(?:model|deployment)\b.{0,120}(?:not found|not exist|unknown)|unknown model|could not find base model"
    r"|\bmodels/\S{1,120} (?:is|was) not found|\bnot a valid model\b|\Amodel: \S{1,200}\Z"
    r"|\bfunction '[^']{1,80}': not found for account|\bnot found the model\b|\bunable to access model\b"
    r"|\bcould not find a deployment for the model\b|\bunavailable model\b"
    r"|invalid model name|no healthy deployments|no deployments available for selected model|server is pinned to"
    r"|\bgiven endpoint does not exist\b|\bmodel identifier is invalid\b|无可用渠道"
    r"|\bno available channels? for model\b"
    r"|模型.{0,40}不存在|\binvalid model id\b",
    re.DOTALL,
)
is_upstream = message_says(
    r"\blitellm\.[a-z]{1,40}error\b|\b[a-z_]{2,30}exception - |(?:OpenAI|Anthropic|Azure|Vertex|Bedrock)Exception"
)
"""Names in a gateway's message for errors of the provider behind it."""

_NO_PATH = late_pattern(
    r"not[ _-]found|notfound\b|no (?:such )?(?:resource|handler)|cannot (?:get|post)"
    r"|\b(?:path|url|uri|endpoint|route|page)\b|method not allowed|404",
    re.IGNORECASE,
)
_says_no_route = message_says(r"\Amissing authentication token\.?\Z")
"""Message that AWS's gateway sends with status 403 for an unknown path."""

is_cooling_down = message_says(r"try again in \d|\bin cool-?down\b")
"""LiteLLM's message while it uses no server of a model because they failed."""

_says_responses = message_says(
    r"not accessible via the /chat/completions endpoint"
    r"|only (?:be )?(?:supported|available|used) (?:in|with|via|through) (?:the )?/?v1/responses"
    r"|chatCompletions? operation does not work with"
    r"|function tools with reasoning_effort are not supported"
)
"""Message of OpenAI and Azure for a model that supports Chat Completions not at all, or not with tools."""

_says_chat = message_says(
    r"\bresponses? operation does not work with|\bnot supported (?:in|with|by|via) the responses api\b"
)
"""Message of Azure and OpenAI for a model that supports Chat Completions, but not the Responses API."""

_says_no_chat = message_says(r"\b(?:text-)?embed|\b(?:whisper|tts|dall-e|sora|gpt-image|rerank)")
"""Names of models that support neither API format."""

_CHAT_UNKNOWN = "api_not_supported"
"""Azure's code for Claude over Chat Completions, since it supports only Messages."""

_SENTENCE = 4
"""Minimum words of a message that explains the rejection by itself."""


def names_no_model(refusal: RefusedRequest) -> bool:
    """Whether the server reports that it does not have the model or deployment."""
    return not _NO_DEPLOYMENT_CODES.isdisjoint(refusal.complaint.codes) or _no_model_words(refusal)


def is_no_route(refusal: RefusedRequest) -> bool:
    """Whether AWS's gateway reports an unknown path."""
    return refusal.status == 403 and not refusal.target.without_key and _says_no_route(refusal)


def is_denied(refusal: RefusedRequest) -> bool:
    """Whether the account lacks permission. With a token, Azure responds 401 even if only a role is missing."""
    if refusal.status == 403:
        return not is_no_route(refusal)
    return refusal.target.by_token and "permissiondenied" in refusal.complaint.codes


def is_retired(refusal: RefusedRequest) -> bool:
    """Whether the route has been retired."""
    return refusal.status == 410 or refusal.target.retirable


def explains_itself(refusal: RefusedRequest) -> bool:
    """Whether the message is a sentence that is not about the path."""
    shown = refusal.complaint.shown
    return not is_no_route(refusal) and len(shown.split()) >= _SENTENCE and not _NO_PATH.search(shown)


def is_bad_key(refusal: RefusedRequest) -> bool:
    """Whether a code or the message says that the key is invalid."""
    return not BAD_KEY_CODES.isdisjoint(refusal.complaint.codes) or names_bad_key(refusal.complaint)


def other_wire(refusal: RefusedRequest) -> str:
    """Return the API format that the model supports instead; empty if the rejection does not say."""
    if _says_responses(refusal) and not _says_no_chat(refusal):
        return "responses"
    if _CHAT_UNKNOWN in refusal.complaint.codes:
        return "messages"
    return "chat" if _says_chat(refusal) and not _says_no_chat(refusal) else ""


def is_dead_key(complaint: ErrorBody) -> bool:
    """Whether the key has been revoked or has expired."""
    return bool(_DEAD_KEY.search(complaint.message))


def names_bad_key(complaint: ErrorBody) -> bool:
    """Whether the message or an unambiguous code says that the key is invalid, whatever the status."""
    if not (BAD_KEY_CODES - _VAGUE_KEY_CODES).isdisjoint(complaint.codes):
        return True
    return bool(_BAD_KEY.search(complaint.message)) or is_dead_key(complaint)


def is_spent(refusal: RefusedRequest) -> bool:
    """Whether the account has no credit left. Servers report that with statuses that also have other meanings."""
    status, complaint, _ = refusal
    if 400 <= status < 500 and not QUOTA_CODES.isdisjoint(complaint.codes):
        return True
    if status not in REFUSAL_STATUSES:
        return False
    message = complaint.message
    match = _NO_CREDIT.search(message) or _OPENAI_QUOTA.search(message)
    return bool(match or (status != 429 and _NO_PAYMENT.search(message)))


def has_no_quota(refusal: RefusedRequest) -> bool:
    """Whether the account has no quota at all for such requests."""
    return refusal.status in {403, 429} and bool(_NO_QUOTA.search(refusal.complaint.message))


def is_too_long(refusal: RefusedRequest) -> bool:
    """Whether the conversation exceeds the model's context window.

    With a status that means a server failure or something else, the message must say that a limit was exceeded and that
    it was the limit of the prompt.
    """
    status, complaint, _ = refusal
    if status < 500 and status not in REFUSAL_STATUSES | _TOO_LONG_STATUSES:
        return False
    if not TOO_LONG_CODES.isdisjoint(complaint.codes):
        return True
    message = complaint.message
    is_other_limit = bool(_OF_ELSE.search(message))
    if _MORE_THAN_FITS.search(message) and not is_other_limit:
        return True
    if status in _TOO_LONG_STATUSES or status >= 500:
        return bool(_TOO_LONG.search(message)) and (status < 500 or bool(_EXCEEDS.search(message)))
    return bool(_OF_PROMPT.search(message)) and bool(_EXCEEDS.search(message)) and not is_other_limit


def too_long_sentence(message: str, said: str) -> Phrase:
    """Return a message with the conversation's length and the model's limit, otherwise with the server's message."""
    message = _WRAPPED.sub("", message)
    if _NOT_OF_TOKENS.search(message):
        return phrase("The conversation is too long for the model{said}", said=said)
    numbers = [int(found.replace(",", "")) for found in _NUMBERS.findall(message)]
    excess = _EXCEEDED_BY.search(message)
    if excess is not None:
        numbers = [each for each in numbers if each != int(excess[1])]
        numbers = [*numbers, numbers[0] + int(excess[1])] if len(numbers) == 1 else []
    window = _WINDOW.search(message)
    if len(set(numbers)) == 2:
        fits = min(numbers)
    else:
        fits = int(window[1].replace(",", "")) if window is not None else max(numbers, default=0)
    longer = [number for number in numbers if number > fits]
    if not longer:
        return phrase("The conversation is too long for the model{said}", said=said)
    return phrase(
        "The conversation is too long for the model: {needed} tokens, but only {fits} fit.",
        needed=f"{max(longer):,}",
        fits=f"{fits:,}",
    )
