"""Permissions of the database's folder: whoever can write there can replace any file in it."""

import logging
import os
import stat
from pathlib import Path

from data.errors import StoreUnusable

log = logging.getLogger(__name__)


def ensure_private_folder(folder: Path) -> None:
    """
    Make sure that only the owner of *folder* can write there; write permission of its group is removed and logged.

    Raises:
        StoreUnusable: everybody can write there, or the folder is not ours to change.
    """
    try:
        found = folder.stat()
    except OSError:
        return  # whoever opens the file in it says what is wrong
    if not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return
    # One that everybody may write to, such as /tmp, is not the kiosk's to close.
    if not found.st_mode & stat.S_IWOTH and found.st_uid == os.geteuid():
        folder.chmod(stat.S_IMODE(found.st_mode) & ~stat.S_IWGRP)
        log.warning(
            "%s could be written by its group: that was changed, so that nobody else replaces a file in it", folder
        )
        return
    raise StoreUnusable(
        f"Others can write to {folder}, and so could replace the leads in it: nothing was saved. Give [data] folder in "
        f"kiosk.toml a folder of its own, or run: chmod go-w {folder}"
    )
