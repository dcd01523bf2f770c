"""kiosk.toml -> typed settings; an error names the file, the table, the key, and the nearest key that exists."""

import os
import tomllib
from dataclasses import dataclass, field, fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
from platformdirs import user_data_path

from camera.settings import CameraSettings
from kiosk.badges.profile import BadgeProfile
from kiosk.settings import EventSettings, PracticeSettings, StoreSettings
from sync.settings import CrmSettings

FILE = "kiosk.toml"


class ConfigError(Exception):
    """kiosk.toml cannot be used; `str()` of it says where and what to change."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All of kiosk.toml, one field a table."""

    event: EventSettings = field(default_factory=EventSettings)
    camera: CameraSettings = field(default_factory=CameraSettings)
    badges: BadgeProfile = field(default_factory=BadgeProfile)
    data: StoreSettings = field(default_factory=StoreSettings)
    crm: CrmSettings = field(default_factory=CrmSettings)
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
    def store(self) -> Path:
        """The database."""
        return self.folder / "kiosk.db"

    @property
    def queue(self) -> Path:
        """Huey's own file: a wake-up call that may be deleted at any time."""
        return self.folder / "huey.db"

    @property
    def worker_lock(self) -> Path:
        """Held by the worker as long as it lives."""
        return self.folder / "worker.lock"

    @property
    def drain_lock(self) -> Path:
        """Held by whoever drains."""
        return self.folder / "drain.lock"


def find_file(named: Path | None) -> Path | None:
    """
    The settings file: the one *named*, the one in `KIOSK_CONFIG`, or kiosk.toml in this folder, where there is one.

    Raises:
        ConfigError: one was named, and it is not there.
    """
    if named is None and (variable := os.environ.get("KIOSK_CONFIG")):
        named = Path(variable)
    if named is None:
        return Path(FILE) if Path(FILE).is_file() else None
    if not named.is_file():
        raise ConfigError(f"{named}: there is no such file. Name the settings file with --config.")
    return named


def load(path: Path | None) -> Settings:
    """
    The settings in *path*, or the defaults (a practice) where it is None.

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
    check_names(path, document, Settings, "")
    try:
        settings = msgspec.convert(document, Settings)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {explained(error)}") from error
    for table in ("event", "camera", "badges", "crm"):
        try:
            getattr(settings, table).check()
        except ValueError as error:
            raise ConfigError(f"{path}: [{table}] {error}") from error
    return settings


def check_names(path: Path, document: dict[str, Any], kind: type, table: str) -> None:
    """Refuse tables and keys that do not exist, with the nearest one that does."""
    hints = get_type_hints(kind)
    known = [item.name for item in fields(kind)]
    for name, value in document.items():
        place = f"[{table}] " if table else ""
        if name not in known:
            near = get_close_matches(name, known, 1, 0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"it knows {', '.join(known)}."
            what = "key" if table or not isinstance(value, dict) else "table"
            raise ConfigError(f"{path}: {place}there is no {what} {name!r}; {hint}")
        inner = hints[name]
        if is_dataclass(inner) and isinstance(inner, type) and isinstance(value, dict):
            check_names(path, value, inner, f"{table}.{name}" if table else name)


def explained(error: msgspec.ValidationError) -> str:
    """msgspec's message, with the table and the key in front: "Expected `int`, got `str` - at `$.camera.width`"."""
    message, _, place = str(error).partition(" - at `$.")
    *tables, key = place.rstrip("`").split(".")
    return f"[{'.'.join(tables)}] {key}: {message[:1].lower()}{message[1:]}." if place else f"{message}."
