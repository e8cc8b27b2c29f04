"""The store against a plain model of it, through restarts, by random steps."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from desktop.domain.conversation_types import (
    Message,
    ModelRef,
    Parameters,
    Role,
    Status,
)
from desktop.domain.message_parts import Part, PartKind
from desktop.errors import ConversationUnknown
from desktop.store.conversation_list import Wanted
from desktop.store.records import row_mapping
from desktop.store.store import Store
from tests.desktop.store import made
from tests.examples import examples

_T = TypeVar("_T")
TEXTS = st.text(st.sampled_from("ab é東京査🙂\0\n\"'*%"), max_size=12)
ENDS = st.sampled_from([Status.COMPLETE, Status.STOPPED, Status.FAILED, Status.INTERRUPTED])
TAGS = st.sampled_from(["a", "A", "b", "東京 x"])
KINDS = st.sampled_from(list(PartKind))
DELTAS = st.lists(st.tuples(KINDS, TEXTS), max_size=3)
MODELS = [ModelRef(connection="a", name="x"), ModelRef(connection="a", name="y"), ModelRef(connection="b", name="x")]


@dataclass
class Kept:
    """What the model holds of one conversation."""

    value: made.Conversation
    updated: int
    title: str
    system: str = ""
    current: str | None = None
    trashed: bool = False
    pinned: bool = False
    archived: bool = False
    tags: dict[str, str] = field(default_factory=dict[str, str])
    messages: dict[str, Message] = field(default_factory=dict[str, Message])


def with_parts(message: Message, parts: tuple[Part, ...], status: Status) -> Message:
    return msgspec.structs.replace(message, parts=parts, status=status)


class StoreMachine(RuleBasedStateMachine):
    """Steps that the program takes; `step` counts them, which orders lists."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = Path(self.temporary.name) / "data"
        self.clock = made.Clock()
        self.kept: dict[str, Kept] = {}
        self.step = 0
        self.store: Store | None = None

    def run(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        return self.runner.run(coroutine)

    @property
    def conversations(self) -> Any:  # noqa: ANN401 - spares each rule an assertion
        assert self.store is not None
        return self.store.conversations

    @initialize()
    def open(self) -> None:
        self.store = self.run(Store.open(self.folder, clock=self.clock))
        assert self.store.notices == ()

    def chosen(self, data: st.DataObject) -> Kept:
        return self.kept[data.draw(st.sampled_from(sorted(self.kept)))]

    def streaming(self) -> list[tuple[Kept, Message]]:
        return [
            (kept, message)
            for kept in self.kept.values()
            for message in kept.messages.values()
            if message.status is Status.STREAMING
        ]

    def touched(self, kept: Kept) -> None:
        self.step += 1
        kept.updated = self.step

    @rule(text=TEXTS, title=TEXTS, model=st.sampled_from(MODELS))
    def create(self, text: str, title: str, model: ModelRef) -> None:
        root = made.prompt(text)
        talk = made.conversation(root, title=title, model=model, updated_at=self.clock())
        assert self.run(self.conversations.create(talk))
        assert not self.run(self.conversations.create(talk))
        self.kept[talk.id] = kept = Kept(talk, 0, title, current=root.id, messages={root.id: root})
        self.touched(kept)

    @precondition(lambda self: self.kept)
    @rule(data=st.data(), text=TEXTS)
    def begin(self, data: st.DataObject, text: str) -> None:
        """A prompt under any message, which makes siblings of those that are there."""
        kept = self.chosen(data)
        parent = data.draw(st.sampled_from([None, *kept.messages.values()]))
        question = made.prompt(text, parent)
        streaming = made.answer(question)
        self.run(self.conversations.begin(kept.value, question, streaming))
        kept.messages |= {question.id: question, streaming.id: streaming}
        kept.current, kept.trashed = streaming.id, False
        self.touched(kept)

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def regenerate(self, data: st.DataObject) -> None:
        kept = self.chosen(data)
        prompts = [message for message in kept.messages.values() if message.role is Role.USER]
        streaming = made.answer(data.draw(st.sampled_from(prompts)))
        self.run(self.conversations.begin(kept.value, None, streaming))
        kept.messages[streaming.id] = streaming
        kept.current, kept.trashed = streaming.id, False
        self.touched(kept)

    @precondition(lambda self: self.streaming())
    @rule(data=st.data(), deltas=DELTAS)
    def append(self, data: st.DataObject, deltas: list[tuple[PartKind, str]]) -> None:
        kept, message = data.draw(st.sampled_from(self.streaming()))
        self.run(self.conversations.append(message.id, deltas))
        kept.messages[message.id] = with_parts(message, row_mapping.merged(message.parts, deltas), Status.STREAMING)

    @precondition(lambda self: self.streaming())
    @rule(data=st.data(), text=TEXTS, status=ENDS)
    def finish(self, data: st.DataObject, text: str, status: Status) -> None:
        kept, message = data.draw(st.sampled_from(self.streaming()))
        done = made.finished(message, text, status)
        self.run(self.conversations.finish(done))
        kept.messages[message.id] = done
        self.touched(kept)

    @precondition(lambda self: self.kept)
    @rule(data=st.data(), title=TEXTS)
    def rename_and_browse(self, data: st.DataObject, title: str) -> None:
        kept = self.chosen(data)
        kept.title, kept.system = title, title[::-1]
        kept.current = data.draw(st.sampled_from(list(kept.messages)))
        self.run(self.conversations.rename(kept.value.id, kept.title))
        self.run(self.conversations.set_current(kept.value.id, kept.current))
        self.run(self.conversations.set_prompting(kept.value.id, kept.system, Parameters(values={"stop": title})))

    @precondition(lambda self: self.kept)
    @rule(data=st.data(), trashed=st.booleans())
    def trash_or_restore(self, data: st.DataObject, *, trashed: bool) -> None:
        kept = self.chosen(data)
        kept.trashed = trashed
        change = self.conversations.trash if trashed else self.conversations.restore
        self.run(change([kept.value.id]))

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def purge(self, data: st.DataObject) -> None:
        gone = self.chosen(data).value.id
        self.run(self.conversations.purge([gone]))
        del self.kept[gone]
        try:
            self.run(self.conversations.get(gone))
        except ConversationUnknown:
            return
        raise AssertionError("what was purged is there")

    @precondition(lambda self: self.kept)
    @rule(data=st.data(), on=st.booleans())
    def pin_and_archive(self, data: st.DataObject, *, on: bool) -> None:
        pinned, archived = self.chosen(data), self.chosen(data)
        pinned.pinned = archived.archived = on
        self.run(self.conversations.pin([pinned.value.id], pinned=on))
        self.run(self.conversations.archive([archived.value.id], archived=on))

    @precondition(lambda self: self.kept)
    @rule(data=st.data(), tag=TAGS, on=st.booleans())
    def tag_or_untag(self, data: st.DataObject, tag: str, *, on: bool) -> None:
        assert self.store is not None
        chosen = {id(kept): kept for kept in (self.chosen(data), self.chosen(data))}.values()
        change = self.store.tags.add if on else self.store.tags.remove
        self.run(change([kept.value.id for kept in chosen], tag))
        for kept in chosen:
            if on:
                kept.tags.setdefault(tag.casefold(), tag)
            else:
                kept.tags.pop(tag.casefold(), None)

    @rule(tag=TAGS, name=TAGS)
    def rename_tag(self, tag: str, name: str) -> None:
        assert self.store is not None
        self.run(self.store.tags.rename(tag, name))
        for kept in self.kept.values():
            if kept.tags.pop(tag.casefold(), None) is not None:
                kept.tags[name.casefold()] = name

    @rule()
    def restart(self) -> None:
        streaming = self.streaming()
        self.close()
        self.open()
        assert self.store is not None
        assert self.store.recovered == len(streaming)
        for kept, message in streaming:
            kept.messages[message.id] = with_parts(message, message.parts, Status.INTERRUPTED)

    @invariant()
    def conversations_are_as_the_model_has_them(self) -> None:
        for id_, kept in self.kept.items():
            found = self.run(self.conversations.get(id_))
            assert (found.title, found.system, found.current) == (kept.title, kept.system, kept.current)
            assert found.messages == tuple(kept.messages.values())

    @invariant()
    def lists_and_counts_are_as_the_model_has_them(self) -> None:
        for trashed in (False, True):
            expected = [kept for kept in self.kept.values() if kept.trashed is trashed]
            expected.sort(key=lambda kept: -kept.updated)
            listed = self.run(self.conversations.list(trashed=trashed))
            assert [(one.id, one.title, one.message_count) for one in listed] == [
                (kept.value.id, kept.title, len(kept.messages)) for kept in expected
            ]
            assert [(one.pinned, one.archived, one.tags) for one in listed] == [
                (kept.pinned, kept.archived, tuple(kept.tags[key] for key in sorted(kept.tags))) for kept in expected
            ]
        alive = [kept.value.model for kept in self.kept.values() if not kept.trashed]
        assert dict(self.run(self.conversations.counts())) == {model: alive.count(model) for model in alive}

    @invariant()
    def groups_hold_what_is_neither_pinned_nor_put_away(self) -> None:
        assert self.store is not None
        found = self.run(self.store.listings.by_model(Wanted(archive=True, trash=True)))
        shown = {each.id for group in found.groups for each in group.conversations}
        kept = {id_: one for id_, one in self.kept.items() if not one.trashed}
        assert shown == {id_ for id_, one in kept.items() if not one.pinned and not one.archived}
        assert found.archive.count == sum(one.archived for one in kept.values())
        assert found.trash.count == len(self.kept) - len(kept)
        tags = {key for one in self.kept.values() for key in one.tags}
        assert {each.tag.casefold() for each in found.tags} == tags

    @invariant()
    def the_index_holds_what_the_messages_hold(self) -> None:
        assert self.store is not None
        for table in ("messages", "conversations"):
            check = f"INSERT INTO {table}_index ({table}_index, rank) VALUES ('integrity-check', 1)"
            self.run(self.store._database.write(lambda sql, check=check: sql.run(check)))

    def close(self) -> None:
        if self.store is not None:
            self.run(self.store.aclose())

    def teardown(self) -> None:
        self.close()
        self.runner.close()
        self.temporary.cleanup()


TestStoreAgainstModel = StoreMachine.TestCase
TestStoreAgainstModel.settings = settings(
    max_examples=examples(60),
    stateful_step_count=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    database=None,
)
