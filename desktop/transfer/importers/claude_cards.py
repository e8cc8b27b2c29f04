"""What Claude shows as a card and says in a tool's input alone: mails, recipes, questions, pictures, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from desktop.transfer.card_words import card_words, chart_words, line_of
from desktop.transfer.import_drafts import fenced
from desktop.transfer.loose_json import items, number, table, tables, text, whole

_NAMED = re.compile(r"\{([^{}\s]{1,40})\}")
_LONGEST_NAME = 200
"""Characters of what goes in, where a step names it: each may do so many times."""

_SVG = re.compile(r"\s*<(?:svg|\?xml)\b", re.IGNORECASE)


def card_of(name: str, given: Mapping[str, object]) -> str:
    """What a call of a tool shows to the person who asked; nothing for one that shows nothing."""
    if name in _CARDS:
        return "\n\n".join(filter(None, _CARDS[name](given)))
    return card_words(given) if "_display_v" in name else ""


def _messages(given: Mapping[str, object]) -> Iterable[str]:
    """Drafts of a mail or message, each under its label."""
    variants = tables(given.get("variants")) or [given]
    for each in variants:
        label, subject = line_of(each.get("label")), line_of(each.get("subject"))
        yield f"**{label}**" if label and len(variants) > 1 else ""
        yield f"Subject: {subject}" if subject else ""
        yield text(each.get("body")).strip()


def _recipe(given: Mapping[str, object]) -> Iterable[str]:
    """Title, what goes in, and the steps with the names of what goes in."""
    title, servings = line_of(given.get("title")), given.get("base_servings")
    yield f"**{title}**" if title else ""
    yield text(given.get("description")).strip()
    yield f"Servings: {servings}" if isinstance(servings, (int, float)) else ""
    needed = tables(given.get("ingredients"))
    names = {text(each.get("id")): line_of(each.get("name"))[:_LONGEST_NAME] for each in needed}
    yield "\n".join(f"- {_amount(each)}" for each in needed)
    steps: list[str] = []
    for place, each in enumerate(tables(given.get("steps")), 1):
        told = _NAMED.sub(lambda found: names.get(found[1], found[0]), line_of(each.get("content")))
        head = line_of(each.get("title"))
        steps.append(f"{place}. " + (f"**{head}**: {told}" if head else told))
    yield "\n".join(steps)
    yield text(given.get("notes")).strip()


def _amount(each: Mapping[str, object]) -> str:
    amount = each.get("amount")
    said = text(amount) if (counted := number(amount)) is None else f"{counted:g}"
    return " ".join(filter(None, (said, line_of(each.get("unit")), line_of(each.get("name")))))


def _questions(given: Mapping[str, object]) -> Iterable[str]:
    """Questions with what can be chosen."""
    for each in tables(given.get("questions")):
        options = map(_option, items(each.get("options")))
        yield line_of(each.get("question"))
        yield "\n".join(f"- {option}" for option in options if option)


def _translation(given: Mapping[str, object]) -> Iterable[str]:
    """What was to be said, and how it is said in the other language."""
    for language, said in (("source_language", "source_text"), ("target_language", "translation")):
        name, words = line_of(given.get(language)), text(given.get(said)).strip()
        yield f"**{name}**: {words}" if name and words else words
    yield text(given.get("pronunciation")).strip()
    told = ("source_language", "source_text", "target_language", "translation", "pronunciation")
    yield card_words({name: value for name, value in given.items() if name not in told})


def _quiz(given: Mapping[str, object]) -> Iterable[str]:
    """Questions with what can be chosen, what is right, and why."""
    title = line_of(given.get("title"))
    yield f"**{title}**" if title else ""
    for each in tables(given.get("questions")):
        options = [_option(item) for item in items(each.get("options"))]
        yield line_of(each.get("question"))
        yield "\n".join(f"- {option}" for option in options if option)
        right = whole(each.get("correct_index"))
        yield f"→ {options[right]}" if right is not None and right < len(options) else ""
        yield text(each.get("explanation")).strip()


def _chart(given: Mapping[str, object]) -> Iterable[str]:
    """A chart as a table."""
    yield chart_words(given) or card_words(given)


def _option(item: object) -> str:
    return line_of(item) or line_of(table(item).get("label")) or line_of(table(item).get("text"))


def _widget(given: Mapping[str, object]) -> Iterable[str]:
    """A page or drawing, as its code."""
    title, code = line_of(given.get("title")), text(given.get("widget_code"))
    yield f"**{title}**" if title and code else ""
    yield fenced(code, "svg" if _SVG.match(code) else "html") if code else ""


_CARDS: dict[str, Callable[[Mapping[str, object]], Iterable[str]]] = {
    "message_compose_v1": _messages,
    "recipe_display_v0": _recipe,
    "ask_user_input_v0": _questions,
    "visualize:show_widget": _widget,
    "translation_display_v0": _translation,
    "quiz_display_v0": _quiz,
    "chart_display_v0": _chart,
}
