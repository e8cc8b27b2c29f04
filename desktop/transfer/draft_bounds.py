"""How large conversations may be that an import brings: no larger than what is said here."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.attachments.attachment_limits import MOST_FILES
from desktop.domain.conversation_types import FIGURES_WORDS, LONGEST_SYSTEM, MOST_MESSAGE_BYTES, Conversation, Message
from desktop.domain.message_parts import CitationPart, OpaquePart, Part, ReasoningPart, TextPart, ToolCallPart
from desktop.text.phrases import LONGEST, phrase
from desktop.transfer.archives.loose_json import Unreadable

MOST_MESSAGES = 100_000
"""Messages of one conversation that is imported, on all its branches."""

_LONGEST_ID = 200
_MOST_TAGS, _LONGEST_TAG = 100, 200
"""Characters of an id and of a tag, and tags of one conversation that an import brings."""


def require_count(messages: Sequence[object]) -> None:
    """Go on where a conversation has no more messages than can be handled. Raises Unreadable."""
    if len(messages) > MOST_MESSAGES:
        raise Unreadable(phrase("It contains more than {most} messages.", most=f"{MOST_MESSAGES:,}"))


def require_size(conversation: Conversation) -> None:
    """Go on where nothing of it is larger than what is said here may be. Raises Unreadable."""
    require_ids(conversation.id, conversation.current)
    if len(conversation.system) > LONGEST_SYSTEM:
        raise Unreadable(phrase("The system prompt is larger than {most} MB.", most=LONGEST_SYSTEM >> 20))
    for message in conversation.messages:
        require_ids(message.id, message.parent)
        _require_fields(message)
        texts = _texts(message.parts)
        many = sum(map(len, texts))
        # A character has one to four bytes: mostly the number alone tells.
        if many > MOST_MESSAGE_BYTES or (many * 4 > MOST_MESSAGE_BYTES and _bytes(texts) > MOST_MESSAGE_BYTES):
            raise Unreadable(phrase("A message is larger than {most} MB.", most=MOST_MESSAGE_BYTES >> 20))


def require_ids(*ids: str | None) -> None:
    """Go on where ids are as long as ids are: each list and each hit of a search carries them. Raises Unreadable."""
    if any(len(each) > _LONGEST_ID for each in ids if each is not None):
        raise Unreadable(phrase("An ID is longer than {most} characters.", most=_LONGEST_ID))


def few_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Tags as many and as long as the list shows in no time."""
    return tuple(tag[:_LONGEST_TAG] for tag in tags[:_MOST_TAGS])


def _require_fields(message: Message) -> None:
    """Go on where names and the like are no longer than what is shown of them. Raises Unreadable."""
    if len(message.files) > MOST_FILES:
        raise Unreadable(phrase("A message has more than {most} files.", most=MOST_FILES))
    figures = message.figures
    fields = [getattr(figures, name) for name in FIGURES_WORDS] if figures else []
    for part in message.parts:
        if isinstance(part, ToolCallPart):
            fields += [part.id, part.name]
        elif isinstance(part, CitationPart):
            fields += [part.url, part.title]
        elif not isinstance(part, (TextPart, ReasoningPart, OpaquePart)):
            fields += [part.sha256, part.media_type, part.name]
    if any(len(each) > LONGEST for each in fields if each):
        raise Unreadable(phrase("A field of a message is longer than {most} characters.", most=f"{LONGEST:,}"))


def _texts(parts: Sequence[Part]) -> list[str]:
    """All that may be long in a message."""
    return [
        part.arguments if isinstance(part, ToolCallPart) else part.text
        for part in parts
        if isinstance(part, (TextPart, ReasoningPart, ToolCallPart))
    ]


def _bytes(texts: Sequence[str]) -> int:
    return sum(len(each.encode(errors="replace")) for each in texts)
