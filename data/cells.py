"""Lists and tables of a lead in one cell of a spreadsheet, and back: what was written is read as it was."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

MARKS = r"\;:,|"
"""What divides something in such a cell, and the mark that is put before it where it divides nothing."""

IN_LIST = ",;|\n"

SPECIAL = re.compile(r"[\\;:,|\n]|\A\s|\s\Z")

BETWEEN = "\0"
"""Between cells that are looked at together; a text with it is looked at as if it were several cells."""

EQUALS, SIGNS = "=＝", "=+\\-@＝＋－＠"
"""With what a formula begins, see OWASP "CSV Injection"; the wide ones in Asian locales."""

AT_START = re.compile(rf"""\0(?=[\s"']*[{SIGNS}]|'*[\t\r\n])""")
"""A cell that a spreadsheet takes for a formula; some drop the spaces before it."""

WRITTEN_AT_START = re.compile(rf"""\0'(?=[\s"']*[{SIGNS}]|'*[\t\r\n])""")

AFTER_OTHERS = re.compile(rf"[{SIGNS}](?<=[^\w\0].)", re.DOTALL)
"""
A sign in the middle of a cell, perhaps after what a spreadsheet may divide cells at.

Excel divides at the list separator of the country, `;` in most of Europe, and whoever imports chooses any character. A
quotation mark is no protection: in the middle of what the other program takes for a cell it is a character like others.
"""

WRITTEN_AFTER_OTHERS = re.compile(rf"'([{SIGNS}])")

DIVIDERS = frozenset(";,|\t\r\n\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029")
"""After these each sign begins a formula; after others, such as a space, only `=`: `-` is a dash there, `@` is at."""


def harmless(text: str) -> str:
    """*text* as a cell that no spreadsheet computes, wherever it divides: formulas get an apostrophe in front."""
    return harmless_cells([text])[0]


def harmless_cells(texts: Sequence[str]) -> list[str]:
    """The same for many cells at once, which takes a tenth of the time."""
    cells = BETWEEN + BETWEEN.join(texts)
    if cells.count(BETWEEN) != len(texts):
        return [BETWEEN.join(harmless_cells(text.split(BETWEEN))) for text in texts]
    return AT_START.sub("\0'", AFTER_OTHERS.sub(_with_apostrophe, cells))[1:].split(BETWEEN)


def as_meant(cell: str) -> str:
    """*cell* without the apostrophes that `harmless`, or whoever typed it, put before what would be a formula."""
    return WRITTEN_AFTER_OTHERS.sub(_without_apostrophe, WRITTEN_AT_START.sub(BETWEEN, BETWEEN + cell))[1:]


def _with_apostrophe(found: re.Match[str]) -> str:
    """The sign that was *found*, harmless."""
    return f"'{found[0]}" if _is_formula(found.string, found.start()) else found[0]


def _without_apostrophe(found: re.Match[str]) -> str:
    """The sign that was *found*, as it was before."""
    return found[1] if _is_formula(found.string, found.start(1)) else found[0]


def _is_formula(cells: str, at: int) -> bool:
    """Whether a spreadsheet that divides before the sign *at* would compute it."""
    end = at
    while cells[end - 1] == "'":
        end -= 1
    start = end
    while cells[start - 1] == '"' or cells[start - 1].isspace():
        start -= 1
    before = cells[start - 1]
    divides = not (before.isalnum() or before in NO_DIVIDERS)
    around = cells[start - 1 if divides else start : end]
    return not DIVIDERS.isdisjoint(around) or (cells[at] in EQUALS and (divides or around.strip('"') != ""))


NO_DIVIDERS = frozenset("_'=+-@＝＋－＠\0")
"""Beside letters and digits."""


def list_cell(parts: Iterable[str]) -> str:
    """*parts* as `one, two`; a mark that belongs to a part has a backslash before it."""
    return ", ".join(marked(part, IN_LIST) for part in parts)


def table_cell(values: Mapping[str, str]) -> str:
    """*values* as `name: value; name: value`, marked in the same way."""
    return "; ".join(f"{marked(name, ':;')}: {marked(value, ';')}" for name, value in values.items())


def list_from(cell: str) -> list[str]:
    """The parts of *cell*, which commas, semicolons, strokes or lines divide; empty ones are left out."""
    return [part for part in map(plain, split(read(cell), IN_LIST)) if part]


def table_from(cell: str) -> dict[str, str]:
    """
    The names and values in *cell*, which colons, and semicolons, divide.

    Raises:
        ValueError: a part of it has no name.
    """
    found = {}
    for part in split(read(cell), ";"):
        if not any(is_marked or character.strip() for character, is_marked in part):
            continue
        name, *values = split(part, ":", most=1)
        if not values:
            raise ValueError(f"{plain(part)!r} has no name in front, such as `size: 10`")
        found[plain(name)] = plain(values[0])
    return found


Characters = list[tuple[str, bool]]
"""Each character, and whether a backslash before it says that it divides nothing."""


def marked(part: str, dividers: str) -> str:
    """*part* with a backslash before each of *dividers* in it, each backslash, and the space at its ends."""

    def mark(found: re.Match[str]) -> str:
        at_an_end = found[0].isspace() and (found.start() == 0 or found.end() == len(part))
        return f"\\{found[0]}" if found[0] in dividers or found[0] == "\\" or at_an_end else found[0]

    return SPECIAL.sub(mark, part)


def read(cell: str) -> Characters:
    """The characters of *cell*; a backslash before what needs none is one."""
    found, rest = [], iter(range(len(cell)))
    for at in rest:
        following = cell[at + 1 : at + 2]
        if cell[at] == "\\" and following and (following in MARKS or following.isspace()):
            found.append((following, True))
            next(rest)
        else:
            found.append((cell[at], False))
    return found


def split(characters: Characters, dividers: str, most: int = -1) -> Iterator[Characters]:
    """What stands between *dividers*, which count *most* times."""
    part: Characters = []
    for character, is_marked in characters:
        if not is_marked and character in dividers and most != 0:
            yield part
            part, most = [], most - 1
        else:
            part.append((character, is_marked))
    yield part


def plain(part: Characters) -> str:
    """*part* as text, without the space around it that was not marked."""
    start, end = 0, len(part)
    while start < end and part[start][0].isspace() and not part[start][1]:
        start += 1
    while end > start and part[end - 1][0].isspace() and not part[end - 1][1]:
        end -= 1
    return "".join(character for character, _ in part[start:end])
