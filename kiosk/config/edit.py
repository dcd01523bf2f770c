"""Changes settings in kiosk.toml, and keeps its comments and its order."""

from collections.abc import Mapping
from pathlib import Path

from data.language import _
from kiosk.config.load import ConfigError, load_settings


def write_settings(path: Path, table: str, values: Mapping[str, int | str]) -> None:
    """
    Set *values* in the table called *table* of the settings file *path*, which is created if it does not exist.

    Raises:
        ConfigError: the file cannot be read or written, or it would have a mistake; it is unchanged then.
    """
    import tomlkit

    new = path.with_name(f".{path.name}.new")
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
        if table not in document:
            document[table] = tomlkit.table()
        for key, value in values.items():
            document[table][key] = value
        new.write_text(tomlkit.dumps(document), encoding="utf-8")
        if path.exists():
            new.chmod(path.stat().st_mode)
        load_settings(new)
        new.replace(path)
    except (OSError, UnicodeDecodeError) as error:
        message = _("{path}: cannot be written ({error}).")
        raise ConfigError(message.format(path=path, error=getattr(error, "strerror", "") or error)) from error
    finally:
        new.unlink(missing_ok=True)
