"""A real run with a real keyring: the key and the prompts are in nothing that it wrote, logged, showed or started."""

from __future__ import annotations

import html
import io
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from desktop.redaction.redactor import hide
from tests.e2e.program import Program
from tests.examples import alike
from tests.processes import descendants, open_files, read_of
from tests.servers.secret_service import is_installed, secret_service
from tests.servers.threaded import fault_server

KEY = "key/0123456789+abcdef=Z"
HEADER = "header/9876543210+fedcba"
PROMPT = "nobody shall read this prompt of mine"
LEVELS = ("DEBUG", "ERROR")
"""All that is logged, and the least: between them nothing is logged that is in neither."""

pytestmark = pytest.mark.skipif(not is_installed(), reason="needs gnome-keyring")


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Program]:
    """The program with a connection whose key and header are in a keyring."""
    folder = tmp_path / "run"
    folder.mkdir()
    with fault_server(KEY) as server, secret_service(tmp_path / "s") as service:
        program = Program(folder, service.environ)
        words = ("connections", "add", "lab", "--kind", "openai-v1", "--url", server.url, "--key-stdin")
        ended = program(*words, "--header", f"X-Api-Key: {HEADER}", given=KEY)
        assert ended.status == 0, ended.err
        assert KEY not in ended.out + ended.err
        yield program


def told(text: str) -> bool:
    """Whether a text holds a secret in any spelling."""
    plain = html.unescape(unquote(text.replace("\\/", "/")))
    return any(each in plain for each in (KEY, HEADER)) or hide(text, [KEY, HEADER]) != text


def level(program: Program, name: str) -> None:
    file = program.folder / "data" / "config" / "settings.toml"
    if not file.exists():
        (file,) = program.folder.rglob("settings.toml")
    text = file.read_text().partition("\n[log]")[0]
    file.write_text(f'{text}\n[log]\nlevel = "{name}"\n')


def everything(program: Program) -> dict[str, str]:
    files = {str(path): data for path, data in program.files().items()}
    for path in [path for path in files if path.endswith(".zip")]:
        with zipfile.ZipFile(io.BytesIO(files[path])) as bundle:
            files |= {f"{path}/{name}": bundle.read(name) for name in bundle.namelist()}
    return {path: data.decode("utf-8", "replace") for path, data in files.items()}


@pytest.mark.slow
@pytest.mark.parametrize("name", alike(1, LEVELS))
def test_a_key_is_in_nothing_that_a_run_wrote_or_said_and_prompts_are_in_no_log(lab: Program, name: str) -> None:
    level(lab, name)
    said: list[str] = []
    for model in ("grok-3", "401", "echo-key", "echo-key:page", "cut"):
        ended = lab("ask", "--save", "--model", f"lab/{model}", f"{PROMPT} {model}")
        said += (ended.out, ended.err)
    export = lab.folder / "export.json"
    for words in (
        ("doctor", "--bundle", str(lab.folder / "bundle.zip")),
        ("conversations", "export", "--all", "--output", str(export)),
    ):
        ended = lab(*words)
        said += (ended.out, ended.err)
    assert any("[secure]" in each for each in said), "the server gave the key back"
    assert not [each for each in said if told(each)]
    held = everything(lab)
    assert {"export.json", "bundle.zip/settings.json", "bundle.zip/paragone.log"} <= {
        Path(path).relative_to(lab.folder).as_posix() for path in held
    }
    assert not [path for path, text in held.items() if told(text)]
    logs = [text for path, text in held.items() if "paragone.log" in path]
    assert logs
    assert not [text for text in logs if PROMPT in text]
    assert any(PROMPT in text for path, text in held.items() if ".sqlite" in path or ".db" in path)


@pytest.mark.slow
def test_a_key_is_in_no_environment_or_command_line_of_a_process(lab: Program) -> None:
    running = lab.start("ask", "--model", "lab/stall", PROMPT)
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not _connected(running.pid):
            time.sleep(0.05)
        assert _connected(running.pid)
        assert read_of(running.pid, "environ")
        for process in (running.pid, *descendants(running.pid)):
            for name in ("environ", "cmdline"):
                assert not told(read_of(process, name)), name
    finally:
        running.kill()
        running.communicate()


def _connected(process: int) -> bool:
    """Whether a process has a socket to a server, which it opens once it knows its key."""
    mine = open_files(process)
    lines = Path(f"/proc/{process}/net/tcp").read_text().splitlines()[1:]
    return any(f"socket:[{line.split()[9]}]" in mine for line in lines if line.split()[3] == "01")
