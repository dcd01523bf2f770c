"""The tables `[crm.rest.values]` and `[crm.rest.formats]`: a lead's values as the CRM wants them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sync.settings.rest_placeholders import OUR_FIELDS

_TIMESTAMP_FIELDS = ("scanned_at",)
"""Our fields that are moments."""

_DATE_FORMATS = ("date", "datetime", "iso", "zulu", "seconds", "milliseconds")
"""What a moment can be sent as; or a pattern such as "%d/%m/%Y"."""

_RATINGS = ("1", "2", "3", "4", "5")

FALLBACK_VALUE = "*"
"""In a table of values: what stands for those that are not in it."""


def check_values(values: Mapping[str, Mapping[str, Any]]) -> None:
    """Raise ValueError where a table of values is for no field of ours, or forgets a rating."""
    for name, table in values.items():
        if name not in OUR_FIELDS:
            raise ValueError(f"rest.values: there is no field {name!r}; we have {', '.join(OUR_FIELDS)}.")
        missing = [rating for rating in _RATINGS if rating not in table]
        if name == "rating" and missing and FALLBACK_VALUE not in table:
            raise ValueError(
                f'rest.values.rating: say what {missing[0]} is called there, or write "{FALLBACK_VALUE}" = "…" for the rest.'
            )


def check_formats(formats: Mapping[str, str]) -> None:
    """Raise ValueError where a format is for no field of ours, or not one that we know."""
    for name, wanted in formats.items():
        if name not in OUR_FIELDS:
            raise ValueError(f"rest.formats: there is no field {name!r}; we have {', '.join(OUR_FIELDS)}.")
        if name in _TIMESTAMP_FIELDS and wanted not in _DATE_FORMATS and not _is_date_pattern(wanted):
            known = ", ".join(_DATE_FORMATS)
            raise ValueError(f'rest.formats.{name}: there are {known}, or a pattern such as "%d/%m/%Y".')
        if name not in _TIMESTAMP_FIELDS and wanted != "text":
            raise ValueError(f'rest.formats.{name}: there is "text" alone: numbers as text, lists with commas.')


def _is_date_pattern(wanted: str) -> bool:
    """Whether *wanted* says how a date is written."""
    moment = datetime(2026, 11, 30, 13, 45, 59)
    try:
        return "%" in wanted and moment.strftime(wanted) not in ("", wanted)
    except ValueError:
        return False
