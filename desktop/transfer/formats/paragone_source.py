"""An export of ours as JSON, taken apart: conversations, comparisons, votes and the files that they attach."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from desktop.errors import TransferError
from desktop.text.phrases import phrase
from desktop.transfer.archives.loose_json import Unreadable, decode, items, parted
from desktop.transfer.formats import paragone
from desktop.transfer.import_shelf import carried
from desktop.transfer.source import Source


def opened(name: str, held: Mapping[str, object], schema: str) -> Source:
    """The conversations, comparisons and votes of an export. Raises TransferError for one of a newer version."""
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
        format=paragone.FORMAT,
        count=len(conversations),
        read=lambda place: decode(conversations[place]),
        comparisons=len(comparisons),
        comparison=lambda place: decode(comparisons[place]),
        votes=votes,
        vote=vote,
        carried=lambda: files,
    )


def _listed_votes(held: Mapping[str, object]) -> tuple[int, Callable[[int], object]]:
    """How many votes an export of ours has, and what gives one; a list that cannot be read is one such vote."""
    unread: Exception = Unreadable(phrase("The votes in it are not a list."))
    whole: object = ()
    try:
        whole = parted(held["votes"]) if "votes" in held else ()
    except Unreadable as error:
        unread, whole = error, None
    found = items(whole)
    if isinstance(whole, (list, tuple)):
        return len(found), lambda place: decode(found[place])

    def refuse(place: int) -> object:
        """What is wrong with all of them."""
        del place
        raise unread

    return 1, refuse


def _listed_files(held: object) -> Sequence[object]:
    """The attached files of an export of ours; none where their list cannot be read."""
    try:
        return items(parted(held))
    except Unreadable:
        return ()
