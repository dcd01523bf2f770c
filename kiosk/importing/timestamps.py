"""Timestamps as programs and people write them; without a time zone they are in this device's."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from data.language import N_, _

_NOT_A_TIME = N_("{text} is not a time")

_CLOCK_PATTERN = (
    r"(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[ap])?(?:\.?m\.?)?"
)
_ZONE_PATTERN = r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
_DATE_PATTERNS = (
    r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})",
    r"(?P<one>\d{1,2})(?P<mark>[-/.])(?P<two>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})",
    r"(?P<day>\d{1,2})[ .-]+(?P<name>[a-z]{3})[a-z]*[ .,-]+(?P<year>\d{4})",
    r"(?P<name>[a-z]{3})[a-z]*[ .]+(?P<day>\d{1,2})(?:st|nd|rd|th)?[ ,]+(?P<year>\d{4})",
)
_TIMESTAMP_PATTERNS = [
    re.compile(rf"{day}(?:[ ,t]+{_CLOCK_PATTERN}{_ZONE_PATTERN})?", re.IGNORECASE | re.ASCII) for day in _DATE_PATTERNS
]

_ENGLISH_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_EAST_ASIAN = re.compile(r"(\d{4})\s*[年년.]\s*(\d{1,2})\s*[月월.]\s*(\d{1,2})\s*(?:[日일.]|(?=\s|$))")
_NAMED_MONTH = re.compile(r"(?<![^\W\d_])[^\W\d_]{3,12}(?![^\W\d_])")

# Words around a day and a time, such as "at" and "o'clock".
_FILLER_WORDS = re.compile(
    r"(?<=[\d,])\s*,?\s+(?:at|à|um|kl\.?|alle|a las|às|om|o|klo|в)\s+(?=\d)"
    r"|(?<=\d)\s*(?:uhr|hrs?|г\.)|\bde[l]?\b|(?<=\d{4})\s+utc$|(?<=\d),(?=\s)"
)

# How the months' names begin in our languages, without accents, by their English abbreviation.
_MONTH_PREFIXES = {
    "jan": ("jan", "ene", "gen", "tam", "sty", "led", "oca", "янв"),
    "feb": ("feb", "fev", "hel", "lut", "uno", "sub", "фев"),
    "mar": ("mar", "maa", "mrt", "brez", "мар"),
    "apr": ("apr", "avr", "abr", "huh", "kwi", "dub", "nis", "апр"),
    "may": ("may", "mai", "mei", "mag", "maj", "tou", "kve", "мая", "маи"),
    "jun": ("jun", "juin", "giu", "kes", "cze", "cerven", "haz", "июн"),
    "jul": ("jul", "juil", "lug", "hei", "lip", "cervenec", "tem", "июл"),
    "aug": ("aug", "aou", "ago", "elo", "sie", "srp", "agu", "авг"),
    "sep": ("sep", "set", "syy", "wrz", "zar", "eyl", "szep", "сен"),
    "oct": ("oct", "okt", "out", "ott", "lok", "paz", "rij", "eki", "окт"),
    "nov": ("nov", "marras", "lis", "kas", "ноя"),
    "dec": ("dec", "dez", "dic", "des", "jou", "gru", "pros", "ara", "дек"),
}

# Days since 30 December 1899, as spreadsheets count them: from 1954 to 2119.
_SPREADSHEET_DAYS = range(20_000, 80_000)

# Numbers from here on are seconds, or milliseconds, since 1970.
_MIN_UNIX_SECONDS, _MIN_UNIX_MILLISECONDS = 1e9, 1e11

# The range that a kiosk can have seen; one without a clock starts in 1970.
MIN_TIMESTAMP, MAX_TIMESTAMP = 0.0, datetime(2200, 1, 1, tzinfo=UTC).timestamp()


def parse_timestamp(value: Any, day_first: bool | None = None) -> float | None:
    """
    Return *value* as seconds since 1970 UTC; None if it is empty. *day_first* tells how to read `05/06/2026`.

    Raises:
        ValueError: it is not a time, or ambiguous.
    """
    if value is None or value == "":
        return None
    parsed = _parse_datetime(value, day_first)
    try:
        seconds = parsed.timestamp()
    except (OverflowError, OSError, ValueError) as error:
        raise ValueError(_(_NOT_A_TIME).format(text=repr(str(value)))) from error
    if not MIN_TIMESTAMP <= seconds < MAX_TIMESTAMP:
        raise ValueError(_("{text} is not between 1970 and 2200").format(text=repr(str(value))))
    return seconds


def _parse_datetime(value: Any, day_first: bool | None) -> datetime:
    """Parse *value* to a datetime; see `parse_timestamp`."""
    match value:
        case datetime():
            return value
        case date():
            return datetime(value.year, value.month, value.day)
        case bool():
            raise ValueError(_(_NOT_A_TIME).format(text=value))
        case int() | float():
            return _datetime_from_number(value)
    text = str(value).strip()
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    if re.fullmatch(r"\d+(?:[.,]\d+)?", text, re.ASCII):
        return _datetime_from_number(float(text.replace(",", ".")))
    parsed = _match_pattern(text, text, day_first) or _match_pattern(_simplify_text(text), text, day_first)
    if parsed is None:
        raise ValueError(_("{text} is not a time; write it as 2026-05-13 14:30").format(text=repr(text[:40])))
    return parsed


def _match_pattern(text: str, original: str, day_first: bool | None) -> datetime | None:
    """
    Parse *text* by one of our patterns; None if none matches. *original* is how the list has it, for errors.

    Raises:
        ValueError: there is no such day, or it is ambiguous.
    """
    for form in _TIMESTAMP_PATTERNS:
        found = form.fullmatch(text)
        if found and (found.groupdict().get("name") or "jan").casefold() in _ENGLISH_MONTHS:
            return _datetime_from_parts(found.groupdict(), original, day_first)
    return None


def _simplify_text(text: str) -> str:
    """Rewrite *text*, a day and perhaps a time in the notation of many countries, in an English form."""
    plain = _EAST_ASIAN.sub(_to_iso_date, text[:100].casefold())
    first, *others = _NAMED_MONTH.findall(plain) or [""]
    if plain.startswith(first) and (not _find_month(first) or any(map(_find_month, others))):
        plain = plain.removeprefix(first).lstrip(" .,")  # the day of the week
    plain = _FILLER_WORDS.sub(" ", plain)
    plain = _NAMED_MONTH.sub(lambda found: f" {_find_month(found[0])} " if _find_month(found[0]) else found[0], plain)
    return " ".join(plain.split()).rstrip(" .,")


def _to_iso_date(found: re.Match[str]) -> str:
    """Rewrite the day in `2026年5月13日` and `2026. 5. 13.` as `2026-5-13`."""
    return f"{found[1]}-{found[2]}-{found[3]} "


def _find_month(word: str) -> str:
    """
    Return the English abbreviation of the month that *word* names in any of our languages; empty for another word.
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    fitting = [(len(one), month) for month, names in _MONTH_PREFIXES.items() for one in names if bare.startswith(one)]
    return max(fitting, default=(0, ""))[1]


def _datetime_from_number(number: float) -> datetime:
    """Convert days as a spreadsheet counts them, or seconds or milliseconds since 1970."""
    if _SPREADSHEET_DAYS.start <= number < _SPREADSHEET_DAYS.stop:
        # A spreadsheet's time of day is a fraction of a day, with floating-point errors.
        return datetime(1899, 12, 30) + timedelta(seconds=round(number * 86400))
    if number >= _MIN_UNIX_MILLISECONDS:
        number /= 1000
    if not _MIN_UNIX_SECONDS <= number < MAX_TIMESTAMP:
        raise ValueError(_(_NOT_A_TIME).format(text=f"{number:g}"))
    return datetime.fromtimestamp(number, UTC)


def _datetime_from_parts(parts: dict[str, str | None], text: str, day_first: bool | None) -> datetime:
    """Build the datetime from its *parts*."""
    if parts.get("name"):
        day, month = int(parts["day"] or 0), _ENGLISH_MONTHS.index(str(parts["name"]).casefold()) + 1
    elif parts.get("one"):
        day, month = _order_day_month(parts, text, day_first)
    else:
        day, month = int(parts["day"] or 0), int(parts["month"] or 0)
    year = int(parts["year"] or 0)
    try:
        return datetime(
            year if year >= 100 else 2000 + year,
            month,
            day,
            _to_24_hours(int(parts["hour"] or 0), (parts["half"] or "").lower()),
            int(parts["minute"] or 0),
            int(parts["second"] or 0),
            tzinfo=_parse_zone(parts["zone"]),
        )
    except ValueError as error:
        raise ValueError(_(_NOT_A_TIME).format(text=repr(text))) from error


def _to_24_hours(hour: int, half: str) -> int:
    """
    Convert an hour of a 12-hour clock; *half* is `a`, `p`, or empty if *hour* is of a 24-hour clock already.

    Raises:
        ValueError: a 12-hour clock does not show this hour.
    """
    if not half:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError("not an hour of a 12-hour clock")  # not shown: caught by the caller
    # 12 am is midnight, and 12 pm is noon.
    return hour % 12 + (12 if half == "p" else 0)


def _order_day_month(parts: dict[str, str | None], text: str, day_first: bool | None) -> tuple[int, int]:
    """
    Return the day and the month of a date that has both as numbers.

    Raises:
        ValueError: nothing tells which is which.
    """
    one, two = int(parts["one"] or 0), int(parts["two"] or 0)
    if one > 12 or parts["mark"] == "." or one == two:
        return one, two
    if two > 12:
        return two, one
    if day_first is None:
        raise ValueError(_("ambiguous date {text}: use --dates day-first or month-first").format(text=repr(text)))
    return (one, two) if day_first else (two, one)


def _parse_zone(name: str | None) -> timezone | None:
    """Parse `+02:00`, `-0500` or `Z`; None without a zone, which means this device's."""
    if not name:
        return None
    if name[0] not in "+-":
        return UTC
    offset = timedelta(hours=int(name[1:3]), minutes=int(name[-2:]))
    return timezone(-offset if name[0] == "-" else offset)


def detect_day_first(values: Iterable[Any]) -> bool | None:
    """Return whether days come before months in these values; None if nothing tells, or if they disagree."""
    answers = set()
    for value in values:
        found = _TIMESTAMP_PATTERNS[1].fullmatch(value.strip()) if isinstance(value, str) else None
        # Dates with dots always have the day first, so they say nothing about the others.
        if found is None or found["mark"] == ".":
            continue
        if int(found["one"]) > 12:
            answers.add(True)
        if int(found["two"]) > 12:
            answers.add(False)
    return answers.pop() if len(answers) == 1 else None
