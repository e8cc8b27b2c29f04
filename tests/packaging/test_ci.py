"""The action for CI runs a suite with the real program, writes its reports, and keeps one comment up to date."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any

import pytest
import yaml

from tests.servers.threaded import fault_server

ROOT = Path(__file__).resolve().parents[2]
CI = ROOT / "packaging" / "ci"
SUITE = """schema: paragone-suite/1
name: Words
prompts: ["say {{word}}"]
contenders: [lab/echo]
cases:
  - vars: {word: one}
    graders: [{type: contains, value: one}]
  - vars: {word: two}
    graders: [{type: contains, value: never}]
"""


@pytest.fixture(scope="module")
def evaluate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("evaluate", CI / "evaluate.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.fixture
def comments() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The comments of a pull request, behind an API on loopback."""
    kept: list[dict[str, Any]] = [{"id": 1, "body": "Looks good!"}]

    class Api(BaseHTTPRequestHandler):
        def answer(self) -> None:
            assert self.headers["Authorization"] == "Bearer t0ken"
            length = int(self.headers.get("Content-Length") or 0)
            body: dict[str, Any] = json.loads(self.rfile.read(length)) if length else {}
            answer: object = body
            if self.command == "GET":
                answer = kept if self.path.endswith("page=1") else []
            elif self.command == "POST":
                kept.append({"id": 10 + len(kept), **body})
            else:
                next(each for each in kept if each["id"] == int(self.path.rpartition("/")[2])).update(body)
            data = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = answer  # noqa: N815 - named by the library

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by the library
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", kept
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_suite_is_run_reported_and_told_in_one_comment(
    evaluate: ModuleType, comments: tuple[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    address, kept = comments
    (tmp_path / "suite.yaml").write_text(SUITE)
    (tmp_path / "event.json").write_text('{"pull_request": {"number": 7}}')
    environ = {
        "SUITE": str(tmp_path / "suite.yaml"),
        "CAP": "1",
        "ALLOW_UNKNOWN_PRICES": "true",
        "MIN_PASS_RATE": "0.9",
        "OUTPUT": str(tmp_path / "out"),
        "COMMENT": "true",
        "TOKEN": "t0ken",
        "GITHUB_API_URL": address,
        "GITHUB_REPOSITORY": "owner/name",
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
    }
    paragone = [sys.executable, str(ROOT / "main.py"), "--data-dir", str(tmp_path / "data")]
    with fault_server() as server:
        connections = f"lab openai-v1 {server.url} -\n"
        assert evaluate.main(paragone, {**environ, "CONNECTIONS": connections}) == 3
        assert evaluate.main(paragone, {**environ, "MIN_PASS_RATE": "0.5"}) == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"report.html", "report.md", "junit.xml"}
    assert kept[0]["body"] == "Looks good!"
    (told,) = (each["body"] for each in kept[1:])
    assert told.startswith("<!-- paragone ")
    assert "**The gate holds" in told
    assert "| 2 | say two | ✗ |" in told
    assert (tmp_path / "output").read_text().count("run=") == 2


def test_a_report_that_is_too_long_is_told_without_its_cases(evaluate: ModuleType) -> None:
    text = evaluate.comment_of("a.yaml", ["The gate holds."], f"# Run\n{evaluate.CASES}\n" + "| x |\n" * 20_000)
    assert len(text) < 65_536
    assert "too long" in text


@pytest.mark.parametrize("name", ["action.yml", "gitlab.yml"])
def test_the_files_for_ci_set_every_variable_that_the_script_reads(name: str) -> None:
    text = (CI / name).read_text("utf-8")
    assert yaml.safe_load(text)
    assert "packaging/ci/evaluate.py" in text
    wanted = ("SUITE", "CAP", "OUTPUT") if name == "gitlab.yml" else ("SUITE", "CAP", "MODELS", "CONNECTIONS", "TOKEN")
    assert [each for each in wanted if f"{each}:" not in text] == []
