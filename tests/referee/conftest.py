"""
Outside referees: the programs of vendors and others, which `make referee` installs, judge connectors and dialects.

Mark a file with `pytestmark = pytest.mark.referee`. A program for Node is a folder in `npm/`, with a lock file that
`make lock` writes; the fixture `program` finds it.
"""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PROGRAMS = Path(sys.prefix) / "referee"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Import these files only for `-m referee`: they need packages that nothing else needs."""
    return None if config.option.markexpr == "referee" else True


@pytest.fixture(scope="session")
def program() -> Callable[[str, str], list[str]]:
    """Find the command *name* of the folder *folder* in `npm/`: `program("prism", "prism")`."""

    def find(folder: str, name: str) -> list[str]:
        path, node = PROGRAMS / folder / "node_modules" / ".bin" / name, shutil.which("node")
        if node is None or not path.exists():
            pytest.skip(f"{folder} is not installed: it needs Node, npm and a registry")
        return [node, os.fspath(path.resolve())]

    return find


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List the skipped referees at the end, where nobody overlooks them."""
    skipped = [report for report in terminalreporter.getreports("skipped") if "tests/referee/" in report.nodeid]
    if skipped:
        terminalreporter.write_sep("!", f"REFEREES SKIPPED: {len(skipped)}", red=True, bold=True)
        terminalreporter.write_line("Nobody outside has judged what these tests hold us to.", red=True)
        for report in skipped:
            terminalreporter.write_line(f"  {report.nodeid}", red=True)
