"""Sign-in at a tool server with the user's browser, for the settings and for the panel of pending calls."""

from __future__ import annotations

from collections.abc import Callable

from desktop.credentials.keys import KeyPlace
from desktop.services import Services
from desktop.tools.tool_desk import OpenServer
from ui.base.link_opener import breaking, open_target, target_of
from ui.base.strings import sentence, tr


async def sign_in(services: Services, name: str, say: Callable[[str], None]) -> tuple[OpenServer, KeyPlace | None]:
    """Sign in at a server. `say` gets what the user should know while the browser is open.

    Raises the same errors as ToolDesk.sign_in. Cancel the task to abort.
    """

    async def show(page: str) -> bool:
        """Open the sign-in page, and name its host: the server chose it."""
        target = target_of(page)
        if target is None:
            return False
        waiting = tr("Sign in at {host} in your browser. Paragone then continues automatically.", host=target.host)
        doubts = () if target.url.startswith("http:") else target.doubts  # plain http is on this computer
        say(breaking(" ".join((waiting, *doubts))))
        return open_target(target)

    done = tr("You are signed in. You can close this page.")
    failed = tr("The sign-in failed. Paragone shows the reason. You can close this page.")
    say(tr("Looking for the sign-in page…"))
    return await services.tools.sign_in(name, show, done=done, failed=failed)


def where_text(place: KeyPlace | None) -> str:
    """Return a sentence about secrets that are not in the keyring; empty if they are."""
    if place is None or place.problem is None:
        return ""
    return tr("{problem} Secrets are kept only until Paragone quits.", problem=sentence(place.problem))
