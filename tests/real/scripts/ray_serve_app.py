"""Two replicas of llama.cpp behind Ray Serve: `ray_serve_app.py MODEL PORT CONTEXT FOLDER`.

Each replica notes the answers that it begins in a file of FOLDER that is named after its process id.
"""

# pyright: basic, reportMissingImports=false, reportAttributeAccessIssue=false, reportUntypedFunctionDecorator=false
# pyright: reportUnusedFunction=false
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import ray
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, StreamingResponse
from ray import serve

REPLICAS, SLOTS = 2, 8
MODEL, PORT, CONTEXT, FOLDER = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])

api = FastAPI()


@serve.deployment(num_replicas=REPLICAS, max_ongoing_requests=SLOTS, health_check_period_s=1, health_check_timeout_s=5)
@serve.ingress(api)
class Chat:
    """One engine of its own, and the way to it."""

    def __init__(self, model: str, context: int, folder: str) -> None:
        import os

        import aiohttp
        import xllamacpp

        params = xllamacpp.CommonParams()
        params.model.path = model
        params.model_alias = {Path(model).stem}
        params.hostnames = ["127.0.0.1"]
        params.port = 0
        params.offline = True
        params.ui = False
        params.n_ctx = context * SLOTS
        params.n_parallel = SLOTS
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
        self._engine = xllamacpp.Server(params)
        self._url = f"{self._engine.listening_address}/v1"
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))
        self._notes = Path(folder) / f"replica-{os.getpid()}"
        self._notes.touch()

    @api.get("/v1/models")
    async def models(self) -> JSONResponse:
        """What the engine lists."""
        async with self._session.get(f"{self._url}/models") as reply:
            return JSONResponse(await reply.json(), status_code=reply.status)

    @api.post("/v1/chat/completions")
    async def chat(self, request: Request) -> StreamingResponse:
        """The engine's answer, as it comes."""
        with self._notes.open("a") as notes:
            notes.write("answer\n")
        reply = await self._session.post(f"{self._url}/chat/completions", data=await request.body())

        async def passed_on() -> AsyncIterator[bytes]:
            try:
                async for piece in reply.content.iter_any():
                    yield piece
            finally:
                reply.close()

        headers = {"X-Accel-Buffering": "no"}
        return StreamingResponse(passed_on(), reply.status, headers, reply.headers["Content-Type"])


def main() -> None:
    """Serve until the process is ended."""
    ray.init(
        include_dashboard=False,
        num_cpus=4,
        object_store_memory=100_000_000,
        _node_ip_address="127.0.0.1",
        _temp_dir=str(FOLDER / "ray"),
    )
    serve.start(http_options={"host": "127.0.0.1", "port": PORT})
    serve.run(Chat.bind(MODEL, CONTEXT, str(FOLDER)))
    print("ready", flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    serve.shutdown()
    ray.shutdown()


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main()
