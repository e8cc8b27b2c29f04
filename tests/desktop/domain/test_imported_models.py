"""Imported models: every import's own name is known, and a connection of the user's is never taken for one."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

from desktop.domain.conversation_types import ModelRef
from desktop.domain.imported_models import model_text, program_of
from desktop.errors import ConnectionUnknown
from desktop.settings.values import Settings
from desktop.transfer import formats
from desktop.transfer.import_drafts import model_ref


def test_the_programs_of_all_importers_are_known() -> None:
    found = [
        importlib.import_module(f"{formats.__name__}.{each.name}") for each in pkgutil.iter_modules(formats.__path__)
    ]
    sources = {
        source: each.FORMAT.name
        for each in found
        if (source := getattr(each, "_SOURCE", "") or getattr(getattr(each, "_FIELDS", None), "source", ""))
    }
    assert len(sources) >= 21
    assert {source: program_of(model_ref(source, "").connection) for source in sources} == sources


def test_pages_name_an_imported_model_by_where_it_comes_from() -> None:
    assert model_text(model_ref("claude", "claude-3")) == "claude-3, imported from Claude"
    assert model_text(ModelRef(connection="lab", name="gpt-4.1")) == "lab/gpt-4.1"
    assert program_of("imported-elsewhere") == program_of("chatgpt") == ""


def test_a_prompt_to_an_imported_model_is_told_what_it_meets() -> None:
    with pytest.raises(ConnectionUnknown, match="models of chats imported from ChatGPT are not available"):
        Settings().connection("imported-chatgpt")
