"""A USB scanner types into the kiosk's terminal: what it types is a badge, on every screen, and nothing else."""

from unittest.mock import patch

import pytest

from kiosk.scanning.capture import Capture
from kiosk.scanning.scan_result import ScanResult
from kiosk.tui.screens.pending import PendingScreen
from tests.support.on_screen import ANA, ZOE, HandHeld, OnScreen, on_screen, vcard

SCANS = "select source, symbology, operator from scans order by id"
LEFT_ALONE = "select rating, tags, note from leads where name = 'Ana López'"


async def test_a_badge_that_is_typed_is_saved_and_rates_and_tags_nobody() -> None:
    """It is saved like any other badge."""
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")

        await booth.scan("123p45dcn\n")

        await booth.sees("123p45dcn", "2 scans today")
        await booth.sees_word("Saved")
        assert booth.rows(SCANS)[1] == ("scanner", "typed", "Ana")
        assert booth.rows(LEFT_ALONE) == [(None, "[]", "")]
        await booth.until(lambda: len(booth.nudges) == 2, "the worker is woken")


async def test_a_badge_that_the_kiosk_fails_on_holds_up_no_other() -> None:
    """It is reported, not tried forever, and counts as not saved."""

    take = Capture.save_payload

    def take_or_fail(capture: Capture, payload: bytes, *how: str) -> ScanResult:
        if payload == b"PZD97W0001":
            raise RecursionError
        return take(capture, payload, *how)

    async with on_screen() as booth:
        with patch.object(Capture, "save_payload", take_or_fail):
            await booth.scan("PZD97W0001\n")
            await booth.sees("The kiosk failed on this badge")
            await booth.scan("PZD97W0002\n")
            await booth.sees("PZD97W0002")

        assert booth.rows("select badge_id from leads") == [("PZD97W0002",)]
        assert booth.app.held_count == 1


@pytest.mark.parametrize("end", ["", "\n", "\n\n", "\t"], ids=ascii)
async def test_a_card_of_many_lines_is_one_badge(end: str) -> None:
    """Whatever the scanner is set to type before and after it."""
    async with on_screen() as booth:
        await booth.scan(ZOE.strip() + end)

        await booth.sees("Zoë Müller", "Bäckerei Süß", "1 scan today")
        assert booth.rows("select name, email from leads") == [("Zoë Müller", "zoe@suess.example")]


@pytest.mark.parametrize("keys", [["f2"], ["f1"], ["f10"], ["f2", "enter"], ["f2", "d"], ["f2", "slash"]], ids=str)
async def test_it_is_a_badge_on_every_screen(keys: list[str]) -> None:
    """It presses no key of the screen: neither the letters of the list nor the word that closes the kiosk."""
    async with on_screen() as booth:
        await booth.show(ANA, sees="1 waiting")
        await booth.press(*keys)
        screen = booth.app.screen

        await booth.scan("yRdo15u/q\n")

        await booth.sees("Saved: yRdo15u/q")
        assert booth.app.screen is screen
        assert booth.app.is_running
        assert booth.rows("select count(*) from actions") == [(0,)]
        assert booth.rows(LEFT_ALONE) == [(None, "[]", "")]


async def test_a_badge_in_the_middle_of_a_note_leaves_the_note_whole() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")
        await booth.press("n")
        await booth.type("price")

        await booth.scan("PZD97W7777\n")
        await booth.sees("PZD97W7777")
        await booth.type(" list")
        await booth.press("enter")

        await booth.sees("Note saved for Ana López.")
        assert booth.rows("select badge_id, note from leads order by badge_id") == [
            ("", "price list"),
            ("PZD97W7777", ""),
        ]


async def test_a_scanner_works_without_a_camera() -> None:
    camera = HandHeld()
    camera.trouble = "The camera failed (No such device). The kiosk keeps retrying."
    async with on_screen(camera=camera) as booth:
        await booth.sees("no camera")

        await booth.scan(vcard("Eve", "eve@example.com") + "\n")

        await booth.sees("Eve", "1 scan today")
        await booth.sees_word("Saved")


async def test_a_badge_that_cannot_be_saved_is_held_and_saved_when_it_can_be() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="1 waiting")
        booth.write(lambda db: db.execute(f"create trigger full before insert on scans {ABORT}"))

        await booth.scan("PZD97W7777\n")
        await booth.sees_word("NOT SAVED")
        await booth.sees("1 NOT SAVED, held in memory only.")
        booth.write(lambda db: db.execute("drop trigger full"))

        await booth.sees("PZD97W7777", "1 needs you")
        await booth.sees_word("Saved")
        await booth.sees_no("NOT SAVED, held")


ABORT = "begin select raise(abort, 'the disk is worn'); end"


async def test_a_persons_keys_work_as_usual() -> None:
    """Also in quick succession, and a click right after a key."""
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")

        booth.strike("4", 1.0)
        booth.strike("p", 0.2)
        await booth.until(lambda: stands(booth) == (4, '["pricing"]'), "rated and tagged")
        await booth.press("f2")
        await booth.until(lambda: isinstance(booth.app.screen, PendingScreen), "the list is open")

        assert booth.rows("select count(*) from leads") == [(1,)]


@pytest.mark.parametrize(
    "badge", ["\x02000012\x03", "\x1d445566", "\x02PZD97WTMFJ", "42", "1111", "55555", "A1B2"], ids=ascii
)
async def test_controls_and_short_ids_rate_and_tag_nobody(badge: str) -> None:
    """Each is a badge of its own, with its Enter."""
    plain = badge.strip("\x02\x03\x1d")
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")

        await booth.scan(f"{badge}\n")

        await booth.sees(plain, "2 scans today")
        assert booth.rows(LEFT_ALONE) == [(None, "[]", "")]
        assert booth.rows("select badge_id from leads where name = ''") == [(plain,)]


@pytest.mark.parametrize("badge", ["\x02000777\x03", "000777", "42"], ids=ascii)
async def test_no_badge_lands_in_a_note(badge: str) -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")
        await booth.press("n")
        await booth.type("hello")

        await booth.scan(f"{badge}\n")
        await booth.sees(badge.strip("\x02\x03"))
        await booth.stop_typing()

        await booth.sees("Note saved for Ana López.")
        assert booth.rows("select note, badge_id from leads order by badge_id") == [
            ("hello", ""),
            ("", badge.strip("\x02\x03")),
        ]


async def test_a_name_typed_without_a_prompt_does_nothing() -> None:
    """The last visitor gets no tag and no rating from it, and the screen says so."""
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")

        await booth.press(*"Pedro da Costa", "enter")

        await booth.sees("did nothing: press one key at a time")
        assert booth.rows(LEFT_ALONE) == [(None, "[]", "")]


async def test_several_lines_of_one_badge_are_one_lead() -> None:
    async with on_screen() as booth:
        await booth.scan("MECARD:N:Nilsen,Olga;\nTEL:5550100;\nEMAIL:olga@example.org;\nORG:ACME;;\n")

        await booth.sees("Olga Nilsen", "1 scan today")
        assert booth.rows("select email, company from leads") == [("olga@example.org", "ACME")]


async def test_a_wrong_layout_is_corrected_and_named_and_a_doubtful_id_stays() -> None:
    """A scanner set to US on a German keyboard: the card proves it; the ID may be another scanner's, set right."""
    async with on_screen() as booth:
        await booth.scan('BEGINÖVCARD\nVERSIONÖ3.0\nFNÖYoe Lopey\nEMAILÖyoe"example.org\nENDÖVCARD\n')
        await booth.sees("Zoe Lopez", "zoe@example.org", "German")

        await booth.scan("PYD97WTMFJ\n")

        await booth.sees("PYD97WTMFJ", "German", "2 scans today")
        assert booth.rows("select badge_id from leads where name = ''") == [("PYD97WTMFJ",)]


async def test_an_enter_by_itself_presses_no_button() -> None:
    """Such as a scanner's second Enter that comes late, or Tab and Enter."""
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")

        await booth.press("enter", "tab", "enter", "space", "enter")

        assert booth.app.focused is None
        assert booth.rows(LEFT_ALONE) == [(None, "[]", "")]


def stands(booth: OnScreen) -> tuple[object, ...]:
    """How the one lead is rated and tagged."""
    return booth.rows("select rating, tags from leads")[0]
