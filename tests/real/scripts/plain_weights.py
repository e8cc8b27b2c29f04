"""A GGUF file's model as transformers and vLLM load it: `plain_weights.py FILE FOLDER`."""

# pyright: basic, reportMissingImports=false, reportAttributeAccessIssue=false
from __future__ import annotations

import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def main() -> None:
    """Write weights, tokenizer and template."""
    file, folder = Path(sys.argv[1]), sys.argv[2]
    place, name = str(file.parent), file.name
    quantized = AutoModelForCausalLM.from_pretrained(place, gguf_file=name)
    config = quantized.config
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    plain = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    plain.load_state_dict(quantized.state_dict())
    plain.save_pretrained(folder)
    AutoTokenizer.from_pretrained(place, gguf_file=name).save_pretrained(folder)


if __name__ == "__main__":
    main()
