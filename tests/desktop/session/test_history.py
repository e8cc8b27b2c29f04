"""What is sent of a conversation, rough counts of tokens, and titles."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.conversation_types import Message, Role, Status, now
from desktop.domain.message_parts import TextPart
from desktop.session.history import fit
from desktop.text.token_estimate import estimate_tokens


def message(role: Role, text: str) -> Message:
    return Message(
        id=text, parent=None, role=role, parts=(TextPart(text=text),), status=Status.COMPLETE, created_at=now()
    )


def turns(count: int, size: int = 40) -> list[Message]:
    path: list[Message] = []
    for number in range(count):
        path.append(message(Role.USER, f"q{number}".ljust(size)))
        path.append(message(Role.ASSISTANT, f"a{number}".ljust(size)))
    return [*path, message(Role.USER, "last")]


def test_everything_is_sent_where_the_window_is_unknown() -> None:
    assert fit(turns(50), system="", window=None, reserve=100).left_out == 0


@given(st.integers(0, 30), st.integers(1, 2000), st.integers(0, 500))
def test_the_last_prompt_is_always_sent_and_whole_turns_are_left_out(count: int, window: int, reserve: int) -> None:
    path = turns(count)
    fitted = fit(path, system="s", window=window, reserve=reserve)
    roles = [each.role for each in fitted.messages]
    assert fitted.messages[0].text == "s"
    assert fitted.messages[-1].text == "last"
    assert len(fitted.messages) == 2 + 2 * (count - fitted.left_out)
    assert all(roles[place] is not roles[place + 1] for place in range(1, len(roles) - 1))
    cost = sum(estimate_tokens(each.text) + 4 for each in fitted.messages)
    assert fitted.left_out == count or cost <= window - reserve


def test_a_japanese_text_counts_a_token_a_character() -> None:
    assert estimate_tokens("東京都") == 3
    assert estimate_tokens("word" * 10) == 10
    assert estimate_tokens("") == 0
