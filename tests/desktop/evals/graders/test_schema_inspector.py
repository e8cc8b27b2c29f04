"""Schemas of a suite are checked by a child that no schema can hold up, within bounds for all of them together."""

from __future__ import annotations

import sys

import pytest

from desktop.domain.conversation_types import JsonValue
from desktop.errors import SuiteInvalid
from desktop.evals.graders.schema_check import Schema
from desktop.evals.graders.schema_inspector import MOST_BYTES, SchemaInspector
from tests.desktop.evals.graders.made import spec

_NESTED: JsonValue = {"not": {"not": {"not": {}}}}
_MANY: list[JsonValue] = [_NESTED] * 20_000
SLOW: Schema = {"allOf": _MANY}
"""Half a megabyte that takes more than ten seconds."""


def test_one_child_checks_all_schemas_and_ends() -> None:
    with SchemaInspector(patience_s=30) as schemas:
        assert schemas.slip({"type": "object"}) == ""
        child = schemas._child
        assert schemas.slip({"type": "objekt"}) == ".type: 'objekt' is not valid under any of the given schemas"
        assert schemas.slip(True) == ""
        assert schemas._child is child
    assert child is not None
    assert child.returncode is not None


def test_a_schema_that_takes_long_is_given_up_with_those_after_it() -> None:
    with SchemaInspector(patience_s=0.3) as schemas:
        assert [schemas.slip(each) for each in (True, SLOW, False, True)] == ["", None, None, ""]
        assert schemas._child is None


def test_schemas_have_no_more_than_a_megabyte_together() -> None:
    half = {"title": "x" * (MOST_BYTES // 2)}
    assert spec("json-schema", half).type == "json-schema"
    with SchemaInspector(patience_s=30) as schemas:
        assert [schemas.slip({"title": letter * (MOST_BYTES // 2)}) for letter in "ab"] == ["", None]
    with pytest.raises(SuiteInvalid, match="is limited to 2 seconds and 1 MB in total"):
        spec("json-schema", {"title": "x" * MOST_BYTES})


@pytest.mark.parametrize("command", [["/no/such/program"], [sys.executable, "-c", "print('hello')"]])
def test_without_its_child_no_schema_is_taken_for_checked(command: list[str]) -> None:
    with SchemaInspector(command) as schemas:
        assert schemas.slip(True) is None
