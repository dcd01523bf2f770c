"""Rounds of looking: whichever process does, what is new is told once; a receiver's silence costs nothing but time."""

import json
import threading
from collections.abc import Callable
from itertools import pairwise

import pytest

from data import alerts
from data.gates import Gate
from data.gates import write as write_gate
from data.store import open_store, writing
from kiosk.alerts import evaluate
from kiosk.alerts.evaluate import POST_BASE, POST_CAP, Watcher
from kiosk.scanning.capture import Capture
from tests.clock import FakeClock
from tests.kiosk.alerts.conftest import Alerted
from tests.sync.told import Asked, Say

FULL = {"disk_free_mb": 10_000_000}


@pytest.fixture
def watch(booth: Alerted, clock: FakeClock) -> Callable[[], Watcher]:
    """Makes another process's watcher, at a booth whose disk is full."""
    booth.configure(**FULL)
    return lambda: Watcher(booth.settings, clock)


def test_two_who_look_at_once_tell_once(booth: Alerted, watch: Callable[[], Watcher]) -> None:
    """One looks; the other leaves it at that."""
    is_told, go_on = threading.Event(), threading.Event()

    def slow(asked: Asked) -> Say:
        is_told.set()
        go_on.wait(60)
        return booth.receiver.take(asked)

    booth.receiver.answer = slow
    first = threading.Thread(target=watch().round)
    first.start()
    assert is_told.wait(60)
    watch().round()
    go_on.set()
    first.join(60)

    watch().round()

    assert [("disk", "raised")] == booth.receiver.story
    assert 1 == len(booth.receiver.asked)


def test_who_was_killed_before_it_wrote_down_what_it_told_is_known_by_the_key(
    booth: Alerted, watch: Callable[[], Watcher]
) -> None:
    """The receiver hears it twice, and can tell."""
    watch().round()
    db = open_store(booth.settings.store)
    db.execute("update alerts set told_at = null")
    db.close()

    watch().round()

    assert 2 == len(booth.receiver.asked)
    assert 1 == len({asked.headers["idempotency-key"] for asked in booth.receiver.asked})


def test_what_cannot_be_written_down_is_not_told_again_and_again(
    booth: Alerted, watch: Callable[[], Watcher], caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk, on which the receiver's yes finds no room."""
    db = open_store(booth.settings.store)
    db.execute("create trigger full before update on alerts begin select raise(fail, 'the disk is full'); end")
    looking = watch()
    for _ in range(3):
        looking.round()
    db.execute("drop trigger full")
    looking.round()

    told = [row["told_at"] for row in db.execute("select told_at from alerts")]
    db.close()

    assert 1 == len(booth.receiver.asked)
    assert 3 == caplog.text.count("alerts cannot be written down now")
    assert 1 == len(told) and told[0] is not None


def test_a_receiver_in_trouble_is_tried_less_and_less_often(
    booth: Alerted, watch: Callable[[], Watcher], clock: FakeClock
) -> None:
    """Twice as long from time to time, up to ten minutes; when it hears, all is as before."""
    booth.receiver.answer = lambda asked: Say(b"", 500)
    looking = watch()
    tried_at = []
    for _ in range(2000):
        before = len(booth.receiver.asked)
        looking.round()
        if len(booth.receiver.asked) > before:
            tried_at.append(clock.mono())
        if len(tried_at) == 9:
            break
        clock.tick(max(1.0, looking.next_post - clock.mono()))

    pauses = [later - earlier for earlier, later in pairwise(tried_at)]
    assert [min(POST_CAP, POST_BASE * 2**number) for number in range(8)] == pytest.approx(pauses)


def test_a_receiver_that_asks_for_time_gets_it(booth: Alerted, watch: Callable[[], Watcher], clock: FakeClock) -> None:
    booth.receiver.answer = lambda asked: Say(b"", 429, {"Retry-After": "100"})
    looking = watch()
    looking.round()
    booth.receiver.answer = booth.receiver.take
    clock.tick(99)
    looking.round()
    early = booth.receiver.story
    clock.tick(1)

    looking.round()

    assert [] == early
    assert [("disk", "raised")] == booth.receiver.story


def test_what_was_raised_and_over_while_nobody_could_be_told_is_told_in_its_order(
    booth: Alerted, watch: Callable[[], Watcher], clock: FakeClock
) -> None:
    """The story is complete, however late."""
    booth.receiver.answer = lambda asked: Say(b"", 500)
    watch().round()
    booth.configure()
    Watcher(booth.settings, clock).round()
    booth.receiver.answer = booth.receiver.take

    Watcher(booth.settings, clock).round()

    assert [("disk", "raised"), ("disk", "over")] == booth.receiver.story


@pytest.mark.parametrize(
    "text", ["\x1b[2J\x1b]0;x\x07", '"}, {"a": "', "[/red] <b>Expo</b>", "\u202egnp.exe"], ids=ascii
)
def test_names_of_ours_are_data_in_what_is_told(booth: Alerted, clock: FakeClock, text: str) -> None:
    """What the event is called is no JSON, and what a chat tool shows moves no cursor."""
    booth.configure(f"[event]\nname = {json.dumps(text)}\nkiosk = {json.dumps(text)}", **FULL)

    Watcher(booth.settings, clock).round()

    (alert,) = booth.receiver.heard
    assert text == alert["event"] == alert["kiosk"]
    assert alert["text"].isprintable()


def test_a_secret_that_is_gone_is_named_in_the_log(
    booth: Alerted, watch: Callable[[], Watcher], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing goes out unsigned."""
    monkeypatch.delenv("BOOTH_TEST_SECRET")
    caplog.set_level("INFO")

    watch().round()

    assert [] == booth.receiver.asked
    assert "the environment has no variable BOOTH_TEST_SECRET" in caplog.text


def test_a_busy_database_is_no_trouble(
    booth: Alerted, watch: Callable[[], Watcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is looked again later."""
    monkeypatch.setattr(evaluate, "PATIENCE", 0.1)
    db = open_store(booth.settings.store)
    looking = watch()
    with writing(db):
        looking.round()
    meanwhile = alerts.current(db)
    looking.round()

    assert {} == meanwhile
    assert ["disk"] == list(alerts.current(db))
    db.close()


def test_looking_reads_no_lead_and_spends_no_call_of_the_crms(booth: Alerted, clock: FakeClock) -> None:
    """The alert of a refused sign-in is told, and only that."""
    settings = booth.settings
    capture = Capture(settings.store, settings.event, settings.badges, clock)
    capture.take(b"MECARD:N:Ana;EMAIL:ana@x.example;;", "MECARD:N:Ana;EMAIL:ana@x.example;;", "qr", "camera")
    with writing(capture.db):
        write_gate(capture.db, Gate("practice", False, "not authorised", "ana@x.example may not", since=1.0))
    capture.db.close()

    Watcher(settings, clock).round()

    assert [("sign-in", "raised")] == booth.receiver.story
    assert b"ana@x" not in booth.receiver.asked[0].body
    assert not (settings.folder / "pace.db").exists()
