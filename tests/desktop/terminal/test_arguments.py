"""The command line's own checks: wrong values end with status 2 and a sentence that names the option."""

from __future__ import annotations

import argparse
from typing import cast

import pytest

from desktop.terminal.arguments import parser

ADD = ("connections", "add", "own", "--kind", "openai-v1")


def _subcommands(top: argparse.ArgumentParser) -> list[tuple[str, argparse.ArgumentParser]]:
    found: list[tuple[str, argparse.ArgumentParser]] = []
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            choices = cast("argparse._SubParsersAction[argparse.ArgumentParser]", action).choices
            for name, command in choices.items():
                found += [(name, command), *((f"{name} {words}", each) for words, each in _subcommands(command))]
    return found


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*ADD, "--connect-timeout", "soon"), "--connect-timeout: must be a number from"),
        ((*ADD, "--idle-timeout", "nan"), "--idle-timeout: must be a number from"),
        ((*ADD, "--first-token-timeout", "-1"), "--first-token-timeout: must be a number from"),
        ((*ADD, "--keep-days", "1.5"), "--keep-days: must be a whole number from 0 to"),
        ((*ADD, "--keep-days", "-1"), "--keep-days: must be a whole number from 0 to"),
        ((*ADD, "--header", "no colon"), "--header: must be NAME:VALUE"),
        ((*ADD, "--header", " :value"), "--header: must be NAME:VALUE"),
        ((*ADD, "--key-stdin", "--key-env", "X"), "--key-env: not allowed with argument --key-stdin"),
        (("conversations", "search", "--role", "tool"), "--role: invalid choice"),
        (("conversations",), "ACTION"),
    ],
)
def test_a_wrong_value_is_named_with_its_option(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        parser("1.2.3").parse_args(words)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_each_command_takes_the_folder_before_and_after_it() -> None:
    for words in (("--data-dir", "x", "models"), ("models", "--data-dir", "x")):
        assert str(parser("1.2.3").parse_args(words).data_dir) == "x"
    assert not hasattr(parser("1.2.3").parse_args(["models"]), "data_dir")


def test_a_command_among_the_words_is_whole_and_others_are_only_named() -> None:
    words = ("--data-dir", "models", "connections", "list", "--json")
    whole, quick = parser("1.2.3"), parser("1.2.3", words)
    assert quick.format_help() == whole.format_help()
    assert vars(quick.parse_args(words)) == vars(whole.parse_args(words))
    assert [name for name, _ in _subcommands(quick) if name.startswith("connections ")]
    assert not [name for name, _ in _subcommands(quick) if name.startswith("storage ")]
    assert len(_subcommands(parser("1.2.3", ()))) < len(_subcommands(whole)) / 2


def test_the_help_of_each_command_can_be_printed() -> None:
    commands = _subcommands(parser("1.2.3"))
    assert len(commands) > 20
    for words, command in commands:
        assert command.format_help().startswith(f"usage: paragone {words}")
