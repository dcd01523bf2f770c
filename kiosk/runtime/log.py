"""Logging: one line an event, on standard error."""

import logging
import os
import sys
from pathlib import Path

MAX_LOG_BYTES = 2_000_000
"""Size above which a log file is rotated when it is opened."""


class OneLineFormatter(logging.Formatter):
    """Escapes line ends and control characters, so that text from outside cannot forge a line or control a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return *record* as one line."""
        text = super().format(record)
        return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def log_to_stderr() -> None:
    """Write our events, and warnings of other libraries, to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLineFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in ("kiosk", "camera", "data", "sync"):
        logging.getLogger(name).setLevel(logging.INFO)


def open_log(path: Path) -> int:
    """
    Return a file descriptor that appends to the log at *path*, readable by its owner only.

    A large file is renamed to *.log.1* first.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > MAX_LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
