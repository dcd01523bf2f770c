"""In every language, a terminal of 80 x 24 shows all keys of the footer and all lights of the top bar in full."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from textual.widgets._footer import FooterKey

from data import language, outbox
from data.language import _
from data.outbox import OutboxCounts
from kiosk.status.wording import describe_cause
from kiosk.tui.screens.help import HelpScreen
from kiosk.tui.screens.lead import LeadScreen
from kiosk.tui.screens.pending import PendingScreen
from kiosk.tui.screens.quit import QuitScreen
from kiosk.tui.screens.scan import ScanScreen
from kiosk.tui.widgets.top_bar import TopBar
from tests.support.on_screen import ANA, OnScreen, on_screen

CODES = [code for code in language.list_languages() if code != "en"]

CAUSES = (
    *("offline", "no internet", "CRM unreachable", "login page", "CRM down"),
    *("throttled", "quota", "not authorised", "set-up"),
)
"""The causes of a closed gate, as `sync.errors` has them."""


@pytest.fixture(params=CODES)
def code(request: pytest.FixtureRequest) -> Iterator[str]:
    """Speak each language that there is a translation for."""
    language.use_language(request.param)
    yield request.param
    language.use_language("en")


async def check_footer(booth: OnScreen) -> None:
    """Check that the footer shows each of its keys in full."""

    def list_keys() -> list[str]:
        # A modal screen has none of its own: that of the screen below it stays visible.
        screens = [screen for screen in booth.app.screen_stack if screen.query(FooterKey)]
        return [f"{key.key_display} {key.description}" for key in screens[-1].query(FooterKey)] if screens else []

    def shows_all() -> bool:
        keys, footer = list_keys(), "".join(f" {line} " for line in booth.lines()[-2:])
        return bool(keys) and all(f" {key} " in footer for key in keys)

    await booth.until(shows_all, "all keys of the footer")


def check_top_bar(booth: OnScreen) -> None:
    """Check that the top bar is not cut: it shows each light, and the time at its end."""
    bar = booth.app.scan_screen.query_one(TopBar)
    line = booth.lines()[0]
    assert "…" not in line
    assert re.search(r" \d\d:\d\d $", line), line
    for words in ([light.word for light in bar.list_lights(is_brief=is_brief)] for is_brief in (False, True)):
        if all(word in line for word in words):
            return
    raise AssertionError(f"a light is missing in {line}")


@pytest.mark.usefixtures("code")
async def test_all_keys_and_lights_are_shown_in_full() -> None:
    async with on_screen(size=(80, 24)) as booth:
        await booth.until(lambda: booth.app.status is not None, "the database is there")
        await check_footer(booth)
        check_top_bar(booth)

        await booth.show(ANA, sees="Ana López")
        await booth.show("12345678", sees="12345678")
        lead_id = str(booth.rows("select lead_id from outbox order by lead_id limit 1")[0][0])
        booth.write(lambda db: outbox.park_lead(db, lead_id, 1, "rejected", "The CRM rejected it: blocked.", 1.0))
        await booth.app.refresh_status()
        await booth.pause()
        await check_footer(booth)
        check_top_bar(booth)

        for key, kind in (("f1", HelpScreen), ("f10", QuitScreen)):
            await booth.press(key)
            assert isinstance(booth.app.screen, kind)
            await check_footer(booth)
            await booth.press("escape")
        await booth.press("f2")
        assert isinstance(booth.app.screen, PendingScreen)
        await check_footer(booth)
        await booth.press("enter")
        assert isinstance(booth.app.screen, LeadScreen)
        await check_footer(booth)


@pytest.mark.usefixtures("code")
async def test_the_top_bar_has_room_for_every_reason_not_to_send() -> None:
    async with on_screen(size=(80, 24)) as booth:
        await booth.until(lambda: booth.app.status is not None, "the database is there")
        status, bar = booth.app.status, booth.app.scan_screen.query_one(TopBar)
        assert status is not None
        bar.camera = False

        shown = {}
        for cause in CAUSES:
            gate = replace(status.gate, is_open=False, cause=cause)
            bar.status = replace(status, gate=gate, counts=OutboxCounts(waiting=12, needs_you=3))
            shown[describe_cause(cause)] = str(bar.render())

    assert {words: line for words, line in shown.items() if words not in line or "…" in line} == {}


@pytest.mark.usefixtures("code")
async def test_the_help_fits_in_full() -> None:
    async with on_screen(size=(80, 24)) as booth:
        await booth.press("f1")

        page = booth.app.screen.query_one("#page")
        assert isinstance(booth.app.screen, HelpScreen)
        assert page.max_scroll_y == 0
        await booth.sees(_("WHERE A LEAD IS"), _("“Saved” means safe on this device; no network is needed."))


@pytest.mark.usefixtures("code")
async def test_the_invitation_is_in_large_letters() -> None:
    for camera in ("auto", "none"):
        more = f'[event]\nname = "Expo 2027"\noperator = "Ana"\n[camera]\nsource = "{camera}"\n'
        async with on_screen(more, size=(80, 24)) as booth:
            await booth.until(lambda: "▄" in booth.text, "large letters")

            assert isinstance(booth.app.screen, ScanScreen)
            invitation = _("Hold your badge here") if camera == "auto" else _("Scan your badge")
            assert invitation not in booth.text
