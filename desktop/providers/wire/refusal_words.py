"""The words and codes of a refusal that every engine chooses anew: too long, nothing left, a key that is none; pure."""

from __future__ import annotations

import re

from desktop.providers.wire.error_bodies import ErrorBody
from desktop.text.late_pattern import late_pattern
from desktop.text.phrases import Phrase, phrase

REFUSALS = frozenset({400, 401, 402, 403, 412, 422, 429})
"""The statuses with which services refuse what is asked: which one they choose for what says little."""

BAD_KEY_CODES = frozenset(
    {
        *("invalid_api_key", "authentication_error", "unauthorized", "401", "api_key_invalid", "wrong_api_key"),
        *("missing_api_key", "expired_key", "token_expired", "expiredtokenexception", "unrecognizedclientexception"),
        *("credentials_missing", "oauth.v2.invalidapikey", "consumer_suspended"),
    }
)
_VAGUE_KEY_CODES = frozenset({"unauthorized", "401"})
"""What is said with 403 of those who may not do something, too."""

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
"""What is said beside a limit of requests a minute as well, as advice."""

_OPENAI_QUOTA = late_pattern(
    r"\b(?:openai|azure)(?:exception)?(?: \w{1,40}error| error)? ?[:-] .{0,40}exceeded your current quota"
    r"|exceeded your current quota\b.{0,160}platform\.openai\.com",
    re.IGNORECASE,
)
"""What means a minute's limit where Google says it, and that nothing is left where OpenAI does."""

_NO_QUOTA = late_pattern(
    r"(?<!remaining )\blimit: ?0\b(?!\.\d| remaining| left)|\brate limit (?:is )?set to 0\b", re.IGNORECASE
)
"""How Gemini says that a model is not in what costs nothing; it asks to wait all the same."""

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
"""What means a prompt beside statuses of something else as well: “too many tokens” means those of a minute there."""

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
"""What has a limit of its own, or one for a time."""

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
"""What counts characters, or an answer's longest length: its figures are no conversation's."""

_EXCEEDED_BY = late_pattern(r"\bexceed(?:ed|s)? (?:the limit )?by (\d{1,9})\b", re.IGNORECASE)


def is_dead_key(complaint: ErrorBody) -> bool:
    """Whether the key was one, and will not be any more."""
    return bool(_DEAD_KEY.search(complaint.message))


def names_bad_key(complaint: ErrorBody) -> bool:
    """Whether the words, or a code that means nothing else, say that the key is none, whatever the status."""
    if not (BAD_KEY_CODES - _VAGUE_KEY_CODES).isdisjoint(complaint.codes):
        return True
    return bool(_BAD_KEY.search(complaint.message)) or is_dead_key(complaint)


def is_spent(status: int, complaint: ErrorBody) -> bool:
    """Whether nothing is left on the account. Words of it come with statuses that mean other things too."""
    if 400 <= status < 500 and not QUOTA_CODES.isdisjoint(complaint.codes):
        return True
    if status not in REFUSALS:
        return False
    said = complaint.message
    found = _NO_CREDIT.search(said) or _OPENAI_QUOTA.search(said) or (status != 429 and _NO_PAYMENT.search(said))
    return bool(found)


def has_no_quota(status: int, complaint: ErrorBody) -> bool:
    """Whether the account may ask nothing of this kind at all, now or later."""
    return status in {403, 429} and bool(_NO_QUOTA.search(complaint.message))


def is_too_long(status: int, complaint: ErrorBody) -> bool:
    """Whether more was sent than the model has room for.

    A server that failed, and one whose status means something else, must say that it was too much, and of a prompt.
    """
    if status < 500 and status not in REFUSALS | _TOO_LONG_STATUSES:
        return False
    if not TOO_LONG_CODES.isdisjoint(complaint.codes):
        return True
    said = complaint.message
    of_else = bool(_OF_ELSE.search(said))
    if _MORE_THAN_FITS.search(said) and not of_else:
        return True
    if status in _TOO_LONG_STATUSES or status >= 500:
        return bool(_TOO_LONG.search(said)) and (status < 500 or bool(_EXCEEDS.search(said)))
    return bool(_OF_PROMPT.search(said)) and bool(_EXCEEDS.search(said)) and not of_else


def too_long_sentence(message: str, said: str) -> Phrase:
    """How long it is and how much fits, where the server says so; else its own words."""
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
