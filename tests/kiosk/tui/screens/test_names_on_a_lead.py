"""The parts of a name belong together: on the form, in the database and in what the CRM gets."""

import pytest
from textual.widgets import Input

from tests.support.on_screen import CAMERA, EVENT, OnScreen, on_screen, type_into

BADGE = "BEGIN:VCARD\nVERSION:3.0\nN:Lopez;Ana;;;\nFN:Dr. Ana Lopez\nEMAIL:ana@example.com\nEND:VCARD\n"
NAME = "select name, first_name, last_name from leads"
HUBSPOT = f"{EVENT}{CAMERA}[crm]\nconnector = 'hubspot'\n[crm.hubspot]\ntoken_env = 'HUBSPOT_TOKEN'\n"


async def opened(booth: OnScreen) -> None:
    """Scan the badge, and open its lead."""
    await booth.show(BADGE, sees="Dr. Ana Lopez")
    await booth.press("f2")
    await booth.sees("1 lead")
    await booth.press("enter")
    await booth.sees("Ctrl+S Save")


def field(booth: OnScreen, name: str) -> str:
    """What a field holds."""
    return booth.app.screen.query_one(f"#edit-{name}", Input).value


@pytest.mark.parametrize(
    ("edited", "text", "after"),
    [
        ("name", "Ana García", ("Ana García", "Ana", "García")),
        ("last_name", "Ruiz", ("Dr. Ana Ruiz", "Ana", "Ruiz")),
        ("first_name", "Eva", ("Dr. Eva Lopez", "Eva", "Lopez")),
    ],
)
async def test_editing_a_part_of_a_name_updates_the_others(edited: str, text: str, after: tuple[str, str, str]) -> None:
    """While it is typed, so that the result of saving surprises nobody."""
    async with on_screen() as booth:
        await opened(booth)

        await type_into(booth, edited, text)

        await booth.until(
            lambda: (field(booth, "name"), field(booth, "first_name"), field(booth, "last_name")) == after,
            "all three say the same",
        )
        await booth.press("ctrl+s")
        await booth.sees("Saved. It is sent next.")
        assert booth.rows(NAME) == [after]


async def test_fields_that_are_not_sent_are_marked_but_parts_of_a_name_are_not() -> None:
    """HubSpot's mapping sends first and last name, and no note."""
    async with on_screen(HUBSPOT, size=(100, 40)) as booth:
        await opened(booth)

        marked = [line.strip("│ ").split()[0] for line in booth.lines() if "not sent to the CRM" in line]

        assert marked == ["badge", "rating", "tags", "note"]


async def test_nothing_is_marked_where_everything_is_sent() -> None:
    async with on_screen() as booth:
        await opened(booth)

        assert "not sent" not in booth.text


async def test_enter_goes_to_the_next_field() -> None:
    async with on_screen() as booth:
        await opened(booth)
        await booth.press("enter")

        await booth.until(lambda: booth.app.focused is not None and booth.app.focused.id == "edit-first_name", "moved")
