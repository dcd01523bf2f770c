"""A real worker posts alerts to a real receiver: once when raised, once when over, and signed."""

import threading

from tests.conftest import PracticeCrm
from tests.kiosk.alerts.conftest import SECRET, Alerted, Receiver
from tests.support.waiting import wait_until
from tests.sync.scripted_server import ReceivedRequest, ScriptedResponse

FULL = {"disk_free_mb": 10_000_000}
"""A limit that no disk reaches."""

SOON = (
    "import kiosk.alerts.evaluate as evaluate; evaluate.POST_BACKOFF_BASE_SECONDS = 0.2; "
    "import kiosk.alerts.schedule as schedule; schedule.AlertThread.interval_seconds = 0.2"
)
"""A receiver that did not answer is tried again soon."""


def test_an_alert_and_its_end_are_posted_once_whoever_is_restarted(booth: Alerted, practice_crm: PracticeCrm) -> None:
    """The second worker posts only what is new; the third, that both are over."""
    booth.configure(**FULL)
    first = booth.worker()
    assert booth.receiver.hears(("disk", "raised"))
    booth.kill(first)
    practice_crm.set_faults(unauthorised=True)

    second = booth.worker()
    booth.scan("Ana")
    assert booth.receiver.hears(("disk", "raised"), ("sign-in", "raised"))
    booth.kill(second)
    practice_crm.set_faults(unauthorised=False)
    booth.configure()
    booth.worker()

    expected = [("disk", "raised"), ("sign-in", "raised"), ("disk", "over"), ("sign-in", "over")]
    wait_until(lambda: len(booth.receiver.heard) >= 4)
    assert booth.receiver.story[:2] == expected[:2] and set(booth.receiver.story) == set(expected)
    assert len(booth.receiver.requests) == 4


def test_a_post_says_what_is_wrong_where_since_when_and_what_to_do(booth: Alerted) -> None:
    """And nothing about any person."""
    booth.configure("[event]\nname = 'Expo'\nkiosk = 'left'", **FULL)
    booth.scan("Ana")
    booth.worker()

    assert booth.receiver.hears(("disk", "raised"))

    (asked,), (alert,) = booth.receiver.requests, booth.receiver.heard
    (row,) = booth.rows("select id, since, sentence, advice from alerts where cause = 'disk'")
    assert (row[0], int(row[1]), *row[2:]) == tuple(alert[key] for key in ("alert_id", "since", "sentence", "advice"))
    assert tuple(alert[key] for key in ("event", "kiosk", "practice", "over_at")) == ("Expo", "left", True, None)
    assert alert["text"] == f"Expo, left (practice): {row[2]} {row[3]}"
    assert (f"{row[0]}-raised", str(alert["sent_at"])) == (
        asked.headers["webhook-id"],
        asked.headers["webhook-timestamp"],
    )
    assert "ana" not in asked.body.decode().lower()


def test_the_end_says_that_it_is_over_and_when(booth: Alerted) -> None:
    booth.configure(**FULL)
    first = booth.worker()
    assert booth.receiver.hears(("disk", "raised"))
    booth.kill(first)
    booth.configure()
    booth.worker()

    assert booth.receiver.hears(("disk", "raised"), ("disk", "over"))

    raised, over = booth.receiver.heard
    assert raised["alert_id"] == over["alert_id"] and raised["since"] == over["since"]
    assert over["since"] <= over["over_at"] <= over["sent_at"]
    assert "practice, kiosk-1 (practice): Resolved: The disk is almost full" in over["text"]


def test_an_alert_is_posted_once_the_receiver_is_back(booth: Alerted) -> None:
    """Nothing listens at its address, then somebody does."""
    booth.configure(**FULL)
    port = booth.receiver.server.server_port
    booth.receiver.stop()
    booth.worker(SOON)
    assert booth.logged("an alert cannot be posted now", times=2)

    booth.receiver = Receiver(port)

    assert booth.receiver.hears(("disk", "raised"))


def test_who_answers_in_the_receivers_place_is_not_believed(booth: Alerted) -> None:
    """A login page, a failing server, and one that knows another secret: the alert is posted until it is accepted."""
    answers = iter(
        [
            ScriptedResponse(b"<html>Welcome to the hall's WiFi</html>"),
            ScriptedResponse(b"", 302, {"Location": "http://127.0.0.1:9/login"}),
            ScriptedResponse(b"", 500),
            ScriptedResponse(b"", 401),
        ]
    )
    booth.receiver.respond = lambda asked: next(answers, None) or booth.receiver.take(asked)
    booth.configure(**FULL)
    booth.worker(SOON)

    assert booth.receiver.hears(("disk", "raised"))

    assert len(booth.receiver.requests) == 5
    assert len({asked.headers["webhook-id"] for asked in booth.receiver.requests}) == 1


def test_leads_go_out_while_the_receiver_lets_us_wait(booth: Alerted, practice_crm: PracticeCrm) -> None:
    """Alerts have a thread of their own: no drain waits for them."""
    go_on = threading.Event()

    def slow(asked: ReceivedRequest) -> ScriptedResponse:
        go_on.wait(60)
        return booth.receiver.take(asked)

    booth.receiver.respond = slow
    booth.configure(**FULL)
    booth.worker("import kiosk.alerts.webhook as p; p.POST_TIMEOUT_SECONDS = 100")
    wait_until(lambda: booth.receiver.requests)

    booth.scan("Ana", "Bo")

    wait_until(lambda: booth.delivered() == 2)
    assert booth.receiver.heard == []
    go_on.set()
    assert booth.receiver.hears(("disk", "raised"))


def test_a_receiver_that_does_not_answer_is_given_up_and_tried_again(booth: Alerted) -> None:
    """It may have received the alert: the second post has the same key."""
    at_last = threading.Event()

    def answer(asked: ReceivedRequest) -> ScriptedResponse:
        if len(booth.receiver.requests) > 1:
            return booth.receiver.take(asked)
        at_last.wait(60)
        return ScriptedResponse(b"", 500)

    booth.receiver.respond = answer
    booth.configure(**FULL)
    booth.worker(f"import kiosk.alerts.webhook as p; p.POST_TIMEOUT_SECONDS = 1.0; {SOON}")

    assert booth.receiver.hears(("disk", "raised"))

    at_last.set()
    assert booth.logged("an alert cannot be posted now")
    assert len({asked.headers["webhook-id"] for asked in booth.receiver.requests}) == 1


def test_a_worker_that_is_stopped_does_not_wait_for_a_receiver(booth: Alerted) -> None:
    """It ends well; the next worker posts the alert."""
    go_on = threading.Event()
    booth.receiver.respond = lambda asked: ScriptedResponse(b"", 500 if go_on.wait(60) else 504)
    booth.configure(**FULL)
    worker = booth.worker("import kiosk.alerts.webhook as p; p.POST_TIMEOUT_SECONDS = 100")
    wait_until(lambda: booth.receiver.requests)

    worker.terminate()

    assert worker.wait(30) == 0
    assert not go_on.is_set()
    go_on.set()
    booth.receiver.respond = booth.receiver.take
    booth.worker()
    assert booth.receiver.hears(("disk", "raised"))
    assert "Traceback" not in booth.log


def test_neither_the_secret_nor_the_address_is_written_down(booth: Alerted) -> None:
    """The address of a chat room's webhook is a secret itself."""
    booth.receiver.respond = lambda asked: ScriptedResponse(b"", 500)
    booth.configure(**FULL, webhook_url=f"{booth.receiver.url}/T0KEN-in-the-path")
    booth.worker(SOON)
    assert booth.logged("an alert cannot be posted now", times=2)

    written = booth.log.encode() + b"".join(path.read_bytes() for path in booth.practice.iterdir() if path.is_file())

    assert SECRET.encode() not in written
    assert b"T0KEN" not in written


def test_without_an_address_nothing_is_posted_and_the_alert_is_logged(booth: Alerted) -> None:
    booth.configure(**FULL, webhook_url="", webhook_secret_env="")
    booth.worker()

    assert booth.logged(r"ALERT: The disk is almost full: [\d,]+ MB left\. Free some space")
    assert booth.receiver.requests == []
