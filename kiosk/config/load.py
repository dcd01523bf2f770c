"""Load kiosk.toml into typed settings; an error names the file, the table, the setting and the nearest that exists."""

import logging
import os
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import msgspec
from platformdirs import user_data_path

from camera.settings import CameraSettings
from data.language import _, translate_error
from kiosk.badges.profile import BadgeProfile
from kiosk.config.alerts import AlertSettings
from kiosk.config.api import ApiSettings
from kiosk.config.messages import describe_wrong_value, find_unknown_name, locate_message
from kiosk.config.tables import DataSettings, EventSettings, PracticeSettings, ScannerSettings, ScreenSettings
from sync.settings import CrmSettings
from sync.settings.network import NetworkSettings

log = logging.getLogger(__name__)

DEFAULT_FILE_NAME = "kiosk.toml"

# Tables that were renamed. Files with the old name keep working, because a booth's file outlives an update.
_RENAMED_TABLES = {"intake": "api"}

# The same for keys, by their table.
_RENAMED_KEYS = {
    "crm.rest.answer": {"taken": "accepted", "not_taken": "not_accepted"},
    "crm.webhook": {"not_taken": "not_accepted"},
}


class ConfigError(Exception):
    """kiosk.toml cannot be used; the message says where the mistake is and what to change."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All of kiosk.toml, with one field for each table."""

    event: EventSettings = field(default_factory=EventSettings)
    screen: ScreenSettings = field(default_factory=ScreenSettings)
    camera: CameraSettings = field(default_factory=CameraSettings)
    scanner: ScannerSettings = field(default_factory=ScannerSettings)
    badges: BadgeProfile = field(default_factory=BadgeProfile)
    data: DataSettings = field(default_factory=DataSettings)
    crm: CrmSettings = field(default_factory=CrmSettings)
    network: NetworkSettings = field(default_factory=NetworkSettings)
    alerts: AlertSettings = field(default_factory=AlertSettings)
    api: ApiSettings = field(default_factory=ApiSettings)
    practice: PracticeSettings = field(default_factory=PracticeSettings)

    @property
    def is_practice(self) -> bool:
        """Whether leads go only to the practice CRM."""
        return self.crm.connector == "practice"

    @property
    def folder(self) -> Path:
        """The folder of this kiosk's files."""
        # Practice mode has one of its own, so that practice leads never reach a CRM.
        base = Path(self.data.folder).expanduser() if self.data.folder else user_data_path("booth-kiosk")
        return base / "practice" if self.is_practice else base

    @property
    def database_file(self) -> Path:
        """The database file."""
        return self.folder / "kiosk.db"

    @property
    def queue_file(self) -> Path:
        """Huey's file, which holds nothing but wake-ups and may be deleted at any time."""
        return self.folder / "huey.db"

    @property
    def worker_lock(self) -> Path:
        """The lock that the worker holds while it runs."""
        return self.folder / "worker.lock"

    @property
    def kiosk_lock(self) -> Path:
        """The lock that `kiosk run` holds while it runs."""
        return self.folder / "kiosk.lock"

    @property
    def alerts_lock(self) -> Path:
        """The lock that a process holds while it evaluates the alerts."""
        return self.folder / "alerts.lock"

    @property
    def drain_lock(self) -> Path:
        """The lock that a process holds while it drains the outbox."""
        return self.folder / "drain.lock"


_TABLE_NAMES = tuple(item.name for item in fields(Settings))
"""The tables; the settings class of each has a `check` for what its types cannot express."""


def find_settings_file(named: Path | None) -> Path | None:
    """
    Return the path of the settings file: the one *named*, the one in `KIOSK_CONFIG`, or kiosk.toml in this folder.

    Returns None if none was named and this folder has no kiosk.toml.

    Raises:
        ConfigError: a file was named, and it does not exist.
    """
    variable = "" if named is not None else os.environ.get("KIOSK_CONFIG", "")
    path = Path(variable) if variable else named
    if path is None:
        return Path(DEFAULT_FILE_NAME) if Path(DEFAULT_FILE_NAME).is_file() else None
    if path.is_dir():
        raise ConfigError(_("{path}: this is a folder. Name a settings file.").format(path=path))
    if not path.is_file():
        if variable:
            message = _("{path}: no such file (from $KIOSK_CONFIG).")
        else:
            message = _("{path}: no such file. Check the name after --config.")
        raise ConfigError(message.format(path=path))
    return path


def load_settings(path: Path | None, on_notice: Callable[[str], None] = log.warning) -> Settings:
    """
    Load the settings in *path*; without a path, return the defaults, which are practice mode.

    *on_notice* is called with a sentence for each outdated name in the file that still works.

    Raises:
        ConfigError: the file cannot be read, or has a mistake.
    """
    if path is None:
        return Settings()
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise ConfigError(_("{path}: this is not a text file in UTF-8.").format(path=path)) from error
    except OSError as error:
        message = _("{path}: cannot be read ({error}).")
        raise ConfigError(message.format(path=path, error=error.strerror or error)) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(_("{path}: not valid TOML: {error}.").format(path=path, error=error)) from error
    except RecursionError as error:
        raise ConfigError(_("{path}: not valid TOML: nested too deeply.").format(path=path)) from error
    _rename_old_tables(document, path, on_notice)
    _rename_old_keys(document, path, on_notice)
    if message := find_unknown_name(document, Settings):
        raise ConfigError(f"{path}: {message}")
    try:
        settings = msgspec.convert(document, Settings)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {describe_wrong_value(error, document, Settings)}") from error
    for table in _TABLE_NAMES:
        try:
            getattr(settings, table).check()
        except ValueError as error:
            raise ConfigError(f"{path}: {locate_message(table, translate_error(error))}") from error
    return settings


def _rename_old_tables(document: dict[str, Any], path: Path, on_notice: Callable[[str], None]) -> None:
    """
    Move tables with an old name in *document* to the new one, and report each to *on_notice*.

    Raises:
        ConfigError: a table is there under both names.
    """
    for old, new in _RENAMED_TABLES.items():
        if old not in document:
            continue
        if new in document:
            message = _(
                "{path}: [{old}] is the old name of [{new}], and the file has both. "
                "Move the settings of [{old}] to [{new}], and delete [{old}]."
            )
            raise ConfigError(message.format(path=path, old=old, new=new))
        document[new] = document.pop(old)
        message = _("{path}: [{old}] is now called [{new}]. It still works; please rename it.")
        on_notice(message.format(path=path, old=old, new=new))


def _rename_old_keys(document: dict[str, Any], path: Path, on_notice: Callable[[str], None]) -> None:
    """
    Give keys with an old name in *document* the new one, and report each to *on_notice*.

    Raises:
        ConfigError: a key is there under both names.
    """
    for table, names in _RENAMED_KEYS.items():
        found: Any = document
        for step in table.split("."):
            found = found.get(step) if isinstance(found, dict) else None
        if not isinstance(found, dict):  # missing, or a wrong value that is reported later
            continue
        for old, new in names.items():
            if old not in found:
                continue
            if new in found:
                message = _("{path}: [{table}] {old} is the old name of {new}, and the file has both. Delete {old}.")
                raise ConfigError(message.format(path=path, table=table, old=old, new=new))
            found[new] = found.pop(old)
            message = _("{path}: [{table}] {old} is now called {new}. It still works; please rename it.")
            on_notice(message.format(path=path, table=table, old=old, new=new))


def read_language(path: Path) -> str:
    """
    Return `[screen] language` of the settings file *path*, or an empty string if it cannot be read.

    The commands call this before anything else, so that even errors are shown in the right language. Mistakes in the
    file are reported later, by `load_settings`.
    """
    try:
        language = tomllib.loads(path.read_text(encoding="utf-8"))["screen"]["language"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""
    return language if isinstance(language, str) else ""
