"""The key that pauses sending asks nothing, pressing it again resumes, and every screen says that sending is paused."""

from contextlib import closing

import pytest

from data import gates, outbox, pause
from data.gates import Gate
from data.pause import SendingPause
from data.store import open_store
from kiosk.status.wording import HOW_TO_RESUME, format_time
from tests.support.on_screen import ANA, NOON, ZOE, OnScreen, on_screen


def paused(booth: OnScreen) -> SendingPause | None:
    """What other processes know of it."""
    with closing(open_store(booth.settings.database_file)) as db:
        return pause.read_pause(db)


def flat(booth: OnScreen) -> str:
    """What is on the screen, with its lines put together."""
    return " ".join(booth.text.split())


async def test_p_pauses_and_resumes() -> None:
    """Without a question; the footer says what the key does next; resuming wakes the worker."""
    async with on_screen() as booth:
        await booth.show(ANA, sees="1 waiting")
        await booth.press("f2")
        await booth.sees("p Pause")

        nudges = len(booth.nudges)
        await booth.press("p")
        await booth.sees("Sending paused. Press p again to resume.", "p Resume", "sending paused")
        during, unheard = paused(booth), len(booth.nudges) == nudges
        await booth.press("p")
        await booth.sees("Sending resumed.", "p Pause", "1 lead on the way to the CRM.")

        assert (SendingPause(booth.clock.wall_time(), "Ana"), True) == (during, unheard)
        assert (paused(booth), len(booth.nudges)) == (None, nudges + 1)


async def test_only_the_newest_sentence_about_sending_is_shown() -> None:
    """Whoever follows an older one would pause again."""
    async with on_screen() as booth:
        await booth.press("f2", "p")
        await booth.sees("Sending paused. Press p again to resume.")
        await booth.press("f5")
        await booth.sees("Not tried.")
        await booth.sees_no("Press p again")

        await booth.press("p")

        await booth.sees("Sending resumed.")
        await booth.sees_no("Not tried.")


async def test_pressed_quickly_it_pauses_and_resumes() -> None:
    """Whatever the screen shows by then."""
    async with on_screen() as booth:
        await booth.press("f2")

        for _ in range(4):
            booth.strike("p", 0.2)
        await booth.sees("Sending resumed.")
        await booth.pause()

        assert paused(booth) is None


async def test_every_screen_says_since_when_by_whom_and_how_to_resume() -> None:
    """Also when somebody else paused it; list, lead and sentence agree, and the colour warns."""
    async with on_screen() as booth:
        await booth.show(ANA, sees="1 waiting")
        booth.write(lambda db: pause.pause_sending(db, "Bo", booth.clock))
        at = format_time(NOON, NOON)
        said = f"Sending has been paused since {at} by Bo. 1 lead waiting, safe on this device. {HOW_TO_RESUME}"

        await booth.until(
            lambda: said in flat(booth) and "○ sending paused  ● 1 waiting" in booth.text, "the scan screen"
        )
        assert booth.app.scan_screen.query_one("#status").has_class("trouble")
        await booth.press("f2")
        await booth.until(lambda: f"Paused since {at} by Bo. Press p to resume." in flat(booth), "the pending list")
        await booth.sees("sending paused", "waiting  paused", "Sending is paused; the lead is safe on this device.")
        await booth.press("enter")
        await booth.sees("waiting, next try paused", "Sending is paused; the lead is safe on this device.")


async def test_scanning_and_saving_continue() -> None:
    async with on_screen() as booth:
        await booth.press("f2", "p")
        await booth.sees("p Resume")

        await booth.show(ZOE, sees="Zoë Müller")

        await booth.sees("1 waiting")
        assert booth.rows("select state, attempts from outbox") == [("waiting", 0)]


@pytest.mark.parametrize("key", ["f5", "s"])
async def test_sync_now_says_that_sending_is_paused_and_does_not_try(key: str) -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="1 waiting")
        await booth.press("f2", "p")
        await booth.sees("p Resume")
        booth.app.clear_notifications()

        await booth.press(key)

        await booth.until(lambda: "Not tried. Sending has been paused since" in flat(booth), "the notice")
        assert not booth.settings.queue_file.exists()


async def test_a_retry_says_that_the_lead_goes_out_once_sending_resumes() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="1 waiting")
        lead_id = str(booth.rows("select id from leads")[0][0])
        booth.write(lambda db: outbox.park_lead(db, lead_id, 1, "rejected", "no", NOON))
        await booth.press("f2", "p")
        await booth.sees("p Resume", "needs you")

        await booth.press("r")

        await booth.until(lambda: "1 lead will be sent again. Sending is paused" in flat(booth), "the notice")


async def test_closing_while_paused_does_not_promise_that_leads_are_sent() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="1 waiting")
        booth.write(lambda db: pause.pause_sending(db, "Bo", booth.clock))
        await booth.sees("sending paused")

        await booth.press("f10")

        await booth.sees("Nothing is lost. 1 lead still has to be sent", "until sending is resumed")
        await booth.sees_no("the next time the kiosk is online")


async def test_while_something_is_typed_p_is_a_letter() -> None:
    async with on_screen() as booth:
        await booth.press("f2", "slash")
        await booth.type("pp")

        await booth.sees("Search all leads: pp")
        assert paused(booth) is None


async def test_the_cause_of_a_closed_gate_is_shown_again_after_a_pause() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="1 waiting")
        gate = Gate("practice", False, "offline", "The network is down.", NOON, 140.0, "boot-1", 3)
        booth.write(lambda db: gates.write_gate(db, gate))
        await booth.press("f2", "p")
        await booth.sees("sending paused, offline")

        await booth.press("p")

        await booth.sees("The network is down. 1 lead waiting, safe on this device. Next try in")
