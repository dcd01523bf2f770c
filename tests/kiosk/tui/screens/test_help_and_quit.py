"""The help lists every key; the kiosk only closes by F10 and a word, or by a button that is held down."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.binding import Binding

from data import outbox
from data.errors import StoreError
from kiosk.tui.app import KioskApp
from kiosk.tui.screens.help import HelpScreen
from kiosk.tui.screens.lead import LeadScreen
from kiosk.tui.screens.pending import PendingScreen
from kiosk.tui.screens.scan import ScanScreen
from tests.support.on_screen import ANA, ZOE, on_screen, vcard

README = Path(__file__).parents[4] / "README.md"
NAMES = {"escape": "Esc", "enter": "Enter", "slash": "/", "ctrl+s": "Ctrl+S", "space": "Space"}


def keys(kind: type) -> Iterator[str]:
    """The keys that a screen or the app has, as people call them."""
    for binding in kind.BINDINGS:  # type: ignore[attr-defined]
        assert isinstance(binding, Binding)
        if binding.action != "nothing":
            first = binding.key.split(",")[0]
            yield NAMES.get(first, first.upper() if re.fullmatch(r"f\d+", first) else first)


@pytest.mark.parametrize("kind", [KioskApp, ScanScreen, PendingScreen, LeadScreen])
async def test_the_help_lists_every_key(kind: type) -> None:
    async with on_screen(size=(80, 24)) as booth:
        await booth.press("f1")
        await booth.sees("WHERE A LEAD IS")

        told = booth.text.replace("1 to 5", "1 2 3 4 5")

        assert [key for key in keys(kind) if not re.search(rf"(?<!\w){re.escape(key)}(?!\w)", told)] == []


async def test_the_help_fits_a_small_terminal_and_names_the_tags() -> None:
    async with on_screen("[event.tags]\nx = 'wants {a} [red]'\n", size=(80, 24)) as booth:
        await booth.press("f1")

        await booth.sees("SCANNING never stops", "x          add or remove a tag: wants {a} [red]")
        await booth.sees("no network is needed.")


@pytest.mark.parametrize("key", ["escape", "f1", "enter", "q"])
async def test_the_help_closes(key: str) -> None:
    async with on_screen() as booth:
        await booth.press("f1")
        await booth.sees("WHERE A LEAD IS")

        await booth.press(key)

        await booth.sees_no("WHERE A LEAD IS")
        assert not any(isinstance(screen, HelpScreen) for screen in booth.app.screen_stack)


def test_the_readme_names_the_keys_of_the_scan_screen() -> None:
    table = re.findall(r"^\| (`.*?) \|", README.read_text(encoding="utf-8"), re.MULTILINE)
    named = set(re.findall(r"`([^`]+)`", " ".join(table)))

    wanted = {*keys(KioskApp), *keys(ScanScreen), "p", "d", "c"} - {"2", "3", "4"}

    assert wanted <= named


async def test_f10_asks_and_escape_stays() -> None:
    async with on_screen() as booth:
        await booth.press("f10")
        await booth.sees("Close the kiosk?", "Nothing is lost, and nothing is left to send.")

        await booth.press("escape")

        await booth.sees_word("Ready")
        assert booth.app.is_running


async def test_the_question_counts_what_is_saved_meanwhile() -> None:
    async with on_screen() as booth:
        booth.app.status = None  # as when F10 is pressed before the status was read once
        await booth.press("f10")

        await booth.show(ANA, sees="1 lead still has to be sent")

        await booth.sees("1  waiting    Ana López")


async def test_the_question_says_when_the_leads_cannot_be_counted_any_more() -> None:
    async with on_screen() as booth:
        await booth.press("f10")
        await booth.sees("Nothing is lost, and nothing is left to send.")

        booth.app.database.run = raise_store_error  # type: ignore[method-assign, assignment]

        await booth.sees("How many leads still have to be sent cannot be read right now.")


@pytest.mark.parametrize("key", ["f1", "f10"])
async def test_notifications_wait_until_the_question_or_the_help_is_closed(key: str) -> None:
    """They would cover its buttons and lines; only errors and the latest badge are shown at once."""
    async with on_screen() as booth:
        await booth.press("f2", "s")
        await booth.sees("There is nothing to send")

        await booth.press(key)
        await booth.sees("WHERE A LEAD IS" if key == "f1" else "Hold 3 s to close")
        booth.app.notify("Exported.", timeout=0.1)
        booth.app.notify("The disk is full.", severity="error")
        await booth.show(ANA, sees="Saved: Ana López")
        await booth.show(ZOE, sees="Saved: Zoë Müller")
        await booth.sees("The disk is full.")
        shown = [toast.render() for toast in booth.app.screen.query("Toast")]

        await booth.press("escape")

        await booth.sees("There is nothing to send", "Exported.")
        assert [str(text).partition(",")[0] for text in shown] == ["The disk is full.", "Saved: Zoë Müller"]


async def raise_store_error(*given: object) -> None:
    raise StoreError("The disk is gone.")


async def test_enter_on_the_question_stays() -> None:
    async with on_screen() as booth:
        await booth.press("f10", "enter")

        await booth.sees_word("Ready")
        assert booth.app.is_running


async def test_the_word_closes_the_kiosk() -> None:
    async with on_screen() as booth:
        await booth.press("f10")
        await booth.sees("Close the kiosk?")

        await booth.type("Close")
        await booth.press("enter")

        await booth.until(lambda: not booth.app.is_running, "the kiosk ends")
    assert not booth.app.camera_scanner.thread.is_alive()


@pytest.mark.parametrize("keys", ["y", "yes", "quit", "q", "closed"])
async def test_no_other_key_and_no_other_word_closes_it(keys: str) -> None:
    """A visitor's stray key is not enough."""
    async with on_screen() as booth:
        await booth.press("f10")
        await booth.sees("Close the kiosk?")

        await booth.type(keys)
        await booth.press("enter")

        assert booth.app.is_running
        await booth.sees("Close the kiosk?")


async def test_a_badge_that_spells_the_word_does_not_close_it() -> None:
    async with on_screen() as booth:
        await booth.press("f10")
        await booth.sees("Close the kiosk?")

        await booth.scan("close\n")

        await booth.sees("Saved", "Close the kiosk?")
        assert booth.app.is_running


@pytest.mark.parametrize("ends", [False, True])
async def test_a_finger_has_to_stay_on_the_button(ends: bool) -> None:
    """For touch screens: a brief touch does nothing."""
    async with on_screen() as booth:
        await booth.press("f10")
        await booth.sees("Hold 3 s to close")

        await booth.pilot.mouse_down("#leave")
        if ends:
            await booth.sees("Let go to close")
        await booth.pilot.mouse_up("#leave")
        if ends:
            await booth.until(lambda: not booth.app.is_running, "the kiosk ends")
        else:
            await booth.sees("Hold 3 s to close")
            assert booth.app.is_running


async def test_the_question_says_what_waits() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="1 waiting")

        await booth.press("f10")

        await booth.sees("Nothing is lost. 1 lead still has to be sent")


async def test_the_question_counts_all_leads_and_names_those_not_in_the_crm() -> None:
    """Before packing up, every lead is accounted for, by count and by name."""
    async with on_screen() as booth:
        for name in ("Ana", "[/red] Bo", "Cy", "Di"):
            await booth.show(vcard(name, f"{name[-2:].strip()}@example.com"), sees=name)
        ids = [str(row[0]) for row in booth.rows("select id from leads order by created_at")]
        booth.write(lambda db: outbox.settle_lead(db, ids[0], 1, "c-1", 1.0))
        booth.write(lambda db: outbox.park_lead(db, ids[1], 1, "rejected", "no", 1.0))
        booth.write(lambda db: outbox.discard_lead(db, ids[2], "a colleague", "Ana", booth.clock))
        await booth.sees("1 waiting  ● 1 needs you")

        await booth.press("f10")

        await booth.sees("Nothing is lost. 1 lead still has to be sent")
        await booth.sees("4 leads", "1  delivered")
        await booth.sees("1  waiting    Di", "1  needs you  [/red] Bo", "1  discarded  Cy")


async def test_the_question_says_what_needs_a_person() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="1 waiting")
        lead_id = str(booth.rows("select id from leads")[0][0])
        booth.write(lambda db: outbox.park_lead(db, lead_id, 1, "rejected", "no", 1.0))
        await booth.sees("1 needs you")

        await booth.press("f10")

        await booth.sees("Nothing is lost. 1 lead needs you; nothing else is left")
