"""Nothing has the focus by accident, a key that does nothing says why, and actions can be undone."""

from unittest.mock import patch

import pytest

from data import leads
from tests.kiosk.tui.screens.pending_list import STATES, cursor, to, with_leads
from tests.support.on_screen import ANA, OnScreen, on_screen

RATED = "select name, rating from leads"


@pytest.mark.parametrize("keys", [("f1", "escape"), ("f2", "escape"), ("f10", "escape"), ("tab",), ("f3", "escape")])
async def test_enter_rates_nobody_after_another_screen(keys: tuple[str, ...]) -> None:
    async with on_screen() as booth:
        await booth.press(*keys)
        await booth.show(ANA, sees="Ana López")

        await booth.press("enter", "space")
        assert booth.app.scan_screen.focused is None
        await booth.press("5")
        await booth.until(lambda: booth.rows(RATED) == [("Ana López", 5)], "the digit rates")
        await booth.press(*keys)
        await booth.press("enter")

        assert booth.rows(RATED) == [("Ana López", 5)]


async def test_a_button_that_was_clicked_does_not_keep_the_focus() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")
        await booth.sees("1 cold", "5 hot")
        await booth.pause()
        await booth.pilot.click("#rate-4")
        await booth.until(lambda: booth.rows(RATED) == [("Ana López", 4)], "the click rates")

        await booth.press("enter")

        assert booth.rows(RATED) == [("Ana López", 4)]


@pytest.mark.parametrize("key", ["n", "3", "d"])
async def test_without_a_card_a_key_says_that_there_is_no_visitor(key: str) -> None:
    """Once, however often it is pressed."""
    async with on_screen() as booth:
        await booth.press(key, key)

        await booth.sees("No visitor on the card: scan a badge first.")
        assert booth.text.count("No visitor on the card") == 1


async def test_each_key_that_does_nothing_starts_the_time_of_its_hint_again() -> None:
    """Otherwise the hint of the first key would vanish just after the third, which would seem dead."""
    async with on_screen() as booth:
        await booth.press("3")
        await booth.sees("No visitor on the card: scan a badge first.")
        (first,) = booth.app._notifications

        await booth.press("4")

        await booth.until(lambda: first not in booth.app._notifications, "the first hint is replaced")
        (second,) = booth.app._notifications
        assert (second.message, second.raised_at > first.raised_at) == (first.message, True)


@pytest.mark.parametrize("key", ["o", "space", "r", "R", "d", "4"])
async def test_on_an_empty_list_a_key_says_that_there_is_nothing(key: str) -> None:
    async with on_screen() as booth:
        await booth.press("f2", key)

        await booth.sees("No lead is selected: the list is empty.")


async def test_on_an_empty_list_u_and_e_say_why_too() -> None:
    async with on_screen() as booth:
        await booth.press("f2", "u")
        await booth.sees("Nothing here is discarded. Press f to see the discarded leads.")

        await booth.press("e")
        await booth.sees("The list is empty: there is nothing to export.")


async def test_u_restores_leads_that_have_left_the_list() -> None:
    async with on_screen() as booth:
        await with_leads(booth)
        await to(booth, "Cy")
        await booth.press("d")
        await booth.type("a test")
        await booth.press("enter")
        await booth.sees("1 lead discarded. Press u to undo.")
        assert ("Cy", "discarded") in booth.rows(STATES)

        await booth.press("u")

        await booth.sees("1 lead restored.")
        assert [state for _, state in booth.rows(STATES)] == ["waiting"] * 4
        await booth.press("u")
        await booth.sees("Nothing here is discarded. Press f to see the discarded leads.")


async def test_a_retry_of_what_has_nothing_to_send_says_so() -> None:
    async with on_screen() as booth:
        await booth.show("PZD97W7777", sees="PZD97W7777")
        await booth.press("f2")
        await booth.sees("Showing: not in the CRM  ·  1 lead")

        await booth.press("r")

        await booth.sees("Not sent: PZD97W7777 has no name or e-mail yet.")


async def test_only_single_leads_are_marked_and_rated() -> None:
    async with on_screen() as booth:
        await with_leads(booth)
        await booth.press("c")
        await booth.sees("by cause  ·  4 leads")

        await booth.press("space")
        await booth.sees("Only single leads can be marked. Press Enter to open the leads of a")
        await booth.press("3")
        await booth.sees("Only single leads can be rated. Press Enter to open the leads of a")


async def test_a_search_covers_all_states_and_an_empty_one_restores_the_list() -> None:
    """Whatever the list shows; here the lead is discarded."""
    async with on_screen() as booth:
        await with_leads(booth)
        await discard(booth, "Cy")

        await search(booth, "CY@example")

        await booth.sees("Showing: all  ·  search: CY@example  ·  1 lead", "Cy Ltd", "discarded")
        await booth.press("f")
        await booth.sees("Showing: not in the CRM  ·  search: CY@example  ·  0 leads")
        await search(booth, "")
        await booth.sees("Showing: not in the CRM  ·  3 leads")


async def test_a_search_finds_notes_and_what_a_badge_said() -> None:
    async with on_screen() as booth:
        await booth.show("Besucher: Zoë / Stand 7", sees="Besucher: Zoë / Stand 7")
        await booth.show(ANA, sees="Ana López")
        await booth.press("f2")
        await booth.sees("2 leads")

        await search(booth, "stand 7")

        await booth.sees("search: stand 7  ·  1 lead", "Besucher: Zoë / Stand 7")


async def test_the_cursor_stays_in_place_when_its_lead_was_fixed() -> None:
    """Whoever works through the list wants the next one."""
    async with on_screen() as booth:
        await with_leads(booth, "Bo", "Cy", "Di")
        await booth.press("home")
        first, second = cursor(booth), ""
        await booth.press("down")
        second = cursor(booth)
        await booth.press("up", "r")

        await booth.sees("1 lead will be sent again.")
        await booth.until(lambda: cursor(booth) == second, f"the cursor on the one after {first}")


async def discard(booth: OnScreen, name: str) -> None:
    """Discard one lead."""
    await to(booth, name)
    await booth.press("d")
    await booth.type("a test")
    await booth.press("enter")
    await booth.sees("1 lead discarded.")


async def search(booth: OnScreen, text: str) -> None:
    """Search for *text*."""
    await booth.press("slash", "end", "ctrl+u")
    await booth.type(text)
    await booth.press("enter")


async def test_a_bug_is_reported_and_the_kiosk_keeps_scanning() -> None:
    """A key without any effect would be pressed again and again."""
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")
        with patch.object(leads, "edit_lead", side_effect=ZeroDivisionError):
            await booth.press("4")
            await booth.sees("That did not work because of a bug in the kiosk (ZeroDivisionError).")

        await booth.press("5")

        await booth.until(lambda: booth.rows(RATED) == [("Ana López", 5)], "the next key works")
