"""Paragone's entry: the one place where arguments, services and the chosen face of the program are put together."""

from __future__ import annotations

import sys

ENGINE_SWITCH = "--engine-child"
"""Private: this process is the embedded engine of another one."""

VERSION = "0.1.0"


def main(words: list[str]) -> int:
    """Run the program; its exit status: 0 all went well, 1 something failed, 2 wrong use, 130 interrupted."""
    if words[:1] == [ENGINE_SWITCH]:
        from desktop.embedded import child

        return child.main()
    from desktop.terminal import program

    return program.main(words, version=VERSION, engine_command=engine_command())


def engine_command() -> list[str]:
    """The command that starts this same program as the embedded engine, frozen or from source."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, __file__]
    return [*program, ENGINE_SWITCH]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
