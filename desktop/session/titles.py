"""Titles by a model, where the settings want one: asked once, after the first answer, and never over the user's own."""

from __future__ import annotations

import asyncio
import re
from contextlib import aclosing
from typing import Protocol

from desktop.catalog.catalog import Catalog
from desktop.domain.conversation_types import Conversation, ModelRef, Parameters, Role, Status
from desktop.domain.events import TextDelta, UsageUpdate
from desktop.errors import ParagoneError
from desktop.providers.provider import ChatMessage, ChatRequest
from desktop.session.answer_figures import estimated_usage
from desktop.session.charge import charge_of
from desktop.session.gateway import Gateway
from desktop.session.prompt_title import shortened, title_of
from desktop.settings.schema import OWN_TITLES, TITLES
from desktop.system.log import logger

LONGEST = 60
"""Characters of a title."""

_log = logger("titles")

_ASKED = (
    "Give the conversation below a title of at most six words, in the language it is in. "
    "Answer with the title alone: no quotation marks, no full stop, no explanation."
)
_PROMPT, _ANSWER = 2_000, 1_000  # characters of the two that are sent
_TOKENS, _READ = 200, 400  # of an answer: what is asked for, and the characters that are read
_PATIENCE_S = 60.0
_LEAD = re.compile(r"^(?:title|titel|titre|título|titolo|标题|標題|العنوان)\s*[:：]\s*", re.IGNORECASE)
_MARKS = " \t#*_`~>-\"'“”„‘’«»《》「」.。"


class Keeper(Protocol):
    """Where titles are kept: the store's conversations."""

    async def get(self, id_or_prefix: str) -> Conversation:
        """A conversation. Raises StoreError."""
        ...

    async def retitle(self, conversation_id: str, before: str, title: str) -> bool:
        """Set the title where it still is `before`; whether it was. Raises StoreError."""
        ...


class Titles:
    """Asks the model that the settings name for titles, else the chat's own where they want that, else nobody."""

    def __init__(self, gateway: Gateway, catalog: Catalog) -> None:
        self._gateway = gateway
        self._catalog = catalog
        self._asking: set[str] = set()

    @property
    def on(self) -> bool:
        """Whether a model is to give titles."""
        return bool(self._gateway.settings.get(TITLES)) or self._gateway.settings.get(OWN_TITLES)

    async def after_answer(self, keeper: Keeper, conversation_id: str) -> str:
        """Title a conversation whose first answer has ended; the title, empty where it keeps the one it has.

        What fails on the way to the model is written to the log and no more: the first words are a title too.
        Raises StoreError.
        """
        if not self.on or conversation_id in self._asking:
            return ""
        self._asking.add(conversation_id)
        try:
            conversation = await keeper.get(conversation_id)
            title = await self._title(conversation) if is_untitled(conversation) else ""
            kept = bool(title) and await keeper.retitle(conversation.id, conversation.title, title)
        finally:
            self._asking.discard(conversation_id)
        return title if kept else ""

    async def _title(self, conversation: Conversation) -> str:
        try:
            named = self._gateway.settings.get(TITLES)
            said = await self._asked(ModelRef.parse(named) if named else conversation.model, conversation)
            return cleaned(self._gateway.mask.hide(said))
        except (ParagoneError, TimeoutError) as error:
            _log.warning("no title: %s", error.code if isinstance(error, ParagoneError) else "timeout")
            return ""

    async def _asked(self, ref: ModelRef, conversation: Conversation) -> str:
        prompt, answer = conversation.messages
        answered = (await self._gateway.without_keys(answer.text))[:_ANSWER]
        said = f"{_ASKED}\n\nUser: {prompt.text[:_PROMPT]}\n\nAssistant: {answered}"
        entry, usage, text = self._catalog.entry(self._gateway.known(ref).base, ref.name), None, ""
        request = ChatRequest(
            model=ref.name,
            messages=(ChatMessage(role=Role.USER, text=said),),
            parameters=Parameters(values={"max_tokens": _TOKENS}),
            wire=entry.wire,
        )
        async with self._gateway.ask(
            conversation=conversation.id, model=ref, entry=entry, texts=(prompt.text[:_PROMPT],)
        ) as passage:
            stream = await passage.open()
            try:
                async with asyncio.timeout(_PATIENCE_S), aclosing(stream(request)) as events:
                    async for event in events:
                        if isinstance(event, TextDelta):
                            text += event.text
                        elif isinstance(event, UsageUpdate):
                            usage = event.usage
                        if len(text) > _READ:
                            break
            finally:
                await passage.pay(charge_of(usage, estimated_usage(said, text, ""), entry, entry).usd)
        return text


def is_untitled(conversation: Conversation) -> bool:
    """Whether it is one prompt with one whole answer, under the title that its first words gave it."""
    if [message.role for message in conversation.messages] != [Role.USER, Role.ASSISTANT]:
        return False
    prompt, answer = conversation.messages
    return answer.status is Status.COMPLETE and bool(answer.text) and conversation.title == title_of(prompt.text)


def cleaned(said: str) -> str:
    """A title from what a model said: its first line with words, without marks of quotation or Markdown."""
    for line in said.splitlines():
        bare = _LEAD.sub("", line.strip(_MARKS)).strip(_MARKS)
        if not any(map(str.isalnum, bare)):
            continue
        title = shortened(bare)
        if len(title) <= LONGEST:
            return title
        cut = title[: LONGEST - 1]
        return f"{(cut.rpartition(' ')[0] or cut).rstrip(',;:. ')}…"
    return ""
