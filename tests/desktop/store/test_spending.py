"""What answers cost, by the figures that are kept with them."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from desktop.domain import Figures, now
from desktop.store.store import Store
from tests.desktop.store import made


async def test_only_answers_since_a_time_that_have_a_price_count(store: Store) -> None:
    begin = now() - timedelta(minutes=1)
    question = made.prompt()
    messages = [question]
    for cost, at in ((1.5, now()), (0.25, now()), (None, now()), (9.0, begin - timedelta(days=1))):
        answer = made.finished(made.answer(question), "x")
        messages.append(msgspec.structs.replace(answer, created_at=at, figures=Figures(cost=cost)))
    await store.conversations.create(made.conversation(*messages))
    assert await store.spent(begin) == 1.75
    assert await store.spent(now() + timedelta(days=1)) == 0
