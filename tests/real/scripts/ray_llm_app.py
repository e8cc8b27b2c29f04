"""One of Ray's own servers of models, with vLLM as its engine: `ray_llm_app.py WEIGHTS PORT CONTEXT FOLDER`."""

# pyright: basic, reportMissingImports=false, reportAttributeAccessIssue=false
import signal
import sys

import ray
from ray import serve
from ray.serve.llm import LLMConfig, build_openai_app


def main() -> None:
    """Serve until the process is ended."""
    weights, port, context, folder = sys.argv[1:]
    ray.init(
        include_dashboard=False,
        num_cpus=4,
        object_store_memory=100_000_000,
        _node_ip_address="127.0.0.1",
        _temp_dir=f"{folder}/ray",
    )
    serve.start(http_options={"host": "127.0.0.1", "port": int(port)})
    config = LLMConfig(
        model_loading_config={"model_id": "smollm2", "model_source": weights},
        deployment_config={"num_replicas": 1},
        engine_kwargs={
            "max_model_len": int(context),
            "enforce_eager": True,
            "dtype": "bfloat16",
            "max_num_seqs": 8,
        },
        placement_group_config={"bundles": [{"CPU": 1}]},
    )
    serve.run(build_openai_app({"llm_configs": [config]}))
    print("ready", flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    serve.shutdown()
    ray.shutdown()


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main()
