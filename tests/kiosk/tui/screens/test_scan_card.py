"""The card of the last visitor: where the lead is, when the visitor was met before, the rating and the tags."""

import sqlite3
from contextlib import closing

import pytest
from textual.widgets import Static

from data import outbox
from kiosk.tui.widgets.keyless_button import KeylessButton
from kiosk.tui.widgets.scan_panels import ScanPanels
from kiosk.tui.widgets.viewfinder import Viewfinder
from kiosk.tui.widgets.visitor_card import VisitorCard
from tests.support.on_screen import ANA, CAMERA, EVENT, OnScreen, on_screen, vcard

MANY_TAGS = "[event.tags]\n" + "\n".join(f"{letter} = 'a rather long tag {letter}'" for letter in "abcdefghij")


def settle(booth: OnScreen, revision: int) -> None:
    """The CRM confirms a revision of the one lead."""
    lead_id = str(booth.rows("select id from leads")[0][0])
    booth.write(lambda db: outbox.settle_lead(db, lead_id, revision, "c-1", booth.clock.wall_time()))


async def test_the_card_says_in_the_crm_once_the_crm_has_confirmed_it_and_not_before() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="· on this device")
        await booth.sees_no("in the CRM ✓")

        settle(booth, 1)

        await booth.sees("✓ SAVED  12:00:01 · in the CRM ✓")
        await booth.sees_no("· on this device")


async def test_a_change_that_was_not_sent_yet_takes_the_tick_away() -> None:
    """What the CRM has is not what the card shows any more."""
    async with on_screen() as booth:
        await booth.show(ANA, sees="· on this device")
        settle(booth, 1)
        await booth.sees("in the CRM ✓")

        await booth.press("4")

        await booth.sees("✓ SAVED  12:00:01 · on this device")
        settle(booth, 2)
        await booth.sees("in the CRM ✓")


async def test_a_visitor_who_comes_back_was_met_before() -> None:
    async with on_screen(size=(120, 36)) as booth:
        await booth.show(ANA, sees="· on this device")
        await booth.sees_no("Met before")
        await booth.press("3", "n")
        await booth.type("wants the price list")
        await booth.press("enter", "f3")
        booth.app.operator = "Ben"
        await booth.press("escape", "escape")
        booth.clock.tick(600)

        await booth.show(ANA, sees="Met before: 12:00 by Ana, rated 3, “wants the price list”")

        await booth.sees_word("Already saved")


async def test_who_was_met_on_another_day_was_met_on_that_day() -> None:
    async with on_screen(size=(120, 36)) as booth:
        await booth.show(ANA, sees="· on this device")
        booth.clock.tick(86400)

        await booth.show(ANA, sees="Met before: 15 Jan 12:00 by Ana")


async def test_the_rating_has_words_and_the_tags_have_ticks() -> None:
    async with on_screen(size=(120, 36)) as booth:
        await booth.show(ANA, sees="1 cold")
        await booth.sees("3 warm", "5 hot", "p pricing", "d demo")
        await booth.sees_no("✓  ")

        await booth.press("5", "d")

        await booth.sees("5 hot ✓", "d demo ✓")
        await booth.press("2")
        await booth.sees("2 ✓")
        await booth.sees_no("5 hot ✓")


async def test_more_tags_than_fit_a_row_go_on_in_the_next() -> None:
    async with on_screen(f"{EVENT}{CAMERA}{MANY_TAGS}", size=(120, 36)) as booth:
        await booth.show(ANA, sees="a rather long tag a")

        await booth.sees("a rather long tag j")
        card = booth.app.scan_screen.query_one(VisitorCard)
        regions = [button.region for button in card.query(KeylessButton) if button.has_class("tag")]
        assert len({region.y for region in regions}) > 1
        assert all(card.region.contains_region(region) for region in regions)
        assert not any(one.overlaps(other) for one in regions for other in regions if one is not other)


async def test_a_touch_on_a_tag_in_the_second_row_tags() -> None:
    async with on_screen(f"{EVENT}{CAMERA}{MANY_TAGS}", size=(120, 36)) as booth:
        await booth.show(ANA, sees="a rather long tag j")

        await booth.pilot.click("#tag-j")

        await booth.until(lambda: booth.rows("select tags from leads") == [('["a rather long tag j"]',)], "tagged")


async def test_names_that_large_letters_cannot_show_are_shown_as_they_are() -> None:
    async with on_screen() as booth:
        for name in ("山田 太郎", "Σοφία Παπαδοπούλου", "Maximiliane-Charlotte von und zu Hohenlohe-Langenburg"):
            await booth.show(vcard(name, f"a{len(name)}@example.com"), sees=f"a{len(name)}@example.com")
            await booth.until(lambda name=name: booth.text.count(name[:12]) >= 2, "in the frame and on the card")


async def test_without_a_camera_by_choice_there_is_no_place_for_one() -> None:
    """A booth with scanners only misses nothing."""
    async with on_screen(EVENT + '[camera]\nsource = "none"\n', size=(80, 24)) as booth:
        await booth.sees("─ Ready ─", "0 scans today")

        assert not booth.app.scan_screen.query(Viewfinder)
        await booth.scan(f"{ANA}\n")
        await booth.sees_word("Saved")
        await booth.press("escape")
        await booth.sees_word("Ready")
        assert booth.app.scan_screen.query_one(ScanPanels).picture_size == (0, 0)


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)], ids=str)
async def test_big_type_has_the_word_and_the_name_in_large_letters(size: tuple[int, int]) -> None:
    async with on_screen(f"{EVENT}{CAMERA}[screen]\nbig_type = true\n", size=size) as booth:
        await booth.show(ANA, sees="Ana López")

        await booth.until(lambda: booth.text.count("▀") + booth.text.count("█") > 60, "large letters")
        assert not booth.app.scan_screen.query_one("#reach", Static).region
        await booth.sees("Initech", "1 cold", "p pricing")


async def test_nothing_important_is_cut_at_80_by_24() -> None:
    async with on_screen(size=(80, 24)) as booth:
        await booth.show(ANA, sees="· on this device")
        await booth.press("4", "d", "n")
        await booth.type("Budget in Q1")
        await booth.press("enter")
        booth.clock.tick(600)
        await booth.show(ANA, sees="Met before")

        await booth.sees("Expo 2027", "│ Ana", "● camera", "1 waiting", "12:0", "✓ ALREADY SAVED", "Initech")
        await booth.sees("ana@initech.example", "rated 4", "1 cold", "4 ✓", "5 hot", "d demo ✓", "c call me")
        await booth.sees("Note: Budget in Q1", "2 scans today", "2 in the last hour", "1 lead on the way to the CRM.")


async def test_a_database_that_cannot_be_read_claims_nothing() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="· on this device")
        settle(booth, 1)
        with closing(sqlite3.connect(booth.settings.database_file)) as db, db:
            db.execute("alter table outbox rename to gone")

        await booth.sees("The database")
        assert booth.app.is_running
