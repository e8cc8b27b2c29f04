"""The tree of errors: codes are unique, sentences end, hints are there where an error says what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from desktop import errors
from desktop.text.phrases import english


def tree(kind: type[errors.ParagoneError]) -> Iterator[type[errors.ParagoneError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from tree(child)


def test_no_two_errors_share_a_code() -> None:
    """Classes that name no code of their own speak for those below them, and share their parent's."""
    kinds = {kind for kind in tree(errors.ParagoneError) if kind.__module__.startswith("desktop.errors.")}
    codes = Counter(kind.code for kind in kinds if "code" in vars(kind))
    assert len(codes) > 50
    assert [code for code, times in codes.items() if times > 1] == []


def test_the_drawing_names_every_error() -> None:
    drawn = errors.__doc__ or ""
    missing = [kind.__name__ for kind in tree(errors.ParagoneError) if kind.__name__ not in drawn]
    assert missing == []


def test_a_given_hint_replaces_the_usual_one() -> None:
    assert errors.RateLimited(english("Too fast.")).hint == errors.RateLimited.hint_default
    assert errors.RateLimited(english("Too fast."), hint=english("Wait.")).hint == "Wait."
