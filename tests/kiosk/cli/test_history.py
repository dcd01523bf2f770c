"""`kiosk history`: old and new values, and what the badge said."""

from pathlib import Path

from data import leads
from data.store import open_store
from kiosk.cli.context import CLOCK
from tests.kiosk.cli.conftest import ANA, Kiosk


def test_old_and_new_values_and_the_badge_are_shown(kiosk: Kiosk) -> None:
    """A person sees what a field held before a change, whoever made it."""
    lead = kiosk.scan(ANA)
    db = open_store(kiosk.settings.database_file)
    leads.edit_lead(db, lead.id, {"company": "Hooli", "tags": ("hot",)}, "bob", CLOCK)
    db.close()

    done, found = kiosk("history", lead.id[:13]), kiosk.json("history", lead.id)

    lines = done.stdout.splitlines()
    assert done.exit_code == 0
    assert lines[0] == "Ana Lopez"
    assert "  ORG:Initech" in lines
    table = [line.split()[1:] for line in lines[-2:]]
    assert table == [["bob", "edit", "company", "Initech", "Hooli"], ["bob", "edit", "tags", "hot"]]
    assert [event["changes"] for event in found["history"]] == [
        {"company": ["Initech", "Hooli"], "tags": [[], ["hot"]]}
    ]
    assert [scan["text"] for scan in found["scans"]] == [ANA]


def test_a_lead_that_nobody_changed_has_no_history(kiosk: Kiosk) -> None:
    """Text from outside is printed as plain text."""
    lead = kiosk.scan("see \x1b[31mred\u202e; bring tea")

    done = kiosk("history", lead.id)

    assert done.stdout.endswith("  see ␛[31mred<202E>; bring tea\nNo changes.\n")


def test_a_row_of_a_list_is_not_shown_as_a_badge(kiosk: Kiosk, tmp_path: Path) -> None:
    """The scan of an imported row holds the whole row, which no badge ever said."""
    file = tmp_path / "leads.csv"
    file.write_text("name,email\nEve,eve@example.com\n")
    kiosk("import", "leads", str(file), "--yes")
    [lead] = kiosk.json("leads")

    done = kiosk("history", lead["lead_id"])

    assert "Added without a badge" in done.stdout
    assert "eve@example.com" not in done.stdout
