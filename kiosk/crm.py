"""From the settings to the CRM that they name."""

from kiosk.config import ConfigError, Settings
from sync.connectors.base import Connector
from sync.line import Line
from sync.worker import Files


def make_connector(settings: Settings) -> Connector:
    """
    The connector to the CRM that *settings* name.

    Raises:
        ConfigError: its token cannot be had.
    """
    if settings.is_practice:
        from sync.connectors.practice import PracticeConnector

        return PracticeConnector(settings.folder)
    from sync.connectors.rest import RestConnector

    return RestConnector(settings.crm.rest, Line(settings.network, settings.folder))


def check_credential(settings: Settings) -> None:
    """Raise ConfigError where the credential for the CRM is set up and cannot be had."""
    try:
        settings.crm.token.read()
    except ValueError as error:
        raise ConfigError(f"[crm] {error}") from error


def files_of(settings: Settings) -> Files:
    """The files that a worker needs."""
    return Files(settings.store, settings.queue, settings.worker_lock, settings.drain_lock)
