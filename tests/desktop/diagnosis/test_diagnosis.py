"""The whole diagnosis: no key is in what it tells, whoever put it there."""

from __future__ import annotations

from contextlib import aclosing

from desktop.diagnosis import diagnosis
from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.redaction.redactor import HIDDEN
from desktop.services import Services
from tests.desktop.credentials.fakes import MemoryKeyring

KEY = "0123456789abcdef0123"


async def test_keys_are_hidden_from_the_first_word_on(services: Services) -> None:
    """A server may have put one into its certificate's name, which is told before the key is asked for."""
    connection = Connection(name="lab", kind=Kind.OPENAI_V1, url="https://localhost:9/v1", auth=Auth.KEY)
    keyring = MemoryKeyring()
    services.keys._find = lambda: keyring
    await services.keys.keep(connection, KEY)
    services.use(services.settings.with_connection(connection))
    services.keys.mask._secrets = frozenset()  # as in another run
    async with aclosing(diagnosis.run(services)) as checks:
        await anext(checks)
    assert services.keys.mask.hide(f"The certificate of {KEY}") == f"The certificate of {HIDDEN}"
