"""Permissions of the database's folder. They matter, because anybody who can write there can replace any file in it."""

import logging
import os
import stat
from pathlib import Path

from data.errors import StoreUnusable
from data.language import _

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
        return  # opening the file in it reports what is wrong
    if not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return
    # A folder that everybody may write to, such as /tmp, must keep that permission.
    if not found.st_mode & stat.S_IWOTH and found.st_uid == os.geteuid():
        folder.chmod(stat.S_IMODE(found.st_mode) & ~stat.S_IWGRP)
        log.warning(
            "%s was writable by its group: removed that permission, so that nobody else can replace a file in it",
            folder,
        )
        return
    message = _(
        "Other users can write to {folder} and could replace the leads in it: nothing was saved. Set [data] folder in "
        "kiosk.toml to a folder of its own, or run: chmod go-w {folder}"
    )
    raise StoreUnusable(message.format(folder=folder))
