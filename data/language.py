"""
The language of every sentence that people read: one gettext catalogue for screens, commands, alerts and sync.

Sentences are written in English where they are used, and looked up when they are shown:

    _("No camera found.")                                    a sentence
    _("Saved: {name}").format(name=name)                     with named braces, never an f-string
    ngettext("{count} lead", "{count} leads", n).format(count=format_number(n))
    pgettext("rating", "cold")                               a word that means different things in different places
    STATES = {"waiting": N_("waiting")} ... _(STATES[state])  what is written down before the language is known

A translation is a compiled `kiosk.mo` in `locale/CODE/LC_MESSAGES`; docs/translating.md says how to make one.

The camera knows none of our packages. Its errors carry the English sentence, marked by an `N_` of its own, and the
values for its braces (`error.message`, `error.values`); `translate_error` looks them up where they are shown.
"""

import gettext as _gettext
import os
import time
from pathlib import Path
from typing import Any

DOMAIN = "kiosk"
LOCALE_FOLDER = Path(__file__).with_name("locale")

_catalogue: _gettext.NullTranslations = _gettext.NullTranslations()


class UnknownLanguage(ValueError):
    """There is no catalogue for a language that somebody asked for by its code."""


def use_language(code: str = "") -> None:
    """
    Speak the language *code* (such as `de` or `pt_BR`) from now on; an empty one means the system's.

    English needs no catalogue; if the system's language has none, English is used.

    Raises:
        UnknownLanguage: *code* names a language that there is no catalogue for.
    """
    global _catalogue
    wanted = [code] if code else _list_system_languages()
    _catalogue = _gettext.translation(DOMAIN, LOCALE_FOLDER, languages=wanted, fallback=True)
    if code and type(_catalogue) is _gettext.NullTranslations and not _is_english(code):
        raise UnknownLanguage(code)


def list_languages() -> list[str]:
    """List the codes that `use_language` accepts, English first."""
    return ["en", *sorted(path.parent.parent.name for path in LOCALE_FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))]


def gettext(message: str) -> str:
    """Translate *message* into the current language; English if there is no translation."""
    # An empty message is the catalogue's header, which nobody should read.
    return _catalogue.gettext(message) if message else ""


def ngettext(singular: str, plural: str, count: float) -> str:
    """Translate a message in the plural form for *count*; languages have one to six forms."""
    return _catalogue.ngettext(singular, plural, count)  # type: ignore[arg-type]  # 1.5 takes a plural form, too


def pgettext(context: str, message: str) -> str:
    """Translate *message* as it is meant in *context*, for an English word with several translations."""
    return _catalogue.pgettext(context, message)


def mark_for_translation(message: str) -> str:
    """Return *message* unchanged; Babel collects it, and whoever shows it translates it with `gettext`."""
    return message


def export_catalogue() -> dict[str, Any]:
    """
    Return the catalogue for the dashboard's JavaScript.

    `messages` has the translation of each sentence, a list of forms where there is a plural; `plural_forms` says which
    form goes with each number below 200. Rules depend on the last two digits, so larger numbers repeat from 100 on.
    """
    messages: dict[str, Any] = {}
    for key, translation in getattr(_catalogue, "_catalog", {}).items():
        if isinstance(key, tuple):
            messages.setdefault(key[0], {})[key[1]] = translation
        elif key:
            messages[key] = translation
    for message, forms in messages.items():
        if isinstance(forms, dict):
            messages[message] = [forms[number] for number in sorted(forms)]
    choose_form = getattr(_catalogue, "plural", lambda count: int(count != 1))
    language = _catalogue.info().get("language", "en")
    return {
        "language": language,
        "messages": messages,
        "plural_forms": [choose_form(count) for count in range(200)],
    }


def translate_error(error: object) -> str:
    """Translate an error or text that carries its `message` and `values`, as the camera's do; any other as it is."""
    message = getattr(error, "message", None)
    return gettext(message).format(**getattr(error, "values", {})) if isinstance(message, str) else str(error)


_ = gettext
N_ = mark_for_translation


def format_number(number: float, decimals: int = 0) -> str:
    """Format *number* with the separators of the language: `1,997` or `0.5`."""
    text = f"{number:,.{decimals}f}"
    return text.translate(
        {ord(","): pgettext("thousands separator", ","), ord("."): pgettext("decimal separator", ".")}
    )


def format_time_of_day(at: time.struct_time) -> str:
    """Format a local time as a clock on the wall shows it: `14:05`."""
    return time.strftime(pgettext("time of day, for strftime", "%H:%M"), at)


def format_time_with_seconds(at: time.struct_time) -> str:
    """Format a local time to the second: `14:05:09`."""
    return time.strftime(pgettext("time of day with seconds, for strftime", "%H:%M:%S"), at)


def format_day_and_time(at: time.struct_time) -> str:
    """Format a local time on another day: `12 May 14:05`."""
    pattern = pgettext(
        "day and time of day; {month} is the month's short name, the rest for strftime", "%d {month} %H:%M"
    )
    return _format_with_month(pattern, at)


def format_date(at: time.struct_time) -> str:
    """Format a day with its year: `2 May 2027`."""
    pattern = pgettext("day with its year; {month} is the month's short name, the rest for strftime", "%-d {month} %Y")
    return _format_with_month(pattern, at)


def _format_with_month(pattern: str, at: time.struct_time) -> str:
    """Fill in `{month}` and the rest; the system's own names need a locale that few machines have installed."""
    names = pgettext("short names of the months, from January on", "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec")
    return time.strftime(pattern.replace("{month}", names.split()[at.tm_mon - 1]), at)


def _list_system_languages() -> list[str]:
    """List the languages that the environment asks for, in order of preference, as gettext looks for them."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return value.split(":")
    return []


def _is_english(code: str) -> bool:
    """Return whether *code* is English of any country."""
    return code.partition("_")[0].partition(".")[0] == "en"
