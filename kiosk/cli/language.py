"""The language of the command line, chosen before any command, help text or error is built."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from data.language import UnknownLanguage, use_language
from kiosk.config.load import ConfigError, find_settings_file, read_language


def use_configured_language(arguments: Sequence[str]) -> None:
    """
    Use the language of the settings file that *arguments*, the environment or this folder name, else the system's.

    Mistakes are ignored here: loading the settings reports them.
    """
    use_language()
    with suppress(ConfigError, UnknownLanguage):
        path = find_settings_file(_find_config_option(arguments))
        use_language(read_language(path) if path else "")


def _find_config_option(arguments: Sequence[str]) -> Path | None:
    """Return the value of `--config` where it stands before the command; click has not read the arguments yet."""
    for argument, following in zip(arguments, [*arguments[1:], ""], strict=False):
        if argument == "--config":
            return Path(following) if following else None
        if argument.startswith("--config="):
            return Path(argument.removeprefix("--config="))
        if not argument.startswith("-"):
            return None
    return None
