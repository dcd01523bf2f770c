"""What a badge said is never hidden: the card, the list and the lead show it, also what was not understood."""

from textual.widgets import Static

from data import attendees
from data.attendees import Attendee
from data.contact import Contact
from data.store import open_store
from kiosk.config.load import Settings
from kiosk.tui.widgets.result_strip import ResultStrip
from tests.support.clock import FakeClock
from tests.support.on_screen import OnScreen, on_screen

LABELLED = "~ Besucher, Initech ~\x1dStand 7"
PIPES = "98765|Jane|Sample|jane@example.com"


def with_list(settings: Settings, clock: FakeClock) -> None:
    """Import an attendee list of one."""
    db = open_store(settings.database_file)
    list(attendees.add_attendees(db, "Expo 2027", [Attendee("PZD97W0001", Contact("Eve"))]))
    db.close()


def on_card(booth: OnScreen, part: str) -> str:
    """What a part of the card says, however its lines are broken."""
    return str(booth.app.scan_screen.query_one(f"#{part}", Static).content)


async def opened(booth: OnScreen) -> None:
    """Open the one lead."""
    await booth.press("f2")
    await booth.sees("Showing: not in the CRM  ·  1 lead")
    await booth.press("enter")
    await booth.sees("Ctrl+S Save")


async def test_a_badge_that_was_not_understood_is_shown_word_for_word_everywhere() -> None:
    """With signs for its control characters."""
    async with on_screen(size=(120, 40)) as booth:
        await booth.show(LABELLED, sees="The badge says:")

        await booth.sees("~ Besucher, Initech ~")
        assert on_card(booth, "unread") == "The badge says:\n~ Besucher, Initech ~\nStand 7"
        assert booth.app.scan_screen.query_one(ResultStrip).mood == "look"
        await opened(booth)
        await booth.sees("What the badge said, scanned", "by Ana (pictures):", "~ Besucher, Initech ~␝Stand 7")
        await booth.press("escape")
        await booth.sees("~ Besucher, Initech ~")
        await booth.sees_no("unknown badge")


async def test_parts_that_were_not_understood_are_amber_and_named() -> None:
    async with on_screen(size=(120, 40)) as booth:
        await booth.show(PIPES, sees="2 parts of this badge")

        assert on_card(booth, "unread") == "2 parts of this badge were not understood: Jane · Sample"
        assert booth.app.scan_screen.query_one(ResultStrip).mood == "look"
        await opened(booth)
        await booth.sees(
            "98765|Jane|Sample|jane@example.com", "2 parts of this badge were not understood: Jane · Sample"
        )


async def test_a_badge_that_was_understood_is_on_the_lead_too_with_each_time_it_was_scanned() -> None:
    async with on_screen(size=(120, 44)) as booth:
        await booth.show("MECARD:N:Lopez,Ana;EMAIL:ana@example.com;;", sees="Ana Lopez")
        booth.clock.tick(600)
        await booth.show("MECARD:N:Lopez,Ana;EMAIL:ana@example.com;;", sees="2 scans today")
        await opened(booth)

        await booth.sees("MECARD:N:Lopez,Ana;EMAIL:ana@example.com;;")
        assert booth.text.count("by Ana (pictures)") == 2
        assert booth.text.count("MECARD:") == 1


async def test_a_long_badge_is_cut_on_the_card_and_says_so() -> None:
    async with on_screen(size=(120, 40)) as booth:
        await booth.show("\n".join(f"~ zeile {number} ~" for number in range(9)), sees="The badge says:")

        await booth.sees("~ zeile 4 ~")
        await opened(booth)
        await booth.sees("~ zeile 8 ~")


async def test_an_id_that_is_not_on_the_list_says_so() -> None:
    """It does not ask for the list to be imported, which it was."""
    async with on_screen(before=with_list, size=(120, 40)) as booth:
        await booth.show("PZD97W7777", sees="not on the attendee list")

        assert on_card(booth, "about") == "PZD97W7777: not on the attendee list. Press F2 to add a name."
        await booth.press("f2")
        sentence = "Not on the attendee list. Add a name or e-mail."
        await booth.sees(sentence)
        await booth.press("c")
        await booth.sees("by cause", sentence)
        await booth.press("enter")
        await booth.sees(f"only: {sentence}")


async def test_without_a_list_an_id_asks_for_it() -> None:
    async with on_screen(size=(120, 40)) as booth:
        await booth.show("PZD97W7777", sees="only an ID on this badge.")

        await booth.press("f2")
        await booth.sees("No name or e-mail yet. Add one, or import the attendee list.")
