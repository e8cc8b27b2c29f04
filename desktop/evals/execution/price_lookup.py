"""Requests the models behind deployments before a capped run begins, because prices depend on the model."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from desktop.catalog.catalog import Catalog
from desktop.domain.conversation_types import Kind, ModelRef
from desktop.errors import ParagoneError
from desktop.evals.execution.cap_ledger import has_price
from desktop.session.gateway import Gateway


async def look_up_prices(gateway: Gateway, catalog: Catalog, models: Iterable[ModelRef]) -> None:
    """Request the deployment lists of Azure connections that have models without a known price.

    Errors are ignored.
    """
    wanted: set[str] = set()
    for model in models:
        known = gateway.known(model)
        with suppress(ParagoneError):
            connection = gateway.settings.connection(model.connection)
            if connection.kind is Kind.AZURE_INFERENCE and not has_price(catalog.entry(known.base, known.name)):
                wanted.add(connection.name)
    for name in sorted(wanted):
        with suppress(ParagoneError):
            await gateway.models(name)
