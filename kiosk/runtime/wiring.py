"""From the settings to the CRM that they name."""

from kiosk.config.load import ConfigError, Settings
from sync.connectors import open_connector
from sync.connectors.base import Connector
from sync.worker import WorkerFiles


def make_connector(settings: Settings) -> Connector:
    """The connector to the CRM that *settings* name."""
    return open_connector(settings.crm, settings.network, settings.folder)


def check_credential(settings: Settings) -> None:
    """Raise ConfigError where the credential for the CRM is set up and cannot be had."""
    try:
        settings.crm.token.read()
    except ValueError as error:
        raise ConfigError(f"[crm] {error}") from error


def check_secrets(settings: Settings) -> None:
    """Raise ConfigError where the credential for the CRM, or the alerts' secret, is set up and cannot be had."""
    check_credential(settings)
    try:
        settings.alerts.secret.read()
    except ValueError as error:
        raise ConfigError(f"[alerts] {error}") from error


def build_worker_files(settings: Settings) -> WorkerFiles:
    """The files that a worker needs."""
    return WorkerFiles(
        settings.database_file,
        settings.queue_file,
        settings.worker_lock,
        settings.drain_lock,
        settings.data.receipts_days,
    )
