"""`kiosk history`: old and new values, and what the badge said."""

from data import leads
from data.store import open_store
from kiosk.cli.context import CLOCK
from tests.kiosk.cli.conftest import ANA


def test_old_and_new_values_and_the_badge_are_shown(kiosk) -> None:
    """A person sees what was there before a change, whoever made it."""
    lead = kiosk.scan(ANA)
    db = open_store(kiosk.settings.store)
    leads.edit(db, lead.id, {"company": "Hooli", "tags": ("hot",)}, "bob", CLOCK)
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


def test_a_lead_that_nobody_changed_has_no_history(kiosk) -> None:
    """And text from outside is only text."""
    lead = kiosk.scan("see \x1b[31mred\u202e; bring tea")

    done = kiosk("history", lead.id)

    assert done.stdout.endswith("  see [31mred; bring tea\nNothing was changed.\n")
