"""Translations whose characters take two cells each are shown in full."""

from textual.app import App, ComposeResult

from kiosk.tui.widgets.two_line_footer import TwoLineFooter
from kiosk.tui.widgets.viewfinder import Viewfinder

WIDE_WORD = "日本語の設定を表示してください"


class _WideApp(App[None]):
    """An app with a viewfinder, and keys of which one has a wide description."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS = [("a", "press('a')", WIDE_WORD), *((key, f"press('{key}')", "go") for key in "bcdef")]

    def action_press(self, key: str) -> None:
        """Do nothing."""

    def compose(self) -> ComposeResult:
        yield Viewfinder()
        yield TwoLineFooter()


async def test_a_wide_sentence_fits_the_viewfinder() -> None:
    app = _WideApp()
    async with app.run_test(size=(41, 12)):
        viewfinder = app.query_one(Viewfinder)
        viewfinder.show_sentence(WIDE_WORD * 3)
        shown = "".join(viewfinder.render_line(y).text.strip() for y in range(viewfinder.size.height))

    assert shown == WIDE_WORD * 3


async def test_a_wide_key_gets_a_column_that_is_wide_enough() -> None:
    app = _WideApp()
    async with app.run_test(size=(70, 12)) as pilot:
        await pilot.pause()
        lines = [strip.text for strip in app.screen._compositor.render_strips()]

    assert any(WIDE_WORD in line for line in lines), lines
