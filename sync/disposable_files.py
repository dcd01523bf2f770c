"""Disposable files, which may be deleted at any time: the queue of wake-ups, the count of calls, locks."""

import logging
import os
import stat
import time
from pathlib import Path

log = logging.getLogger(__name__)


def _is_own_file(path: Path) -> bool:
    """Return whether *path* is a file that only its owner can write, who is this user or the folder's owner."""
    try:
        found, folder = path.lstat(), path.parent.stat()
    except OSError:
        return False
    is_private = stat.S_ISREG(found.st_mode) and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return is_private and found.st_uid in (os.geteuid(), folder.st_uid)


def is_usable_file(path: Path) -> bool:
    """Return whether *path* can be created, or is a file of ours that can be read and written."""
    if not os.path.lexists(path):
        return os.access(path.parent, os.W_OK, effective_ids=True)
    return _is_own_file(path) and os.access(path, os.R_OK | os.W_OK, effective_ids=True)


def remove_unusable_file(path: Path) -> None:
    """
    Delete the file at *path*, with the log and index of a database; a folder may be somebody's and is only renamed.

    Raises:
        OSError: that is not permitted.
    """
    if path.is_dir() and not path.is_symlink():
        aside = path.with_name(f"{path.name}.folder-{time.time_ns()}")
        path.rename(aside)
        log.warning("there was a folder at %s; it was renamed to %s", path, aside.name)
        return
    for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        name.unlink(missing_ok=True)
    log.info("%s could not be used, so it was deleted", path)  # nothing is lost: its owner makes a new one
