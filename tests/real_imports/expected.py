"""What a log of the `llm` command must become, whichever version wrote it; `llm_session.py` is what was typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from desktop.domain.message_parts import ReasoningPart, ToolCallPart
from desktop.transfer.import_drafts import Draft
from desktop.transfer.importer import open_file

Said = Sequence[tuple[str, str]]

ATTACHED = "Attachments: only their names are imported (1)"
OPTIONS = "Request options and schemas are left out (1)"
SYSTEM = "System messages in the middle of a conversation are left out (1)"
TOOLS = "Tool calls and their results are left out (1)"

BEFORE: Mapping[str, Said] = {
    "plain one": (
        ("user", "plain one"),
        ("assistant", "You said: plain one"),
        ("user", "plain two"),
        ("assistant", "You said: plain two"),
    ),
    "with a fragment": (
        ("user", "It was a dark night.\nwith a fragment"),
        ("assistant", "You said: with a fragment"),
    ),
    "use the tool": (("user", "use the tool"), ("assistant", "Looking. \n\nFound: Bern is sunny")),
    "with a picture": (
        ("user", "with a picture\n\n[Attachment: sky.png]"),
        ("assistant", "You said: with a picture"),
    ),
    "a name": (("user", "a name"), ("assistant", "You said: a name")),
    "think": (("user", "think"), ("assistant", "You said: think")),
}
"""Conversations by what stands in their first prompt."""

NEWER: Mapping[str, Said] = {**BEFORE, "think": (("user", "think"), ("assistant", "Thought about it."))}


def _more(name: str) -> Said:
    return (*BEFORE[name], ("user", f"more {name[-5:]}"), ("assistant", f"You said: more {name[-5:]}"))


UPGRADED: Mapping[str, Said] = {
    **{name: _more(name) for name in ("plain one", "with a fragment", "use the tool", "with a picture")},
    "a name": BEFORE["a name"],
    "think": (*BEFORE["think"], ("user", "think again"), ("assistant", "Thought about it.")),
    "a new one": (("user", "a new one"), ("assistant", "You said: a new one")),
}

LOST: Mapping[str, Sequence[str]] = {
    "plain one": (OPTIONS, SYSTEM),
    "use the tool": (TOOLS,),
    "with a picture": (ATTACHED,),
    "a name": (OPTIONS,),
}
LOST_NEWER = {**LOST, "plain one": (OPTIONS,)}
"""Since 0.32 llm does not log a system prompt that comes with a later prompt."""

DATABASES = {"0.28": (BEFORE, LOST), "0.36": (NEWER, LOST_NEWER), "upgraded": (UPGRADED, LOST)}


def conversations(path: Path) -> list[Draft]:
    """All that is imported of a database."""
    (source,) = open_file(path)
    try:
        at = datetime(2026, 1, 1, tzinfo=UTC)
        return [draft for place in range(source.count) for draft in source.format.drafts(source.read(place), at)]
    finally:
        source.close()


def wrong(name: str, drafts: Sequence[Draft]) -> list[str]:
    """What of these conversations is not as it must be, in words; and each that is missing or too many."""
    expected, lost = DATABASES[name]
    found: list[str] = []
    left = list(drafts)
    for first, said in expected.items():
        draft = next((each for each in left if _is(each, first)), None)
        if draft is None:
            found.append(f"{first}: missing")
            continue
        left.remove(draft)
        path = [(message.role.value, message.text) for message in draft.conversation.path()]
        if path != list(said):
            found.append(f"{first}: {path}")
        if len(draft.conversation.messages) != len(said):
            found.append(f"{first}: {len(draft.conversation.messages)} messages")
        if sorted(draft.losses) != sorted(lost.get(first, ())):
            found.append(f"{first}: {draft.losses}")
        found += _parts_wrong(first, draft, newer=name == "0.36")
    return [*found, *(f"{each.conversation.title}: not expected" for each in left)]


def _is(draft: Draft, first: str) -> bool:
    return bool(draft.conversation.messages) and draft.conversation.messages[0].text.split("\n\n")[0].endswith(first)


def _parts_wrong(first: str, draft: Draft, *, newer: bool) -> list[str]:
    conversation = draft.conversation
    parts = [part for message in conversation.messages for part in message.parts]
    systems = {"plain one": "Be short.", "with a fragment": "Always rhyme.\n\nBe kind."}
    found: list[str] = []
    if conversation.system != systems.get(first, ""):
        found.append(f"{first}: system prompt {conversation.system!r}")
    calls = [part for part in parts if isinstance(part, ToolCallPart)]
    if [(each.name, each.arguments) for each in calls] != [("look", '{"place":"Bern"}')] * (first == "use the tool"):
        found.append(f"{first}: {calls}")
    if newer and first == "think" and ReasoningPart(text="Let me think.") not in parts:
        found.append(f"{first}: no reasoning")
    answers = [message for message in conversation.messages if message.model is not None]
    if not all(
        each.usage and each.usage.output_tokens == 4 and each.model.name == "echo" for each in answers if each.model
    ):
        found.append(f"{first}: {[(each.usage, each.model) for each in answers]}")
    return found
