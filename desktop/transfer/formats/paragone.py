"""Paragone's own export as JSON: conversations, comparisons, votes and attachments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TypeVar, cast

import msgspec

from desktop.catalog.catalog_entry import parse_parameter
from desktop.catalog.sampling_parameters import is_sampling
from desktop.domain import comparison_json
from desktop.domain.comparison import Comparison
from desktop.domain.conversation_types import (
    Conversation,
    JsonValue,
    Message,
    ModelRef,
    Parameters,
    ToolChoice,
    bounded_left_out,
    bounded_problem,
)
from desktop.domain.message_parts import OpaquePart
from desktop.errors import TransferError, UsageError
from desktop.text.phrases import as_text, bounded, phrase
from desktop.transfer.archives.loose_json import Unreadable, as_json, decode, items, parted, table, tables
from desktop.transfer.export.paragone_json import ExportedConversation, ExportedMessage
from desktop.transfer.import_drafts import (
    Draft,
    Format,
    Lost,
    few_tags,
    losses,
    require_count,
    require_ids,
    require_size,
)
from desktop.transfer.import_shelf import carried
from desktop.transfer.source import Source
from desktop.voting import vote_lines
from desktop.voting.vote import Vote

_T = TypeVar("_T")

MOST_OF_COMPARISON = 4 << 20
"""Maximum characters of a comparison without its conversations, because each start of the program reads it."""

_UNFIT = phrase("This item contains text or a number that cannot be saved.")
_PARTS = ("text", "reasoning", "image", "file", "tool_call")

_LONGEST_SCHEMA = 1 << 20
"""Maximum characters of an imported schema of responses."""


def drafts(item: object, now: datetime) -> Sequence[Draft]:
    """Return the conversation in one entry. Raises Unreadable."""
    item = _filled(item, now)
    lost: Counter[Lost] = Counter()
    try:
        exported = _converted(item, ExportedConversation)
    except msgspec.ValidationError as error:
        exported = _without_unknown_parts(table(item), lost, error)
    parameters = _known_parameters(exported.parameters)
    lost[Lost.PARAMETER] += len(exported.parameters.values) - len(parameters.values)
    draft = Draft(
        conversation=_conversation(exported, parameters),
        pinned=exported.pinned,
        archived=exported.archived,
        tags=few_tags(exported.tags),
        losses=losses(lost),
    )
    _check(draft)
    require_count(draft.conversation.messages)
    require_size(draft.conversation)
    return (draft,)


def _filled(item: object, now: datetime) -> object:
    """Fill in optional fields, because other programs write only those they have.

    Messages without ids follow each other. Missing times become that of the conversation, otherwise that of the import.
    """
    entry = table(item)
    written = entry.get("messages")
    if not entry or not isinstance(written, list):
        return item
    moment = now.isoformat()
    created_at = entry.get("created_at", moment)
    messages: list[object] = []
    last: object = None
    for number, each in enumerate(cast("list[object]", written)):
        message = table(each)
        if not message or "role" not in message:
            return item  # the error names what is invalid
        filled: dict[str, object] = {
            "id": f"{entry.get('id', '')}-{number}",
            "parent": last,
            "parts": [],
            "status": "complete",
            "model": None,
            "usage": None,
            "figures": None,
            "created_at": created_at,
            **message,
        }
        last = filled["id"]
        messages.append(filled)
    start: dict[str, object] = {"title": "", "created_at": created_at, "updated_at": created_at, "current": last}
    return {**start, **entry, "messages": messages}


def comparison(item: object) -> Comparison:
    """Return the comparison in one entry. Raises Unreadable."""
    try:
        exported = comparison_json.comparison(table(item))
    except msgspec.ValidationError as error:
        raise _unfit(error) from None
    except UnicodeEncodeError:
        raise Unreadable(_UNFIT) from None
    _check(exported)
    require_ids(exported.id, *(pane.conversation for pane in exported.panes))
    if comparison_json.written(exported) > MOST_OF_COMPARISON:
        raise Unreadable(phrase("The comparison is larger than {most} MB.", most=MOST_OF_COMPARISON >> 20))
    panes = (
        msgspec.structs.replace(each, parameters=_known_parameters(each.parameters), tools=_form_only(each.tools))
        for each in exported.panes
    )
    return msgspec.structs.replace(exported, title=bounded(exported.title), panes=tuple(panes))


def vote(item: object) -> Vote:
    """Return the vote in one entry. Raises Unreadable."""
    try:
        exported = _converted(item, Vote)
    except msgspec.ValidationError as error:
        raise _unfit(error) from None
    _check(exported)
    require_ids(exported.id, exported.comparison, exported.turn, *exported.answers)
    if (problem := vote_lines.unfit(exported)) is not None:
        raise Unreadable(phrase("The vote cannot be saved: {reason}.", reason=problem))
    return exported


FORMAT = Format(name="Paragone", drafts=drafts, comparison=comparison, vote=vote)


def _unfit(error: msgspec.ValidationError) -> Unreadable:
    """Return an error that names the invalid value, truncated."""
    return Unreadable(phrase("A field is invalid: {error}.", error=bounded(str(error))))


def _without_unknown_parts(
    item: Mapping[str, object], lost: Counter[Lost], error: msgspec.ValidationError
) -> ExportedConversation:
    """Convert a conversation without message parts of unknown kinds, which newer versions may write."""
    messages: list[dict[str, object]] = []
    for message in tables(item.get("messages")):
        parts = tables(message.get("parts"))
        known = [part for part in parts if part.get("type") in _PARTS]
        lost[Lost.CONTENT] += len(parts) - len(known)
        messages.append({**message, "parts": known})
    if not lost.total():
        raise _unfit(error)
    try:
        return _converted({**item, "messages": messages}, ExportedConversation)
    except msgspec.ValidationError as other:
        raise _unfit(other) from None


def _known_parameters(parameters: Parameters) -> Parameters:
    """Return known parameters with valid values; others may request something that the user did not ask for."""
    values: dict[str, JsonValue] = {}
    for name, value in parameters.values.items():
        if is_sampling(name, value):
            with suppress(UsageError, ValueError, OverflowError):
                values[name] = parse_parameter(f"{name}={as_json(value)}")[1]
    return Parameters(values=values)


def _form_only(tools: ToolChoice) -> ToolChoice:
    """Return the form of responses without servers and web search, which only the user of this computer turns on."""
    return ToolChoice(schema=tools.schema) if len(tools.schema) <= _LONGEST_SCHEMA else ToolChoice()


def _conversation(exported: ExportedConversation, parameters: Parameters) -> Conversation:
    return Conversation(
        id=exported.id,
        title=bounded(exported.title),
        model=_model(exported.model),
        created_at=exported.created_at,
        updated_at=exported.updated_at,
        current=exported.current,
        system=exported.system,
        parameters=parameters,
        tools=_form_only(exported.tools),
        messages=tuple(_message(message) for message in exported.messages),
    )


def _message(exported: ExportedMessage) -> Message:
    return Message(
        id=exported.id,
        parent=exported.parent,
        role=exported.role,
        parts=tuple(part for part in exported.parts if not isinstance(part, OpaquePart)),
        status=exported.status,
        created_at=exported.created_at,
        model=_model(exported.model) if exported.model is not None else None,
        usage=exported.usage,
        figures=exported.figures,
        problem=exported.problem and bounded_problem(exported.problem),
        imported=True,
        turn=bounded(exported.turn),
        left_out=bounded_left_out(exported.left_out),
    )


def _model(text: str) -> ModelRef:
    connection, slash, name = text.partition("/")
    if not slash:
        raise Unreadable(phrase("A model does not have the format connection/name."))
    return ModelRef(connection=bounded(connection), name=bounded(name))


def _check(value: Draft | Comparison | Vote) -> None:
    """Raise Unreadable if a value contains text or numbers that Paragone never exports."""
    try:
        msgspec.json.decode(msgspec.json.encode(value, enc_hook=as_text), type=type(value))
    except (UnicodeEncodeError, OverflowError, msgspec.DecodeError):
        raise Unreadable(_UNFIT) from None


def _converted(item: object, kind: type[_T]) -> _T:
    """Convert an item to a type. Raises msgspec.ValidationError, or Unreadable for a lone surrogate."""
    try:
        return msgspec.convert(item, kind)
    except UnicodeEncodeError:
        raise Unreadable(_UNFIT) from None


def opened(name: str, held: Mapping[str, object], schema: str) -> Source:
    """Return Paragone's export. Raises TransferError if a newer version wrote it."""
    if schema != "paragone/1":
        raise TransferError(
            phrase("{name} was written by a newer version of Paragone ({schema}).", name=name, schema=schema),
            hint=phrase("Install the newer version."),
        )
    conversations, comparisons = (items(parted(held.get(key))) for key in ("conversations", "comparisons"))
    votes, vote = _listed_votes(held)
    files = carried([*_listed_files(held.get("attachments"))])
    return Source(
        name=name,
        format=FORMAT,
        count=len(conversations),
        read=lambda place: decode(conversations[place]),
        comparisons=len(comparisons),
        comparison=lambda place: decode(comparisons[place]),
        votes=votes,
        vote=vote,
        carried=lambda: files,
    )


def _listed_votes(held: Mapping[str, object]) -> tuple[int, Callable[[int], object]]:
    """Return the number of votes, and a function that returns one. An unreadable list counts as one broken vote."""
    unread: Exception = Unreadable(phrase("The votes in this file are not a list."))
    whole: object = ()
    try:
        whole = parted(held["votes"]) if "votes" in held else ()
    except Unreadable as error:
        unread, whole = error, None
    found = items(whole)
    if isinstance(whole, (list, tuple)):
        return len(found), lambda place: decode(found[place])

    def refuse(place: int) -> object:
        """Raise the error for the whole list."""
        del place
        raise unread

    return 1, refuse


def _listed_files(held: object) -> Sequence[object]:
    """Return the list of attachments; empty if it is unreadable."""
    try:
        return items(parted(held))
    except Unreadable:
        return ()
