"""Lists and tables of a lead in one cell of a spreadsheet, and back: what was written is read as it was."""

import re
from collections.abc import Iterable, Iterator, Mapping

MARKS = r"\;:,|"
"""What divides something in such a cell, and the mark that is put before it where it divides nothing."""

IN_LIST = ",;|\n"

SPECIAL = re.compile(r"[\\;:,|\n]|\A\s|\s\Z")

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a cell for a formula, see OWASP "CSV Injection"; the wide ones in Asian locales."""


def harmless(text: str) -> str:
    """*text* as a cell that no spreadsheet computes: what begins like a formula gets an apostrophe in front."""
    return f"'{text}" if text.lstrip("'").startswith(FORMULA) else text


def as_meant(cell: str) -> str:
    """*cell* without the apostrophe that `harmless`, or whoever typed it, put before what would be a formula."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(FORMULA) else cell


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
