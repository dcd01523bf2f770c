"""Rounds of looking: whichever process does, what is new is told once; a receiver's silence costs nothing but time."""

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
def watch(booth: Alerted, clock: FakeClock) -> Callable[[], AlertEvaluator]:
    """Makes another process's watcher, at a booth whose disk is full."""
    booth.configure(**FULL)
    return lambda: AlertEvaluator(booth.settings, clock)


def test_two_who_look_at_once_tell_once(booth: Alerted, watch: Callable[[], AlertEvaluator]) -> None:
    """One looks; the other leaves it at that."""
    is_told, go_on = threading.Event(), threading.Event()

    def slow(asked: ReceivedRequest) -> ScriptedResponse:
        is_told.set()
        go_on.wait(60)
        return booth.receiver.take(asked)

    booth.receiver.respond = slow
    first = threading.Thread(target=watch().run_round)
    first.start()
    assert is_told.wait(60)
    watch().run_round()
    go_on.set()
    first.join(60)

    watch().run_round()

    assert booth.receiver.story == [("disk", "raised")]
    assert len(booth.receiver.requests) == 1


def test_who_was_killed_before_it_wrote_down_what_it_told_is_known_by_the_key(
    booth: Alerted, watch: Callable[[], AlertEvaluator]
) -> None:
    """The receiver hears it twice, and can tell."""
    watch().run_round()
    db = open_store(booth.settings.database_file)
    db.execute("update alerts set told_at = null")
    db.close()

    watch().run_round()

    assert len(booth.receiver.requests) == 2
    assert len({asked.headers["idempotency-key"] for asked in booth.receiver.requests}) == 1


def test_what_cannot_be_written_down_is_not_told_again_and_again(
    booth: Alerted, watch: Callable[[], AlertEvaluator], caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk, on which the receiver's yes finds no room."""
    db = open_store(booth.settings.database_file)
    db.execute("create trigger full before update on alerts begin select raise(fail, 'the disk is full'); end")
    looking = watch()
    for _ in range(3):
        looking.run_round()
    db.execute("drop trigger full")
    looking.run_round()

    told = [row["told_at"] for row in db.execute("select told_at from alerts")]
    db.close()

    assert len(booth.receiver.requests) == 1
    assert caplog.text.count("alerts cannot be stored now") == 3
    assert len(told) == 1 and told[0] is not None


def test_a_receiver_in_trouble_is_tried_less_and_less_often(
    booth: Alerted, watch: Callable[[], AlertEvaluator], clock: FakeClock
) -> None:
    """Twice as long from time to time, up to ten minutes; when it hears, all is as before."""
    booth.receiver.respond = lambda asked: ScriptedResponse(b"", 500)
    looking = watch()
    tried_at = []
    for _ in range(2000):
        before = len(booth.receiver.requests)
        looking.run_round()
        if len(booth.receiver.requests) > before:
            tried_at.append(clock.seconds_since_boot())
        if len(tried_at) == 9:
            break
        clock.tick(max(1.0, looking.next_post_at - clock.seconds_since_boot()))

    pauses = [later - earlier for earlier, later in pairwise(tried_at)]
    assert [
        min(POST_BACKOFF_MAX_SECONDS, POST_BACKOFF_BASE_SECONDS * 2**number) for number in range(8)
    ] == pytest.approx(pauses)


def test_a_receiver_that_asks_for_time_gets_it(
    booth: Alerted, watch: Callable[[], AlertEvaluator], clock: FakeClock
) -> None:
    booth.receiver.respond = lambda asked: ScriptedResponse(b"", 429, {"Retry-After": "100"})
    looking = watch()
    looking.run_round()
    booth.receiver.respond = booth.receiver.take
    clock.tick(99)
    looking.run_round()
    early = booth.receiver.story
    clock.tick(1)

    looking.run_round()

    assert early == []
    assert booth.receiver.story == [("disk", "raised")]


def test_what_was_raised_and_over_while_nobody_could_be_told_is_told_in_its_order(
    booth: Alerted, watch: Callable[[], AlertEvaluator], clock: FakeClock
) -> None:
    """The story is complete, however late."""
    booth.receiver.respond = lambda asked: ScriptedResponse(b"", 500)
    watch().run_round()
    booth.configure()
    AlertEvaluator(booth.settings, clock).run_round()
    booth.receiver.respond = booth.receiver.take

    AlertEvaluator(booth.settings, clock).run_round()

    assert booth.receiver.story == [("disk", "raised"), ("disk", "over")]


@pytest.mark.parametrize(
    "text", ["\x1b[2J\x1b]0;x\x07", '"}, {"a": "', "[/red] <b>Expo</b>", "\u202egnp.exe"], ids=ascii
)
def test_names_of_ours_are_data_in_what_is_told(booth: Alerted, clock: FakeClock, text: str) -> None:
    """What the event is called is no JSON, and what a chat tool shows moves no cursor."""
    booth.configure(f"[event]\nname = {json.dumps(text)}\nkiosk = {json.dumps(text)}", **FULL)

    AlertEvaluator(booth.settings, clock).run_round()

    (alert,) = booth.receiver.heard
    assert text == alert["event"] == alert["kiosk"]
    assert alert["text"].isprintable()


def test_a_secret_that_is_gone_is_named_in_the_log(
    booth: Alerted,
    watch: Callable[[], AlertEvaluator],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nothing goes out unsigned."""
    monkeypatch.delenv("BOOTH_TEST_SECRET")
    caplog.set_level("INFO")

    watch().run_round()

    assert booth.receiver.requests == []
    assert "the environment variable BOOTH_TEST_SECRET is not set" in caplog.text


def test_a_busy_database_is_no_trouble(
    booth: Alerted, watch: Callable[[], AlertEvaluator], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is looked again later."""
    monkeypatch.setattr(evaluate, "DATABASE_TIMEOUT_SECONDS", 0.1)
    db = open_store(booth.settings.database_file)
    looking = watch()
    with write_transaction(db):
        looking.run_round()
    meanwhile = alerts.read_open_alerts(db)
    looking.run_round()

    assert meanwhile == {}
    assert list(alerts.read_open_alerts(db)) == ["disk"]
    db.close()


def test_looking_reads_no_lead_and_spends_no_call_of_the_crms(booth: Alerted, clock: FakeClock) -> None:
    """The alert of a refused sign-in is told, and only that."""
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
