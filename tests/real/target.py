"""A server as the checks need to know it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Target:
    """A server that runs: its address, the model that is asked, and what it is like.

    `key` is what it takes; empty where it knows no keys. `any_name` marks one that answers whatever model is named.
    `refused` is a parameter as NAME=VALUE that it refuses; empty where it takes or ignores all. `context` is the
    longest prompt in tokens.
    """

    name: str
    version: str
    url: str
    model: str
    context: int
    key: str = ""
    any_name: bool = False
    refused: str = ""
