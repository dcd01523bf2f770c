"""The pending list: what it shows, and what each of its keys does."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.widgets import DataTable, Input

from data import batches, gates, outbox
from data.gates import Gate
from data.lead import Lead
from kiosk.config.load import Settings
from kiosk.tui.screens.pending import PendingScreen
from tests.kiosk.tui.screens.pending_list import STATES, cursor, lead_of, to, with_leads
from tests.support.clock import FakeClock
from tests.support.on_screen import CAMERA, EVENT, OnScreen, on_screen, vcard


async def sees_line(booth: OnScreen, line: str) -> None:
    """Wait until a line of the list says that, however wide its columns are."""
    await booth.until(
        lambda: line in [" ".join(shown.strip("│ ").split()) for shown in booth.lines()], f"the line {line}"
    )


async def test_the_header_shows_the_kiosk_status() -> None:
    async with on_screen() as booth:
        await with_leads(booth, "Bo")
        sentence = "The network is down."
        closed = Gate("practice", False, "offline", sentence, next_try=booth.clock.up + 40, next_try_boot="boot-1")
        booth.write(lambda db: gates.write_gate(db, Gate("practice", last_success=booth.clock.wall_time() - 240)))

        await booth.sees("3 waiting  ·  1 needs you  ·  CRM responded 4 min ago")
        await booth.sees("3 leads on the way to the CRM.")
        booth.write(lambda db: gates.write_gate(db, closed))

        await booth.sees(
            "1 needs you  ·  offline  ·  next try in 40 s  ·  CRM last worked 4 min ago",
            "The network is down. 3 leads waiting, safe on this device. Next try in 40 s.",
        )


async def test_a_row_shows_who_since_when_state_next_try_operator_and_reason() -> None:
    async with on_screen(size=(120, 30)) as booth:
        await with_leads(booth, "Bo")
        booth.clock.tick(300)

        await booth.sees("Who  Company  Since  State      Next try  Scanned by  Why")
        await booth.sees("Bo   Bo Ltd   5 min  needs you            Ana         The CRM rejected it: Bo is blocked.")
        await booth.sees("Cy   Cy Ltd   5 min  waiting    now       Ana         It is sent next.")
        assert cursor(booth) == "Bo"


async def test_the_reason_of_the_current_lead_is_shown_in_full() -> None:
    async with on_screen(size=(80, 24)) as booth:
        await with_leads(booth, "Bo")

        await booth.sees("\n The CRM rejected it: Bo is blocked.")
        await booth.press("down")

        await booth.sees("\n It is sent next.")


async def test_retry_sends_the_current_lead_again() -> None:
    async with on_screen() as booth:
        await with_leads(booth, "Bo", "Cy")
        await to(booth, "Bo")
        woken = len(booth.nudges)

        await booth.press("r")

        await booth.sees("1 lead will be sent again.")
        assert booth.rows(STATES) == [("Ana", "waiting"), ("Bo", "waiting"), ("Cy", "needs you"), ("Di", "waiting")]
        assert len(booth.nudges) == woken + 1


async def test_send_all_sends_what_is_shown_and_nothing_else() -> None:
    async with on_screen() as booth:
        await with_leads(booth, "Bo", "Cy")
        await booth.press("slash")
        await booth.type("cy")
        await booth.press("enter")
        await booth.sees("search: cy", "1 lead")

        await booth.press("R")

        await booth.sees("1 lead will be sent again.")
        assert booth.rows(STATES) == [("Ana", "waiting"), ("Bo", "needs you"), ("Cy", "waiting"), ("Di", "waiting")]


async def test_discarding_needs_a_reason() -> None:
    async with on_screen() as booth:
        await with_leads(booth)
        await to(booth, "Cy")
        await booth.press("d")
        await booth.sees("Why discard Cy?")

        await booth.press("enter")

        await booth.sees("Not discarded: please give a reason.")
        assert [state for _, state in booth.rows(STATES)] == ["waiting"] * 4


async def test_escape_leaves_a_question_and_the_arrows_work_again() -> None:
    async with on_screen() as booth:
        await with_leads(booth)
        await to(booth, "Cy")
        await booth.press("d")
        await booth.type("or/f R not")

        await booth.press("escape", "down")

        await booth.sees_no("Why discard")
        await booth.until(lambda: cursor(booth) == "Bo", "the cursor moved")
        assert [state for _, state in booth.rows(STATES)] == ["waiting"] * 4


async def test_a_discarded_lead_says_why_and_is_restored() -> None:
    async with on_screen() as booth:
        await with_leads(booth)
        await to(booth, "Cy")
        await booth.press("d")
        await booth.type("a colleague")
        await booth.press("enter")
        await booth.sees("1 lead discarded.", "3 leads", "3 waiting")
        assert booth.rows("select verb, reason, operator from actions") == [("discard", "a colleague", "Ana")]

        await booth.press("f", "f", "f")
        await booth.sees("Showing: discarded  ·  1 lead", "Discarded: a colleague")
        await booth.press("u")

        await booth.sees("1 lead restored.", "0 leads", "4 waiting")


async def test_sync_now_asks_the_worker() -> None:
    async with on_screen() as booth:
        await with_leads(booth)

        for key in ("s", "f5"):
            booth.settings.queue_file.unlink(missing_ok=True)
            await booth.press(key)
            await booth.sees("Sync now: sending")
            booth.app.clear_notifications()
            await booth.until(booth.settings.queue_file.exists, "the worker's queue has the wish")


async def test_the_filter_goes_through_all_states() -> None:
    async with on_screen() as booth:
        await with_leads(booth, "Bo")
        for shown, number in (("needs you", "1 lead"), ("waiting", "3 leads"), ("discarded", "0 leads"),
                              ("delivered", "0 leads"), ("all", "4 leads"), ("not in the CRM", "4 leads")):  # fmt: skip
            await booth.press("f")

            await booth.sees(f"Showing: {shown}  ·  {number}")


async def test_filter_cause_and_search_stay_after_an_action() -> None:
    async with on_screen() as booth:
        await with_leads(booth, "Bo", "Cy", reason="The e-mail looks wrong.")
        await booth.press("slash")
        await booth.type("ltd")
        await booth.press("enter")
        await booth.press("f")
        await booth.press("f")
        await booth.sees("Showing: needs you  ·  search: ltd")
        booth.struck_at += 1  # one key at a time: letters close together are a word, which is no command
        await booth.press("c")
        await booth.sees("by cause  ·  search: ltd  ·  2 leads")
        await booth.press("enter")
        cause = "only: The e-mail looks wrong."
        await booth.sees(f"Showing: needs you  ·  search: ltd  ·  2 leads  ·  {cause}")

        await booth.press("r")

        await booth.sees(f"Showing: needs you  ·  search: ltd  ·  1 lead  ·  {cause}")
        await booth.press("escape")
        await booth.sees("Showing: needs you  ·  by cause  ·  search: ltd  ·  1 lead")
        await booth.press("c")
        await booth.sees("Showing: needs you  ·  search: ltd  ·  1 lead")


async def test_escape_ends_a_search_before_it_goes_back() -> None:
    """It shows what was shown before the search."""
    async with on_screen() as booth:
        await with_leads(booth, "Bo")
        await booth.press("f")
        await booth.sees("Showing: needs you  ·  1 lead")
        await booth.press("slash")
        await booth.type("cy")
        await booth.press("enter")
        await booth.sees("Showing: all  ·  search: cy  ·  1 lead")

        await booth.press("escape")
        await booth.sees("Showing: needs you  ·  1 lead")
        assert booth.app.screen is not booth.app.scan_screen
        await booth.press("escape")

        await booth.until(lambda: booth.app.screen is booth.app.scan_screen, "the scan screen")


async def test_escape_ends_a_search_that_is_grouped_by_cause() -> None:
    """The leads stay grouped, also if one cause was open before the search."""
    async with on_screen() as booth:
        await with_leads(booth, "Bo", "Cy", reason="The e-mail looks wrong.")
        await booth.press("c")
        await booth.sees("by cause")
        await booth.press("enter")
        await booth.sees("only: The e-mail looks wrong.")
        await booth.press("slash")
        await booth.type("cy")
        await booth.press("enter")
        await booth.sees("search: cy")
        booth.struck_at += 1  # one key at a time: letters close together are a word, which is no command
        await booth.press("c")
        await booth.sees("by cause  ·  search: cy")

        await booth.press("escape")

        await booth.sees("Showing: not in the CRM  ·  by cause  ·  4 leads")


async def test_leads_with_the_same_cause_are_one_row_that_opens() -> None:
    async with on_screen() as booth:
        await with_leads(booth, "Bo", "Cy", "Di", reason="The e-mail looks wrong.")

        await booth.press("c")
        await booth.sees("by cause  ·  4 leads")
        await sees_line(booth, "3 leads needs you The e-mail looks wrong.")
        await sees_line(booth, "1 lead waiting It is sent next.")
        await booth.press("home", "enter")
        await booth.sees("3 leads  ·  only: The e-mail looks wrong.", "Bo Ltd", "Cy Ltd", "Di Ltd")
        await booth.sees_no("Ana Ltd")
        await booth.press("escape", "escape")

        await booth.sees_word("Saved")


@pytest.mark.parametrize("key", ["r", "R"])
async def test_all_leads_of_one_cause_are_retried_together(key: str) -> None:
    async with on_screen() as booth:
        await with_leads(booth, "Bo", "Cy", reason="The e-mail looks wrong.")
        booth.write(lambda db: outbox.park_lead(db, lead_of(booth, "Di"), 1, "rejected", "The phone looks wrong.", 1.0))
        await booth.press("c")
        await sees_line(booth, "2 leads needs you The e-mail looks wrong.")
        await booth.press("home")

        await booth.press(key)

        await booth.sees("2 leads will be sent again.")
        assert booth.rows(STATES) == [("Ana", "waiting"), ("Bo", "waiting"), ("Cy", "waiting"), ("Di", "needs you")]


async def test_an_action_applies_to_all_marked_leads() -> None:
    async with on_screen() as booth:
        await with_leads(booth)
        await to(booth, "Cy")
        await booth.press("space")
        await to(booth, "Ana")
        await booth.press("space")
        await booth.sees("2 marked", "● Cy", "● Ana")
        await booth.press("home", "d")
        await booth.sees("Why discard 2 leads?")

        await booth.type("colleagues")
        await booth.press("enter")

        await booth.sees("2 leads discarded.", "2 leads")
        await booth.sees_no("marked", "●")
        states = [("Ana", "discarded"), ("Bo", "waiting"), ("Cy", "discarded"), ("Di", "waiting")]
        assert booth.rows(STATES) == states


async def test_the_same_key_removes_a_mark_and_another_filter_removes_all() -> None:
    async with on_screen() as booth:
        await with_leads(booth)
        await booth.press("home", "space", "space")
        await booth.sees("2 marked")

        await booth.press("up", "space")
        await booth.sees("1 marked")
        await booth.press("f")

        await booth.sees_no("marked")


async def test_a_number_rates_the_current_or_marked_leads() -> None:
    async with on_screen() as booth:
        await with_leads(booth)
        await to(booth, "Bo")

        await booth.press("5")
        await booth.sees("Bo: rated 5.")
        await booth.press("space")
        await to(booth, "Ana")
        await booth.press("space", "2")
        await booth.sees("2 leads: rated 2.")

        rated = [("Ana", 2), ("Bo", 2), ("Cy", None), ("Di", None)]
        assert booth.rows("select name, rating from leads order by name") == rated
        assert booth.rows("select outbox.revision from outbox join leads on id = lead_id where name = 'Bo'") == [(3,)]


@pytest.mark.parametrize(
    ("reaches", "sentence"),
    [("taken", "The CRM already has it (P-000005)"), ("flying", "It was being sent at that moment")],
)
async def test_discarding_what_the_crm_has_says_so(reaches: str, sentence: str) -> None:
    """Only a person can delete it there."""
    async with on_screen() as booth:
        await with_leads(booth)
        lead_id = lead_of(booth, "Cy")
        if reaches == "taken":
            booth.write(lambda db: outbox.settle_lead(db, lead_id, 1, "P-000005", booth.clock.wall_time()))
            await booth.press("f", "f", "f", "f")
            await booth.sees("Showing: delivered  ·  1 lead")
        else:
            booth.write(lambda db: batches.start_batch(db, "practice", {lead_id: 1}, booth.clock))
            await to(booth, "Cy")

        await booth.press("d")
        await booth.type("test")
        await booth.press("enter")

        await booth.sees("1 lead discarded.", sentence)


async def test_what_is_shown_is_exported(tmp_path: Path) -> None:
    async with on_screen() as booth:
        await with_leads(booth)
        await booth.press("slash")
        await booth.type("bo")
        await booth.press("enter", "e")
        await booth.sees("Export to:", "leads-2027-01-15")
        target = tmp_path / "bo.json"

        await booth.press("ctrl+u")
        await booth.type(str(target))
        await booth.press("enter")
        await booth.sees("1 lead written to")
        assert [lead["name"] for lead in json.loads(target.read_text("utf-8"))] == ["Bo"]
        await booth.press("e", "ctrl+u")
        await booth.type(str(target))
        await booth.press("enter")

        await booth.sees("Nothing was written:")


@pytest.mark.parametrize("name", ["~nobody-here/leads.csv", f"/tmp/{'x' * 300}.csv"], ids=["folder", "long"])
async def test_an_impossible_file_name_is_reported(name: str) -> None:
    async with on_screen() as booth:
        await with_leads(booth)
        await booth.press("e")
        await booth.sees("Export to:")
        booth.app.screen.query_one("#ask Input", Input).value = name

        await booth.press("enter")

        await booth.sees("Nothing was written:")
        assert booth.app.is_running


async def test_the_cursor_stays_on_its_lead_when_the_list_changes() -> None:
    async with on_screen() as booth:
        await with_leads(booth)
        await to(booth, "Bo")

        await booth.show(vcard("Eve", "eve@example.com"), sees="5 leads")
        assert cursor(booth) == "Bo"

        lead_id = lead_of(booth, "Di")
        booth.write(lambda db: outbox.settle_lead(db, lead_id, 1, "c-1", booth.clock.wall_time()))
        await booth.sees("4 leads")
        assert cursor(booth) == "Bo"


async def test_the_list_fills_and_empties_by_itself() -> None:
    async with on_screen() as booth:
        await booth.press("f2")
        await booth.sees("0 leads", "Nothing to send.")

        await booth.press("o", "r", "R", "d", "u")
        await booth.show(vcard("Eve", "eve@example.com"), sees="1 lead")
        lead_id = lead_of(booth, "Eve")
        booth.write(lambda db: outbox.settle_lead(db, lead_id, 1, "c-1", booth.clock.wall_time()))

        await booth.sees("0 leads", "Everything is in the CRM.")


async def test_f2_in_the_list_or_a_lead_opens_no_second_list() -> None:
    async with on_screen() as booth:
        await with_leads(booth)

        await booth.press("f2", "enter", "f2", "escape", "escape")

        await booth.sees_word("Saved")


def leads_with(number: int) -> Callable[..., object]:
    """Saves *number* leads before the kiosk starts."""
    from kiosk.scanning.capture import Capture

    def fill(settings: Settings, clock: FakeClock) -> None:
        capture = Capture(settings.database_file, settings.event, settings.badges, clock)
        for person in range(number):
            lead: Lead | None = capture.save_payload(
                f"v{person}@example.com".encode(), f"v{person}@example.com", "QR", "x"
            ).lead
            assert lead is not None
        capture.db.close()

    return fill


async def test_a_thousand_rows_are_shown_and_the_number_of_all() -> None:
    async with on_screen(EVENT + CAMERA, before=leads_with(1005)) as booth:
        await booth.press("f2")

        await booth.sees("1,000 of 1,005 shown; search finds the rest", "1,005 waiting")
        await booth.press("end")
        await booth.until(lambda: bool(cursor(booth)), "the last line is chosen")
        await booth.press("R")

        await booth.sees("1,005 leads will be sent again.")


async def test_columns_are_wide_enough_before_the_rows_are_drawn() -> None:
    """The table keeps rows that it drew before it measured them: `3 leads` under names of two letters was `3 l`."""
    async with on_screen() as booth:
        await with_leads(booth)
        await booth.press("c")
        await booth.sees("by cause")
        screen = booth.app.screen
        assert isinstance(screen, PendingScreen)
        column = screen.query_one(DataTable).ordered_columns[0]
        lines = screen.list_rows
        screen.update_table([], booth.app.status)
        column.content_width = 3

        screen.update_table(lines, booth.app.status)

        assert column.content_width == len("4 leads")
