"""A number of a workbook as the spreadsheet shows it: `000012`, a date, a phone number in groups."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import isfinite

from kiosk.importing.tables.table import LostDigits
from kiosk.importing.tables.xlsx_package import XlsxPackage, strip_namespace

# The formats that are only identified by a number (ECMA-376, part 1, section 18.8.30), as far as they matter here.
_BUILT_IN_FORMATS = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
    **dict.fromkeys((14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 34, 35, 36, 50, 51, 52, 53, 54, 57, 58), "yyyy-mm-dd"),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 45, 46, 47, 55, 56), "hh:mm:ss"), 49: "@",
}  # fmt: skip

_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_(?:.)|\*(?:.)')
_BRACKETED = re.compile(r"\[(?!(?:h+|m+|s+)\])[^\]]*\]", re.IGNORECASE)
_DATE = re.compile(r"[dmyhs]", re.IGNORECASE)
_DIGITS = frozenset("0#?")

# A spreadsheet stores this many digits of a number; the others are lost, whatever it shows.
_MAX_EXACT_DIGITS = 15


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How numbers with this format are shown."""

    is_date: bool = False
    is_clock: bool = False
    """Whether only a time of day is shown."""
    mask: tuple[str, ...] = ()
    """Places of digits (`0`, `#`) and the text between them, if whole numbers are shown like that; else empty."""


GENERAL_FORMAT = NumberFormat()


def parse_format(code: str) -> NumberFormat:
    """Parse the format *code*."""
    first = _BRACKETED.sub("", code).partition(";")[0]
    bare = _LITERAL.sub("", first)
    if code.casefold() not in ("general", "@") and _DATE.search(bare.replace("General", "")):
        return NumberFormat(is_date=True, is_clock=not re.search(r"[dy]", bare, re.IGNORECASE))
    mask = tuple(_parse_mask(first))
    is_shown = "0" in mask and all(len(part) != 1 or part not in ".,%E/?" for part in mask)
    is_more_than_a_number = is_shown and (mask.count("0") > 1 or any(part not in _DIGITS for part in mask))
    return NumberFormat(mask=mask if is_more_than_a_number else ())


def _parse_mask(code: str) -> list[str]:
    """Return the places of digits in *code*, and the text around them."""
    parts, at = [], 0
    while at < len(code):
        if literal := _LITERAL.match(code, at):
            text = literal[1] if literal[1] is not None else literal[2] or ""
            if text:
                parts.append(f"\0{text}")
            at = literal.end()
        else:
            parts.append(code[at])
            at += 1
    return parts


def format_number(text: str, form: NumberFormat, is_1904: bool = False) -> object:
    """Return the number in *text* as its cell shows it: a date, a whole number, or text if its format adds any."""
    try:
        number = float(text)
    except ValueError:
        return text
    if form.is_date:
        return _to_datetime(number, form, is_1904, text)
    if not isfinite(number):
        return text
    if not number.is_integer():
        return number
    whole = int(number)
    if len(str(abs(whole))) > _MAX_EXACT_DIGITS and (abs(whole) >= 2**53 or whole % 10 == 0):
        # Excel stores fifteen digits, and shows zeros for the others.
        return LostDigits(f"{number:.5E}")
    if form.mask and whole >= 0:
        return _fill_mask(str(whole), form.mask)
    return whole


def _fill_mask(digits: str, mask: tuple[str, ...]) -> str:
    """Put *digits* into the places of *mask*, right-aligned; a `0` place without a digit becomes a zero."""
    left, parts = list(digits), []
    first = next(at for at, part in enumerate(mask) if part in _DIGITS)
    for at in range(len(mask) - 1, -1, -1):
        part = mask[at]
        if part in _DIGITS:
            parts.append(left.pop() if left else "0" if part == "0" else "")
            if at == first and left:
                parts += reversed(left)
        else:
            parts.append(part.removeprefix("\0"))
    return "".join(reversed(parts)).strip()


def _to_datetime(number: float, form: NumberFormat, is_1904: bool, text: str) -> object:
    """Convert a *number* of days to the date and time they stand for."""
    try:
        base = datetime(1904, 1, 1) if is_1904 else datetime(1899, 12, 30) if number >= 60 else datetime(1899, 12, 31)
        at = base + timedelta(seconds=round(number * 86400))
    except (OverflowError, ValueError):
        return text
    if form.is_clock and 0 <= number < 1:
        return time(at.hour, at.minute, at.second)
    return at if at.time() != time() else date(at.year, at.month, at.day)


def read_formats(package: XlsxPackage, name: str) -> list[NumberFormat]:
    """Return the formats of a workbook's cells, by the index that a cell has; none if the part *name* is missing."""
    codes: dict[int, str] = {}
    ids: list[int] = []
    inside = ""

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        tag = strip_namespace(tag)
        if tag == "numFmt":
            codes[_parse_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif tag in ("cellXfs", "cellStyleXfs"):
            inside = tag
        elif tag == "xf" and inside == "cellXfs":
            ids.append(_parse_number(attributes.get("numFmtId")))

    if package.has_part(name):
        for _chunk in package.parse_part(name, start):
            pass
    return [parse_format(codes.get(number) or _BUILT_IN_FORMATS.get(number, "General")) for number in ids]


def _parse_number(text: str | None) -> int:
    """Return *text* as a whole number; 0 for anything else."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else 0
