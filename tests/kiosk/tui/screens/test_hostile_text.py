"""Text from outside is shown as it is written on every screen: never as markup, never as a control sequence."""

import unicodedata
from collections.abc import Iterable

from data import leads, outbox
from tests.kiosk.tui.screens.hostile_names import NAMES
from tests.support.on_screen import OnScreen, on_screen, vcard

MARKUP = "[/red]"


def hidden(text: str) -> list[str]:
    """The characters of *text* that may not reach a terminal."""
    return [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")]


def check_plain(booth: OnScreen) -> None:
    """Check that the kiosk runs, and that no character reaches the terminal that could control it."""
    assert booth.app.is_running
    assert hidden("".join(booth.lines())) == []


async def check_scan_screen(booth: OnScreen, names: Iterable[str]) -> None:
    """Scan a badge of each of *names*, and look at the card and at the question for a note."""
    for number, name in enumerate(names):
        email = f"eve{number}@example.com"
        await booth.show(vcard(name.replace("\n", " ").replace("\r", " "), email), sees=email)
        check_plain(booth)
        await booth.press("n")
        check_plain(booth)
        await booth.press("escape")


async def check_other_screens(booth: OnScreen, lead_count: int) -> None:
    """Look at the list, at each of its leads, at the question why to discard it, and at the question before closing."""
    await booth.press("f2")
    check_plain(booth)
    for _ in range(lead_count):
        await booth.press("d")
        await booth.sees("Why discard")
        check_plain(booth)
        await booth.press("escape", "enter")
        check_plain(booth)
        await booth.press("escape", "down")
    await booth.press("f10")
    check_plain(booth)


async def test_what_is_in_the_database_is_shown_as_plain_text() -> None:
    """However it got there; not everything was sanitized by a badge reader."""
    async with on_screen() as booth:
        await check_scan_screen(booth, ["Eve"] * len(NAMES))
        lead_ids = [str(row[0]) for row in booth.rows("select id from leads order by email")]
        for lead_id, name in zip(lead_ids, NAMES.values(), strict=True):
            make_hostile(booth, lead_id, name)

        await check_scan_screen(booth, ["Eve"] * len(NAMES))
        await check_other_screens(booth, len(NAMES))


def make_hostile(booth: OnScreen, lead_id: str, name: str) -> None:
    """Write *name* into all that a lead has, and have the CRM refuse it with those words."""
    fields = {"name": name, "company": name, "note": name, "job_title": name, "tags": (name,), "badge_id": name}
    booth.write(lambda db: leads.edit_lead(db, lead_id, {**fields, "answers": {name: name}}, name, booth.clock))
    booth.write(lambda db: outbox.park_lead(db, lead_id, 2, name, f"The CRM said {name}", 1.0))


async def test_a_badge_is_shown_as_plain_text() -> None:
    async with on_screen() as booth:
        names = [name for name in NAMES.values() if len(name) < 500]

        await check_scan_screen(booth, names)
        await check_other_screens(booth, len(names))


async def test_markup_is_written_out() -> None:
    async with on_screen(size=(140, 40)) as booth:
        name = "[bold]Eve[/bold] [@click=app.exit]x[/] [/red]"
        await booth.show(vcard(name, "eve@example.com", f"{MARKUP} Ltd"), sees=name)

        await booth.sees(f"{MARKUP} Ltd")
        await booth.press("n")
        await booth.sees(f"Note on {name}:")
        await booth.press("escape", "f2")
        await booth.sees("[bold]Eve[/bold] [@click=a")
        await booth.press("d")
        await booth.sees(f"Why discard {name}?")
        await booth.type(f"{MARKUP} it")
        await booth.press("enter")
        await booth.sees("1 lead discarded.")
        await booth.press("f", "f", "f")
        await booth.sees(f"Discarded: {MARKUP} it")
        booth.camera.hold(vcard(name, "eve@example.com", f"{MARKUP} Ltd").encode())
        await booth.sees("Saved again: [bold]Eve[/bold]")


async def test_what_staff_type_and_set_up_is_plain_text_too() -> None:
    async with on_screen("[event]\noperator = '[/red]'\n[event.tags]\nx = '[/red] [bold]'\n") as booth:
        await booth.show(vcard("Eve", "eve@example.com"), sees="eve@example.com")

        await booth.sees("x [/red] [bold]", "│ [/red]")
        await booth.press("x")
        await booth.until(lambda: booth.rows("select tags from leads") == [('["[/red] [bold]"]',)], "it is tagged")
        await booth.press("f2", "slash")
        await booth.type("[/x]")
        await booth.press("enter")
        await booth.sees("search: [/x]")
