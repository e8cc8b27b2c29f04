"""What is tried with each proxy: passed on or held back, 504, a restart in mid answer, one server of several lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.real import litellm_gateway, llama_cpp
from tests.real.chat_checks import LONG
from tests.real.outcome_table import NotTriedError, Row, filled
from tests.real.paragone_client import Asked, ParagoneClient, after_words
from tests.real.reverse_proxies import ProxySettings, ReverseProxy
from tests.real.server_process import ServerProcess, free_port

_HELD = "in one piece"
_WAIT_S = 2
_FASTEST = 2_000
"""Tokens a second that the model cannot reach on any machine of today."""


def run(proxy: ReverseProxy, folder: Path, work: Path) -> list[Row]:
    """All checks, with one server behind a proxy that is started anew for each."""
    behind = free_port()
    with llama_cpp.server(folder, work, behind) as server:
        kit = _Kit(proxy, folder, work, behind, server)
        version = proxy.version(folder)
        return [filled(proxy.name, version, name, check(kit)) for name, check in _CHECKS.items()]


@dataclass
class _Kit:
    """What a check works with."""

    proxy: ReverseProxy
    folder: Path
    work: Path
    behind: int
    server: ServerProcess

    def proxied(
        self, *, held_back: bool = False, wait_s: int = 60, behind: int = 0
    ) -> tuple[ServerProcess, ParagoneClient]:
        """A proxy that is not started yet, and a client that knows its address alone."""
        port = free_port()
        settings = ProxySettings(
            work=self.work, port=port, behind=(behind or self.behind,), held_back=held_back, wait_s=wait_s
        )
        client = ParagoneClient(self.work / f"paragone-{port}")
        client.add("real", settings.url, key=bool(behind))
        return self.proxy.process(self.folder, settings), client


def _ask(
    client: ParagoneClient,
    tokens: int,
    *words: str,
    model: str = llama_cpp.MODEL,
    after: Callable[[], None] | None = None,
) -> Asked:
    during = None if after is None else after_words(5, after)
    parameters = ("--param", f"max_tokens={tokens}", "--param", "ignore_eos=true")
    return client.ask("--model", f"real/{model}", *parameters, *words, LONG, during=during)


def _doctor_says_held(client: ParagoneClient) -> bool:
    return any(_HELD in check["detail"] + check["hint"] for check in client.run("doctor"))


def _passed_on(kit: _Kit) -> Iterator[str]:
    process, client = kit.proxied()
    with process:
        asked = _ask(client, 80)
        times = asked.at("text")
        right = asked.end()["event"] == "finish" and len(times) >= 5 and times[-1] - times[0] > 0.1
        yield "" if right else f"{len(times)} pieces, {asked.in_short}"
        yield "doctor says that it holds answers back" if _doctor_says_held(client) else ""


def _held_back(kit: _Kit) -> Iterator[str]:
    if not kit.proxy.buffers:
        raise NotTriedError("no setting is known with which it holds events back")
    with litellm_gateway.running(kit.folder, kit.work) as target:
        behind = urlsplit(target.url).port
        assert behind is not None
        process, client = kit.proxied(held_back=True, behind=behind)
        client.key = target.key
        with process:
            yield "" if _doctor_says_held(client) else "doctor does not say so"
            asked = _ask(client, 40, model=target.model)
            speed = asked.end().get("tokens_per_second") or 0
            yield "" if asked.end()["event"] == "finish" and speed < _FASTEST else f"{speed} tokens/s, {asked.in_short}"


def _timed_out(kit: _Kit) -> Iterator[str]:
    """The server hears nothing for a while: the proxy gives up."""
    process, client = kit.proxied(wait_s=_WAIT_S)
    with process:
        kit.server.pause()
        try:
            asked = _ask(client, 8)
        finally:
            kit.server.resume()
        right = asked.end().get("code") == "gateway_timeout" and not asked.of("retry")
        yield "" if right else f"{len(asked.of('retry'))} tries more, {asked.in_short}"
        again = _ask(client, 8)
        yield "" if again.end()["event"] == "finish" else f"afterwards: {again.in_short}"


def _proxy_restarted(kit: _Kit) -> Iterator[str]:
    process, client = kit.proxied()
    with process:
        yield from _restarted(client, process, may_finish=kit.proxy.is_patient)


def _server_restarted(kit: _Kit) -> Iterator[str]:
    process, client = kit.proxied()
    with process:
        yield from _restarted(client, kit.server)


def _restarted(client: ParagoneClient, which: ServerProcess, *, may_finish: bool = False) -> Iterator[str]:
    def restart() -> None:
        which.end()
        which.start()

    asked = _ask(client, 300, "--save", after=restart)
    broke = may_finish or asked.end()["event"] != "finish"
    yield kept(client, asked) if broke else "it did not break"
    again = _ask(client, 8)
    yield "" if again.end()["event"] == "finish" else f"afterwards: {again.in_short}"


def kept(client: ParagoneClient, asked: Asked) -> str:
    """Whether an answer that broke says so and has all its text in the conversation, or went on to its end."""
    end = asked.end()
    if end["event"] != "finish" and end.get("code") != "interrupted":
        return f"not told as broken: {asked.in_short}"
    (conversation,) = client.run("conversations", "list")
    held = client.run("conversations", "show", conversation["id"])["conversations"][0]["messages"][-1]
    text = "".join(part["text"] for part in held["parts"] if part["type"] == "text")
    status = "complete" if end["event"] == "finish" else "interrupted"
    right = asked.text() and text == asked.text() and held["status"] == status
    return "" if right else f"{len(asked.text())} letters came, {len(text)} are kept, {held['status']}"


_CHECKS: dict[str, Callable[[_Kit], Iterator[str]]] = {
    "streaming passed on": _passed_on,
    "held back, and noticed": _held_back,
    "504": _timed_out,
    "restart of the proxy in mid answer": _proxy_restarted,
    "restart of the server in mid answer": _server_restarted,
}
