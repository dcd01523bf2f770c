"""Text from outside is shown as it is written on every screen: never as markup, never as a control sequence."""

import unicodedata

import pytest

from data import leads, outbox
from tests.kiosk.tui.screens.hostile_names import NAMES
from tests.support.on_screen import OnScreen, on_screen, vcard

MARKUP = "[/red]"


def hidden(text: str) -> list[str]:
    """The characters of *text* that may not reach a terminal."""
    return [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")]


async def looked_at(booth: OnScreen) -> None:
    """Look at every screen that shows the lead, and at each question about it."""
    for key, is_question in (("n", True), ("f2", False), ("d", True), ("enter", False), ("f1", False), ("f10", False)):
        await booth.press(key)
        await booth.pause()
        assert booth.app.is_running
        assert hidden("".join(booth.lines())) == []
        if is_question or key.startswith("f1"):
            await booth.press("escape")
    await booth.press("escape", "escape")


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
async def test_what_is_in_the_database_is_shown_as_plain_text(name: str) -> None:
    """However it got there; not everything was sanitized by a badge reader."""
    async with on_screen() as booth:
        await booth.show(vcard("Eve", "eve@example.com"), sees="eve@example.com")
        lead_id = str(booth.rows("select id from leads")[0][0])
        hostile = {"name": name, "company": name, "note": name, "job_title": name, "tags": (name,), "badge_id": name}
        booth.write(lambda db: leads.edit_lead(db, lead_id, {**hostile, "answers": {name: name}}, name, booth.clock))
        booth.write(lambda db: outbox.park_lead(db, lead_id, 2, name, f"The CRM said {name}", 1.0))

        booth.camera.hold(vcard("Eve", "eve@example.com").encode())
        await booth.sees_word("Already saved")

        assert hidden("".join(booth.lines())) == []
        await looked_at(booth)


@pytest.mark.parametrize(
    "name", [name for name in NAMES.values() if len(name) < 500], ids=lambda name: ascii(name[:12])
)
async def test_a_badge_is_shown_as_plain_text(name: str) -> None:
    async with on_screen() as booth:
        await booth.show(vcard(name.replace("\n", " ").replace("\r", " "), "eve@example.com"), sees="eve@example.com")

        await booth.sees_word("Saved")
        assert hidden("".join(booth.lines())) == []
        await looked_at(booth)


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

        await booth.sees("x [/red] [bold]", "· [/red]")
        await booth.press("x")
        await booth.until(lambda: booth.rows("select tags from leads") == [('["[/red] [bold]"]',)], "it is tagged")
        await booth.press("f2", "slash")
        await booth.type("[/x]")
        await booth.press("enter")
        await booth.sees("search: [/x]")
