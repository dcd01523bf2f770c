"""kiosk.toml -> typed settings; an error names the file, the table, the key, and the nearest key that exists."""

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
from kiosk.config.messages import describe_wrong_value, find_unknown_name
from kiosk.config.tables import DataSettings, EventSettings, PracticeSettings, ScannerSettings
from sync.settings import CrmSettings
from sync.settings.network import NetworkSettings

log = logging.getLogger(__name__)

DEFAULT_FILE_NAME = "kiosk.toml"

# Tables that were renamed. Files with the old name keep working, because a booth's file outlives an update.
_RENAMED_TABLES = {"intake": "api"}


class ConfigError(Exception):
    """kiosk.toml cannot be used; `str()` of it says where and what to change."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All of kiosk.toml, one field a table."""

    event: EventSettings = field(default_factory=EventSettings)
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
        """Whether leads go to the practice CRM and nowhere else."""
        return self.crm.connector == "practice"

    @property
    def folder(self) -> Path:
        """Where this kiosk keeps its files; practice and earnest never share one."""
        base = Path(self.data.folder).expanduser() if self.data.folder else user_data_path("booth-kiosk")
        return base / "practice" if self.is_practice else base

    @property
    def database_file(self) -> Path:
        """The database."""
        return self.folder / "kiosk.db"

    @property
    def queue_file(self) -> Path:
        """Huey's own file: a wake-up call that may be deleted at any time."""
        return self.folder / "huey.db"

    @property
    def worker_lock(self) -> Path:
        """Held by the worker as long as it lives."""
        return self.folder / "worker.lock"

    @property
    def kiosk_lock(self) -> Path:
        """Held by `kiosk run` as long as it lives."""
        return self.folder / "kiosk.lock"

    @property
    def alerts_lock(self) -> Path:
        """Held by whoever looks for what is wrong, while that takes."""
        return self.folder / "alerts.lock"

    @property
    def drain_lock(self) -> Path:
        """Held by whoever drains."""
        return self.folder / "drain.lock"


_TABLE_NAMES = tuple(item.name for item in fields(Settings))
"""Each has a `check` for what types alone cannot tell."""


def find_settings_file(named: Path | None) -> Path | None:
    """
    The settings file: the one *named*, the one in `KIOSK_CONFIG`, or kiosk.toml in this folder, if there is one.

    Raises:
        ConfigError: one was named, and it is not there.
    """
    if named is None and (variable := os.environ.get("KIOSK_CONFIG")):
        named = Path(variable)
    if named is None:
        return Path(DEFAULT_FILE_NAME) if Path(DEFAULT_FILE_NAME).is_file() else None
    if not named.is_file():
        raise ConfigError(f"{named}: there is no such file. Name the settings file with --config.")
    return named


def load_settings(path: Path | None, on_notice: Callable[[str], None] = log.warning) -> Settings:
    """
    Read the settings in *path*; if it is None, return the defaults (practice mode).

    *on_notice* is called with a sentence for each outdated name in the file that still works.

    Raises:
        ConfigError: the file cannot be read, or something in it is wrong.
    """
    if path is None:
        return Settings()
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: it cannot be read ({error}).") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: this is not TOML: {error}.") from error
    except RecursionError as error:
        raise ConfigError(f"{path}: this is not TOML that anybody wrote: it is nested too deeply.") from error
    _rename_old_tables(document, path, on_notice)
    if complaint := find_unknown_name(document, Settings):
        raise ConfigError(f"{path}: {complaint}")
    try:
        settings = msgspec.convert(document, Settings)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {describe_wrong_value(error, document, Settings)}") from error
    for table in _TABLE_NAMES:
        try:
            getattr(settings, table).check()
        except ValueError as error:
            raise ConfigError(f"{path}: [{table}] {translate_error(error)}") from error
    return settings


def _rename_old_tables(document: dict[str, Any], path: Path, on_notice: Callable[[str], None]) -> None:
    """
    Move tables with an old name in *document* to the new one, and report each to *on_notice*.

    Raises:
        ConfigError: a table stands there under both names.
    """
    for old, new in _RENAMED_TABLES.items():
        if old not in document:
            continue
        if new in document:
            raise ConfigError(
                _(
                    "{path}: [{old}] is the old name of [{new}], and the file has both. "
                    "Move the keys of [{old}] to [{new}], and delete [{old}]."
                ).format(path=path, old=old, new=new)
            )
        document[new] = document.pop(old)
        on_notice(
            _("{path}: [{old}] is now called [{new}]. It still works; please rename it.").format(
                path=path, old=old, new=new
            )
        )
