"""A connector has one name: in kiosk.toml, in its settings, in the gate and in the receipts."""

from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from sync.connectors import _CONNECTOR_CLASSES, open_connector
from sync.settings import CrmSettings
from sync.settings.network import NetworkSettings
from tests.support.connectors import CONNECTORS, Make

CHOICES = {name for name in get_args(get_type_hints(CrmSettings)["connector"]) if name != "practice"}


def test_every_connector_can_be_chosen() -> None:
    """The choices of `[crm] connector`, the tables below `[crm]` and the classes have the same names."""
    tables = {each.name for each in fields(CrmSettings)} - {"connector"}

    assert tables == CHOICES
    assert set(_CONNECTOR_CLASSES) == CHOICES


@pytest.mark.parametrize("name", sorted({*CHOICES, "practice"}))
def test_a_connector_has_the_name_that_chooses_it(tmp_path: Path, name: Any) -> None:
    """The gate and the receipts are stored under this name: under another one, `kiosk status` would not show them."""
    connector = open_connector(CrmSettings(connector=name), NetworkSettings(), tmp_path)

    assert connector.destination == name


@pytest.mark.parametrize("make", CONNECTORS, ids=lambda make: make.__name__)
def test_a_connector_under_contract_can_be_chosen(crm: Any, make: Make) -> None:
    """The suite of all connectors tests none that `[crm] connector` does not know."""
    assert make(crm).destination in {*CHOICES, "practice"}
