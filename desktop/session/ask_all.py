"""One prompt to several conversations at the same time; one that fails leaves the others alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from desktop.domain.conversation_types import Message, new_id
from desktop.domain.events import Event
from desktop.domain.message_parts import FilePart, ImagePart
from desktop.errors import ParagoneError
from desktop.session.session import Session

Outcome = Message | ParagoneError
"""An answer as it ended, or why the prompt could not even be kept."""


async def ask_all(
    sessions: Sequence[Session],
    prompt: str,
    *,
    listener: Callable[[int, Event], None],
    ended: Callable[[int, Outcome], None],
    files: Sequence[ImagePart | FilePart] = (),
) -> tuple[Outcome, ...]:
    """Send `prompt` and `files` to all; `listener` gets each event and `ended` each outcome, with a session's place.

    A bug in one is raised, after the others have ended.
    """
    turn = new_id()

    async def one(place: int, session: Session) -> Outcome:
        """One session's outcome; an error of its surroundings is an outcome too, and stops no other."""
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
