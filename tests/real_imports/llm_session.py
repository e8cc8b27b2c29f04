"""A session with the `llm` command, run by its own Python: `llm_session.py before|after`; LLM_USER_PATH says where.

It is given to the Python of an environment that has some version of `llm`, and needs nothing else. The model answers
what it was asked, calls a tool where the prompt says so, and reasons where this version of llm knows that.
"""

# pyright: basic, reportMissingImports=false
from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import llm
from click.testing import CliRunner
from llm.cli import cli
from llm.plugins import load_plugins, pm

LOOK = "def look(place: str) -> str:\n    return f'{place} is sunny'\n"


class Echo(llm.Model):
    """Answers with what it was asked; `use the tool` in a prompt calls a tool once."""

    model_id = "echo"
    can_stream = False
    supports_tools = True
    supports_schema = True
    attachment_types = {"image/png"}  # noqa: RUF012 - as llm has it

    class Options(llm.Options):
        """One option, so that some are logged."""

        warmth: float | None = None

    def execute(self, prompt: Any, stream: bool, response: Any, conversation: Any) -> Iterator[str]:  # noqa: ANN401
        """The answer."""
        del stream, conversation
        response.set_usage(input=3, output=4)
        if prompt.tool_results:
            yield f"Found: {prompt.tool_results[0].output}"
            return
        if "use the tool" in (prompt.prompt or ""):
            response.add_tool_call(llm.ToolCall(name="look", arguments={"place": "Bern"}, tool_call_id="call-1"))
            yield "Looking. "
            return
        if "think" in (prompt.prompt or "") and find_spec("llm.parts"):
            event = import_module("llm.parts").StreamEvent
            yield event(type="reasoning", chunk="Let me think.")
            yield event(type="text", chunk="Thought about it.")
            return
        yield f"You said: {(prompt.prompt or '').splitlines()[-1]}"


class Plugin:
    """Registers the model."""

    @llm.hookimpl
    def register_models(self, register: Any) -> None:  # noqa: ANN401
        """What llm asks of a plug-in."""
        register(Echo())


def say(*arguments: str) -> None:
    """One run of the command."""
    done = CliRunner().invoke(cli, ["prompt", "-m", "echo", "--no-stream", *arguments], catch_exceptions=False)
    if done.exit_code:
        sys.exit(f"llm {arguments}: {done.output}")


def before(folder: Path) -> None:
    """What is logged by an older version, or all that a newer one has."""
    novel, rules, picture = folder / "novel.txt", folder / "rules.txt", folder / "sky.png"
    novel.write_text("It was a dark night.")
    rules.write_text("Always rhyme.")
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    say("plain one", "-s", "Be short.", "-o", "warmth", "0.5")
    say("-c", "plain two", "-s", "Be long.")
    say("with a fragment", "-f", str(novel), "--system-fragment", str(rules), "-s", "Be kind.")
    say("use the tool", "--functions", LOOK, "--chain-limit", "3")
    say("with a picture", "-a", str(picture))
    say("a name", "--schema", "name: the name")
    say("think")


def after(folder: Path) -> None:
    """What is logged by a newer version into the log of an older one."""
    say("-c", "think again")
    for prompt in ("plain one", "with a fragment", "use the tool", "with a picture"):
        say("--cid", conversation_of(folder, prompt), f"more {prompt[-5:]}")
    say("a new one")


def conversation_of(folder: Path, prompt: str) -> str:
    """The id of the conversation with a prompt of the older version."""
    database = import_module("sqlite_utils").Database(folder / "logs.db")
    rows = database.query("SELECT conversation_id FROM responses WHERE prompt = ?", [prompt])
    return str(next(iter(rows))["conversation_id"])


if __name__ == "__main__":
    load_plugins()
    pm.register(Plugin(), name="echo")
    {"before": before, "after": after}[sys.argv[1]](Path(os.environ["LLM_USER_PATH"]))
