"""Before a start: the database is made ready, and what earlier runs could not save is saved."""

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
    See that there is a database that can be used, and take in what was kept for this start.

    Raises:
        StoreMissing: the database was moved away, and its log was not.
        StoreError: the database cannot be made or used.
    """
    prepare_store(settings.database_file)
    with closing(open_store(settings.database_file)) as db:
        taken = held_scans.save_held_scans(db, settings.database_file, clock)
    if taken:
        what = "1 badge was" if taken == 1 else f"{taken} badges were"
        log.warning("%s saved that an earlier run could not save", what)
