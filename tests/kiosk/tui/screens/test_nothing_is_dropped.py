"""What a person typed is kept: by a pause, when the kiosk closes, after a signal and after a crash."""

import os
import signal
from unittest.mock import patch

import pytest
from textual.widgets import Input

from data import leads
from data.errors import StoreBusy
from kiosk.tui import app as kiosk_app
from kiosk.tui.messages import ThreadCrashed
from kiosk.tui.screens.lead import LeadScreen
from kiosk.tui.screens.pending import PendingScreen
from kiosk.tui.screens.quit import CLOSE_WORD
from tests.support.on_screen import ANA, ZOE, OnScreen, on_screen

NOTES = "select name, note from leads order by id"


async def a_note(booth: OnScreen, text: str) -> None:
    """Scan Ana, and begin a note on her."""
    await booth.show(ANA, sees="Ana López")
    await booth.press("n")
    await booth.sees("Note on Ana López:")
    await booth.type(text)


async def an_edit(booth: OnScreen, city: str) -> None:
    """Scan Ana, open her lead, and type a city."""
    await booth.show(ANA, sees="Ana López")
    await booth.press("f2")
    await booth.sees("1 lead")
    await booth.press("enter")
    await booth.sees("badge ID", "Ctrl+S Save")
    booth.app.screen.query_one("#edit-city", Input).focus()
    await booth.type(city)


async def ask_to_end(booth: OnScreen) -> None:
    """Answer the question whether to end as it asks for it."""
    await booth.press("f10")
    await booth.sees("Close the kiosk?")
    await booth.type(CLOSE_WORD)
    await booth.press("enter")


async def test_a_pause_saves_a_note_and_the_line_stays_open() -> None:
    """As the help says; a power cut then loses nothing."""
    async with on_screen() as booth:
        await a_note(booth, "price")

        await booth.stop_typing()
        await booth.until(lambda: booth.rows(NOTES) == [("Ana López", "price")], "the pause saved it")
        await booth.sees("Note on Ana López:")
        await booth.type(" list")
        await booth.press("enter")

        await booth.until(lambda: booth.rows(NOTES) == [("Ana López", "price list")], "the rest is saved")
        await booth.sees("Note: price list")


async def test_escape_reverts_what_a_pause_saved_and_n_brings_it_back() -> None:
    async with on_screen() as booth:
        await a_note(booth, "oops")
        await booth.stop_typing()
        await booth.until(lambda: booth.rows(NOTES) == [("Ana López", "oops")], "the pause saved it")

        await booth.press("escape")
        await booth.until(lambda: booth.rows(NOTES) == [("Ana López", "")], "it is taken back")
        await booth.sees("Note not saved. Press n to get back what you typed.")
        await booth.press("n")
        await booth.press("enter")

        await booth.until(lambda: booth.rows(NOTES) == [("Ana López", "oops")], "it is there again")


async def test_a_note_keeps_what_somebody_else_adds_meanwhile() -> None:
    async with on_screen() as booth:
        await a_note(booth, "price")
        lead_id = str(booth.rows("select id from leads")[0][0])
        booth.write(lambda db: leads.edit_lead(db, lead_id, {"note": "from the tablet"}, "Bo", booth.clock))

        await booth.press("enter")

        await booth.until(lambda: booth.rows(NOTES) == [("Ana López", "price\nfrom the tablet")], "both are kept")


async def test_a_note_that_cannot_be_saved_comes_back_with_n() -> None:
    async with on_screen() as booth:
        await a_note(booth, "price")
        with patch.object(leads, "edit_lead", side_effect=StoreBusy("The database is busy.")):
            await booth.press("enter")
            await booth.sees("The database is busy.")

        await booth.press("n")
        await booth.sees("Note on Ana López:", "price")
        await booth.press("enter")

        await booth.until(lambda: booth.rows(NOTES) == [("Ana López", "price")], "it is saved")


async def test_closing_the_kiosk_saves_an_open_note() -> None:
    async with on_screen() as booth:
        await a_note(booth, "price")

        await ask_to_end(booth)

        await booth.until(lambda: not booth.app.is_running, "the kiosk ends")
        assert booth.rows(NOTES) == [("Ana López", "price")]


async def test_closing_the_kiosk_saves_edits() -> None:
    async with on_screen() as booth:
        await an_edit(booth, "Berlin")

        await ask_to_end(booth)

        await booth.until(lambda: not booth.app.is_running, "the kiosk ends")
        assert booth.rows("select city from leads") == [("Berlin",)]


async def test_the_kiosk_does_not_close_while_a_note_cannot_be_saved() -> None:
    async with on_screen() as booth:
        await a_note(booth, "price")
        with patch.object(kiosk_app, "save_unsaved_edits", side_effect=StoreBusy("The database is busy.")):
            await ask_to_end(booth)
            await booth.sees("Not closed: what you typed is not saved yet. The database is busy.")

        assert booth.app.is_running


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_saves_a_note_and_closes_the_kiosk(number: int) -> None:
    """A machine that shuts down, a terminal window that is closed."""
    async with on_screen() as booth:
        await a_note(booth, "price")

        os.kill(os.getpid(), number)

        await booth.until(lambda: not booth.app.is_running, "the kiosk ends")
        assert (booth.rows(NOTES), booth.app.return_code) == ([("Ana López", "price")], 0)


@pytest.mark.parametrize("where", ["note", "edit"])
async def test_a_crash_saves_what_was_typed_and_exits_with_an_error(where: str) -> None:
    """Here a thread crashes, and the app ends with its error."""
    with pytest.raises(RuntimeError, match="a thread crashed"):
        async with on_screen() as booth:
            await (a_note if where == "note" else an_edit)(booth, "Berlin")

            booth.app.post_message(ThreadCrashed(ValueError("a mistake of ours")))

            await booth.until(lambda: not booth.app.is_running, "the kiosk ends")
            assert booth.rows("select note || city from leads") == [("Berlin",)]
            assert booth.app.return_code == 1


async def test_escape_asks_before_edits_are_dropped() -> None:
    async with on_screen() as booth:
        await an_edit(booth, "Berlin")

        await booth.press("escape")
        await booth.sees("Save the changes?")
        await booth.press("escape")
        await booth.sees_no("Save the changes?")
        await booth.sees("Berlin")
        await booth.press("escape")
        await booth.sees("Save the changes?")
        await booth.press("enter")

        await booth.sees("Saved. It is sent next.")
        assert booth.rows("select city from leads") == [("Berlin",)]


async def test_escape_asks_nothing_without_edits() -> None:
    async with on_screen() as booth:
        await an_edit(booth, "")

        await booth.press("escape")

        await booth.sees("Showing:")


async def test_a_note_stays_with_its_lead_when_a_badge_is_scanned() -> None:
    """Also where a pause saved a part of it before."""
    async with on_screen() as booth:
        await a_note(booth, "price")
        await booth.stop_typing()
        await booth.until(lambda: booth.rows(NOTES) == [("Ana López", "price")], "the pause saved it")
        await booth.type(" list")

        await booth.show(ZOE, sees="Zoë Müller")
        await booth.stop_typing()

        await booth.sees_no("Note on")
        await booth.until(lambda: booth.rows(NOTES) == [("Ana López", "price list"), ("Zoë Müller", "")], "kept")


async def test_closing_the_kiosk_keeps_what_somebody_else_has_noted() -> None:
    async with on_screen() as booth:
        await an_edit(booth, "")
        booth.app.screen.query_one("#edit-note", Input).value = "price"
        lead_id = str(booth.rows("select id from leads")[0][0])
        booth.write(lambda db: leads.edit_lead(db, lead_id, {"note": "from the tablet"}, "Bo", booth.clock))

        await ask_to_end(booth)

        await booth.until(lambda: not booth.app.is_running, "the kiosk ends")
        assert booth.rows(NOTES) == [("Ana López", "price\nfrom the tablet")]


async def test_closing_the_kiosk_saves_a_note_that_could_not_be_saved_before() -> None:
    async with on_screen() as booth:
        await a_note(booth, "price")
        with patch.object(leads, "edit_lead", side_effect=StoreBusy("The database is busy.")):
            await booth.press("enter")
            await booth.sees("The database is busy.")

        await ask_to_end(booth)

        await booth.until(lambda: not booth.app.is_running, "the kiosk ends")
        assert booth.rows(NOTES) == [("Ana López", "price")]


async def test_saving_twice_closes_the_lead_and_nothing_else() -> None:
    async with on_screen() as booth:
        await an_edit(booth, "Berlin")

        lead_screen = booth.app.screen
        assert isinstance(lead_screen, LeadScreen)
        lead_screen.action_save()
        lead_screen.action_save()

        await booth.until(lambda: booth.app.screen is not lead_screen, "the lead is closed")
        await booth.pause()
        assert isinstance(booth.app.screen, PendingScreen)
