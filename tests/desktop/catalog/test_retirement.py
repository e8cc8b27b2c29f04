"""The day of a retirement comes from the model's own server, or else from the catalog, and says which."""

from __future__ import annotations

from datetime import date

import pytest

from desktop.catalog.catalog_entry import Entry, LifeCycle
from desktop.catalog.retirement import retirement
from desktop.providers.wire.model_lists import read_deployments, read_models

TODAY = date(2026, 12, 2)
KNOWN = Entry(id="gpt-5", as_of=date(2026, 11, 26), retires_on=date(2027, 2, 9))


@pytest.mark.parametrize(
    ("fields", "day"),
    [
        ({"shutdown_date": "2026-12-11"}, date(2026, 12, 11)),
        ({"shutdown_date": None}, None),
        ({"shutdown_date": "soon"}, None),
        ({"deprecation": {"fine_tune": 1, "inference": 1_796_947_200}}, date(2026, 12, 11)),
        ({"deprecation": {"inference": "2026-12-11T00:00:00Z"}}, date(2026, 12, 11)),
        ({"deprecation": {"inference": 10**30}}, None),
        ({"deprecation": {"inference": True}}, None),
        ({}, None),
    ],
)
def test_lists_of_models_and_deployments_tell_the_day_in_their_own_form(fields: dict[str, object], day: date) -> None:
    item = {"id": "gpt-5", **fields}
    assert [each.retires_on for each in read_models({"data": [item]})] == [day]
    assert [each.retires_on for each in read_deployments({"data": [item]})] == [day]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (KNOWN, "retires in 69 days, on 2027-02-09, according to the model catalog of 2026-11-26"),
        (KNOWN.retiring(date(2026, 12, 11)), "retires in 9 days, on 2026-12-11, reported by the server"),
        (KNOWN.retiring(date(2026, 12, 3)), "retires in 1 day, on 2026-12-03, reported by the server"),
        (KNOWN.retiring(date(2026, 12, 1)), "retired on 2026-12-01, reported by the server"),
        (KNOWN.retiring(date(2027, 12, 1)), ""),
        (KNOWN.retiring(None), "retires in 69 days, on 2027-02-09, according to the model catalog of 2026-11-26"),
        (Entry(id="old", state=LifeCycle.RETIRED, as_of=date(2026, 11, 26)).retiring(date(2027, 12, 1)), ""),
        (Entry(id="any"), ""),
    ],
)
def test_what_the_server_reports_beats_the_catalog(entry: Entry, said: str) -> None:
    assert retirement(entry, TODAY) == said
