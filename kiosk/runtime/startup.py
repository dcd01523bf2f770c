"""Before a start: the database is made ready, and what earlier runs could not save is saved."""

import logging
from contextlib import closing

from data import held
from data.clock import Clock
from data.rescue import ready_store
from data.store import open_store
from kiosk.config.load import Settings

log = logging.getLogger(__name__)


def make_ready(settings: Settings, clock: Clock) -> None:
    """
    See that there is a database that can be used, and take in what was kept for this start.

    Raises:
        StoreMissing: the database was moved away, and its log was not.
        StoreError: the database cannot be made or used.
    """
    ready_store(settings.store)
    with closing(open_store(settings.store)) as db:
        taken = held.take_in(db, settings.store, clock)
    if taken:
        what = "1 badge was" if taken == 1 else f"{taken} badges were"
        log.warning("%s saved that an earlier run could not save", what)
