"""What cannot be carried over from another program's conversations, and why, in sentences."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum

from desktop.text.phrases import Phrase, phrase


class Lost(StrEnum):
    """What cannot be carried over, and why."""

    ATTACHMENT = "attachment"
    CANVAS = "canvas"
    CHART = "chart"
    CITATION = "citation"
    CONTENT = "content"
    EMPTY = "empty"
    IMAGE = "image"
    MESSAGE = "message"
    NOTE = "note"
    OPTION = "option"
    PARAMETER = "parameter"
    PROGRAM = "program"
    REPORT = "report"
    RING = "ring"
    SUMMARY = "summary"
    SYSTEM = "system"
    TOOL = "tool"


_LOST = {
    Lost.ATTACHMENT: phrase("Attachments: only their names are kept"),
    Lost.CANVAS: phrase("Changes to documents beside the chat were left out"),
    Lost.CHART: phrase("Charts and maps within responses are left out"),
    Lost.IMAGE: phrase("Images within responses are left out"),
    Lost.PROGRAM: phrase("Programs within responses are left out"),
    Lost.CITATION: phrase("Citations whose source is not in the file were left out"),
    Lost.TOOL: phrase("Tool calls and their results are left out"),
    Lost.CONTENT: phrase("Content of an unknown kind is left out"),
    Lost.SYSTEM: phrase("System messages in the middle of a conversation are left out"),
    Lost.EMPTY: phrase("Messages without visible content are left out"),
    Lost.MESSAGE: phrase("Unreadable messages are left out"),
    Lost.NOTE: phrase("Note properties and lines above the messages that Paragone does not know are left out"),
    Lost.OPTION: phrase("Request options and schemas are left out"),
    Lost.PARAMETER: phrase("Unknown parameters are left out"),
    Lost.REPORT: phrase("Research reports are not in the file"),
    Lost.SUMMARY: phrase("Summaries that were only made for the model are left out"),
    Lost.RING: phrase("Messages that only follow each other, or share an ID, are left out"),
}


def losses(lost: Counter[Lost]) -> tuple[str, ...]:
    """What was lost and how often, in sentences."""
    return tuple(told(_LOST[reason], count) for reason, count in sorted((+lost).items()))


def told(reason: str, count: int) -> Phrase:
    """A reason with how often it holds."""
    return phrase("{reason} ({count})", reason=reason, count=f"{count:,}")
