"""ChatGPT's research reports, which are no answers in its file: they stand in the states of a widget, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from desktop.transfer.archives.loose_json import Unreadable, decode, items, number, table, text

_STATE = "The latest state of the widget is:"
_CONNECTOR = "connector_openai_deep_research"
_MOST_STEPS = 500
"""Nodes above one with a report that are looked through for an older state of it."""

ASKS = "research_kickoff_tool.clarify_with_text"
"""The tool whose result is what the research asked back, and was shown as an answer."""


class _Snapshot(NamedTuple):
    id: str
    report: Mapping[str, object]
    at: float


class ResearchReports:
    """The reports of one conversation: each once on its branch, where it stands first, as it was last."""

    def __init__(self, mapping: Mapping[str, object]) -> None:
        self._mapping = mapping
        self._snapshots: dict[str, _Snapshot] = {}
        self._newest: dict[str, _Snapshot] = {}
        begun = 0
        for id_, value in mapping.items():
            message = table(table(value).get("message"))
            if not (states := _states(message)):
                continue
            report = next((held for each in states if _said(held := table(each.get("report_message")))), None)
            begun += report is None and _is_research(message)
            if report is not None:
                known = text(report.get("id")) or _said(report)
                snapshot = _Snapshot(known, report, number(message.get("create_time")) or 0.0)
                self._snapshots[id_] = snapshot
                if known not in self._newest or self._newest[known].at <= snapshot.at:
                    self._newest[known] = snapshot
        self.lacking = 0 if self._newest else min(begun, 1)
        """Whether something was researched whose report is not in the file."""

    def message(self, id_: str) -> Mapping[str, object] | None:
        """The report that stands in a node, as the message of an assistant; None where none does."""
        snapshot = self._snapshots.get(id_)
        if snapshot is None:
            return None
        if self._is_above(id_, snapshot.id):
            return {}
        report = self._newest[snapshot.id].report
        hidden = ("is_visually_hidden_from_conversation",)
        return {
            **report,
            "author": {"role": "assistant"},
            "recipient": "all",
            "weight": 1,
            "create_time": report.get("create_time") or snapshot.at or None,
            "metadata": {name: held for name, held in table(report.get("metadata")).items() if name not in hidden},
        }

    def _is_above(self, id_: str, known: str) -> bool:
        for _ in range(_MOST_STEPS):
            id_ = text(table(self._mapping.get(id_)).get("parent"))
            if not id_:
                break
            if id_ in self._snapshots and self._snapshots[id_].id == known:
                return True
        return False


def _states(message: Mapping[str, object]) -> list[Mapping[str, object]]:
    """What a tool's message holds of widgets' states, wherever it does."""
    if table(message.get("author")).get("role") != "tool":
        return []
    metadata = table(message.get("metadata"))
    widget = table(metadata.get("chatgpt_sdk"))
    pieces = [text(each) for each in items(table(message.get("content")).get("parts"))[:1]]
    held = [
        widget.get("widget_state"),
        table(widget.get("tool_response_metadata")).get("venus_widget_state"),
        table(metadata.get("tool_response_metadata")).get("venus_widget_state"),
        metadata.get("venus_widget_state"),
        *(each.partition(_STATE)[2].strip() for each in pieces if each.lstrip().startswith(_STATE)),
    ]
    return [state for each in held if (state := _decoded(each))]


def _decoded(value: object) -> Mapping[str, object]:
    try:
        state = table(decode(value.encode("utf-8", "surrogatepass")) if isinstance(value, str) and value else value)
    except Unreadable:
        return {}
    return state if "report_message" in state else table(state.get("widget_state")) or state


def _said(report: Mapping[str, object]) -> str:
    """A report's text."""
    return "\n".join(map(text, items(table(report.get("content")).get("parts")))).strip()


def _is_research(message: Mapping[str, object]) -> bool:
    metadata = table(message.get("metadata"))
    attribution = text(table(metadata.get("chatgpt_sdk")).get("attribution_id"))
    return attribution == _CONNECTOR or "Deep Research" in text(metadata.get("exclusive_key"))
