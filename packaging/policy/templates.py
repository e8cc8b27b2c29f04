"""Administrative templates for Windows: policy definitions (ADMX) and their texts (ADML)."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from typing import Literal

from desktop.settings.managed.policy_declarations import Declarations, DeclaredPolicy
from desktop.settings.managed.windows import KEY

Language = Literal["en", "de"]

_SPACE = "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions"
_WORDS = {
    "en": {
        "display": "Paragone",
        "description": "Policies of Paragone, a desktop chat client that puts language models side by side.",
        "recommended": "Recommended (users may change these)",
        "since": "Paragone {since} or newer",
        "connections": "One connection a line, each as a JSON object",
        "lines": "One a line",
    },
    "de": {
        "display": "Paragone",
        "description": "Richtlinien für Paragone, ein Programm zum Chatten mit Sprachmodellen nebeneinander.",
        "recommended": "Empfohlen (änderbar)",
        "since": "Paragone {since} oder neuer",
        "connections": "Eine Verbindung je Zeile, jede als JSON-Objekt",
        "lines": "Eines je Zeile",
    },
}


def admx(declarations: Declarations) -> str:
    """Return the policies with their registry values and elements.

    Policies that fix a setting also have a recommended variant.
    """
    root = _root("policyDefinitions")
    spaces = ET.SubElement(root, "policyNamespaces")
    ET.SubElement(spaces, "target", prefix="paragone", namespace="Paragone.Policies")
    ET.SubElement(root, "resources", minRequiredRevision="1.0")
    supported = ET.SubElement(ET.SubElement(root, "supportedOn"), "definitions")
    for since in _releases(declarations):
        ET.SubElement(supported, "definition", name=_release(since), displayName=f"$(string.{_release(since)})")
    categories = ET.SubElement(root, "categories")
    ET.SubElement(categories, "category", name="Paragone", displayName="$(string.Paragone)")
    for name, parent in (*((each.name, "Paragone") for each in declarations.category), ("Recommended", "Paragone")):
        category = ET.SubElement(categories, "category", name=f"Cat{name}", displayName=f"$(string.Cat{name})")
        ET.SubElement(category, "parentCategory", ref=parent)
    policies = ET.SubElement(root, "policies")
    for each in declarations.policy:
        _policy(policies, each, recommended=False)
    for each in declarations.policy:
        if each.option:
            _policy(policies, each, recommended=True)
    return _text(root)


def adml(declarations: Declarations, language: Language) -> str:
    """Return the texts of the policies in one language."""
    words = _WORDS[language]
    root = _root("policyDefinitionResources")
    ET.SubElement(root, "displayName").text = words["display"]
    ET.SubElement(root, "description").text = words["description"]
    resources = ET.SubElement(root, "resources")
    strings = ET.SubElement(resources, "stringTable")
    _string(strings, "Paragone", "Paragone")
    for since in _releases(declarations):
        _string(strings, _release(since), words["since"].format(since=since))
    for category in declarations.category:
        _string(strings, f"Cat{category.name}", category.title_de if language == "de" else category.title)
    _string(strings, "CatRecommended", words["recommended"])
    presentations = ET.SubElement(resources, "presentationTable")
    for each in declarations.policy:
        title, meaning = (each.title_de, each.meaning_de) if language == "de" else (each.title, each.meaning)
        _string(strings, each.name, title)
        _string(strings, f"{each.name}_Explain", meaning)
        for choice in each.choices if each.type == "choice" else ():
            _string(strings, _choice(each, choice), choice)
        for name in (each.name, f"{each.name}_Recommended") if each.option else (each.name,):
            _presentation(presentations, each, name, title, words)
    return _text(root)


def _policy(policies: ET.Element, declared: DeclaredPolicy, *, recommended: bool) -> None:
    name = f"{declared.name}_Recommended" if recommended else declared.name
    facts = {
        "name": name,
        "class": "Both",
        "displayName": f"$(string.{declared.name})",
        "explainText": f"$(string.{declared.name}_Explain)",
        "key": rf"{KEY}\Recommended" if recommended else KEY,
    }
    if declared.type == "bool":
        facts["valueName"] = declared.name
    else:
        facts["presentation"] = f"$(presentation.{name})"
    policy = ET.SubElement(policies, "policy", facts)
    ET.SubElement(policy, "parentCategory", ref="CatRecommended" if recommended else f"Cat{declared.category}")
    ET.SubElement(policy, "supportedOn", ref=_release(declared.since))
    if declared.type == "bool":
        for tag, value in (("enabledValue", "1"), ("disabledValue", "0")):
            ET.SubElement(ET.SubElement(policy, tag), "decimal", value=value)
    else:
        _element(ET.SubElement(policy, "elements"), declared)


def _element(elements: ET.Element, declared: DeclaredPolicy) -> None:
    facts = {"id": declared.name, "valueName": declared.name}
    match declared.type:
        case "int":
            least, most = f"{declared.minimum or 0:.0f}", f"{declared.maximum or 0:.0f}"
            ET.SubElement(elements, "decimal", facts, required="true", minValue=least, maxValue=most)
        case "choice":
            box = ET.SubElement(elements, "enum", facts, required="true")
            for choice in declared.choices:
                item = ET.SubElement(box, "item", displayName=f"$(string.{_choice(declared, choice)})")
                ET.SubElement(ET.SubElement(item, "value"), "string").text = choice
        case "list" | "lines" | "connections":
            ET.SubElement(elements, "multiText", facts, maxLength="32767")
        case _:
            ET.SubElement(elements, "text", facts, maxLength="32767")


def _presentation(table: ET.Element, declared: DeclaredPolicy, name: str, title: str, words: dict[str, str]) -> None:
    if declared.type == "bool":
        return
    box = ET.SubElement(table, "presentation", id=name)
    match declared.type:
        case "int":
            ET.SubElement(box, "decimalTextBox", refId=declared.name, defaultValue=str(declared.default)).text = title
        case "choice":
            ET.SubElement(box, "dropdownList", refId=declared.name, noSort="true", defaultItem="0").text = title
        case "list" | "lines" | "connections":
            hint = words["connections"] if declared.type == "connections" else words["lines"]
            ET.SubElement(box, "text").text = hint
            ET.SubElement(box, "multiTextBox", refId=declared.name)
        case _:
            field = ET.SubElement(box, "textBox", refId=declared.name)
            ET.SubElement(field, "label").text = title


def _root(tag: str) -> ET.Element:
    return ET.Element(
        tag,
        {
            "xmlns:xsd": "http://www.w3.org/2001/XMLSchema",
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "xmlns": _SPACE,
            "revision": "1.0",
            "schemaVersion": "1.0",
        },
    )


def _string(table: ET.Element, name: str, text: str) -> None:
    ET.SubElement(table, "string", id=name).text = text


def _choice(declared: DeclaredPolicy, choice: str) -> str:
    return f"{declared.name}_{choice.replace('-', '_')}"


def _releases(declarations: Declarations) -> Iterable[str]:
    return sorted({each.since for each in declarations.policy})


def _release(since: str) -> str:
    return f"SUPPORTED_{since.replace('.', '_')}"


def _text(root: ET.Element) -> str:
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"
