"""The screen of one lead: everything that is known of it, and editing it."""

from data import leads, outbox
from tests.support.on_screen import ANA, OnScreen, on_screen, type_into

OUTBOX = "select state, cause, revision, delivered_revision from outbox"


async def opened(booth: OnScreen, badge: str, sees: str) -> None:
    """Scan a badge, and open its lead."""
    await booth.show(badge, sees=sees)
    await booth.press("4", "d")
    await booth.until(lambda: booth.rows("select rating, tags from leads") == [(4, '["demo"]')], "rated and tagged")
    await booth.press("f2")
    await booth.sees("1 lead")
    await booth.press("enter")
    await booth.sees("badge ID", "Ctrl+S Save")


async def test_it_shows_everything_known_of_a_lead() -> None:
    async with on_screen() as booth:
        await opened(booth, ANA, "Ana López")

        await booth.sees("Ana López  ·  waiting, next try now  ·  scanned 0 s ago  ·  by Ana  ·  rated 4  ·  demo")
        await booth.sees("It is sent next.", "Initech", "ana@initech.example")


async def test_other_answers_of_a_badge_are_shown() -> None:
    async with on_screen() as booth:
        await opened(booth, '{"name": "Eve", "email": "eve@example.com", "shirt": "XL"}', "Eve")

        await booth.sees("Also on the badge: shirt: XL")


async def test_an_edited_lead_goes_to_the_crm_again() -> None:
    async with on_screen() as booth:
        await opened(booth, ANA, "Ana López")
        lead_id = str(booth.rows("select id from leads")[0][0])
        booth.write(lambda db: outbox.park_lead(db, lead_id, 3, "rejected", "The CRM rejected it: blocked.", 1.0))
        woken = len(booth.nudges)

        await type_into(booth, "email", "ana@work.example")
        await type_into(booth, "note", "[/red] call")
        await booth.press("ctrl+s")

        await booth.sees("Saved. It is sent next.", "1 waiting", "0 need you")
        assert booth.rows("select email, note from leads") == [("ana@work.example", "[/red] call")]
        assert booth.rows(OUTBOX) == [("waiting", "", 4, None)]
        assert len(booth.nudges) == woken + 1


async def test_rating_and_tags_of_an_earlier_lead_can_be_changed() -> None:
    """Everything can be done later."""
    async with on_screen() as booth:
        await opened(booth, ANA, "Ana López")
        await type_into(booth, "rating", "9")
        await booth.type("2")
        await type_into(booth, "tags", "pricing, , demo,[/red],demo")

        await booth.press("ctrl+s")

        await booth.sees("Saved. It is sent next.")
        assert booth.rows("select rating, tags from leads") == [(2, '["pricing", "demo", "[/red]"]')]


async def test_rating_and_tags_can_be_removed() -> None:
    async with on_screen() as booth:
        await opened(booth, ANA, "Ana López")
        await type_into(booth, "rating", "")
        await type_into(booth, "tags", "")

        await booth.press("ctrl+s")

        await booth.sees("Saved")
        assert booth.rows("select rating, tags from leads") == [(None, "[]")]


async def test_saving_says_what_happens_to_the_lead_next() -> None:
    """It is not said to go to the CRM where it does not."""
    async with on_screen() as booth:
        await opened(booth, "PZD97W7777", "PZD97W7777")
        await type_into(booth, "city", "Berlin")
        await booth.press("ctrl+s")
        await booth.sees("Saved. No name or e-mail yet.")
        lead_id = str(booth.rows("select id from leads")[0][0])
        booth.write(lambda db: outbox.discard_lead(db, lead_id, "a test", "Ana", booth.clock))
        await booth.press("f", "f", "f")
        await booth.sees("Showing: discarded  ·  1 lead")
        await booth.press("enter")
        await booth.sees("badge ID", "Ctrl+S Save")

        await type_into(booth, "name", "Eve")
        await booth.press("ctrl+s")

        await booth.sees("Saved. The lead is still discarded")


async def test_saving_says_why_nothing_is_sent_now() -> None:
    async with on_screen(sender_runs=False) as booth:
        await opened(booth, ANA, "Ana López")
        await type_into(booth, "city", "Berlin")

        await booth.press("ctrl+s")

        await booth.sees("Saved. Sending is not running")


async def test_an_unknown_lead_is_completed_by_hand() -> None:
    async with on_screen() as booth:
        await opened(booth, "PZD97W7777", "PZD97W7777")
        await booth.sees("needs you", "No name or e-mail yet.")

        await type_into(booth, "name", "Eve Adams")
        await booth.press("ctrl+s")

        await booth.sees("1 waiting  ·  0 need you", "Eve Adams")
        assert booth.rows(OUTBOX) == [("waiting", "", 4, None)]


async def test_dropped_edits_change_nothing() -> None:
    async with on_screen() as booth:
        await opened(booth, ANA, "Ana López")

        await type_into(booth, "name", "Somebody else")
        await booth.press("escape")
        await booth.sees("Save the changes?")
        await booth.press("d")

        await booth.sees("Showing:", "Ana López")
        assert booth.rows("select name, revision from leads") == [("Ana López", 3)]


async def test_saving_without_changes_makes_no_revision() -> None:
    async with on_screen() as booth:
        await opened(booth, ANA, "Ana López")

        await booth.press("ctrl+s")

        await booth.sees("Showing:")
        assert booth.rows("select revision from leads") == [(3,)]


async def test_only_changed_fields_are_written() -> None:
    async with on_screen() as booth:
        await opened(booth, ANA, "Ana López")
        lead_id = str(booth.rows("select id from leads")[0][0])
        booth.write(lambda db: leads.edit_lead(db, lead_id, {"phone": "+49 30 1"}, "Bo", booth.clock))
        await type_into(booth, "city", "Berlin")
        await booth.press("ctrl+s")

        await booth.sees("Showing:")
        assert booth.rows("select phone, city from leads") == [("+49 30 1", "Berlin")]


async def test_a_badge_is_saved_while_a_lead_is_edited() -> None:
    async with on_screen() as booth:
        await opened(booth, ANA, "Ana López")
        await type_into(booth, "city", "Berlin")

        await booth.show("eve@example.com", sees="Saved: eve@example.com")

        await booth.sees("Berlin")
        assert booth.rows("select count(*) from leads") == [(2,)]
