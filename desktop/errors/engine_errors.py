"""Errors of the embedded engine and its model files."""

from __future__ import annotations

from desktop.errors.base_errors import ParagoneError
from desktop.text.phrases import phrase


class EngineError(ParagoneError):
    """Base class of errors of the embedded engine or its model."""

    code = "engine"


class EngineMissing(EngineError):
    """The engine or its model is not installed."""

    code = "engine_missing"
    hint_default = phrase(
        "Run `make setup` (or install the package that includes the engine), or add a connection to a server."
    )


class EngineUnsupported(EngineError):
    """This processor lacks instructions that the engine requires (SIGILL)."""

    code = "engine_unsupported"
    hint_default = phrase("Add a connection to Azure AI Foundry or another server.")


class EngineCrashed(EngineError):
    """The engine's process exited unexpectedly."""

    code = "engine_crashed"
    hint_default = phrase("Try again. The engine restarts automatically, and everything else keeps working.")


class EngineTimeout(EngineError):
    """The engine did not become ready in time."""

    code = "engine_timeout"
    hint_default = phrase("Try again when the computer is less busy. The engine restarts automatically.")


class ModelLoadFailed(EngineError):
    """The engine could not load a model file. The message is the engine's."""

    code = "model_load_failed"
    hint_default = phrase("Check the file, or choose another model.")


class GgufInvalid(EngineError):
    """A file is not a GGUF model, or its header is malformed."""

    code = "gguf_invalid"
    hint_default = phrase("Choose a complete .gguf file that contains a chat model.")


class ModelTooLarge(EngineError):
    """A model and its cache exceed the free memory."""

    code = "model_too_large"
    hint_default = phrase("Choose a smaller model or quantization, or close other programs.")
