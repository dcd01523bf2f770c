"""Alerts are on top of every screen, with what to do, until they are over."""

import unicodedata
from collections.abc import Iterable

import pytest

from data import alerts, gates
from data.alerts import Alert
from data.gates import Gate
from kiosk.tui.widgets.alert_line import AlertLine
from tests.kiosk.tui.screens.hostile_names import NAMES
from tests.support.on_screen import ANA, CAMERA, EVENT, NOON, OnScreen, joined, on_screen

REFUSED = Gate("practice", False, "not authorised", "The CRM does not accept the key.")
WELL = Gate("practice", last_success=NOON)
SIGN_IN = "The CRM rejects the sign-in: leads are saved, but not sent. Replace the key"


async def sees(booth: OnScreen, text: str) -> None:
    """Wait until *text* is on the screen, on however many lines."""
    await booth.until(lambda: text in joined(booth), text)


def written(booth: OnScreen, found: Iterable[Alert]) -> None:
    """Have the worker write down what is wrong."""
    booth.write(lambda db: alerts.update_alerts(db, found, booth.clock))


async def test_an_alert_is_on_every_screen_until_it_is_over() -> None:
    async with on_screen(size=(80, 24)) as booth:
        await booth.show(ANA, sees="1 waiting")
        assert booth.app.screen.query_one_optional(AlertLine) is None
        booth.write(lambda db: gates.write_gate(db, REFUSED))

        await sees(booth, SIGN_IN)
        for key in ("f2", "enter", "f1", "escape", "f10"):
            await booth.press(key)
            await sees(booth, f"ALERT, for 0 s: {SIGN_IN}")
        await booth.press("escape", "escape", "escape")
        booth.write(lambda db: gates.write_gate(db, WELL))

        await booth.sees_no("ALERT")
        await booth.show(ANA, sees="Ana López")


async def test_several_alerts_take_turns() -> None:
    """The most important comes first; why leads have waited for long is shown as it is now, not as it was recorded."""
    async with on_screen() as booth:
        await booth.sees_word("Ready")
        queue = Alert("queue", "Leads have waited for more than 60 min.", "F5 tries at once.", NOON - 600)
        written(booth, [queue])
        booth.write(lambda db: gates.write_gate(db, REFUSED))

        await booth.sees("ALERT 1 of 2, for 0 s: The CRM rejects the sign-in")
        booth.clock.tick(6)

        await sees(
            booth, "ALERT 2 of 2, for 10 min: Leads have been waiting to be sent for more than 60 min (key rejected)."
        )


async def test_an_alert_of_the_worker_stays_until_the_worker_clears_it() -> None:
    async with on_screen() as booth:
        await booth.sees_word("Ready")
        written(booth, [Alert("errors", "The CRM did not take 5 of 10.", "Look at the list.", NOON)])

        await booth.sees("The CRM did not take 5 of 10. Look at the list.")
        written(booth, [])

        await booth.sees_no("ALERT")


async def test_a_full_disk_is_shown_although_it_cannot_be_recorded() -> None:
    """The screen looks by itself."""
    async with on_screen(EVENT + CAMERA + "[alerts]\ndisk_free_mb = 10_000_000\n") as booth:
        await booth.sees("ALERT, for 0 s: The disk is almost full:", "MB left. Free some space")

        assert booth.rows("select * from alerts") == []


async def test_scanning_continues_below_an_alert() -> None:
    async with on_screen(size=(80, 24)) as booth:
        booth.write(lambda db: gates.write_gate(db, REFUSED))
        await sees(booth, SIGN_IN)

        await booth.show(ANA, sees="Ana López")
        await booth.sees_word("Saved")
        await booth.press("4")

        await booth.until(lambda: booth.rows("select rating from leads") == [(4,)], "it is rated")
        assert "F10 Close" in booth.lines()[-1]


@pytest.mark.parametrize("size", [(60, 15), (240, 67), (20, 5)], ids=str)
async def test_no_size_of_a_screen_fails(size: tuple[int, int]) -> None:
    async with on_screen(size=size) as booth:
        booth.write(lambda db: gates.write_gate(db, REFUSED))

        await booth.until(lambda: "ALERT" in booth.text, "an alert")

        for key in ("f2", "f1", "escape", "escape", "f10", "escape"):
            await booth.press(key)
            assert booth.app.is_running


@pytest.mark.parametrize("text", NAMES.values(), ids=NAMES)
async def test_alerts_are_shown_as_plain_text(text: str) -> None:
    async with on_screen(size=(120, 30)) as booth:
        await booth.sees_word("Ready")
        written(booth, [Alert("errors", text, text, NOON)])

        await booth.sees("ALERT, for 0 s:")

        shown = "".join(booth.lines())
        assert [c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")] == []
        assert booth.app.is_running
