"""Sends one prompt to several conversations concurrently; a failure does not affect the others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from desktop.domain.conversation_types import Message, new_id
from desktop.domain.events import Event
from desktop.domain.message_parts import FilePart, ImagePart
from desktop.errors import ParagoneError
from desktop.session.session import Session

Outcome = Message | ParagoneError
"""A finished response, or the reason the prompt could not be stored."""


async def ask_all(
    sessions: Sequence[Session],
    prompt: str,
    *,
    listener: Callable[[int, Event], None],
    ended: Callable[[int, Outcome], None],
    files: Sequence[ImagePart | FilePart] = (),
) -> tuple[Outcome, ...]:
    """Send `prompt` and `files` to all sessions.

    Args:
        listener: Receives the session's index and each event.
        ended: Receives the session's index and its outcome.

    Raises:
        Exception: An unexpected error of one session, after the others have ended.
    """
    turn = new_id()

    async def one(place: int, session: Session) -> Outcome:
        """Return one session's outcome. Paragone's errors are outcomes too."""
        outcome: Outcome
        try:
            outcome = await session.ask(prompt, lambda event: listener(place, event), turn=turn, files=files)
        except ParagoneError as error:
            outcome = error
        ended(place, outcome)
        return outcome

    tasks = [asyncio.create_task(one(place, session)) for place, session in enumerate(sessions)]
    try:
        await asyncio.wait(tasks)
    except asyncio.CancelledError:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        raise
    return tuple(task.result() for task in tasks)
