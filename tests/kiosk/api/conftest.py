"""The booth's API, as a real process on a real socket."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kiosk.api.api import Api


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One that runs for all tests of a file; each has people of its own."""
    found = Api(tmp_path_factory.mktemp("api"), "calls_per_second = 100_000").start()
    yield found
    found.stop(signal.SIGKILL)


@pytest.fixture
def api_with(tmp_path: Path) -> Iterator[Callable[..., Api]]:
    """Makes one with lines of its own in [api]; it is not started yet."""
    made: list[Api] = []

    def make(intake: str = "", more: str = "") -> Api:
        made.append(Api(tmp_path, intake, more))
        return made[-1]

    yield make
    for one in made:
        one.stop(signal.SIGKILL)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """That the page was not tested is told where nobody overlooks it."""
    skipped = [one for one in terminalreporter.getreports("skipped") if "test_numbers_page" in one.nodeid]
    if skipped:
        terminalreporter.write_sep(
            "!", f"THE PAGE WITH THE NUMBERS WAS NOT TESTED: {len(skipped)}", red=True, bold=True
        )
        terminalreporter.write_line("There is no Chromium here: `apt-get install chromium`, then again.", red=True)
