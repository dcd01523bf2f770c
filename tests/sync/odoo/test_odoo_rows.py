"""Leads as rows of Odoo's import."""

from dataclasses import replace
from typing import Any

import pytest

from sync.connectors.base import OutgoingLead
from sync.connectors.odoo.rows import build_cells, select_batch
from sync.settings.odoo import OdooSettings

SETTINGS = OdooSettings("https://example.odoo.com", key_env="ODOO_KEY")


def make_lead(id: str = "1", tried: bool = False, remote_id: str | None = None, **fields: Any) -> OutgoingLead:
    """Make a lead."""
    return OutgoingLead(id, 1, {"name": "Ana Lopez", "event": "Expo", **fields}, remote_id, tried)


def test_a_lead_gets_odoos_names_and_an_external_id() -> None:
    """Empty and unmapped fields are left out."""
    row = build_cells(
        make_lead(company="Initech", email="ana@initech.com", phone="", rating=5, tags=["demo", "a,b"]), SETTINGS
    )

    assert row == {
        "id": "booth_kiosk.lead_1",
        "name": "Ana Lopez (Expo)",
        "contact_name": "Ana Lopez",
        "partner_name": "Initech",
        "email_from": "ana@initech.com",
        "tag_ids": "demo,a b",
    }


@pytest.mark.parametrize(("fields", "title"), [
    ({"name": ""}, "unknown badge (Expo)"),
    ({"name": "", "email": "ana@initech.com", "phone": "1"}, "ana@initech.com (Expo)"),
    ({"name": "", "badge_id": "A-17"}, "A-17 (Expo)"),
    ({"name": "{email}", "email": "x@y.z"}, "{email} (Expo)"),
    ({"name": "two\nlines\x00"}, "two lines (Expo)"),
    ({"event": ""}, "Ana Lopez ()"),
])  # fmt: skip
def test_a_title_is_never_empty_and_on_one_line(fields: dict[str, Any], title: str) -> None:
    """Braces in a badge's text are not placeholders."""
    assert build_cells(make_lead(**fields), SETTINGS)["name"] == title


def test_badge_text_is_escaped_in_html_fields() -> None:
    """In fields that hold HTML; elsewhere it stays unchanged."""
    row = build_cells(make_lead(name="<b>Ana</b>", note="<script>1</script>\n& more"), SETTINGS)

    assert row["description"] == "&lt;script&gt;1&lt;/script&gt;<br>&amp; more"
    assert row["contact_name"] == "<b>Ana</b>"


def test_constant_values_are_in_each_row() -> None:
    """Unchanged from kiosk.toml, including markup."""
    settings = replace(SETTINGS, always={"team_id": "Events", "referred": "Expo"}, title_field="")

    row = build_cells(make_lead(), settings)

    assert (row["team_id"], row["referred"]) == ("Events", "Expo")
    assert "name" not in row


def test_nul_characters_are_removed_for_postgresql() -> None:
    """NUL never occurs in a person's text."""
    assert build_cells(make_lead(company="Ini\x00tech"), SETTINGS)["partner_name"] == "Initech"


def test_new_leads_share_a_call_whatever_they_fill() -> None:
    """Nothing of them can be erased; leads that Odoo may already have wait for the next call."""
    leads = [
        make_lead("1", phone="1"),
        make_lead("2"),
        make_lead("3", tried=True),
        make_lead("4", remote_id="9"),
        make_lead("5", city="Rome"),
    ]

    assert [item.id for item, _ in select_batch(leads, SETTINGS)] == ["1", "2", "5"]


def test_known_leads_share_a_call_if_they_fill_the_same_columns() -> None:
    """An empty cell would erase what a salesperson has added there."""
    leads = [
        make_lead("1", tried=True, phone="1"), make_lead("2", tried=True), make_lead("3"),
        make_lead("4", remote_id="9", phone="2"),
    ]  # fmt: skip

    assert [item.id for item, _ in select_batch(leads, SETTINGS)] == ["1", "4"]
    assert [item.id for item, _ in select_batch(leads[1:], SETTINGS)] == ["2"]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"url": "http://odoo.example.com"}, "odoo.url"),
    ({"key_env": ""}, "odoo.key_env"),
    ({"api": "jsonrpc", "database": "show"}, "odoo.database"),
    ({"api": "jsonrpc", "login": "booth"}, "odoo.database"),
    ({"prefix": "lead_"}, "odoo.prefix"),
    ({"prefix": "booth.kiosk.lead_"}, "odoo.prefix"),
    ({"model": "crm lead"}, "odoo.model"),
    ({"title": "{nam}"}, "odoo.title"),
    ({"fields": {"emial": "email_from"}}, "odoo.fields"),
    ({"fields": {"email": "name"}}, "odoo.fields"),
    ({"fields": {"email": "id"}}, "odoo.fields"),
    ({"fields": {"email": ""}}, "odoo.fields"),
    ({"always": {"phone": "1"}}, "odoo.fields"),
    ({"key_until": "February"}, "odoo.key_until"),
    ({"batch_size": 0}, "odoo.batch_size"),
    ({"at_once": 9}, "odoo.at_once"),
    ({"per_seconds": 0.0}, "odoo.max_calls"),
]


@pytest.mark.parametrize(("values", "key"), WRONG, ids=[str(values) for values, _ in WRONG])
def test_settings_that_cannot_work_are_named(values: dict[str, Any], key: str) -> None:
    """The error begins with the key."""
    with pytest.raises(ValueError, match=f"^{key}: "):
        replace(SETTINGS, **values).check()
