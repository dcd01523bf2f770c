"""What tests of the pending list share."""

from data import outbox
from tests.support.on_screen import OnScreen, vcard

NAMES = ("Ana", "Bo", "Cy", "Di")


STATES = "select name, state from leads join outbox on lead_id = id order by name"


def lead_of(booth: OnScreen, name: str) -> str:
    """The id of the lead with that name."""
    return str(booth.rows("select id from leads where name = ?", name)[0][0])


def cursor(booth: OnScreen) -> str:
    """The name on the line that the cursor is on."""
    chosen = booth.app.screen.get_current_row()  # type: ignore[attr-defined]
    return chosen.lead.label if chosen else ""


async def with_leads(booth: OnScreen, *refused: str, reason: str = "") -> None:
    """Scan four people, of whom the CRM has *refused* some, and open the list."""
    for name in NAMES:
        await booth.show(vcard(name, f"{name}@example.com".lower(), f"{name} Ltd"), sees=f"{name} Ltd")
    for name in refused:
        lead_id = lead_of(booth, name)
        said = reason or f"The CRM rejected it: {name} is blocked."
        booth.write(lambda db, i=lead_id, r=said: outbox.park_lead(db, i, 1, "rejected", r, booth.clock.wall_time()))  # type: ignore[misc]
    await booth.app.refresh_status()
    await booth.press("f2")
    await booth.sees("Showing: not in the CRM", "4 leads", *NAMES)


async def to(booth: OnScreen, name: str) -> None:
    """Put the cursor on *name*."""
    await booth.press("home")
    for _ in NAMES:
        if cursor(booth) == name:
            return
        await booth.press("down")
    await booth.until(lambda: cursor(booth) == name, f"the cursor on {name}")
