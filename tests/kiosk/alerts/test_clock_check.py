"""A clock that is off: another server is asked if no time server sets it, and a login page is not believed."""

import time
from dataclasses import replace

import pytest

from data import alerts
from data.store import open_store
from kiosk.alerts.evaluate import AlertEvaluator
from kiosk.config.load import Settings
from sync.settings import CrmSettings
from sync.settings.csv_file import CsvSettings
from sync.settings.network import NetworkSettings
from tests.kiosk.alerts.conftest import Alerted
from tests.support.clock import FakeClock
from tests.sync.scripted_server import ScriptedResponse


class Time:
    """A server whose responses have the time, as those of the connectivity check do."""

    def __init__(self, booth: Alerted) -> None:
        self.server = booth.receiver
        self.body = b"NetworkManager is online\n"
        self.server.respond = lambda asked: ScriptedResponse(self.body)

    def settings(self, booth: Alerted) -> Settings:
        """Return the settings of a kiosk with a real CRM and a database, which asks this server and posts no alerts."""
        settings = booth.settings
        settings = replace(
            settings,
            crm=CrmSettings(connector="csv", csv=CsvSettings(folder=str(booth.folder))),
            network=NetworkSettings(check_url=f"{self.server.url}/time"),
            alerts=replace(settings.alerts, webhook_url="", webhook_secret_env=""),
        )
        open_store(settings.database_file).close()
        return settings


@pytest.fixture
def others(booth: Alerted, clock: FakeClock) -> Time:
    """A server with the right time; our clock is two hours behind, and nobody sets it."""
    clock.now, clock.is_synced = time.time() - 7200.0, False
    return Time(booth)


def causes(settings: Settings) -> list[str]:
    """Return the causes of the open alerts."""
    db = open_store(settings.database_file)
    found = list(alerts.read_open_alerts(db))
    db.close()
    return found


def test_a_clock_that_others_contradict_is_off_until_it_is_set(
    booth: Alerted, clock: FakeClock, others: Time, caplog: pytest.LogCaptureFixture
) -> None:
    """The server is asked once, not in each round; that the clock was set is noticed without asking."""
    settings = others.settings(booth)
    evaluator = AlertEvaluator(settings, clock)
    for _ in range(3):
        evaluator.run_round()
        clock.tick(1)
    wrong = causes(settings)
    clock.jump(7200.0)
    evaluator.run_round()

    assert wrong == ["clock"]
    assert "This device's clock is 2 h behind." in caplog.text
    assert causes(settings) == []
    assert len(others.server.requests) == 1


def test_a_login_pages_clock_is_not_believed(booth: Alerted, clock: FakeClock, others: Time) -> None:
    settings = others.settings(booth)
    others.body = b"<html>Welcome to the hall's WiFi</html>"

    AlertEvaluator(settings, clock).run_round()

    assert causes(settings) == []


@pytest.mark.parametrize("why", ["synced", "practice", "off"])
def test_nobody_is_asked_the_time_where_there_is_no_need(
    booth: Alerted, clock: FakeClock, others: Time, why: str
) -> None:
    settings = others.settings(booth)
    clock.is_synced = why == "synced"
    if why == "practice":
        settings = replace(settings, crm=CrmSettings())
    if why == "off":
        settings = replace(settings, alerts=replace(settings.alerts, clock_seconds=0))
    settings.folder.mkdir(parents=True, exist_ok=True)

    AlertEvaluator(settings, clock).run_round()

    assert others.server.requests == []
