"""Claude's cards (mails, recipes, questions and charts), which exist only in a tool's input, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from desktop.transfer.archives.loose_json import items, number, table, tables, text, whole
from desktop.transfer.formats.markdown_parts import figure_text, markdown_table, titled_link
from desktop.transfer.import_drafts import fenced

_TITLES = ("title", "name", "heading", "day_label", "question", "label")
_TIMES = ("time", "arrival_time", "start_time")
_ADDRESSES = ("url", "link", "href")
_CODE = ("code", "json", "source_code")
_SILENT = re.compile(
    r"(?:.*_)?(?:id|uuid|key|type|icon|colou?r|style|variant|theme|layout|version|schema|latitude|longitude|lat|lng|lon"
    r"|image|images|thumbnail|favicon|photo|photos|media|domain|source|language|filename|index)(?:_urls?)?"
)
"""Names of fields for layout and lookup, which are not shown to users."""

_DEEPEST = 8
_MOST, _LONGEST = 2_000, 200
"""Maximum rows of a chart, and maximum characters of a value that is shown on the same line as its name."""


def card_words(given: Mapping[str, object]) -> str:
    """Return the texts of a card as Markdown; empty if there are none."""
    return "\n\n".join(filter(None, (each.strip("\n") for each in _said(given, _DEEPEST))))


def chart_words(card: Mapping[str, object]) -> str:
    """Return a chart with several series as a table, with its title and the title of its y-axis."""
    axis, series = table(card.get("xAxis")), tables(card.get("series"))[: _MOST // 20]
    places = [_figure(entry) for entry in items(axis.get("data"))]
    columns = [[_figure(entry) for entry in items(line.get("values")) or items(line.get("data"))] for line in series]
    if not any(columns):
        return ""
    rows = range(min(max(len(places), *map(len, columns)), _MOST))
    heads = [line_of(axis.get("title")), *(line_of(entry.get("name")) for entry in series)]
    shown = markdown_table(
        [heads, *([entry[at] if at < len(entry) else "" for entry in (places, *columns)] for at in rows)]
    )
    title, counted = line_of(card.get("title")), line_of(table(card.get("yAxis")).get("title"))
    return "\n\n".join(filter(None, (f"**{title}**" if title else "", counted, shown)))


def line_of(value: object) -> str:
    """Return text as a single line."""
    return " ".join(text(value).split())


def _said(card: Mapping[str, object], deep: int) -> Iterator[str]:
    """Yield an object's title, then its content."""
    titles = [name for name in _TITLES if line_of(card.get(name))]
    address = next((text(card[each]) for each in _ADDRESSES if text(card.get(each))), "")
    if titles:
        title = line_of(card[titles[0]])
        times = [line_of(card[each]) for each in _TIMES if line_of(card.get(each))]
        yield f"**{' · '.join([*times, titled_link(title, address) if address else title])}**"
    elif address:
        yield address
    told = {*titles[:1], *(_TIMES if titles else ()), *_ADDRESSES}
    for name, value in card.items():
        if name not in told and (name in _CODE or not _SILENT.fullmatch(name)):
            yield from _field(name, value, card, deep)


def _field(name: str, value: object, held: Mapping[str, object], deep: int) -> Iterator[str]:
    listed = items(value)
    if name in _CODE and text(value):
        language = text(held.get("language")) or ("json" if name == "json" else "")
        yield fenced(text(value), language if language.isalnum() else "")
    elif isinstance(value, str):
        yield value.strip()
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield f"{name.replace('_', ' ').capitalize()}: {_figure(value)}"
    elif table(value):
        yield from _said(table(value), deep - 1) if deep else ()
    elif listed:
        yield from _list_words(listed, deep)


def _list_words(listed: Sequence[object], deep: int) -> Iterator[str]:
    """Yield a list as text: a table of rows, a bullet list of values or pairs, or the text of each object."""
    if all(isinstance(entry, (list, tuple)) for entry in listed):
        yield markdown_table([[_figure(cell) for cell in items(row)] for row in listed])
    elif all(isinstance(entry, (str, int, float)) for entry in listed):
        yield "\n".join(f"- {' '.join(_figure(entry).split())}" for entry in listed)
    elif all(map(_is_pair, listed)):
        yield "\n".join(f"- {': '.join(_figure(value) for value in table(pair).values())}" for pair in listed)
    elif deep:
        for entry in listed:
            yield from _said(table(entry), deep - 1) if table(entry) else (_figure(entry),)


def _is_pair(value: object) -> bool:
    """Whether an object consists of a name and a value."""
    held = table(value)
    return len(held) == 2 and next(iter(held)) in _TITLES and all(map(_is_figure, held.values()))


def _is_figure(value: object) -> bool:
    return isinstance(value, (int, float)) or (isinstance(value, str) and len(value) <= _LONGEST and "\n" not in value)


def _figure(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else figure_text(value)


_NAMED = re.compile(r"\{([^{}\s]{1,40})\}")
_LONGEST_NAME = 200
"""Maximum characters of an ingredient's name, which may be repeated many times in each step."""

_SVG = re.compile(r"\s*<(?:svg|\?xml)\b", re.IGNORECASE)


def card_of(name: str, given: Mapping[str, object]) -> str:
    """Return the Markdown for a tool call that shows a card to the user; empty if it shows none."""
    if name in _CARDS:
        return "\n\n".join(filter(None, _CARDS[name](given)))
    return card_words(given) if "_display_v" in name else ""


def _messages(given: Mapping[str, object]) -> Iterable[str]:
    """Yield drafts of an email or message, each below its label."""
    variants = tables(given.get("variants")) or [given]
    for each in variants:
        label, subject = line_of(each.get("label")), line_of(each.get("subject"))
        yield f"**{label}**" if label and len(variants) > 1 else ""
        yield f"Subject: {subject}" if subject else ""
        yield text(each.get("body")).strip()


def _recipe(card: Mapping[str, object]) -> Iterable[str]:
    """Yield title and ingredients, and the steps with the names of ingredients inserted."""
    title, servings = line_of(card.get("title")), card.get("base_servings")
    yield f"**{title}**" if title else ""
    yield text(card.get("description")).strip()
    yield f"Servings: {servings}" if isinstance(servings, (int, float)) else ""
    needed = tables(card.get("ingredients"))
    names = {text(each.get("id")): line_of(each.get("name"))[:_LONGEST_NAME] for each in needed}
    yield "\n".join(f"- {_amount(each)}" for each in needed)
    steps: list[str] = []
    for place, each in enumerate(tables(card.get("steps")), 1):
        told = _NAMED.sub(lambda found: names.get(found[1], found[0]), line_of(each.get("content")))
        head = line_of(each.get("title"))
        steps.append(f"{place}. " + (f"**{head}**: {told}" if head else told))
    yield "\n".join(steps)
    yield text(card.get("notes")).strip()


def _amount(each: Mapping[str, object]) -> str:
    amount = each.get("amount")
    said = text(amount) if (counted := number(amount)) is None else f"{counted:g}"
    return " ".join(filter(None, (said, line_of(each.get("unit")), line_of(each.get("name")))))


def _questions(given: Mapping[str, object]) -> Iterable[str]:
    """Yield questions with their options."""
    for each in tables(given.get("questions")):
        options = map(_option, items(each.get("options")))
        yield line_of(each.get("question"))
        yield "\n".join(f"- {option}" for option in options if option)


def _translation(given: Mapping[str, object]) -> Iterable[str]:
    """Yield a text and its translation."""
    for language, said in (("source_language", "source_text"), ("target_language", "translation")):
        name, words = line_of(given.get(language)), text(given.get(said)).strip()
        yield f"**{name}**: {words}" if name and words else words
    yield text(given.get("pronunciation")).strip()
    told = ("source_language", "source_text", "target_language", "translation", "pronunciation")
    yield card_words({name: value for name, value in given.items() if name not in told})


def _quiz(given: Mapping[str, object]) -> Iterable[str]:
    """Yield questions with their options, the correct option, and an explanation."""
    title = line_of(given.get("title"))
    yield f"**{title}**" if title else ""
    for question in tables(given.get("questions")):
        options = [_option(item) for item in items(question.get("options"))]
        yield line_of(question.get("question"))
        yield "\n".join(f"- {option}" for option in options if option)
        right = whole(question.get("correct_index"))
        yield f"→ {options[right]}" if right is not None and right < len(options) else ""
        yield text(question.get("explanation")).strip()


def _chart(given: Mapping[str, object]) -> Iterable[str]:
    """Yield a chart as a table."""
    yield chart_words(given) or card_words(given)


def _option(item: object) -> str:
    return line_of(item) or line_of(table(item).get("label")) or line_of(table(item).get("text"))


def _widget(given: Mapping[str, object]) -> Iterable[str]:
    """Yield the source code of a page or drawing."""
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
