"""Each cause has one open alert, and it is recorded what was reported."""

import sqlite3
from dataclasses import replace

import pytest

from data import alerts
from data.alerts import DAY_SECONDS, RETENTION_SECONDS, Alert
from data.store import open_store
from tests.data.conftest import Booth

DISK = Alert("disk", "The disk is almost full.", "Free some space.", 1_800_000_000.0)
QUEUE = Alert("queue", "3 leads wait.", "Find a network.", 1_800_000_001.0)


def list_causes(found: list[Alert]) -> list[str]:
    """List the causes of the alerts."""
    return [alert.cause for alert in found]


def test_an_alert_is_raised_once_and_over_once(booth: Booth) -> None:
    """However often the same state is recorded."""
    first = alerts.update_alerts(booth.db, [DISK], booth.clock)
    again = alerts.update_alerts(booth.db, [replace(DISK, sentence="It is still almost full.")], booth.clock)
    over = alerts.update_alerts(booth.db, [], booth.clock)
    over_again = alerts.update_alerts(booth.db, [], booth.clock)

    assert first == ([DISK], [])
    assert ([], []) == again == over_again
    assert over == ([], [DISK]), "with the sentence with which it was raised"
    assert alerts.read_open_alerts(booth.db) == {}


def test_stored_alerts_are_found_by_another_process(booth: Booth) -> None:
    """With the sentence and the time with which they were raised."""
    alerts.update_alerts(booth.db, [QUEUE, DISK], booth.clock)

    other = open_store(booth.path)
    found = alerts.read_open_alerts(other)
    twice = alerts.update_alerts(other, [QUEUE, DISK], booth.clock)
    other.close()

    assert found == {"disk": DISK, "queue": QUEUE}
    assert twice == ([], [])


def test_a_cause_is_open_once_though_two_raise_it_in_the_same_instant(booth: Booth) -> None:
    """The database itself guarantees that."""
    alerts.update_alerts(booth.db, [DISK], booth.clock)

    with pytest.raises(sqlite3.IntegrityError):
        booth.db.execute("insert into alerts (id, cause, sentence, advice, since) values ('b', 'disk', '', '', 1)")

    assert booth.count_rows("alerts") == 1


def test_what_is_wrong_again_is_a_new_alert(booth: Booth) -> None:
    """With an id of its own, so that a receiver does not confuse the two."""
    for wrong in ([DISK], [], [DISK]):
        alerts.update_alerts(booth.db, wrong, booth.clock)

    assert len({row["id"] for row in booth.db.execute("select id from alerts")}) == 2


def test_the_start_of_an_alert_is_reported_before_its_end(booth: Booth) -> None:
    """Also if it ended before the network allowed reporting it."""
    alerts.update_alerts(booth.db, [DISK], booth.clock)
    alerts.update_alerts(booth.db, [], booth.clock)
    heard = []
    for _ in range(2):
        (alert,) = alerts.list_unreported_alerts(booth.db, booth.clock)
        heard.append((alert.is_reported, alert.over_at is not None))
        alerts.mark_reported(booth.db, alert, booth.clock)

    assert heard == [(False, True), (True, True)]
    assert alerts.list_unreported_alerts(booth.db, booth.clock) == []


def test_an_alert_is_not_reported_again_until_it_is_over(booth: Booth) -> None:
    alerts.update_alerts(booth.db, [DISK, QUEUE], booth.clock)
    for alert in alerts.list_unreported_alerts(booth.db, booth.clock):
        alerts.mark_reported(booth.db, alert, booth.clock)
    silent = alerts.list_unreported_alerts(booth.db, booth.clock)

    alerts.update_alerts(booth.db, [QUEUE], booth.clock)

    assert silent == []
    assert list_causes(alerts.list_unreported_alerts(booth.db, booth.clock)) == ["disk"]


def test_an_unreported_alert_that_ended_a_day_ago_is_dropped(booth: Booth) -> None:
    """A webhook that is set up later does not get the whole history, but does get the end of what it knows."""
    alerts.update_alerts(booth.db, [DISK, QUEUE], booth.clock)
    alerts.mark_reported(booth.db, alerts.list_unreported_alerts(booth.db, booth.clock)[0], booth.clock)
    alerts.update_alerts(booth.db, [], booth.clock)

    booth.clock.tick(DAY_SECONDS + 1)

    assert list_causes(alerts.list_unreported_alerts(booth.db, booth.clock)) == ["disk"]


def test_old_alerts_are_forgotten_and_open_ones_never(booth: Booth) -> None:
    alerts.update_alerts(booth.db, [DISK, QUEUE], booth.clock)
    alerts.update_alerts(booth.db, [QUEUE], booth.clock)
    booth.clock.tick(RETENTION_SECONDS + 1)

    alerts.update_alerts(booth.db, [QUEUE, replace(DISK, cause="clock")], booth.clock)

    assert sorted(row["cause"] for row in booth.db.execute("select cause from alerts")) == ["clock", "queue"]


def test_all_changes_are_stored_or_none(booth: Booth) -> None:
    alerts.update_alerts(booth.db, [QUEUE], booth.clock)
    booth.db.execute("create trigger full before insert on alerts begin select raise(fail, 'the disk is full'); end")

    with pytest.raises(sqlite3.IntegrityError):
        alerts.update_alerts(booth.db, [DISK], booth.clock)

    assert alerts.read_open_alerts(booth.db) == {"queue": QUEUE}
