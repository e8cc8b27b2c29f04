"""What is tried with each server: list, stream, usage, unknown model, parameters, stop, two at once, length, keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.real.outcome_table import NotTriedError, Row, filled
from tests.real.paragone_client import ParagoneClient, stop_after
from tests.real.target import Target

LONG = "Write the numbers from one to five hundred in words, one a line."
ENDLESS = ("--param", "ignore_eos=true")
_SHORT = "Name three colours."
_STOPS = 3
_FREE_S = 6.0
_ENDS_S = 5.0

Check = Callable[[Target, ParagoneClient], Iterator[str]]


def run(target: Target, client: ParagoneClient) -> list[Row]:
    """All checks, one after the other."""
    client.key = target.key
    client.add("real", target.url, key=bool(target.key))
    client.add("keyless", target.url, key=False)
    return [filled(target.name, target.version, name, check(target, client)) for name, check in CHECKS.items()]


def ref(target: Target) -> tuple[str, str]:
    """The model of a target as the command line names it."""
    return "--model", f"real/{target.model}"


def _lists(target: Target, client: ParagoneClient) -> Iterator[str]:
    if not target.lists:
        raise NotTriedError("it lists what was fetched from a hub, and not what it serves")
    found = client.run("connections", "test", "real")
    yield "" if target.model in found.get("models", ()) else f"{found}"[:200]
    if target.lists_context:
        (row,) = (row for row in client.run("models") if row["ref"] == f"real/{target.model}")
        yield "" if row["context_window"] == target.context else f"a context of {row['context_window']}"


def _streams(target: Target, client: ParagoneClient) -> Iterator[str]:
    asked = client.ask(*ref(target), "--param", "max_tokens=80", *ENDLESS, LONG)
    times = asked.at("text")
    spread = times[-1] - times[0] if times else 0.0
    right = asked.end()["event"] == "finish" and len(times) >= 5 and spread > 0.1
    yield "" if right else f"{len(times)} pieces within {spread:.3f} s, {asked.in_short}"


def _usage(target: Target, client: ParagoneClient) -> Iterator[str]:
    asked = client.ask(*ref(target), "--param", "max_tokens=24", _SHORT)
    usage = asked.of("usage")
    right = len(usage) == 1 and not usage[0].get("estimated") and usage[0]["input_tokens"] and usage[0]["output_tokens"]
    yield "" if right else f"{usage}, {asked.in_short}"


def _wires(target: Target, client: ParagoneClient) -> Iterator[str]:
    """The same answer comes over each wire, and as a server of Anthropic's kind, with the same usage.

    Not with the same end: llama.cpp calls one that its limit cut complete over Responses, LiteLLM over both.
    """
    if not target.wires:
        raise NotTriedError("it serves none that is known")
    words = ("--param", "max_tokens=24", "--param", "temperature=0", _SHORT)
    first = client.ask(*ref(target), *words)
    kinds = [("openai-v1", wire) for wire in target.wires]
    if "messages" in target.wires:
        kinds.append(("anthropic", "auto"))
    for kind, wire in kinds:
        name = kind if wire == "auto" else wire
        client.add(name, target.url, key=bool(target.key), kind=kind, wire=wire)
        asked = client.ask("--model", f"{name}/{target.model}", *words)
        usage, expected = ([*map(_counts, each.of("usage"))] for each in (asked, first))
        alike = asked.text() == first.text() and usage == expected
        right = alike and bool(first.text()) and asked.end()["event"] == "finish"
        yield "" if right else f"{name}: {asked.text()!r} and {usage}, {asked.in_short}"


def _counts(usage: dict[str, object]) -> tuple[object, object]:
    return usage.get("input_tokens"), usage.get("output_tokens")


def _unknown(target: Target, client: ParagoneClient) -> Iterator[str]:
    if target.any_name:
        raise NotTriedError("it answers whatever model is named")
    asked = client.ask("--model", "real/there-is-none", _SHORT)
    yield "" if asked.end().get("code") == "deployment_not_found" else asked.in_short


def _dropped(target: Target, client: ParagoneClient) -> Iterator[str]:
    if not target.refused:
        raise NotTriedError("it ignores what it does not know")
    for model, parameter in target.refused:
        words = ("--param", "max_tokens=8", "--param", parameter)
        asked = client.ask("--model", f"real/{model}", *words, _SHORT)
        name = parameter.partition("=")[0]
        said = any(name in line["message"] for line in asked.of("notice"))
        right = said and asked.end()["event"] == "finish"
        yield "" if right else f"{model}: {[line['message'] for line in asked.of('notice')]}, {asked.in_short}"


def _told(target: Target, client: ParagoneClient) -> Iterator[str]:
    """A value that is wrong is the user's to put right: the server's words are shown, and nothing is dropped."""
    if not target.wrong_value:
        raise NotTriedError("no value is known that it refuses and Paragone lets through")
    asked = client.ask(*ref(target), "--param", "max_tokens=8", "--param", target.wrong_value, _SHORT)
    name = target.wrong_value.partition("=")[0]
    right = asked.end().get("code") == "request_rejected" and name in asked.end()["message"]
    yield "" if right and not asked.of("notice") else f"{asked.of('notice')}, {asked.in_short}"


def _stops(target: Target, client: ParagoneClient) -> Iterator[str]:
    """Several long answers are stopped; a server that went on with them would keep a short one waiting."""
    for _ in range(_STOPS):
        asked = client.ask(*ref(target), "--param", "max_tokens=900", *ENDLESS, LONG, during=stop_after(3))
        late = asked.ended_at - (asked.at("text") or [0.0])[2 if len(asked.at("text")) > 2 else -1]
        right = asked.end()["event"] == "error" and len(asked.of("text")) >= 3 and late < _ENDS_S
        yield "" if right else f"{asked.in_short}, {late:.1f} s after the stop"
    asked = client.ask(*ref(target), "--param", "max_tokens=4", _SHORT)
    waited = asked.end().get("ttft_ms") or float("inf")
    yield "" if waited < _FREE_S * 1000 else f"the next answer began after {waited:.0f} ms, {asked.in_short}"


def _two(target: Target, client: ParagoneClient) -> Iterator[str]:
    asked = client.ask(*ref(target), *ref(target), "--param", "max_tokens=80", *ENDLESS, LONG)
    for index in (0, 1):
        yield "" if asked.end(index)["event"] == "finish" and asked.text(index) else f"{asked.end(index)}"[:200]
    if not target.at_once:
        return
    first, second = asked.at("text", 0), asked.at("text", 1)
    both = first and second and max(first[0], second[0]) < min(first[-1], second[-1])
    yield "" if both else "one answer after the other"


def _too_long(target: Target, client: ParagoneClient) -> Iterator[str]:
    if not target.context:
        raise NotTriedError("it refuses none")
    prompt = "seven blue birds " * target.context
    asked = client.ask(*ref(target), prompt[:120_000])
    yield "" if asked.end().get("code") == "context_length_exceeded" else asked.in_short


def _keys(target: Target, client: ParagoneClient) -> Iterator[str]:
    if not target.key:
        raise NotTriedError("it knows no keys")
    wrong = client.ask(*ref(target), _SHORT, key="sk-wrong-wrong-wrong-0000")
    yield "" if wrong.end().get("code") == target.wrong_key_code else wrong.in_short
    none = client.ask("--model", f"keyless/{target.model}", _SHORT)
    right = none.end().get("code") == "authentication_failed" and "has none" in none.end()["message"]
    yield "" if right else none.in_short


def _foreign_key(target: Target, client: ParagoneClient) -> Iterator[str]:
    if not target.locked:
        raise NotTriedError("it is no gateway")
    asked = client.ask("--model", f"real/{target.locked}", _SHORT)
    yield "" if asked.end().get("code") == "server_failed" else asked.in_short


def _inference(target: Target, client: ParagoneClient) -> Iterator[str]:
    """Asked as Azure's model inference is, on plain addresses and such as name a deployment, which need no list."""
    if not target.inference:
        raise NotTriedError("it has no such address")
    for number, url in enumerate(target.inference):
        name = f"inference-{number}"
        client.add(name, url, key=bool(target.key), kind="azure-inference")
        tested = client.run("connections", "test", name)
        right = tested["state"] == "ok" and target.model in tested["models"]
        yield "" if right else f"{url}: {tested}"[:300]
        asked = client.ask("--model", f"{name}/{target.model}", "--param", "max_tokens=24", _SHORT)
        usage = asked.of("usage")
        right = asked.end()["event"] == "finish" and asked.text() and len(usage) == 1 and not usage[0].get("estimated")
        yield "" if right else f"{url}: {usage}, {asked.in_short}"


CHECKS: dict[str, Check] = {
    "list of models": _lists,
    "an answer that streams": _streams,
    "usage": _usage,
    "other wires (Responses, Messages, kind anthropic)": _wires,
    "unknown model": _unknown,
    "unsupported parameter dropped and said": _dropped,
    "wrong value told": _told,
    "stop": _stops,
    "two panes at once": _two,
    "too long a prompt": _too_long,
    "key refused": _keys,
    "a gateway's own key is not called yours": _foreign_key,
    "model inference addresses": _inference,
}
