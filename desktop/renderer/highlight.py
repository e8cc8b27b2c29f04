"""Highlights code in the render child, because many of Pygments' lexers never finish on some lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, cast

from desktop.renderer.render_wire import CodeReply, CodeRequest

if TYPE_CHECKING:
    from pygments.lexer import Lexer

Word = tuple[str, str]
"""A piece of code and its syntax kind, which is empty for the default text color."""

LONGEST = 2_000
"""Length from which a line is not highlighted."""

_KINDS = {
    "Keyword": "keyword", "Operator.Word": "keyword", "Name.Tag": "keyword", "Name.Function": "name",
    "Name.Class": "name", "Name.Decorator": "name", "Name.Attribute": "name", "Generic.Heading": "name",
    "Generic.Subheading": "name", "Literal.String": "string", "Generic.Inserted": "string",
    "Literal.Number": "number", "Name.Entity": "number", "Comment": "comment", "Generic.Deleted": "tag",
}  # fmt: skip


class Highlighter:
    """Highlights a block of code whose lines are passed in order. Without a lexer, everything is plain.

    `state` is the lexer's state after earlier lines that are not passed.
    """

    def __init__(self, language: str, state: Sequence[str] = ()) -> None:
        self._lexer = lexer(language) if language else None
        self._stack = [*state] or ["root"]
        self._resumes = self._lexer is not None and _resumes(self._lexer)

    @property
    def knows(self) -> bool:
        """Whether there is a lexer for the language."""
        return self._lexer is not None

    @property
    def resumes(self) -> bool:
        """Whether the lexer can resume after earlier lines."""
        return self._resumes

    @property
    def state(self) -> tuple[str, ...]:
        """The lexer's state after the lines so far."""
        return tuple(self._stack)

    def lines(self, text: str) -> list[list[Word]]:
        """Return the pieces of the next complete lines, and save the state for later lines."""
        return self._told(text, self._stack)

    def open_line(self, text: str) -> list[Word]:
        """Return the pieces of a line that is not complete yet."""
        return self._told(text, [*self._stack])[0]

    def whole(self, text: str) -> list[list[Word]]:
        """Return the pieces of a complete block, in which kinds may depend on later lines."""
        if self._lexer is None or _longest(text) > LONGEST:
            return self.lines(text)
        return _lines((kind, piece) for _, kind, piece in self._lexer.get_tokens_unprocessed(text))

    def _told(self, text: str, stack: list[str]) -> list[list[Word]]:
        if self._lexer is None:
            return plain_lines(text)
        if _longest(text) > LONGEST:
            lines = text.removesuffix("\n").split("\n")
            runs = groupby(lines, lambda line: len(line) > LONGEST)
            return [
                words for is_long, run in runs for words in self._run("\n".join([*run, ""]), stack, is_long=is_long)
            ]
        return self._run(text, stack, is_long=False)

    def _run(self, text: str, stack: list[str], *, is_long: bool) -> list[list[Word]]:
        """Return the pieces of consecutive lines that are either all short or all too long."""
        if is_long or self._lexer is None:
            return plain_lines(text)
        if self._resumes:
            return _lines(_resumed(self._lexer, text, stack))
        parts = text.removesuffix("\n").split("\n")
        tokens = ((kind, piece) for line in parts for _, kind, piece in self._lexer.get_tokens_unprocessed(line + "\n"))
        return _lines(tokens)


def coloured(request: CodeRequest) -> CodeReply:
    """Return the highlighted pieces of some code. The last line may be incomplete."""
    highlighter = Highlighter(request.language, request.state)
    if not highlighter.knows:
        return CodeReply()
    end = request.text.rfind("\n") + 1
    lines = highlighter.lines(request.text[:end]) if end else []
    state = highlighter.state
    if request.text[end:]:
        lines.append(highlighter.open_line(request.text[end:]))
    if request.whole:
        whole = highlighter.whole(request.text)
        lines = whole if len(whole) == len(lines) else lines
    return CodeReply(lines=tuple(tuple(words) for words in lines), state=state)


def _longest(text: str) -> int:
    return max(map(len, text.split("\n")))


def plain_lines(text: str) -> list[list[Word]]:
    """Return lines without highlighting."""
    return [[(line, "")] if line else [] for line in text.removesuffix("\n").split("\n")]


@cache
def lexer(language: str) -> Lexer | None:
    """Return Pygments' lexer for the language of a code fence, or None if there is none. The first call is slow."""
    from pygments.lexers import get_lexer_by_name  # pyright: ignore[reportUnknownVariableType]
    from pygments.util import ClassNotFound

    find = cast("Callable[..., Lexer]", get_lexer_by_name)
    try:
        return find(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def _resumes(lexer: Lexer) -> bool:
    """Whether a lexer's stack is its complete state. For Ruby, JSON and YAML, it is not."""
    from pygments.lexer import DelegatingLexer, ExtendedRegexLexer, RegexLexer

    plain = isinstance(lexer, RegexLexer) and not isinstance(lexer, ExtendedRegexLexer | DelegatingLexer)
    return plain and type(lexer).get_tokens_unprocessed is RegexLexer.get_tokens_unprocessed


def _resumed(lexer: Any, text: str, stack: list[str]) -> Iterator[tuple[Any, str]]:  # noqa: ANN401 - untyped library
    """Yield the tokens of a text. The stack is updated in place to the state at the end."""
    from pygments.token import Error, Whitespace, _TokenType

    states = lexer._tokens  # noqa: SLF001 - there is no public API for resuming
    at, size = 0, len(text)
    while True:
        for matches, action, change in states[stack[-1]]:
            match = matches(text, at)
            if not match:
                continue
            if type(action) is _TokenType:
                yield action, match[0]
            elif action is not None:
                yield from ((kind, piece) for _, kind, piece in action(lexer, match))
            at = match.end()
            if change is not None:
                _change(stack, change)
            break
        else:
            if at >= size:
                return
            if text[at] == "\n":
                stack[:] = ["root"]
            yield (Whitespace if text[at] == "\n" else Error), text[at]
            at += 1


def _change(stack: list[str], change: str | int | tuple[str, ...]) -> None:
    """Change the stack to the state that a rule specifies."""
    if isinstance(change, int):
        del stack[max(len(stack) + change, 1) :]
        return
    for state in (change,) if isinstance(change, str) else change:
        if state == "#push":
            stack.append(stack[-1])
        elif state == "#pop":
            del stack[max(len(stack) - 1, 1) :]
        else:
            stack.append(state)


def _lines(tokens: Iterable[tuple[Any, str]]) -> list[list[Word]]:
    """Split tokens into lines of pieces."""
    lines: list[list[Word]] = [[]]
    for kind, text in tokens:
        _add(lines, kind, text)
    if len(lines) > 1 and not lines[-1]:
        lines.pop()
    return lines


def _add(lines: list[list[Word]], kind: Any, text: str) -> None:  # noqa: ANN401 - untyped library
    """Append a token. It is joined with the previous one if both are of the same kind."""
    name = _kind(kind)
    for number, part in enumerate(text.split("\n")):
        if number:
            lines.append([])
        if not part:
            continue
        line = lines[-1]
        if line and line[-1][1] == name:
            line[-1] = (line[-1][0] + part, name)
        else:
            line.append((part, name))


@cache
def _kind(token: Any) -> str:  # noqa: ANN401 - untyped library
    """Return the syntax kind of a token's type, or that of the nearest parent type."""
    while token:
        name = _KINDS.get(str(token).removeprefix("Token."))
        if name:
            return name
        token = token.parent
    return ""
