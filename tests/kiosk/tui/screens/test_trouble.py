"""Each problem is a sentence on the screen, which disappears with the problem; the status line tells the truth."""

import sqlite3
from contextlib import closing

from data import gates, outbox
from data.gates import Gate
from sync.file_lock import hold_lock
from sync.transport_errors import LOGIN_PAGE_MESSAGE
from tests.support.on_screen import ANA, ZOE, HandHeld, OnScreen, joined, on_screen, vcard

UNPLUGGED = "The camera failed (No such device). The kiosk keeps retrying."


def change(booth: OnScreen, sql: str) -> None:
    """Do something to the database file that no kiosk does."""
    with closing(sqlite3.connect(booth.settings.database_file, timeout=30)) as db, db:
        db.execute(sql)


async def test_a_lost_camera_is_reported_until_it_is_back() -> None:
    camera = HandHeld()
    async with on_screen(camera=camera) as booth:
        await booth.sees("● camera")

        camera.trouble = UNPLUGGED
        await booth.sees_word("No camera")
        await booth.sees("○ no camera", "The camera failed (No")
        camera.trouble = ""

        await booth.sees_word("Ready")
        await booth.sees("● camera")
        await booth.show(ANA, sees="Ana López")
        await booth.sees_word("Saved")


async def test_a_camera_problem_leaves_the_card() -> None:
    camera = HandHeld()
    async with on_screen(camera=camera) as booth:
        await booth.show(ANA, sees="Ana López")

        camera.trouble = UNPLUGGED

        await booth.sees("○ no camera", "The camera failed")
        assert booth.says("Saved")
        await booth.press("5")
        await booth.until(lambda: booth.rows("select rating from leads") == [(5,)], "the lead can be rated")


async def test_a_badge_that_cannot_be_saved_is_held_and_saved_when_it_can_be() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="1 waiting")
        change(booth, "create trigger worn before insert on scans begin select raise(abort, 'the disk is worn'); end")

        await booth.show(ZOE, sees="The database cannot be used")
        await booth.sees_word("NOT SAVED")
        await booth.sees("1 NOT SAVED, held in memory only.", "badge is held in memory")
        await booth.press("f10")
        await booth.sees("NOT SAVED yet: 1 badge. It is written to a file")
        await booth.press("escape", "escape")
        assert booth.says("NOT SAVED")
        change(booth, "drop trigger worn")

        await booth.sees("Zoë Müller", "2 waiting")
        await booth.sees_word("Saved")
        await booth.sees_no("NOT SAVED, held")


async def test_an_unreadable_database_is_reported_in_place_of_an_old_status() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="1 waiting")

        change(booth, "alter table outbox rename to away")
        await booth.sees("The database cannot be used")
        await booth.sees_no("1 waiting", "on the way to the CRM")
        change(booth, "alter table away rename to outbox")

        await booth.sees("1 waiting", "1 lead on the way to the CRM.")
        await booth.sees_no("cannot be used")


async def test_a_database_that_was_moved_away_saves_nothing_until_it_is_back() -> None:
    """SQLite would keep writing to the moved file, and nobody would ever find those leads."""
    async with on_screen() as booth:
        await booth.show(ANA, sees="1 waiting")
        store = booth.settings.database_file
        away = store.with_name("away.db")

        store.rename(away)
        await booth.show(ZOE, sees="1 NOT SAVED, held in memory only.")
        await booth.sees_word("NOT SAVED")
        await booth.sees("was moved to", "Move it back")
        await booth.sees_no("1 waiting", "on the way to the CRM")
        away.rename(store)

        await booth.sees("Zoë Müller", "2 waiting", "2 scans today")
        await booth.sees_word("Saved")


async def test_a_change_that_cannot_be_saved_is_reported_and_not_shown() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")
        change(booth, "create trigger worn before update on leads begin select raise(abort, 'the disk is worn'); end")

        await booth.press("4")

        await booth.sees("The database cannot be used", "nothing was saved")
        assert not booth.app.scan_screen.query("#card Button.-chosen")
        assert booth.rows("select rating from leads") == [(None,)]


async def test_a_stopped_worker_is_reported_until_it_runs_again() -> None:
    async with on_screen(sender_runs=False) as booth:
        await booth.show(ANA, sees="○ sending is not running  ● 1 waiting")
        await booth.sees("Sending is not running: 1 lead safe on this device.")

        with hold_lock(booth.settings.worker_lock):
            await booth.sees("○ CRM not contacted yet  ● 1 waiting", "1 lead on the way to the CRM.")

        await booth.sees("sending is not running")


async def test_a_closed_gate_shows_its_sentence_and_its_next_try() -> None:
    async with on_screen(size=(80, 24)) as booth:
        await booth.show(ANA, sees="1 waiting")
        gate = Gate(
            "practice", False, "login page", LOGIN_PAGE_MESSAGE, next_try=booth.clock.up + 30, next_try_boot="boot-1"
        )
        booth.write(lambda db: gates.write_gate(db, gate))

        await booth.sees("login page  ● 1 waiting")
        await booth.until(lambda: LOGIN_PAGE_MESSAGE in joined(booth), "the whole sentence")
        await booth.until(
            lambda: "1 lead waiting, safe on this device. Next try in 30 s." in joined(booth), "the next try"
        )
        booth.clock.tick(25)
        await booth.until(lambda: "Next try in 5 s." in joined(booth), "a nearer try")
        booth.clock.tick(5)
        await booth.until(lambda: "Trying now." in joined(booth), "now")
        booth.write(lambda db: gates.write_gate(db, Gate("practice", last_success=booth.clock.wall_time())))

        await booth.sees("│ Ana", "● camera  ● CRM 0 s ago  ● 1 waiting")
        booth.clock.tick(600)
        await booth.sees("○ CRM 10 min ago")


async def test_leads_that_need_a_person_are_counted() -> None:
    async with on_screen() as booth:
        for name in ("bo", "cy"):
            await booth.show(vcard(name, f"{name}@example.com"), sees=f"{name}@example.com")
        first, second = (str(row[0]) for row in booth.rows("select id from leads order by id"))
        booth.write(lambda db: outbox.park_lead(db, first, 1, "rejected", "no", 1.0))
        booth.write(lambda db: outbox.settle_lead(db, second, 1, "c-1", 1.0))

        await booth.sees("0 waiting  ● 1 needs you", "1 lead needs you; nothing else is left to send.")
        booth.write(lambda db: outbox.settle_lead(db, first, 1, "c-2", 2.0))

        await booth.sees("0 waiting", "Everything is in the CRM.")
