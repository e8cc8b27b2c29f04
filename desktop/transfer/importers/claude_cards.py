"""What Claude shows as a card and says in a tool's input alone: mails, recipes, questions, pictures, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from desktop.transfer.chatgpt_widgets import said_in
from desktop.transfer.import_drafts import fenced
from desktop.transfer.loose_json import items, table, tables, text

_NAMED = re.compile(r"\{([^{}\s]{1,40})\}")
_SVG = re.compile(r"\s*<(?:svg|\?xml)\b", re.IGNORECASE)


def card_of(name: str, given: Mapping[str, object]) -> str:
    """What a call of a tool shows to the person who asked; nothing for one that shows nothing."""
    if name in _CARDS:
        return "\n\n".join(filter(None, _CARDS[name](given)))
    return said_in(given) if "_display_v" in name else ""


def _messages(given: Mapping[str, object]) -> Iterable[str]:
    """Drafts of a mail or message, each under its label."""
    variants = tables(given.get("variants")) or [given]
    for each in variants:
        label, subject = _line(each.get("label")), _line(each.get("subject"))
        yield f"**{label}**" if label and len(variants) > 1 else ""
        yield f"Subject: {subject}" if subject else ""
        yield text(each.get("body")).strip()


def _recipe(given: Mapping[str, object]) -> Iterable[str]:
    """Title, what goes in, and the steps with the names of what goes in."""
    title, servings = _line(given.get("title")), given.get("base_servings")
    yield f"**{title}**" if title else ""
    yield text(given.get("description")).strip()
    yield f"Servings: {servings}" if isinstance(servings, (int, float)) else ""
    needed = tables(given.get("ingredients"))
    names = {text(each.get("id")): _line(each.get("name")) for each in needed}
    yield "\n".join(f"- {_amount(each)}" for each in needed)
    steps: list[str] = []
    for number, each in enumerate(tables(given.get("steps")), 1):
        told = _NAMED.sub(lambda found: names.get(found[1], found[0]), _line(each.get("content")))
        head = _line(each.get("title"))
        steps.append(f"{number}. " + (f"**{head}**: {told}" if head else told))
    yield "\n".join(steps)
    yield text(given.get("notes")).strip()


def _amount(each: Mapping[str, object]) -> str:
    amount = each.get("amount")
    said = f"{amount:g}" if isinstance(amount, (int, float)) else text(amount)
    return " ".join(filter(None, (said, _line(each.get("unit")), _line(each.get("name")))))


def _questions(given: Mapping[str, object]) -> Iterable[str]:
    """Questions with what can be chosen."""
    for each in tables(given.get("questions")):
        options = (_line(item) or _line(table(item).get("label")) for item in items(each.get("options")))
        yield _line(each.get("question"))
        yield "\n".join(f"- {option}" for option in options if option)


def _widget(given: Mapping[str, object]) -> Iterable[str]:
    """A page or drawing, as its code."""
    title, code = _line(given.get("title")), text(given.get("widget_code"))
    yield f"**{title}**" if title and code else ""
    yield fenced(code, "svg" if _SVG.match(code) else "html") if code else ""


def _line(value: object) -> str:
    return " ".join(text(value).split())


_CARDS: dict[str, Callable[[Mapping[str, object]], Iterable[str]]] = {
    "message_compose_v1": _messages,
    "recipe_display_v0": _recipe,
    "ask_user_input_v0": _questions,
    "visualize:show_widget": _widget,
}
