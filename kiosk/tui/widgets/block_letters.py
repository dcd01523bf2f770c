"""Large letters in half blocks, for words that can be read from two metres away."""

import unicodedata
from functools import lru_cache

_LETTER_DOT_ROWS = 5

# The largest scale: on the largest terminals, letters of a hundred rows would help nobody.
_MAX_SCALE = 6

_WIDE_SHAPES = """
A .###. #...# ##### #...# #...#
B ####. #...# ####. #...# ####.
C .#### #.... #.... #.... .####
D ####. #...# #...# #...# ####.
E ##### #.... ####. #.... #####
F ##### #.... ####. #.... #....
G .#### #.... #..## #...# .####
H #...# #...# ##### #...# #...#
I ### .#. .#. .#. ###
J ..### ...#. ...#. #..#. .##..
K #...# #..#. ###.. #..#. #...#
L #.... #.... #.... #.... #####
Ł .#... .#.#. .##.. ##... .####
M #...# ##.## #.#.# #...# #...#
N #...# ##..# #.#.# #..## #...#
O .###. #...# #...# #...# .###.
Ø .##.# #..## #.#.# ##..# #.##.
P ####. #...# ####. #.... #....
Q .###. #...# #.#.# #..#. .##.#
R ####. #...# ####. #..#. #...#
S .#### #.... .###. ....# ####.
T ##### ..#.. ..#.. ..#.. ..#..
U #...# #...# #...# #...# .###.
V #...# #...# #...# .#.#. ..#..
W #...# #...# #.#.# ##.## #...#
X #...# .#.#. ..#.. .#.#. #...#
Y #...# .#.#. ..#.. ..#.. ..#..
Z ##### ...#. ..#.. .#... #####
Æ .#### #.#.. ##### #.#.. #.###
Đ .###. .#..# ##..# .#..# .###.
"""

_NARROW_SHAPES = """
A .#. #.# ### #.# #.#
B ##. #.# ##. #.# ##.
C .## #.. #.. #.. .##
D ##. #.# #.# #.# ##.
E ### #.. ##. #.. ###
F ### #.. ##. #.. #..
G .## #.. #.# #.# .##
H #.# #.# ### #.# #.#
I # # # # #
J ..# ..# ..# #.# .#.
K #.# #.# ##. #.# #.#
L #.. #.. #.. #.. ###
Ł .#. .## ##. .#. .##
M #...# ##.## #.#.# #...# #...#
N #..# ##.# #.## #..# #..#
O ### #.# #.# #.# ###
Ø .## #.# ### #.# ##.
P ##. #.# ##. #.. #..
Q ###. #.#. #.#. ###. ..##
R ##. #.# ##. #.# #.#
S .## #.. .#. ..# ##.
T ### .#. .#. .#. .#.
U #.# #.# #.# #.# ###
V #.# #.# #.# #.# .#.
W #...# #...# #.#.# ##.## #...#
X #.# #.# .#. #.# #.#
Y #.# #.# .#. .#. .#.
Z ### ..# .#. #.. ###
Æ .#### #.#.. ##### #.#.. #.###
Đ ##. #.# ### #.# ##.
"""

_SHARED_SHAPES = """
0 ### #.# #.# #.# ###
1 .#. ##. .#. .#. ###
2 ##. ..# .#. #.. ###
3 ##. ..# .#. ..# ##.
4 #.# #.# ### ..# ..#
5 ### #.. ##. ..# ##.
6 .## #.. ### #.# ###
7 ### ..# .#. .#. .#.
8 ### #.# ### #.# ###
9 ### #.# ### ..# ##.
- .. .. ## .. ..
' # # . . .
. . . . . #
, .. .. .. .# #.
& .#. #.# .#. #.# .##
! # # # . #
? ##. ..# .#. ... .#.
"""

# The dots over a letter for each combining mark, as offsets from its middle. So few dots only hint at a mark: whoever
# shows letters this large shows the text as it is written, too.
_DOTS_ABOVE = {
    "\u0300": (-1,),
    "\u0301": (1,),
    "\u0302": (0,),
    "\u0303": (-1, 0),
    "\u0304": (-1, 0, 1),
    "\u0306": (-1, 0, 1),
    "\u0307": (0,),
    "\u0308": (-1, 1),
    "\u0309": (0,),
    "\u030a": (0,),
    "\u030b": (0, 1),
    "\u030c": (0,),
}
_DOTS_BELOW = {"\u0323": (0,), "\u0326": (0,), "\u0327": (0,), "\u0328": (1,)}

_HALF_BLOCKS = {"..": " ", "#.": "▀", ".#": "▄", "##": "█"}


def _parse_shapes(text: str) -> dict[str, list[str]]:
    """Return each letter as five rows of `#` (a dot) and `.`."""
    return {line[0]: line[2:].split() for line in text.strip().splitlines()}


_SHARED_DOTS = _parse_shapes(_SHARED_SHAPES) | {" ": ["..."] * _LETTER_DOT_ROWS, "’": ["#", "#", ".", ".", "."]}

# From wide to narrow, so that the first one that fits is the easiest to read.
_ALPHABETS = (_parse_shapes(_WIDE_SHAPES) | _SHARED_DOTS, _parse_shapes(_NARROW_SHAPES) | _SHARED_DOTS)


@lru_cache(maxsize=64)
def draw_letters(text: str, width: int, height: int, max_lines: int = 1) -> tuple[str, ...]:
    """
    Draw *text* in capitals, as large as fits into *width* x *height* cells, on at most *max_lines* lines of words.

    Returns no lines if it does not fit, or has letters that there are no dots for.
    """
    # Nothing that does not fit in the narrowest letters is worth looking at closely: names may have 10,000 characters.
    if not text.strip() or len(text) > width * max_lines:
        return ()
    letters = unicodedata.normalize("NFD", unicodedata.normalize("NFC", text).upper())
    known = _ALPHABETS[0].keys() | _DOTS_ABOVE.keys() | _DOTS_BELOW.keys()
    words = letters.split()
    # A mark needs a letter of its own line before it.
    if not set(letters) <= known or any(word[0] not in _ALPHABETS[0] for word in words):
        return ()
    for scale in range(_MAX_SCALE, 0, -1):
        for line_count in range(1, max_lines + 1):
            for alphabet in _ALPHABETS:
                lines = _break_lines(words, alphabet, width // scale, line_count)
                drawn = [row for line in lines for row in draw_half_blocks(_draw_dots(line, alphabet), scale)]
                if lines and len(drawn) <= height:
                    return tuple(drawn)
    return ()


def _break_lines(words: list[str], alphabet: dict[str, list[str]], width: int, max_lines: int) -> list[str]:
    """Break *words* into at most *max_lines* lines of at most *width* dots; return none if that is impossible."""
    lines: list[str] = []
    for word in words:
        if lines and _measure_dots(f"{lines[-1]} {word}", alphabet) <= width:
            lines[-1] += f" {word}"
        elif _measure_dots(word, alphabet) <= width and len(lines) < max_lines:
            lines.append(word)
        else:
            return []
    return lines


def _measure_dots(text: str, alphabet: dict[str, list[str]]) -> int:
    """Return how many dots wide *text* is."""
    return sum(len(alphabet[letter][0]) + 1 for letter in text if letter in alphabet) - 1


def _draw_dots(text: str, alphabet: dict[str, list[str]]) -> list[str]:
    """Return *text* as rows of dots: one for the marks above, five for the letters, one for marks below if any."""
    rows = [[] for _row in range(_LETTER_DOT_ROWS + 2)]  # type: list[list[str]]
    for letter in text:
        if (shape := alphabet.get(letter)) is None:
            _add_mark(rows, letter)
            continue
        blank = "." * len(shape[0])
        for row, dots in zip(rows, (blank, *shape, blank), strict=True):
            row.append(dots)
    joined = [".".join(row) for row in rows]
    return joined if "#" in joined[-1] else joined[:-1]


def _add_mark(rows: list[list[str]], mark: str) -> None:
    """Add the dots of a combining *mark* to the last letter in *rows*."""
    row, offsets = (rows[0], _DOTS_ABOVE[mark]) if mark in _DOTS_ABOVE else (rows[-1], _DOTS_BELOW[mark])
    middle = len(row[-1]) // 2
    marked = {middle + offset for offset in offsets}
    row[-1] = "".join("#" if place in marked else dot for place, dot in enumerate(row[-1]))


def draw_half_blocks(rows: list[str], scale: int) -> list[str]:
    """
    Return *rows* of `#` and `.` as rows of cells, two dots high, with each dot repeated *scale* times both ways.
    """
    scaled = ["".join(dot * scale for dot in row) for row in rows for _repeat in range(scale)]
    if len(scaled) % 2:
        # The empty half goes on top, so that letters sit on the bottom edge of their row.
        scaled.insert(0, "." * len(scaled[0]))
    pairs = zip(scaled[::2], scaled[1::2], strict=True)
    return ["".join(_HALF_BLOCKS[above + below] for above, below in zip(*pair, strict=True)) for pair in pairs]
