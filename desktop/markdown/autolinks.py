"""Autolinks: bare web and email addresses become links, by GitHub's rules but with more characters around them."""

from __future__ import annotations

import re
import unicodedata

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, autolink

_LONGEST = 2_000
"""Maximum length of an address in characters."""

_SCHEME = re.compile(r"(?i)(https?|mailto)\Z")
_REST = re.compile(rf"[^\s<>\x22\x00-\x1f「」『』（）【】《》〈〉，。；：！？、“”‘’«»…،؛؟۔।॥—→←⇒⇐`]{{1,{_LONGEST}}}+")
"""Characters of an address: anything but whitespace and the sentence punctuation of any script."""

_BRACKETED = re.compile(r"<(?!(?i:https?|mailto):)[A-Za-z][A-Za-z0-9+.\-]{1,31}:")
"""Autolinks that CommonMark accepts but that cannot be opened; most are code such as `vector<std::string>`."""

_PARTICLE = re.compile(
    r"(?<=[A-Za-z0-9_=&#%-])(?:[をはがにでのともへや]|から|まで|より)|(?<=/)を"
    r"|(?<=[A-Za-z0-9_=&#%/-])(?:[을를은는이가의에와과도로]|에서|에는|으로|이나|에도)(?![\uac00-\ud7af])"
)
"""Japanese and Korean particles that follow a word without a space and are not part of the address."""

_NEXT = re.compile(r"[,;|](?=https?://)", re.IGNORECASE)
"""Separator between two addresses without a space."""

_LONGEST_LABEL = 40
_LABELLED = re.compile(r"[^\s./:=@]{1,39}[:=/.]")
"""Label directly before an address, including its last character: `Source:`, an item number, or the end of a sentence.
"""

_HOST = re.compile(r"[^/?#:]{1,300}")
_LOCAL = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+-_")
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}+\.?+){1,20}")
_NO_MAIL = re.compile(r"@|:[\w~/-]+/")
"""Characters after a domain which show that the text is not an email address."""

_ENTITY = re.compile(r"&[A-Za-z]{1,30};\Z")
_NOTE = re.compile(r"\[\d{1,3}\]\Z")
"""Reference number directly after an address."""

_OPENED = {")": "(", "]": "[", "}": "{"}
_TRAILING = frozenset("?!.,:*_~'\"[{;`|")
_LATIN = 0x2E80
"""First code point of the scripts that are written without spaces. Addresses may directly follow their letters."""


def autolinks(md: MarkdownIt) -> None:
    """Add the autolink rules to a parser."""
    md.inline.ruler.at("autolink", _in_brackets)
    md.inline.ruler.push("autolink_www", _www)
    md.inline.ruler.push("autolink_scheme", _with_scheme)
    md.inline.ruler.push("autolink_mail", _mail)


def _in_brackets(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    return _BRACKETED.match(state.src, state.pos) is None and autolink(state, silent)


def _www(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    at = state.pos
    if silent or state.linkLevel > 0 or not state.src.startswith("www.", at):
        return False
    if not _may_begin(state, at) and not _label(state, at).endswith((":", "=")):
        return False
    found = _web(state, at)
    if not found or "." not in _host(found):
        return False
    return _link(state, at, found, f"http://{found}")


def _with_scheme(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    if silent or state.linkLevel > 0 or state.src[state.pos] != ":":
        return False
    named = _SCHEME.search(state.pending[-6:])
    if named is None:
        return False
    scheme = named[1]
    begin = state.pos - len(scheme)
    if not _may_begin(state, begin) and not _label(state, begin):
        return False
    if scheme.lower() == "mailto":
        address = _REST.match(state.src, state.pos + 1, state.posMax)
        local, at_sign, rest = address[0].partition("@") if address else ("", "", "")
        domain = _domain(rest)
        if not at_sign or not domain or not local or not _LOCAL.issuperset(local):
            return False
        found = f"{local}@{domain}"
        return _link(state, begin, f"{scheme}:{found}", f"mailto:{found}")
    if not state.src.startswith("://", state.pos):
        return False
    found = _web(state, state.pos + 3)
    return bool(found) and _link(state, begin, f"{scheme}://{found}", f"{scheme}://{found}")


def _mail(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    """Link an email address. The text before its `@` was already parsed, and its underscores possibly as emphasis."""
    at = state.pos
    if silent or state.linkLevel > 0 or state.src[at] != "@":
        return False
    begin = at
    while begin > max(at - 64, 0) and state.src[begin - 1] in _LOCAL:
        begin -= 1
    while begin < at and state.src[begin] in "_-.+":
        begin += 1
    domain = _domain(state.src[at + 1 : min(at + 300, state.posMax)])
    if begin == at or not domain:
        return False
    if not _may_begin(state, begin) and not _names_mail(_label(state, begin)):
        return False
    found = f"{state.src[begin:at]}@{domain}"
    return _link(state, begin, found, f"mailto:{found}")


def _link(state: StateInline, begin: int, text: str, address: str) -> bool:
    """Insert a link whose text begins before the parser's position."""
    href = state.md.normalizeLink(address)
    if not state.md.validateLink(href) or not _take_back(state, state.pos - begin):
        return False
    opening = state.push("link_open", "a", 1)
    opening.attrs = {"href": href}
    inner = state.push("text", "", 0)
    inner.content = text
    closing = state.push("link_close", "a", -1)
    for each in (opening, closing):
        each.markup, each.info = "autolink", "auto"
    state.pos = begin + len(text)
    return True


def _take_back(state: StateInline, length: int) -> bool:
    """Remove this many characters of already parsed text. Returns False without changes if they are not plain text.

    Underscores among them were stored as separate tokens for emphasis.
    """
    if length <= len(state.pending):
        state.pending = state.pending[: len(state.pending) - length]
        return True
    remaining, token_count = length - len(state.pending), len(state.tokens)
    while (
        remaining > 0
        and token_count
        and state.tokens[token_count - 1].type == "text"
        and len(state.tokens[token_count - 1].content) <= remaining
    ):
        token_count -= 1
        remaining -= len(state.tokens[token_count].content)
    if remaining > 0 and not (token_count and state.tokens[token_count - 1].type == "text"):
        return False
    if remaining > 0:
        last = state.tokens[token_count - 1]
        last.content = last.content[: len(last.content) - remaining]
    state.pending = ""
    del state.tokens[token_count:]
    del state.tokens_meta[token_count:]
    state.delimiters[:] = [each for each in state.delimiters if each.token < token_count]
    return True


def _may_begin(state: StateInline, at: int) -> bool:
    """Whether an address may begin at this position, i.e. not within a word, a path or another address."""
    before = state.src[at - 1] if at else " "
    if before in "_*~":
        return True
    if ord(before) >= _LATIN:
        return True
    return not before.isalnum() and before not in "/.:@#&=+-%\\$<"


def _label(state: StateInline, at: int) -> str:
    """Return the label directly before an address, as in `Source:https://…`, unless it is part of an address."""
    told = state.src[max(at - _LONGEST_LABEL, 0) : at].rsplit(maxsplit=1)
    return told[-1] if told and _LABELLED.fullmatch(told[-1]) else ""


def _names_mail(label: str) -> bool:
    """Whether a label before an email address describes the address. `user:` before a password does not."""
    return label.endswith((":", "=")) and (label[0].isupper() or not label.isascii() or "mail" in label.lower())


def _web(state: StateInline, at: int) -> str:
    """Return the web address whose host begins at this position, without sentence punctuation, or an empty string."""
    found = _REST.match(state.src, at, state.posMax)
    alone = _NEXT.split(found[0], maxsplit=1)[0] if found else ""
    address = _trimmed(_PARTICLE.split(alone, maxsplit=1)[0])
    host = _host(address)
    *_, before, last = ("", "", *host.split("."))
    marked = any(unicodedata.category(letter).startswith("P") and letter not in ".-_[]" for letter in host)
    return "" if not any(map(str.isalnum, host)) or marked or "_" in before + last else address


def _host(address: str) -> str:
    found = _HOST.match(address)
    return found[0] if found else ""


def _domain(text: str) -> str:
    """Return the email domain with which a text begins, or an empty string.

    Versions (`react@18.2.0`) and repository hosts (`git@github.com:org/repo.git`) are excluded.
    """
    found = _DOMAIN.match(text)
    if found is None or _NO_MAIL.match(text, found.end()):
        return ""
    domain = found[0].rstrip(".")
    return domain if "." in domain and domain[-1].isalnum() and not domain.rpartition(".")[2].isdigit() else ""


def _trimmed(address: str) -> str:
    """Return an address without trailing sentence punctuation.

    A closing bracket is removed only if it is unbalanced.
    """
    end = len(address)
    balance = {closing: address.count(opening) - address.count(closing) for closing, opening in _OPENED.items()}
    while end:
        last = address[end - 1]
        if balance.get(last, 0) < 0:
            balance[last] += 1
            end -= 1
        elif last == "]" and "?" not in address and (note := _NOTE.search(address, max(end - 5, 0), end)) is not None:
            end = note.start()
        elif last == ";" and (entity := _ENTITY.search(address, max(end - 32, 0), end)) is not None:
            end = entity.start()
        elif last in _TRAILING:
            end -= 1
        else:
            break
    return address[:end]
