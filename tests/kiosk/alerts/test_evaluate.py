"""Rounds of evaluation: a new alert is posted once, whichever process runs them; a failing receiver only delays it."""

import json
import threading
from collections.abc import Callable
from itertools import pairwise

import pytest

from data import alerts
from data.gates import Gate, write_gate
from data.store import open_store, write_transaction
from kiosk.alerts import evaluate
from kiosk.alerts.evaluate import POST_BACKOFF_BASE_SECONDS, POST_BACKOFF_MAX_SECONDS, AlertEvaluator
from kiosk.scanning.capture import Capture
from tests.kiosk.alerts.conftest import Alerted
from tests.support.clock import FakeClock
from tests.sync.scripted_server import ReceivedRequest, ScriptedResponse

FULL = {"disk_free_mb": 10_000_000}


@pytest.fixture
def make_evaluator(booth: Alerted, clock: FakeClock) -> Callable[[], AlertEvaluator]:
    """Make the evaluator of another process, at a booth whose disk is full."""
    booth.configure(**FULL)
    return lambda: AlertEvaluator(booth.settings, clock)


def test_two_processes_that_check_at_once_post_once(
    booth: Alerted, make_evaluator: Callable[[], AlertEvaluator]
) -> None:
    """One runs its round; the other skips its own."""
    is_posting, go_on = threading.Event(), threading.Event()

    def slow(asked: ReceivedRequest) -> ScriptedResponse:
        is_posting.set()
        go_on.wait(60)
        return booth.receiver.take(asked)

    booth.receiver.respond = slow
    first = threading.Thread(target=make_evaluator().run_round)
    first.start()
    assert is_posting.wait(60)
    make_evaluator().run_round()
    go_on.set()
    first.join(60)

    make_evaluator().run_round()

    assert booth.receiver.story == [("disk", "raised")]
    assert len(booth.receiver.requests) == 1


def test_a_post_repeated_after_a_kill_has_the_same_key(
    booth: Alerted, make_evaluator: Callable[[], AlertEvaluator]
) -> None:
    """The receiver gets it twice, and can recognise that."""
    make_evaluator().run_round()
    db = open_store(booth.settings.database_file)
    db.execute("update alerts set told_at = null")
    db.close()

    make_evaluator().run_round()

    assert len(booth.receiver.requests) == 2
    assert len({asked.headers["idempotency-key"] for asked in booth.receiver.requests}) == 1


def test_a_post_that_cannot_be_recorded_is_not_repeated(
    booth: Alerted, make_evaluator: Callable[[], AlertEvaluator], caplog: pytest.LogCaptureFixture
) -> None:
    """The disk is full, so that the receiver's acceptance cannot be stored."""
    db = open_store(booth.settings.database_file)
    db.execute("create trigger full before update on alerts begin select raise(fail, 'the disk is full'); end")
    evaluator = make_evaluator()
    for _ in range(3):
        evaluator.run_round()
    db.execute("drop trigger full")
    evaluator.run_round()

    reported = [row["told_at"] for row in db.execute("select told_at from alerts")]
    db.close()

    assert len(booth.receiver.requests) == 1
    assert caplog.text.count("alerts cannot be stored now") == 3
    assert len(reported) == 1 and reported[0] is not None


def test_a_failing_receiver_is_tried_less_and_less_often(
    booth: Alerted, make_evaluator: Callable[[], AlertEvaluator], clock: FakeClock
) -> None:
    """The pauses double, up to ten minutes."""
    booth.receiver.respond = lambda asked: ScriptedResponse(b"", 500)
    evaluator = make_evaluator()
    tried_at = []
    for _ in range(2000):
        before = len(booth.receiver.requests)
        evaluator.run_round()
        if len(booth.receiver.requests) > before:
            tried_at.append(clock.seconds_since_boot())
        if len(tried_at) == 9:
            break
        clock.tick(max(1.0, evaluator.next_post_at - clock.seconds_since_boot()))

    pauses = [later - earlier for earlier, later in pairwise(tried_at)]
    assert pauses == pytest.approx(
        [min(POST_BACKOFF_MAX_SECONDS, POST_BACKOFF_BASE_SECONDS * 2**number) for number in range(8)]
    )


def test_a_receiver_that_asks_for_time_gets_it(
    booth: Alerted, make_evaluator: Callable[[], AlertEvaluator], clock: FakeClock
) -> None:
    booth.receiver.respond = lambda asked: ScriptedResponse(b"", 429, {"Retry-After": "100"})
    evaluator = make_evaluator()
    evaluator.run_round()
    booth.receiver.respond = booth.receiver.take
    clock.tick(99)
    evaluator.run_round()
    early = booth.receiver.story
    clock.tick(1)

    evaluator.run_round()

    assert early == []
    assert booth.receiver.story == [("disk", "raised")]


def test_an_alert_that_was_raised_and_ended_offline_is_posted_in_order(
    booth: Alerted, make_evaluator: Callable[[], AlertEvaluator], clock: FakeClock
) -> None:
    """The receiver gets both, however late."""
    booth.receiver.respond = lambda asked: ScriptedResponse(b"", 500)
    make_evaluator().run_round()
    booth.configure()
    AlertEvaluator(booth.settings, clock).run_round()
    booth.receiver.respond = booth.receiver.take

    AlertEvaluator(booth.settings, clock).run_round()

    assert booth.receiver.story == [("disk", "raised"), ("disk", "over")]


@pytest.mark.parametrize(
    "text", ["\x1b[2J\x1b]0;x\x07", '"}, {"a": "', "[/red] <b>Expo</b>", "\u202egnp.exe"], ids=ascii
)
def test_names_from_the_settings_are_data_in_a_post(booth: Alerted, clock: FakeClock, text: str) -> None:
    """The event's name cannot break the JSON, and what a chat tool shows has no control characters."""
    booth.configure(f"[event]\nname = {json.dumps(text)}\nkiosk = {json.dumps(text)}", **FULL)

    AlertEvaluator(booth.settings, clock).run_round()

    (alert,) = booth.receiver.heard
    assert (alert["event"], alert["kiosk"]) == (text, text)
    assert alert["text"].isprintable()


def test_a_secret_that_is_gone_is_named_in_the_log(
    booth: Alerted,
    make_evaluator: Callable[[], AlertEvaluator],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nothing goes out unsigned."""
    monkeypatch.delenv("BOOTH_TEST_SECRET")
    caplog.set_level("INFO")

    make_evaluator().run_round()

    assert booth.receiver.requests == []
    assert "the environment variable BOOTH_TEST_SECRET is not set" in caplog.text


def test_a_busy_database_is_not_a_problem(
    booth: Alerted, make_evaluator: Callable[[], AlertEvaluator], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next round tries again."""
    monkeypatch.setattr(evaluate, "DATABASE_TIMEOUT_SECONDS", 0.1)
    db = open_store(booth.settings.database_file)
    evaluator = make_evaluator()
    with write_transaction(db):
        evaluator.run_round()
    meanwhile = alerts.read_open_alerts(db)
    evaluator.run_round()

    assert meanwhile == {}
    assert list(alerts.read_open_alerts(db)) == ["disk"]
    db.close()


def test_a_round_reads_no_lead_and_spends_no_call_of_the_crms(booth: Alerted, clock: FakeClock) -> None:
    """Only the alert of a refused sign-in is posted."""
    settings = booth.settings
    capture = Capture(settings.database_file, settings.event, settings.badges, clock)
    capture.save_payload(b"MECARD:N:Ana;EMAIL:ana@x.example;;", "MECARD:N:Ana;EMAIL:ana@x.example;;", "qr", "camera")
    with write_transaction(capture.db):
        write_gate(capture.db, Gate("practice", False, "not authorised", "ana@x.example may not", since=1.0))
    capture.db.close()

    AlertEvaluator(settings, clock).run_round()

    assert booth.receiver.story == [("sign-in", "raised")]
    assert b"ana@x" not in booth.receiver.requests[0].body
    assert not (settings.folder / "pace.db").exists()
