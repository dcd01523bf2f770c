"""The five-second loop: rate, tag, note and operator, by key and by mouse."""

from kiosk.tui.widgets.keyless_button import KeylessButton
from kiosk.tui.widgets.prompt_line import PromptLine
from tests.support.on_screen import ANA, ZOE, OnScreen, on_screen

RATED = "select rating from leads order by id"


def chosen(booth: OnScreen) -> list[str]:
    """The buttons on the card that are lit."""
    lit = booth.app.scan_screen.query("#card Button.-chosen").results(KeylessButton)
    return [button.key if button.has_class("rate") else f"{button.key} {button.word}" for button in lit]


async def test_a_number_rates_and_the_same_number_removes_the_rating() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")

        await booth.press("4")
        await booth.until(lambda: chosen(booth) == ["1", "2", "3", "4"], "four are lit")
        assert booth.rows(RATED) == [(4,)]

        await booth.press("2")
        await booth.until(lambda: chosen(booth) == ["1", "2"], "two are lit")
        assert booth.rows(RATED) == [(2,)]

        await booth.press("2")
        await booth.until(lambda: chosen(booth) == [], "none is lit")
        assert booth.rows(RATED) == [(None,)]


async def test_each_change_goes_to_the_crm() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")

        await booth.press("5")

        await booth.until(lambda: len(booth.nudges) == 2, "the worker is woken")
        assert booth.rows("select leads.revision, outbox.revision from leads join outbox on lead_id = id") == [(2, 2)]


async def test_a_letter_tags_and_the_same_letter_removes_the_tag() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")

        await booth.press("p", "c")
        await booth.until(lambda: chosen(booth) == ["p pricing", "c call me"], "two are lit")
        await booth.press("P")

        await booth.until(lambda: chosen(booth) == ["c call me"], "one is lit")
        assert booth.rows("select tags from leads") == [('["call me"]',)]


async def test_buttons_do_what_keys_do() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")
        await booth.sees("d demo")

        await booth.pilot.click("#rate-3")
        await booth.until(lambda: chosen(booth) == ["1", "2", "3"], "three are lit")
        await booth.pilot.click("#tag-d")

        await booth.until(lambda: chosen(booth) == ["1", "2", "3", "d demo"], "the tag is lit")
        await booth.press("5")
        await booth.until(lambda: booth.rows(RATED) == [(5,)], "keys go on as before")


async def test_keys_without_a_card_change_nothing() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")
        await booth.press("escape")
        await booth.sees_word("Ready")

        await booth.press("4", "p", "n", "x", "enter")

        await booth.show(ZOE, sees="Zoë Müller")
        assert booth.rows("select rating, tags, note from leads") == [(None, "[]", "")] * 2


async def test_a_note_is_kept_with_enter() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")
        await booth.press("n")
        await booth.sees("Note on Ana López:")

        await booth.type("price p 5")
        await booth.press("enter")

        await booth.sees("Note: price p 5")
        await booth.sees_no("Note on")
        assert booth.rows("select note, rating, tags from leads") == [("price p 5", None, "[]")]


async def test_a_note_is_dropped_with_escape() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")
        await booth.press("n")
        await booth.type("oops")

        await booth.press("escape")

        await booth.sees_no("Note on", "oops")
        await booth.press("3")
        await booth.until(lambda: booth.rows("select note, rating from leads") == [("", 3)], "only the rating is kept")


async def test_the_next_badge_keeps_the_note_for_the_person_it_is_about() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")
        await booth.press("n")
        await booth.type("wants a demo")

        await booth.show(ZOE, sees="Zoë Müller")
        await booth.stop_typing()

        await booth.sees_no("Note on")
        notes = [("Ana López", "wants a demo"), ("Zoë Müller", "")]
        await booth.until(lambda: booth.rows("select name, note from leads order by id") == notes, "the note is kept")


async def test_typing_during_a_badge_belongs_to_the_open_line() -> None:
    """Ana's note continues while Zoë is scanned; Zoë gets no rating and no tag from it."""
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")
        await booth.press("n")
        await booth.type("price")

        await booth.show(ZOE, sees="Zoë Müller")
        await booth.sees_word("Saved")
        await booth.sees("Note on Ana López:", "price")
        await booth.type(" for 35 pcs")
        await booth.press("enter")

        await booth.sees("Note saved for Ana López.")
        await booth.press("4")
        await booth.until(lambda: booth.rows(RATED) == [(None,), (4,)], "after the line, keys are Zoë's")
        assert booth.rows("select note, tags from leads order by id") == [("price for 35 pcs", "[]"), ("", "[]")]


async def test_escape_drops_a_note_after_a_badge_too() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")
        await booth.press("n")
        await booth.type("oops")
        await booth.show(ZOE, sees="Zoë Müller")

        await booth.press("escape")

        await booth.sees_no("Note on")
        await booth.sees("Zoë Müller")
        assert booth.rows("select note from leads") == [("",), ("",)]


async def test_typing_keeps_a_note_open_and_a_pause_saves_it() -> None:
    async with on_screen(typing_pause_seconds=5.0) as booth:
        await booth.show(ANA, sees="Ana López")
        await booth.press("n")
        await booth.show(ZOE, sees="Zoë Müller")
        line = booth.app.scan_screen.query_one(PromptLine)

        for letter in "demo":
            timer = line.pause_timer
            await booth.type(letter)
            assert line.pause_timer is not timer

        await booth.sees_no("Note on")
        await booth.until(lambda: booth.rows("select note from leads order by id") == [("demo",), ("",)], "it is kept")


async def test_a_name_typed_during_a_badge_is_complete() -> None:
    async with on_screen() as booth:
        await booth.press("f3", "end", "ctrl+u")
        await booth.type("Maria ")

        await booth.show(ANA, sees="Ana López")
        await booth.type("Lopez dc")
        await booth.press("enter")

        await booth.sees("│ Maria Lopez dc")
        assert booth.rows("select rating, tags from leads") == [(None, "[]")]


async def test_asking_something_else_keeps_the_note() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")
        await booth.press("n")
        await booth.type("call")

        await booth.press("f3")

        await booth.sees("Who is scanning?")
        await booth.until(lambda: booth.rows("select note from leads") == [("call",)], "the note is kept")


async def test_a_click_does_not_take_the_focus_from_the_line() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")
        await booth.press("n")
        await booth.type("pd ")

        await booth.pilot.click("#rate-3")
        await booth.until(lambda: booth.rows(RATED) == [(3,)], "the click rates")
        await booth.press("tab")
        await booth.type("5 cups")
        await booth.press("enter")

        await booth.sees("Note: pd 5 cups")
        assert booth.rows("select rating, tags from leads") == [(3, "[]")]


async def test_a_code_beside_a_badge_does_not_end_the_note() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")
        await booth.press("n")
        await booth.type("still ")

        booth.camera.hold(b"WIFI:T:WPA;S:booth;P:secret;;")
        await booth.until(lambda: booth.rows("select count(*) from scans") == [(2,)], "the code was looked at")
        await booth.type("typing")
        await booth.press("enter")

        await booth.sees("Note: still typing")


async def test_any_key_holds_the_card() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")
        assert booth.app.scan_screen.clear_timer is not None

        await booth.press("x")

        assert booth.app.scan_screen.clear_timer is None
        assert booth.says("Saved")


async def test_f3_changes_the_operator() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")
        await booth.press("f3")
        await booth.sees("Who is scanning?")

        await booth.press(*["backspace"] * 3)
        await booth.type("Bo")
        await booth.press("enter")
        await booth.sees("│ Bo")
        await booth.show(ZOE, sees="Zoë Müller")

        assert booth.rows("select operator from scans order by id") == [("Ana",), ("Bo",)]


async def test_the_keys_at_the_bottom_can_be_clicked() -> None:
    async with on_screen() as booth:
        await booth.sees("F10 Close")
        for key, sees in (
            ("F1 Help", "WHERE A LEAD IS"),
            ("F2 Pending", "Showing:"),
            ("F10 Close", "Close the kiosk?"),
        ):
            row = next(y for y, line in enumerate(booth.lines()) if key in line)

            await booth.pilot.click(offset=(booth.lines()[row].index(key) + 1, row))

            await booth.sees(sees)
            await booth.press("escape")
            await booth.sees_no(sees)
