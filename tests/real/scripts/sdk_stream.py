"""Asks a server for one answer through a vendor's SDK, and prints what it made of the stream as JSON.

python sdk_stream.py chat|responses|messages URL KEY MODEL
"""

# pyright: basic, reportMissingImports=false

from __future__ import annotations

import json
import sys
from typing import Any


def chat(url: str, key: str, model: str, found: dict[str, Any]) -> None:
    """Through OpenAI's, over chat completions."""
    from openai import OpenAI

    client = OpenAI(base_url=url, api_key=key, max_retries=2)
    options: Any = {"stream_options": {"include_usage": True}}
    for chunk in client.chat.completions.create(model=model, messages=[_said()], stream=True, **options):
        for choice in chunk.choices[:1]:
            delta = choice.delta.model_dump()
            found["text"] += (delta.get("content") or "") + (delta.get("refusal") or "")
            found["thought"] += delta.get("reasoning_content") or delta.get("reasoning") or ""
            found["reason"] = choice.finish_reason or found["reason"]
        if chunk.usage is not None:
            found["usage"] = [chunk.usage.prompt_tokens, chunk.usage.completion_tokens]


def responses(url: str, key: str, model: str, found: dict[str, Any]) -> None:
    """Through OpenAI's, over Responses."""
    from openai import OpenAI

    refused = False
    for event in OpenAI(base_url=url, api_key=key, max_retries=2).responses.create(
        model=model, input="hi", stream=True, store=False
    ):
        match event.type:
            case "response.output_text.delta" | "response.refusal.delta":
                refused = refused or event.type == "response.refusal.delta"
                found["text"] += event.delta
            case "response.reasoning_summary_text.delta":
                found["thought"] += event.delta
            case "response.completed" | "response.incomplete":
                response = event.response
                details = response.incomplete_details
                called = any(item.type == "function_call" for item in response.output or ())
                ended = "tool_calls" if called else "refusal" if refused else "stop"
                found["reason"] = details.reason if details else ended
                if response.usage:
                    found["usage"] = [response.usage.input_tokens, response.usage.output_tokens]
            case "response.failed" | "error":
                found["error"] = event.type
            case _:
                pass


def messages(url: str, key: str, model: str, found: dict[str, Any]) -> None:
    """Through Anthropic's, over Messages."""
    from anthropic import Anthropic

    client = Anthropic(base_url=url.removesuffix("/v1"), api_key=key, max_retries=2)
    started = None
    for event in client.messages.create(model=model, messages=[_said()], max_tokens=50, stream=True):
        match event.type:
            case "message_start":
                started = event.message.usage
            case "content_block_delta":
                found["text"] += getattr(event.delta, "text", "")
                found["thought"] += getattr(event.delta, "thinking", "")
            case "message_delta":
                found["reason"] = event.delta.stop_reason
                if started is not None:
                    cached = (started.cache_creation_input_tokens or 0) + (started.cache_read_input_tokens or 0)
                    found["usage"] = [started.input_tokens + cached, event.usage.output_tokens]
            case _:
                pass


def _said() -> Any:  # noqa: ANN401 - a message, as both SDKs take it
    return {"role": "user", "content": "hi"}


def main() -> None:
    """Ask and print; an error is named and no failure of this."""
    wire, url, key, model = sys.argv[1:]
    found: dict[str, Any] = {"text": "", "thought": "", "reason": None, "usage": None, "error": None}
    try:
        {"chat": chat, "responses": responses, "messages": messages}[wire](url, key, model, found)
    except Exception as error:  # noqa: BLE001 - whatever an SDK raises is what it made of the stream
        found["error"] = type(error).__name__
    print(json.dumps(found))


if __name__ == "__main__":
    main()
