"""The child on its own: what it is told, what it sets, and that it ends with its stdin."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from desktop.embedded.engine_child import ChildSettings, Ready, encode, parameters, parse_report

SETTINGS = ChildSettings(model="/home/me/a.gguf", token="t", threads=3, context=4096, parallel=2)


def test_each_slot_has_the_whole_context_and_the_server_is_closed_to_others() -> None:
    names = ("model", "cpuparams", "cpuparams_batch")
    params = parameters(SimpleNamespace(**{name: SimpleNamespace() for name in names}), SETTINGS)
    assert (params.n_ctx, params.n_parallel, params.n_batch, params.n_ubatch) == (8192, 2, 64, 64)
    assert (params.cpuparams.n_threads, params.cpuparams_batch.n_threads) == (3, 3)
    assert (params.hostnames, params.port, params.api_keys) == (["127.0.0.1"], 0, ["t"])
    assert (params.offline, params.ui, params.endpoint_slots, params.cors_credentials) == (True, False, False, False)
    assert (params.model.path, params.model_alias) == ("/home/me/a.gguf", {"a"})


def test_a_child_without_settings_says_so_and_ends(real_child: Sequence[str]) -> None:
    for given in (b"", b"no json\n", b'{"model": "x"}\n'):
        child = subprocess.run(real_child, input=given, capture_output=True, timeout=200)
        assert (child.returncode, child.stdout) == (2, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_it_ignores_ctrl_c_and_ends_with_its_stdin(real_child: Sequence[str], model: Path) -> None:
    with subprocess.Popen(real_child, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(encode(ChildSettings(model=str(model), token="t", threads=1, context=256, parallel=1)))
        child.stdin.flush()
        assert isinstance(parse_report(child.stdout.readline()), Ready)
        child.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(0.1)
        child.stdin.close()
        assert child.wait(5) == 0
