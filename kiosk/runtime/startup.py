"""Prepare the database before a start, and save the badges that earlier runs could not save."""

import logging
from contextlib import closing

from data import held_scans
from data.clock import Clock
from data.recovery import prepare_store
from data.store import open_store
from kiosk.config.load import Settings

log = logging.getLogger(__name__)


def prepare_database(settings: Settings, clock: Clock) -> None:
    """
    Make sure that there is a usable database, and save the badges that were held for this start.

    Raises:
        StoreMissing: the database is gone, but its write-ahead log is there.
        StoreError: the database cannot be created or used.
    """
    prepare_store(settings.database_file)
    with closing(open_store(settings.database_file)) as db:
        saved = held_scans.save_held_scans(db, settings.database_file, clock)
    if saved:
        what = "1 badge" if saved == 1 else f"{saved} badges"
        log.warning("saved %s that an earlier run could not save", what)
