"""Pairs come in a fixed random order, blind, and a review continues where it was left."""

from __future__ import annotations

from collections import Counter

from desktop.domain.suite_cells import CellKey, PairChoice
from desktop.replay.replay_plan import ReplayItem, ReplayPlan, control_items
from desktop.replay.review import review_tasks, reviewed_items
from desktop.replay.review_desk import ReviewDesk
from tests.desktop.replay.replay_desk import OLD, ReplayUser, model


def plan(
    conversations: int, per: int = 1, *, review: int | None = None, seed: int = 3, control: bool = False
) -> ReplayPlan:
    items = tuple(
        ReplayItem(conversation=f"c{number}", prompt=f"p{number}.{turn}", answer=f"a{number}.{turn}", model=OLD)
        for number in range(conversations)
        for turn in range(per)
    )
    return ReplayPlan(
        of="old",
        models=(model("lab/new"),),
        items=items,
        review=len(items) if review is None else review,
        incumbent=OLD if control else None,
        control=control_items(len(items), seed) if control else (),
        seed=seed,
    )


def test_whole_conversations_are_drawn_at_random_until_there_are_enough() -> None:
    drawn = [reviewed_items(plan(40, 3, review=20, seed=seed)) for seed in range(50)]
    assert all(len(items) == 21 for items in drawn)
    assert all(len({item // 3 for item in items}) == 7 for items in drawn)
    times = Counter(item // 3 for items in drawn for item in items)
    assert len(times) == 40


def test_every_planned_item_is_shown_once_either_side_first_and_one_in_fifteen_again_with_sides_swapped() -> None:
    tasks = review_tasks(plan(150))
    own = [task for task in tasks if not task.again]
    assert sorted(task.item for task in own) == [*range(150)]
    assert 50 < sum(task.shown for task in own) < 100
    again = [task for task in tasks if task.again]
    assert len(again) == 10
    for task in again:
        first = next(each for each in own if each.item == task.item)
        assert first.shown != task.shown
        assert tasks.index(task) - tasks.index(first) >= 10


def test_control_pairs_are_spread_among_the_others_and_counted_apart() -> None:
    tasks = review_tasks(plan(100, control=True))
    controls = [place for place, task in enumerate(tasks) if task.contender == 1]
    assert len(controls) == 10
    assert controls[-1] - controls[0] > 30


async def test_a_review_continues_at_the_same_pair_and_the_last_verdict_can_be_withdrawn(user: ReplayUser) -> None:
    for number in range(6):
        await user.remember((f"prompt {number}", "answer"))
    run_id, _ = await user.replay("lab/plain")
    desk = await ReviewDesk.open(user.store, run_id)
    first = await desk.next()
    assert first is not None
    await desk.give(first, PairChoice.TIE)
    second = await desk.next()
    assert second is not None
    await desk.give(second, PairChoice.TIE)
    third = await desk.next()
    later = await ReviewDesk.open(user.store, run_id)
    assert (later.done, later.left) == (2, 4)
    assert await later.next() == third
    assert await later.undo()
    assert await later.next() == second
    assert (later.done, later.left) == (1, 5)


async def test_deleted_conversations_are_passed_over(user: ReplayUser) -> None:
    gone = await user.remember(("gone", "answer"))
    await user.remember(("there", "answer"))
    run_id, _ = await user.replay("lab/plain")
    await user.store.conversations.trash([gone.id])
    await user.store.conversations.purge([gone.id])
    desk = await ReviewDesk.open(user.store, run_id)
    pair = await desk.next()
    assert pair is not None
    assert pair.prompt.text == "there"
    await desk.give(pair, PairChoice.FIRST)
    assert await desk.next() is None
    assert desk.left == 0


async def test_a_choice_counts_for_the_answer_it_was_given_to_whichever_side_it_was_on(user: ReplayUser) -> None:
    for number in range(12):
        await user.remember((f"prompt {number}", "answer"))
    run_id, _ = await user.replay("lab/plain")
    desk = await ReviewDesk.open(user.store, run_id)
    sides: set[int] = set()
    while (pair := await desk.next()) is not None:
        sides.add(pair.task.shown)
        await desk.give(pair, PairChoice.FIRST if pair.left != "answer" else PairChoice.SECOND)
    assert sides == {0, 1}
    (successor,) = (await user.results(run_id)).successors
    assert (successor.theta, successor.tally.wins) == (1.0, 12)
    assert CellKey(0, 0, 0) in (await user.store.replays.asked(run_id)).answered
