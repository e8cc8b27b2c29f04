"""What a server inherits, and how its program is found."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from desktop.tools.host.server_process import inherited, resolved


def test_servers_inherit_only_harmless_variables() -> None:
    environ = {"PATH": "/bin", "HOME": "/h", "LANG": "C", "AWS_SECRET_ACCESS_KEY": "x", "TERM": "() { :; }"}
    assert inherited(environ) == {"PATH": "/bin", "HOME": "/h", "LANG": "C"}


def test_a_program_is_found_on_the_path_of_its_environment(tmp_path: Path) -> None:
    program = tmp_path / "serve"
    program.touch(mode=0o755)
    assert resolved(["serve", "a b", "; rm"], {"PATH": str(tmp_path)}) == [str(program), "a b", "; rm"]
    for command in ([], [""], ["nonesuch"]):
        with pytest.raises(FileNotFoundError):
            resolved(command, {"PATH": str(tmp_path)})


@pytest.mark.parametrize("argument", ['"', "%PATH%", "a&b", "a|b", "<", ">", "^", "!", "\n"])
def test_a_batch_file_gets_no_argument_that_its_shell_interprets(tmp_path: Path, argument: str) -> None:
    program = tmp_path / "npx.cmd"
    program.touch(mode=0o755)
    assert resolved([str(program), "-y", "@scope/name"], {}) == [str(program), "-y", "@scope/name"]
    with pytest.raises(ValueError, match="batch file"):
        resolved([str(program), argument], {})


def test_other_programs_get_any_argument() -> None:
    assert resolved([sys.executable, "a&b|c"], {})[1:] == ["a&b|c"]
