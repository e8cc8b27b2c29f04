"""llama.cpp's server by xllamacpp: `llama_server.py MODEL PORT KEY CONTEXT`; an empty key takes any."""

# pyright: basic, reportMissingImports=false, reportAttributeAccessIssue=false
from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import xllamacpp

SLOTS = 2


def main() -> None:
    """Serve until the process is ended."""
    model, port, key, context = sys.argv[1:]
    params = xllamacpp.CommonParams()
    params.model.path = model
    params.model_alias = {Path(model).stem}
    params.hostnames = ["127.0.0.1"]
    params.port = int(port)
    params.api_keys = [key] if key else []
    params.offline = True
    params.ui = False
    params.n_ctx = int(context) * SLOTS
    params.n_parallel = SLOTS
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main()
    os._exit(0)
