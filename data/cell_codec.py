"""Lists and tables of a lead in one cell of a spreadsheet, and back: what was written is read as it was."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

_ESCAPABLE_CHARACTERS = r"\;:,|"
"""What divides something in such a cell, and the mark that is put before it where it divides nothing."""

_LIST_SEPARATORS = ",;|\n"

_SPECIAL_CHARACTERS = re.compile(r"[\\;:,|\n]|\A\s|\s\Z")

_CELL_BOUNDARY = "\0"
"""Between cells that are looked at together; a text with it is looked at as if it were several cells."""

_EQUALS_SIGNS, _FORMULA_SIGNS = "=＝", "=+\\-@＝＋－＠"
"""With what a formula begins, see OWASP "CSV Injection"; the wide ones in Asian locales."""

_FORMULA_START = re.compile(rf"""\0(?=[\s"']*[{_FORMULA_SIGNS}]|'*[\t\r\n])""")
"""A cell that a spreadsheet takes for a formula; some drop the spaces before it."""

_ESCAPED_FORMULA_START = re.compile(rf"""\0'(?=[\s"']*[{_FORMULA_SIGNS}]|'*[\t\r\n])""")

_INNER_SIGN = re.compile(rf"[{_FORMULA_SIGNS}](?<=[^\w\0].)", re.DOTALL)
"""
A sign in the middle of a cell, perhaps after what a spreadsheet may divide cells at.

Excel divides at the list separator of the country, `;` in most of Europe, and whoever imports chooses any character. A
quotation mark is no protection: in the middle of what the other program takes for a cell it is a character like others.
"""

_ESCAPED_INNER_SIGN = re.compile(rf"'([{_FORMULA_SIGNS}])")

_CELL_SEPARATORS = frozenset(";,|\t\r\n\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029")
"""After these each sign begins a formula; after others, such as a space, only `=`: `-` is a dash there, `@` is at."""


def escape_formula(text: str) -> str:
    """*text* as a cell that no spreadsheet computes, wherever it divides: formulas get an apostrophe in front."""
    return escape_formulas([text])[0]


def escape_formulas(texts: Sequence[str]) -> list[str]:
    """The same for many cells at once, which takes a tenth of the time."""
    cells = _CELL_BOUNDARY + _CELL_BOUNDARY.join(texts)
    if cells.count(_CELL_BOUNDARY) != len(texts):
        return [_CELL_BOUNDARY.join(escape_formulas(text.split(_CELL_BOUNDARY))) for text in texts]
    return _FORMULA_START.sub("\0'", _INNER_SIGN.sub(_add_apostrophe, cells))[1:].split(_CELL_BOUNDARY)


def unescape_formula(cell: str) -> str:
    """*cell* without the apostrophes that `harmless`, or whoever typed it, put before what would be a formula."""
    return _ESCAPED_INNER_SIGN.sub(
        _remove_apostrophe, _ESCAPED_FORMULA_START.sub(_CELL_BOUNDARY, _CELL_BOUNDARY + cell)
    )[1:]


def _add_apostrophe(found: re.Match[str]) -> str:
    """The sign that was *found*, harmless."""
    return f"'{found[0]}" if _is_formula(found.string, found.start()) else found[0]


def _remove_apostrophe(found: re.Match[str]) -> str:
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
    divides = not (before.isalnum() or before in _NON_SEPARATORS)
    around = cells[start - 1 if divides else start : end]
    return not _CELL_SEPARATORS.isdisjoint(around) or (
        cells[at] in _EQUALS_SIGNS and (divides or around.strip('"') != "")
    )


_NON_SEPARATORS = frozenset("_'=+-@＝＋－＠\0")
"""Beside letters and digits."""


def encode_list(parts: Iterable[str]) -> str:
    """*parts* as `one, two`; a mark that belongs to a part has a backslash before it."""
    return ", ".join(escape_part(part, _LIST_SEPARATORS) for part in parts)


def encode_table(values: Mapping[str, str]) -> str:
    """*values* as `name: value; name: value`, marked in the same way."""
    return "; ".join(f"{escape_part(name, ':;')}: {escape_part(value, ';')}" for name, value in values.items())


def decode_list(cell: str) -> list[str]:
    """The parts of *cell*, which commas, semicolons, strokes or lines divide; empty ones are left out."""
    return [part for part in map(join_characters, split_at(unescape_characters(cell), _LIST_SEPARATORS)) if part]


def decode_table(cell: str) -> dict[str, str]:
    """
    The names and values in *cell*, which colons, and semicolons, divide.

    Raises:
        ValueError: a part of it has no name.
    """
    found = {}
    for part in split_at(unescape_characters(cell), ";"):
        if not any(is_marked or character.strip() for character, is_marked in part):
            continue
        name, *values = split_at(part, ":", most=1)
        if not values:
            raise ValueError(f"{join_characters(part)!r} has no name in front, such as `size: 10`")
        found[join_characters(name)] = join_characters(values[0])
    return found


_MarkedCharacters = list[tuple[str, bool]]
"""Each character, and whether a backslash before it says that it divides nothing."""


def escape_part(part: str, dividers: str) -> str:
    """*part* with a backslash before each of *dividers* in it, each backslash, and the space at its ends."""

    def mark(found: re.Match[str]) -> str:
        at_an_end = found[0].isspace() and (found.start() == 0 or found.end() == len(part))
        return f"\\{found[0]}" if found[0] in dividers or found[0] == "\\" or at_an_end else found[0]

    return _SPECIAL_CHARACTERS.sub(mark, part)


def unescape_characters(cell: str) -> _MarkedCharacters:
    """The characters of *cell*; a backslash before what needs none is one."""
    found, rest = [], iter(range(len(cell)))
    for at in rest:
        following = cell[at + 1 : at + 2]
        if cell[at] == "\\" and following and (following in _ESCAPABLE_CHARACTERS or following.isspace()):
            found.append((following, True))
            next(rest)
        else:
            found.append((cell[at], False))
    return found


def split_at(characters: _MarkedCharacters, dividers: str, most: int = -1) -> Iterator[_MarkedCharacters]:
    """What stands between *dividers*, which count *most* times."""
    part: _MarkedCharacters = []
    for character, is_marked in characters:
        if not is_marked and character in dividers and most != 0:
            yield part
            part, most = [], most - 1
        else:
            part.append((character, is_marked))
    yield part


def join_characters(part: _MarkedCharacters) -> str:
    """*part* as text, without the space around it that was not marked."""
    start, end = 0, len(part)
    while start < end and part[start][0].isspace() and not part[start][1]:
        start += 1
    while end > start and part[end - 1][0].isspace() and not part[end - 1][1]:
        end -= 1
    return "".join(character for character, _ in part[start:end])
