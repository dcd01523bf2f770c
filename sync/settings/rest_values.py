"""The tables `[crm.rest.values]` and `[crm.rest.formats]`: how a lead's values are written for the CRM."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from data.language import _
from sync.settings.checks import check_known_fields
from sync.settings.rest_placeholders import OUR_FIELDS

_TIMESTAMP_FIELDS = ("scanned_at",)
"""Our fields that are timestamps."""

_DATE_FORMATS = ("date", "datetime", "iso", "zulu", "seconds", "milliseconds")
"""The formats of a timestamp, besides patterns such as "%d/%m/%Y"."""

_RATINGS = ("1", "2", "3", "4", "5")

FALLBACK_VALUE = "*"
"""In a table of values: the key for all values that are not in it."""


def check_values(values: Mapping[str, Mapping[str, Any]]) -> None:
    """Raise ValueError if a table of values is for an unknown field, or lacks a rating."""
    for name, table in values.items():
        check_known_fields("rest.values", [name], OUR_FIELDS)
        missing = [rating for rating in _RATINGS if rating not in table]
        if name == "rating" and missing and FALLBACK_VALUE not in table:
            sentence = _(
                'rest.values.rating: say what {rating} is called in the CRM, or write "{any}" = "…" for all others.'
            )
            raise ValueError(sentence.format(rating=missing[0], any=FALLBACK_VALUE))


def check_formats(formats: Mapping[str, str]) -> None:
    """Raise ValueError if a format is for an unknown field, or is unknown itself."""
    for name, wanted in formats.items():
        check_known_fields("rest.formats", [name], OUR_FIELDS)
        if name in _TIMESTAMP_FIELDS and wanted not in _DATE_FORMATS and not _is_date_pattern(wanted):
            known = ", ".join(_DATE_FORMATS)
            sentence = _('{key}: must be one of {known}, or a pattern such as "%d/%m/%Y".')
            raise ValueError(sentence.format(key=f"rest.formats.{name}", known=known))
        if name not in _TIMESTAMP_FIELDS and wanted != "text":
            sentence = _('{key}: only "text" is possible: numbers as text, lists with commas.')
            raise ValueError(sentence.format(key=f"rest.formats.{name}"))


def _is_date_pattern(wanted: str) -> bool:
    """Return whether *wanted* is a pattern for a date."""
    timestamp = datetime(2026, 11, 30, 13, 45, 59)
    try:
        return "%" in wanted and timestamp.strftime(wanted) not in ("", wanted)
    except ValueError:
        return False
