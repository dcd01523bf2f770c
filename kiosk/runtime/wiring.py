"""Build the parts of `sync` that the settings ask for."""

from kiosk.config.load import ConfigError, Settings
from kiosk.config.messages import locate_message
from sync.connectors import open_connector
from sync.connectors.base import Connector
from sync.worker import WorkerFiles


def make_connector(settings: Settings) -> Connector:
    """Return the connector to the configured CRM."""
    return open_connector(settings.crm, settings.network, settings.folder)


def check_credential(settings: Settings) -> None:
    """Raise ConfigError if a credential for the CRM is configured but unavailable."""
    try:
        settings.crm.token.read()
    except ValueError as error:
        raise ConfigError(locate_message("crm", str(error))) from error


def check_secrets(settings: Settings) -> None:
    """Raise ConfigError if the credential for the CRM, or the alert webhook's secret, is configured but unavailable."""
    check_credential(settings)
    try:
        settings.alerts.secret.read()
    except ValueError as error:
        raise ConfigError(locate_message("alerts", str(error))) from error


def build_worker_files(settings: Settings) -> WorkerFiles:
    """Return the paths of the files that a worker needs."""
    return WorkerFiles(
        settings.database_file,
        settings.queue_file,
        settings.worker_lock,
        settings.drain_lock,
        settings.data.receipts_days,
    )
