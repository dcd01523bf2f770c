"""A show with HubSpot, from the first look at the account to the last lead, by the commands that people type."""

from typing import Any

import pytest

from tests.kiosk.cli.conftest import Kiosk
from tests.sync.hubspot.factories import ID_PROPERTY

CONFIG = """
[crm]
connector = "hubspot"
[crm.hubspot]
url = "{url}"
token_env = "BOOTH_TEST_HUBSPOT_KEY"
[crm.hubspot.fields]
first_name = "firstname"
last_name = "lastname"
email = "email"
rating = "booth_rating"
"""


@pytest.fixture
def show(kiosk: Kiosk, practice_crm: Any, monkeypatch: pytest.MonkeyPatch) -> Kiosk:
    """A kiosk for an account in which nothing is prepared."""
    monkeypatch.setenv("BOOTH_TEST_HUBSPOT_KEY", practice_crm.token)
    kiosk.configure(CONFIG.format(url=practice_crm.url))
    return kiosk


def test_what_is_missing_is_reported_added_and_tried(show: Kiosk, practice_crm: Any) -> None:
    """The test lead is removed afterwards."""
    before = show("check", "crm")
    made = show("check", "crm", "--create", "--send")
    after = show("check", "crm")

    assert (before.exit_code, made.exit_code, after.exit_code) == (1, 0, 0)
    assert all(
        f"FIX          HubSpot has no property {name}" in before.stdout for name in (ID_PROPERTY, "booth_rating")
    )
    assert all(f"The property {name} was created." in made.stdout for name in (ID_PROPERTY, "booth_rating"))
    assert "The test lead was removed." in made.stdout
    assert "FIX" not in after.stdout
    assert practice_crm.contacts() == []


def test_leads_are_delivered(show: Kiosk, practice_crm: Any) -> None:
    """HubSpot stores them under their IDs on the kiosk."""
    leads = show.people(3)
    show("check", "crm", "--create")

    synced = show("sync")

    assert synced.exit_code == 0
    assert {lead.id for lead in leads} == {contact["client_id"] for contact in practice_crm.contacts()}
    assert [entry.state for entry in show.entries()] == ["delivered"] * 3


def test_an_account_that_is_not_ready_keeps_the_leads_waiting(show: Kiosk) -> None:
    """They are not refused, because the configuration is at fault, and the status says so."""
    show.people(3)

    synced = show("sync")

    assert synced.exit_code == 1
    assert ID_PROPERTY in synced.stdout + synced.stderr
    assert [entry.state for entry in show.entries()] == ["waiting"] * 3
