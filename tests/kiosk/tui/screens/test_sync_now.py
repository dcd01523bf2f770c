"""F5 tries to send at once, and the screen reports the result truthfully."""

from dataclasses import replace

import pytest

from data import gates, outbox
from data.gates import Gate
from kiosk.runtime.wiring import make_connector
from tests.support.on_screen import ANA, CAMERA, EVENT, ZOE, OnScreen, on_screen

REST = """
[crm]
connector = "rest"
[crm.rest]
url = "https://crm.example/contacts"
token_env = "SHOW_TOKEN"
"""
SAYS_NO = "The CRM does not accept the key: change it in kiosk.toml."


def gate_is(booth: OnScreen, gate: Gate) -> None:
    """The worker found the destination to stand like this."""
    booth.write(lambda db: gates.write_gate(db, gate))


async def test_the_worker_is_asked_and_its_success_is_reported() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="1 waiting")
        lead_id = str(booth.rows("select id from leads")[0][0])

        await booth.press("f5")
        await booth.sees("Sync now: sending ...")
        assert booth.settings.queue_file.exists()
        booth.write(lambda db: outbox.settle_lead(db, lead_id, 1, "c-1", booth.clock.wall_time()))
        gate_is(booth, Gate("practice", last_success=booth.clock.wall_time()))

        await booth.sees("The CRM is responding. Nothing is waiting.")


async def test_the_result_counts_the_leads_that_need_somebody() -> None:
    """Without them it would sound as if all were done."""
    async with on_screen() as booth:
        await booth.show(ANA, sees="1 waiting")
        lead_id = str(booth.rows("select id from leads")[0][0])
        await booth.press("f5")
        await booth.sees("Sync now: sending ...")

        booth.write(lambda db: outbox.park_lead(db, lead_id, 1, "rejected", "no", booth.clock.wall_time()))
        gate_is(booth, Gate("practice", last_success=booth.clock.wall_time()))

        await booth.sees("Nothing is waiting; 1 lead needs you.")


async def test_the_reason_why_nothing_was_sent_is_reported() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="1 waiting")

        await booth.press("f5")
        await booth.sees("Sync now: sending")
        gate_is(
            booth, Gate("practice", False, "offline", "The network is down.", next_try=160.0, next_try_boot="boot-1")
        )

        await booth.sees("Not sent: The network is down.")


async def test_a_key_that_was_refused_is_tried_when_a_person_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody may have fixed the account in the CRM without changing the key."""
    monkeypatch.setenv("SHOW_TOKEN", "old")
    async with on_screen(EVENT + CAMERA + REST) as booth:
        await booth.show(ANA, sees="1 waiting")
        known = make_connector(booth.settings).fingerprint_credential()
        refused = Gate("rest", False, "not authorised", SAYS_NO, credential=known, failures=1)
        gate_is(booth, refused)

        await booth.press("f5")

        await booth.sees("Sync now: sending ...")
        gate_is(booth, replace(refused, failures=2))
        await booth.sees(f"Not sent: {SAYS_NO}")


async def test_without_a_worker_no_try_is_reported() -> None:
    async with on_screen(sender_runs=False) as booth:
        await booth.show(ANA, sees="1 waiting")

        await booth.press("f5")

        await booth.sees("Not sent: sending is not running.")
        await booth.sees_no("trying to send")


@pytest.mark.parametrize("key", ["f5", "s"])
async def test_with_nothing_to_send_no_answer_of_the_crm_is_reported(key: str) -> None:
    async with on_screen() as booth:
        await booth.press("f2", key)

        await booth.sees("There is nothing to send, so the CRM was not")


async def test_badges_leave_the_result_on_the_screen_and_replace_each_other() -> None:
    """Visitors come faster than a sentence can be read."""
    async with on_screen() as booth:
        await booth.show(ANA, sees="1 waiting")
        await booth.press("f2", "s")
        await booth.sees("Sync now: sending ...")

        await booth.show(ZOE, sees="Saved: Zoë Müller")
        await booth.show(ANA, sees="Already saved: Ana López")

        await booth.sees_no("Saved: Zoë Müller")
        assert "Sync now: sending ..." in booth.text
