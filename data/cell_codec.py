"""
Lists and tables of a lead as one spreadsheet cell, and back: decoding returns exactly what was encoded.

It also keeps spreadsheets from computing cells: see `escape_formula`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from data.language import _

_ESCAPABLE_CHARACTERS = r"\;:,|"
"""Characters that separate values in a cell, and the backslash that escapes them."""

_LIST_SEPARATORS = ",;|\n"

_SPECIAL_CHARACTERS = re.compile(r"[\\;:,|\n]|\A\s|\s\Z")

# Many cells are joined and searched at once; a cell that holds this character itself is treated as several.
_CELL_BOUNDARY = "\0"

_EQUALS_SIGNS, _FORMULA_SIGNS = "=＝", "=+\\-@＝＋－＠"
"""Characters that begin a formula (OWASP "CSV Injection"); the wide ones do in Asian locales."""

_FORMULA_START = re.compile(rf"""\0(?=[\s"']*[{_FORMULA_SIGNS}]|'*[\t\r\n])""")
"""The start of a cell that a spreadsheet takes for a formula; some drop leading spaces."""

_ESCAPED_FORMULA_START = re.compile(rf"""\0'(?=[\s"']*[{_FORMULA_SIGNS}]|'*[\t\r\n])""")

_INNER_SIGN = re.compile(rf"[{_FORMULA_SIGNS}](?<=[^\w\0].)", re.DOTALL)
"""
A formula sign inside a cell, after a character at which a spreadsheet may split it.

Excel splits at the country's list separator, `;` in most of Europe, and whoever imports may choose any character.
Quotation marks do not protect: inside what the other program takes for a cell they are ordinary characters.
"""

_ESCAPED_INNER_SIGN = re.compile(rf"'([{_FORMULA_SIGNS}])")

_CELL_SEPARATORS = frozenset(";,|\t\r\n\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029")
"""
After these, any sign begins a formula; after others, such as a space, only `=` does: there `-` is a dash, `@` is "at".
"""


def escape_formula(text: str) -> str:
    """
    Return *text* as a cell that no spreadsheet computes, wherever it splits it: an apostrophe is put before each
    formula.
    """
    return escape_formulas([text])[0]


def escape_formulas(texts: Sequence[str]) -> list[str]:
    """Escape many cells at once, which takes a tenth of the time."""
    cells = _CELL_BOUNDARY + _CELL_BOUNDARY.join(texts)
    if cells.count(_CELL_BOUNDARY) != len(texts):
        return [_CELL_BOUNDARY.join(escape_formulas(text.split(_CELL_BOUNDARY))) for text in texts]
    return _FORMULA_START.sub("\0'", _INNER_SIGN.sub(_add_apostrophe, cells))[1:].split(_CELL_BOUNDARY)


def unescape_formula(cell: str) -> str:
    """Remove the apostrophes that `escape_formula`, or a person, put before what would be a formula."""
    return _ESCAPED_INNER_SIGN.sub(
        _remove_apostrophe, _ESCAPED_FORMULA_START.sub(_CELL_BOUNDARY, _CELL_BOUNDARY + cell)
    )[1:]


def _add_apostrophe(found: re.Match[str]) -> str:
    """Return the matched sign, escaped if it begins a formula."""
    return f"'{found[0]}" if _is_formula(found.string, found.start()) else found[0]


def _remove_apostrophe(found: re.Match[str]) -> str:
    """Return the matched sign as it was before it was escaped."""
    return found[1] if _is_formula(found.string, found.start(1)) else found[0]


def _is_formula(cells: str, at: int) -> bool:
    """Return whether a spreadsheet that splits the cell before the sign at index *at* would compute the rest."""
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
"""Characters at which no spreadsheet splits a cell, besides letters and digits."""


def encode_list(parts: Iterable[str]) -> str:
    """Encode a list as `one, two`; a separator inside a value is escaped by a backslash."""
    return ", ".join(_escape_part(part, _LIST_SEPARATORS) for part in parts)


def encode_table(values: Mapping[str, str]) -> str:
    """Encode names and values as `name: value; name: value`, escaped in the same way."""
    return "; ".join(f"{_escape_part(name, ':;')}: {_escape_part(value, ';')}" for name, value in values.items())


def decode_list(cell: str) -> list[str]:
    """
    Decode the values in *cell*, separated by commas, semicolons, vertical bars or line breaks; empty ones are left out.
    """
    return [part for part in map(_join_characters, _split_at(_unescape_characters(cell), _LIST_SEPARATORS)) if part]


def decode_table(cell: str) -> dict[str, str]:
    """
    Decode `name: value` pairs in *cell*, which are separated by semicolons.

    Raises:
        ValueError: a part of it has no name.
    """
    found = {}
    for part in _split_at(_unescape_characters(cell), ";"):
        if not any(is_marked or character.strip() for character, is_marked in part):
            continue
        name, *values = _split_at(part, ":", most=1)
        if not values:
            message = _("{value!r} has no name in front, such as `size: 10`")
            raise ValueError(message.format(value=_join_characters(part)))
        found[_join_characters(name)] = _join_characters(values[0])
    return found


_MarkedCharacters = list[tuple[str, bool]]
"""Characters, each with whether it was escaped and so separates nothing."""


def _escape_part(part: str, dividers: str) -> str:
    """Escape the *dividers* and backslashes in *part*, and spaces at its ends."""

    def mark(found: re.Match[str]) -> str:
        at_an_end = found[0].isspace() and (found.start() == 0 or found.end() == len(part))
        return f"\\{found[0]}" if found[0] in dividers or found[0] == "\\" or at_an_end else found[0]

    return _SPECIAL_CHARACTERS.sub(mark, part)


def _unescape_characters(cell: str) -> _MarkedCharacters:
    """Read the characters of *cell*; a backslash before a character that needs no escape is an ordinary backslash."""
    found, rest = [], iter(range(len(cell)))
    for at in rest:
        following = cell[at + 1 : at + 2]
        if cell[at] == "\\" and following and (following in _ESCAPABLE_CHARACTERS or following.isspace()):
            found.append((following, True))
            next(rest)
        else:
            found.append((cell[at], False))
    return found


def _split_at(characters: _MarkedCharacters, dividers: str, most: int = -1) -> Iterator[_MarkedCharacters]:
    """Split at unescaped *dividers*, at most *most* times (-1: at each)."""
    part: _MarkedCharacters = []
    for character, is_marked in characters:
        if not is_marked and character in dividers and most != 0:
            yield part
            part, most = [], most - 1
        else:
            part.append((character, is_marked))
    yield part


def _join_characters(part: _MarkedCharacters) -> str:
    """Join *part* to a text, without the unescaped spaces around it."""
    start, end = 0, len(part)
    while start < end and part[start][0].isspace() and not part[start][1]:
        start += 1
    while end > start and part[end - 1][0].isspace() and not part[end - 1][1]:
        end -= 1
    return "".join(character for character, _ in part[start:end])
