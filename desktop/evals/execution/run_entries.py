"""Catalog entries of a run's models, used to calculate its costs. Sends no requests."""

from __future__ import annotations

import msgspec

from desktop.catalog.catalog import Catalog
from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import ModelRef
from desktop.evals.execution.cap_ledger import has_price
from desktop.evals.execution.run_calls import is_embedded
from desktop.evals.execution.run_estimate import Entries
from desktop.session.gateway import Gateway


def entries(gateway: Gateway, catalog: Catalog) -> Entries:
    """Return a function that looks up a model's catalog entry. Embedded models cost nothing."""

    def entry_of(model: ModelRef) -> Entry:
        known = gateway.known(model)
        entry = catalog.entry(known.base, known.name)
        if has_price(entry) or not is_embedded(gateway, model):
            return entry
        return msgspec.structs.replace(entry, price_in=0.0, price_out=0.0)

    return entry_of
