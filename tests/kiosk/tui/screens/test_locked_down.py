"""No key that a visitor may press closes the kiosk, suspends it, or opens anything outside it."""

import pytest

from tests.support.on_screen import ANA, on_screen

KEYS = ("ctrl+c", "ctrl+q", "ctrl+z", "ctrl+p", "ctrl+d", "ctrl+backslash", "ctrl+w", "ctrl+x", "alt+f4", "q", "f12")


@pytest.mark.parametrize("screen", ["escape", "f2", "f1", "f10", "n"])
async def test_keys_of_other_programs_do_nothing(screen: str) -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")
        await booth.press(screen)
        depth = len(booth.app.screen_stack)

        for key in KEYS:
            await booth.press(key)
            is_closed = screen == "f1" and key == "q"  # the help closes with q as well
            assert booth.app.is_running
            assert len(booth.app.screen_stack) == depth - is_closed
            if is_closed:
                await booth.press("f1")

        assert booth.rows("select state from outbox") == [("waiting",)]


async def test_there_is_no_command_palette() -> None:
    async with on_screen() as booth:
        await booth.press("ctrl+p", "ctrl+backslash")

        assert not booth.app.ENABLE_COMMAND_PALETTE
        assert len(booth.app.screen_stack) == 2


async def test_no_key_stops_the_kiosk() -> None:
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    others = [f"f{n}" for n in range(1, 13)] + ["tab", "shift+tab", "enter", "space", "delete", "home", "pageup"]
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")

        for key in (*letters, *others):
            await booth.press(key)
            if key in ("f10", "enter", "space"):
                await booth.press("escape")
            booth.strike(f"ctrl+{key}", 0.2)
            await booth.press(f"alt+{key}")

        assert booth.app.is_running
        assert booth.rows("select count(*) from leads") == [(1,)]
