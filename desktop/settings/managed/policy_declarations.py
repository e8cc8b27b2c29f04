"""Declarations of all policies, and validation of values against them."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, cast

import msgspec
from msgspec import Struct

from desktop.domain.conversation_types import Connection, Kind
from desktop.errors import ParagoneError
from desktop.net.addresses import repair
from desktop.net.headers import carries_key
from desktop.settings.policy import ALLOWED_HOSTS, PolicyValue, is_host_pattern
from desktop.settings.schema import OPTIONS, PROXY
from desktop.settings.values import EMBEDDED, check_connection_name, check_headers, check_variable_name
from desktop.text.phrases import Phrase, phrase

_MOST_TEXT, _MOST_ITEMS = 100_000, 1_000

Kind_ = Literal["bool", "int", "decimal", "text", "choice", "list", "lines", "connections"]


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """Group in which policy editors show policies."""

    name: str
    title: str
    title_de: str


class DeclaredPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Declaration of one policy.

    `default` is None if an unset policy has no effect; `option` is the key of the setting that the policy fixes.
    """

    name: str
    category: str
    type: Kind_
    since: str
    title: str
    title_de: str
    meaning: str
    meaning_de: str
    example: object
    option: str = ""
    default: object = None
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


class Declarations(msgspec.Struct, frozen=True, kw_only=True):
    """Contents of resources/policies.toml, which declares all policies."""

    category: tuple[Category, ...]
    policy: tuple[DeclaredPolicy, ...]

    @property
    def by_name(self) -> Mapping[str, DeclaredPolicy]:
        """Policies by name."""
        return {each.name: each for each in self.policy}


class Checked(Struct, frozen=True):
    """Valid part of a policy value, or None if there is none. `problems` describe the excluded parts."""

    value: PolicyValue | None
    problems: tuple[Phrase, ...] = ()


def load(file: Path) -> Declarations:
    """Return the declarations, which are bundled with Paragone.

    Raises:
        OSError: If the file cannot be read.
        msgspec.ValidationError: If the file is invalid.
    """
    return msgspec.convert(tomllib.loads(file.read_text("utf-8")), Declarations)


def check(declared: DeclaredPolicy, found: object) -> Checked:
    """Return the valid part of a policy value. Excluding invalid list items never makes a policy more permissive."""
    checked = _typed(declared, found)
    for option in OPTIONS:
        if option.key == declared.option and checked.value is not None and option.check(checked.value) is None:
            return Checked(None)
    return checked


def _typed(declared: DeclaredPolicy, found: object) -> Checked:
    match declared.type:
        case "bool":
            return Checked(found) if isinstance(found, bool) else Checked(None)
        case "int" | "decimal":
            return Checked(_number(declared, found))
        case "text" | "choice":
            return Checked(_text(declared, found))
        case "list" | "lines":
            return _list(declared, found)
        case "connections":
            return _connections(found)


def expected(declared: DeclaredPolicy) -> Phrase:
    """Return a description of valid values."""
    if declared.choices and declared.type == "choice":
        return phrase("one of {choices}", choices=", ".join(declared.choices))
    for option in OPTIONS:
        if option.key == declared.option and declared.type in ("int", "decimal"):
            return option.expected
    return _KINDS[declared.type]


_KINDS = {
    "bool": phrase("true or false"),
    "int": phrase("a whole number"),
    "decimal": phrase("a number"),
    "text": phrase("text"),
    "choice": phrase("text"),
    "list": phrase("a list of text values"),
    "lines": phrase("a list of text values"),
    "connections": phrase("a list of connections"),
}


def _number(declared: DeclaredPolicy, found: object) -> int | float | None:
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        return None
    if declared.type == "int" and not isinstance(found, int):
        return None
    if not abs(found) <= sys.float_info.max or (declared.minimum is not None and found < declared.minimum):
        return None  # `not <=` also excludes NaN
    if declared.maximum is not None and found > declared.maximum:
        return None
    return float(found) if declared.type == "decimal" else found


def _text(declared: DeclaredPolicy, found: object) -> str | None:
    if not isinstance(found, str) or len(found) > _MOST_TEXT or "\0" in found:
        return None
    if declared.choices and found not in declared.choices:
        return None
    if declared.option == PROXY.key and "@" in found:
        return None  # credentials, which every user of the machine could read
    return found


def _list(declared: DeclaredPolicy, found: object) -> Checked:
    """Return the valid items of a list.

    A string counts as a list of its lines, so that a restriction is not ignored because of its format.
    """
    if isinstance(found, str):
        found = [line for line in found.splitlines() if line.strip()]
    if not isinstance(found, (list, tuple)):
        return Checked(None)
    items: list[str] = []
    problems: list[Phrase] = []
    for each in cast("list[object]", found)[:_MOST_ITEMS]:
        if isinstance(each, str) and each.strip() and _fits(declared, each.strip()):
            items.append(each.strip())
        else:
            problems.append(phrase("“{item}” is not a valid value and is ignored", item=str(each)[:80]))
    if len(cast("list[object]", found)) > _MOST_ITEMS:
        problems.append(phrase("only the first {number} entries are used", number=_MOST_ITEMS))
    value: PolicyValue = "\n".join(items) if declared.type == "lines" else tuple(items)
    return Checked(value, tuple(problems))


def _fits(declared: DeclaredPolicy, item: str) -> bool:
    if len(item) > _MOST_TEXT or any(sign in item for sign in "\0\n\r"):
        return False
    if declared.choices:
        return item in declared.choices
    return is_host_pattern(item) if declared.name == ALLOWED_HOSTS.name else True


def _connections(found: object) -> Checked:
    if not isinstance(found, (list, tuple)):
        return Checked(None)
    by_name: dict[str, Connection] = {}
    problems: list[Phrase] = []
    for each in cast("list[object]", found)[:_MOST_ITEMS]:
        try:
            connection = _connection(each)
        except (msgspec.ValidationError, ParagoneError) as error:
            problems.append(phrase("a connection is invalid and is ignored: {reason}", reason=str(error).rstrip(".")))
            continue
        if connection.name in by_name:
            problems.append(
                phrase("the connection “{name}” occurs twice; only the first one is used", name=connection.name)
            )
        by_name.setdefault(connection.name, connection)
    return Checked(tuple(by_name.values()), tuple(problems))


def _connection(found: object) -> Connection:
    connection = msgspec.convert(found, Connection)
    check_connection_name(connection.name)
    if connection.key_env:
        check_variable_name(connection.key_env)
    if connection.name == EMBEDDED.name or connection.kind is Kind.EMBEDDED or not connection.url or connection.file:
        raise msgspec.ValidationError(f"“{connection.name}” names no server")
    check_headers(connection.headers)
    if any(carries_key(name, value) for name, value in connection.headers.items()):
        raise msgspec.ValidationError(f"a header of “{connection.name}” is a secret, which everybody could read")
    return msgspec.structs.replace(connection, url=repair(connection.kind, connection.url).url)
