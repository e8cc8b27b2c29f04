"""A server as the checks need to know it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Target:
    """A server that runs: its address, the model that is asked, and what it is like.

    `key` is what it takes, empty where it knows none, and `wrong_key_code` what a wrong one comes to. `any_name` marks
    one that answers whatever model is named. `refused` are models, each with a parameter as NAME=VALUE that it refuses;
    none where all is taken or ignored. `wrong_value` is a parameter that it takes, with a value that it refuses.
    `locked` is a model of a gateway whose own key is wrong. `context` is the longest prompt in tokens, 0 where it
    refuses none. `lists` says that it lists what it serves, `lists_context` that it does so with its context,
    `at_once` that it works on several answers at a time. `inference` are addresses of its that Paragone asks as it asks
    Azure's model inference. `wires` are those that it serves beside chat completions.
    """

    name: str
    version: str
    url: str
    model: str
    context: int
    key: str = ""
    wrong_key_code: str = "authentication_failed"
    lists: bool = True
    lists_context: bool = False
    at_once: bool = True
    any_name: bool = False
    refused: tuple[tuple[str, str], ...] = ()
    wrong_value: str = ""
    locked: str = ""
    inference: tuple[str, ...] = ()
    wires: tuple[str, ...] = ()
