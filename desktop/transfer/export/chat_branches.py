"""A conversation as its branches, each a conversation of its own: what an earlier one says is not said again; pure."""

from __future__ import annotations

from msgspec import structs

from desktop.domain.conversation_types import Conversation, Role
from desktop.formatting.number_format import Say
from desktop.text.phrases import phrase


def branches_of(conversation: Conversation, say: Say) -> list[Conversation]:
    """The branch that is shown, whole, then the others from where they leave those before; itself if there is no other.

    An answer that was asked for again comes with its prompt.
    """
    parents = {message.parent for message in conversation.messages}
    ends = [message.id for message in conversation.messages if message.id not in parents]
    ends.sort(key=lambda end: end != conversation.current)
    if len(ends) < 2:
        return [conversation]
    found: list[Conversation] = []
    said: set[str] = set()
    for number, end in enumerate(ends, 1):
        path = conversation.path(end)
        start = next((place for place, message in enumerate(path) if message.id not in said), len(path))
        said |= {message.id for message in path}
        if 0 < start < len(path) and path[start].role is not Role.USER:
            start -= 1
        own = path[start:]
        title = say(phrase("{title} (branch {n} of {count})", title=conversation.title, n=number, count=len(ends)))
        found.append(
            structs.replace(
                conversation,
                title=title,
                system=conversation.system if not start else "",
                messages=tuple(structs.replace(each, parent=None) if not at else each for at, each in enumerate(own)),
                current=end,
            )
        )
    return found
