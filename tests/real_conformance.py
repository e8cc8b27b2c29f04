"""Client for `@modelcontextprotocol/conformance`, which appends the address of its server: it calls all tools.

Run by the suite with node 22 or newer: `conformance client --suite all --command "python -m tests.real_conformance"`.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp

from desktop.domain.tool_types import ToolInfo
from desktop.errors import ToolError
from desktop.tools.host.host_wire import (
    ElicitAction,
    Elicitation,
    ElicitationAnswer,
    OAuthSpec,
    ServerSpec,
    SignedIn,
    SignIn,
)
from desktop.tools.host.tool_host import ToolHost
from main import TOOLS_SWITCH, child_command

RETURN = "http://localhost:3000/callback"
EXAMPLES = {"number": 2, "integer": 2, "string": "text", "boolean": True}


async def accepted(question: Elicitation) -> ElicitationAnswer:
    """Accept without filling in anything, so that the defaults count."""
    print(question.message)
    return ElicitationAnswer(action=ElicitAction.ACCEPT, content="{}")


async def browsed(question: SignIn) -> SignedIn:
    """Do what a browser would: follow the sign-in page to the address of the return."""
    async with aiohttp.ClientSession() as session, session.get(question.url, allow_redirects=False) as response:
        given = dict(parse_qsl(urlsplit(response.headers["Location"]).query))
    return SignedIn(id=question.id, **{name: given.get(name, "") for name in ("code", "state", "iss")})


def registered() -> OAuthSpec:
    """The client that a scenario has registered, if it has."""
    given: dict[str, str] = json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT", "{}"))
    client_id, secret = given.get("client_id", ""), given.get("client_secret", "")
    return OAuthSpec(redirect_uri=RETURN, client_id=client_id, client_secret=secret)


def example(tool: ToolInfo) -> str:
    """Arguments that fit a tool's schema."""
    fields = tool.schema.get("properties")
    named: dict[str, Any] = fields if isinstance(fields, dict) else {}
    return json.dumps({name: EXAMPLES.get(field.get("type")) for name, field in named.items()})


async def main(url: str) -> int:
    """Open the server and call each tool. Returns 1 if that failed."""
    with tempfile.TemporaryDirectory() as logs:
        host = ToolHost(child_command(TOOLS_SWITCH), logs=Path(logs), on_changed=print, elicit=accepted, browse=browsed)
        try:
            for tool in await host.open(ServerSpec(name="conformance", url=url, oauth=registered())):
                output = await host.call("conformance", tool.tool, example(tool), timeout_s=20)
                print(tool.tool, output)
        except ToolError as error:
            print(error, file=sys.stderr)
            return 1
        finally:
            await host.aclose()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[-1])))
