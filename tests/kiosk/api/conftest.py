"""Fixtures: the API as a real process on a real socket."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kiosk.api.api import Api


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One API for all tests of a file; each test posts people of its own."""
    found = Api(tmp_path_factory.mktemp("api"), "calls_per_second = 100_000").start()
    yield found
    found.stop(signal.SIGKILL)


@pytest.fixture
def api_with(tmp_path: Path) -> Iterator[Callable[..., Api]]:
    """Create an API with lines for its [api] table; it is not started yet."""
    made: list[Api] = []

    def make(intake: str = "", more: str = "") -> Api:
        made.append(Api(tmp_path, intake, more))
        return made[-1]

    yield make
    for one in made:
        one.stop(signal.SIGKILL)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Make it conspicuous that the dashboard was not tested."""
    skipped = [one for one in terminalreporter.getreports("skipped") if "test_dashboard" in one.nodeid]
    if skipped:
        terminalreporter.write_sep("!", f"THE DASHBOARD WAS NOT TESTED: {len(skipped)}", red=True, bold=True)
        terminalreporter.write_line("There is no Chromium: run `apt-get install chromium`, then try again.", red=True)
