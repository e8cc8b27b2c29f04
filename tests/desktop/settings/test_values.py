"""Options and connections as values."""

from __future__ import annotations

import pytest

from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.errors import ConnectionUnknown, UsageError
from desktop.settings import schema
from desktop.settings.values import (
    EMBEDDED,
    Settings,
    check_connection_name,
    check_new_name,
    check_variable_name,
)


@pytest.mark.parametrize("option", schema.OPTIONS, ids=lambda option: option.key)
def test_every_default_fits_and_every_option_is_described(option: schema.AnyOption) -> None:
    assert option.check(option.default) == option.default
    assert option.description.endswith(".")
    assert option.key.count(".") == 1


@pytest.mark.parametrize("option", schema.OPTIONS, ids=lambda option: option.key)
def test_every_option_can_be_shown(option: schema.AnyOption) -> None:
    assert option.label or option.page is schema.SettingsPage.SHORTCUTS  # those are called as their commands are
    assert not option.label.endswith((".", ":"))
    assert len(option.choice_labels) == len(option.choices)
    assert isinstance(option.default, str) or option.form is schema.Form.LINE


def test_no_label_is_used_twice_on_a_page() -> None:
    labels = [(option.page, option.label) for option in schema.OPTIONS if option.label]
    assert len(labels) == len({*labels})


def test_no_key_is_declared_twice() -> None:
    keys = [option.key for option in schema.OPTIONS]
    assert len(keys) == len({*keys})


def test_a_value_like_zero_or_nothing_is_a_value() -> None:
    settings = Settings().set(schema.EMBEDDED_THREADS, 4).set(schema.EMBEDDED_THREADS, 0)
    assert settings.get(schema.EMBEDDED_THREADS) == 0
    assert Settings().set(schema.DEFAULT_MODEL, "").get(schema.DEFAULT_MODEL) == ""


@pytest.mark.parametrize("value", [-1.0, 4000.0, "3", True])
def test_a_value_that_does_not_fit_is_refused_with_what_would(value: float) -> None:
    with pytest.raises(UsageError, match="from 0.1 to 3600"):
        Settings().set(schema.IDLE_TIMEOUT, value)


def test_the_embedded_model_is_always_there_and_cannot_be_removed() -> None:
    assert Settings().all_connections == (EMBEDDED,)
    with pytest.raises(UsageError):
        Settings().without_connection("embedded")


def test_an_unknown_connection_is_named() -> None:
    with pytest.raises(ConnectionUnknown, match="nowhere"):
        Settings().connection("nowhere")


def test_a_connection_replaces_the_one_of_its_name() -> None:
    first = Connection(name="a", kind=Kind.OPENAI_V1, url="https://one.example/v1")
    second = Connection(name="a", kind=Kind.OPENAI_V1, url="https://two.example/v1", auth=Auth.NONE)
    assert Settings().with_connection(first).with_connection(second).connections == (second,)


@pytest.mark.parametrize("name", ["", "a/b", "a b", "a\nb", "x" * 65, "\u202eevil", "tab\t"])
def test_names_that_would_mislead_are_refused(name: str) -> None:
    with pytest.raises(UsageError):
        check_connection_name(name)


@pytest.mark.parametrize("name", ["foundry", "büro", "東京", "x" * 64, "my-hub_2"])
def test_ordinary_names_pass(name: str) -> None:
    assert check_connection_name(name) == name


@pytest.mark.parametrize(
    "key",
    [
        "sk-secret-0123",
        "a1b2c3d4e5f60718293a4b5c6d7e8f90",
        "gsk_4fGh7Jk2LmN9pQr5StU8vWx",
        "hf_AbCdEf1GhIjK2lMnOpQ3rStUv",
    ],
)
def test_a_key_given_as_a_variables_name_is_not_repeated(key: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_variable_name(key)
    assert key not in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize("name", ["sk-proj-Ab3dEf6hIj9kLm2nOp5q", "9f3c1d7a5b2e48609c4d8e7f1a2b3c4d"])
def test_a_key_given_as_a_connections_name_is_not_repeated(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_new_name(name)
    assert name not in f"{caught.value.message} {caught.value.hint}"
    assert check_connection_name(name) == name  # one that was kept before stays


@pytest.mark.parametrize(
    "name", ["foundry", "sk-bratislava-gateway-main", "jane-mb1k2x3y-eastus2", "eastus2-gpt4o", "xk3v9f2abcdeqr7z"]
)
def test_ordinary_names_of_new_connections_pass(name: str) -> None:
    assert check_new_name(name) == name


@pytest.mark.parametrize("name", ["KEY", "AZURE_OPENAI_API_KEY_2", "AZUREOPENAIGPT4KEY2026", "_x", "THE_PROJECTS_KEY"])
def test_ordinary_names_of_variables_pass(name: str) -> None:
    assert check_variable_name(name) == name
