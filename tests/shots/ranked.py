"""The pictures of the ranking: with votes that claim something, dark and narrow, and read from the right."""

from __future__ import annotations

import random
from datetime import timedelta

from desktop.domain.conversation_types import now
from desktop.voting.contender import Contender
from desktop.voting.vote import Vote, order
from tests.shots.compared import GPT, GROK, LLAMA
from tests.shots.pictures import picture
from tests.shots.stage import Stage
from ui.voting.ranking_page import RankingPage

_STRENGTH = {GPT: 1.6, GROK: 0.8, LLAMA: -0.9}
_TAGS = ("code", "translation", "summary")


def votes(number: int = 90) -> list[Vote]:
    """As somebody gives them within some weeks; the same each time."""
    chance, begin = random.Random(4), now() - timedelta(days=40)
    found: list[Vote] = []
    for place in range(number):
        models = chance.sample(list(_STRENGTH), 2)
        luck = [-_STRENGTH[model] - chance.gauss(0, 1.2) for model in models]
        outcome = order((0, 0)) if abs(luck[0] - luck[1]) < 0.35 else order(luck)
        found.append(
            Vote(
                id=f"{place:032x}",
                at=begin + timedelta(hours=10 * place),
                contenders=tuple(Contender(model=str(model)) for model in models),
                outcome=outcome,
                prompt=f"Prompt {place}",
                tags=(chance.choice(_TAGS),),
                names_model=place % 17 == 0,
            )
        )
    return found


@picture("ranking")
@picture("ranking-dark", theme="dark")
@picture("ranking-narrow", size=(560, 700))
@picture("ranking-rtl", language="ar")
@picture("ranking-150", size=(900, 700), scale=1.5)
async def ranking(stage: Stage) -> None:
    await (await stage.services.store()).votes.add(*votes())
    stage.window.blind.show_ranking()
    [page] = stage.window.findChildren(RankingPage)
    await stage.until(lambda: len(page.plot.rows) == len(_STRENGTH) and " " in page.plot.rows[0].text)
    await stage.settle(4)
