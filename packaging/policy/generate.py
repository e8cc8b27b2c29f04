"""Generate the policy templates for each system, and docs/policies.md, from resources/policies.toml.

python packaging/policy/generate.py            write changed files
python packaging/policy/generate.py --check    only print outdated files; exit status 1 if there are any
"""

from __future__ import annotations

import json
import plistlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

from templates import adml, admx  # noqa: E402 - beside this file

from desktop.domain.conversation_types import Connection  # noqa: E402
from desktop.settings.managed.macos import RECOMMENDED  # noqa: E402
from desktop.settings.managed.policy_declarations import Declarations, DeclaredPolicy, load  # noqa: E402

HERE = Path("packaging/policy")
DOMAIN = "app.paragone.Paragone"
_TYPES = {
    "bool": "true or false",
    "int": "whole number",
    "decimal": "number",
    "text": "text",
    "choice": "one of",
    "list": "list of texts",
    "lines": "list of texts",
    "connections": "list of connections",
}


def made(declarations: Declarations) -> dict[Path, str]:
    """Return the contents of all generated files, by path."""
    return {
        HERE / "windows/Paragone.admx": admx(declarations),
        HERE / "windows/en-US/Paragone.adml": adml(declarations, "en"),
        HERE / "windows/de-DE/Paragone.adml": adml(declarations, "de"),
        HERE / "macos/Paragone.mobileconfig": mobileconfig(declarations),
        HERE / "linux/managed/example.json": example(declarations),
        HERE / "linux/policies.schema.json": schema(declarations),
        Path("docs/policies.md"): page(declarations),
    }


def examples(declarations: Declarations) -> Mapping[str, Any]:
    """Return an example value for each policy."""
    return {each.name: each.example for each in declarations.policy}


def example(declarations: Declarations) -> str:
    """Return a policy file for Linux with all policies."""
    return json.dumps(examples(declarations), indent=2, ensure_ascii=False) + "\n"


def schema(declarations: Declarations) -> str:
    """Return the JSON Schema of a policy file for Linux, for editors and checks of configurations."""
    properties = {each.name: {"description": each.meaning, **_json_type(each)} for each in declarations.policy}
    _, parts = msgspec.json.schema_components([Connection], ref_template="#/$defs/{name}")
    for each in parts.values():
        each.pop("description", None)
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Policies of Paragone",
        "type": "object",
        "properties": {"$schema": {"type": "string"}, **properties},
        "additionalProperties": False,
        "$defs": parts,
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _json_type(policy: DeclaredPolicy) -> dict[str, Any]:
    items: dict[str, Any] = {"type": "string", "minLength": 1}
    bounds = {
        name: int(bound) if policy.type == "int" else bound
        for name, bound in (("minimum", policy.minimum), ("maximum", policy.maximum))
        if bound is not None
    }
    match policy.type:
        case "bool":
            return {"type": "boolean"}
        case "int":
            return {"type": "integer", **bounds}
        case "decimal":
            return {"type": "number", **bounds}
        case "text" | "choice":
            return {"type": "string", "enum": list(policy.choices)} if policy.choices else {"type": "string"}
        case "list" | "lines":
            return {"type": "array", "items": {"enum": list(policy.choices)} if policy.choices else items}
        case "connections":
            return {"type": "array", "items": {"$ref": "#/$defs/Connection"}}


def mobileconfig(declarations: Declarations) -> str:
    """Return an editable configuration profile for macOS, with constant identifiers."""
    payload = {
        "PayloadType": DOMAIN,
        "PayloadIdentifier": f"{DOMAIN}.settings",
        "PayloadUUID": "6E2E1C5A-2C53-5F0B-9E5D-51B3C3A4E001",
        "PayloadVersion": 1,
        "PayloadDisplayName": "Paragone",
        **examples(declarations),
        RECOMMENDED: {"Theme": "system"},
    }
    profile = {
        "PayloadType": "Configuration",
        "PayloadIdentifier": DOMAIN,
        "PayloadUUID": "6E2E1C5A-2C53-5F0B-9E5D-51B3C3A4E000",
        "PayloadVersion": 1,
        "PayloadScope": "System",
        "PayloadDisplayName": "Paragone",
        "PayloadDescription": "Policies of Paragone. Take out what is not meant, and change the rest.",
        "PayloadContent": [payload],
    }
    return plistlib.dumps(profile, sort_keys=False).decode()


def page(declarations: Declarations) -> str:
    """Return the text of docs/policies.md."""
    parts = [(ROOT / HERE / "policies.head.md").read_text("utf-8").rstrip() + "\n"]
    for category in declarations.category:
        parts.append(f"\n## {category.title}\n")
        parts += [_entry(each) for each in declarations.policy if each.category == category.name]
    return "".join(parts)


def _entry(policy: DeclaredPolicy) -> str:
    kind = _TYPES[policy.type]
    if policy.choices:
        kind += f" {', '.join(f'`{each}`' for each in policy.choices)}"
    if policy.minimum is not None and policy.maximum is not None:
        kind += f" from {policy.minimum:,g} to {policy.maximum:,g}"
    facts = [kind]
    if policy.default is not None:
        facts.append(f"default `{json.dumps(policy.default)}`")
    facts += [f"setting `{policy.option}`" if policy.option else "managed only", f"since {policy.since}"]
    shown = json.dumps(policy.example, ensure_ascii=False)
    return f"\n### {policy.name}\n{policy.meaning}\n\n{'; '.join(facts)}. Example: `{shown}`\n"


def main(words: list[str]) -> int:
    """Write or check the files, and return the exit status."""
    files = made(load(ROOT / "resources" / "policies.toml"))
    stale = [path for path, text in files.items() if not _holds(ROOT / path, text)]
    for path in stale:
        print(f"{'out of date' if '--check' in words else 'written'}: {path}")
        if "--check" not in words:
            (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / path).write_text(files[path], encoding="utf-8", newline="\n")
    return 1 if stale and "--check" in words else 0


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text("utf-8") == text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
