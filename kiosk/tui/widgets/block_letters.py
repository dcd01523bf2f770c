"""Block letters of five by five dots, for a word that can be read from two metres away."""

_DOT_ROWS = 5

_LETTER_SHAPES = """
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
M #...# ##.## #.#.# #...# #...#
N #...# ##..# #.#.# #..## #...#
O .###. #...# #...# #...# .###.
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
"""

# Each letter as five rows of `#` (a dot) and `.`.
_LETTER_DOTS: dict[str, list[str]] = {line[0]: line[2:].split() for line in _LETTER_SHAPES.strip().splitlines()} | {
    " ": ["..."] * _DOT_ROWS
}


def _render_dots(word: str, scale: int) -> list[str]:
    """Return *word* as rows of dots, with each dot repeated *scale* times in both directions."""
    rows = [".".join(_LETTER_DOTS[letter][row] for letter in word) for row in range(_DOT_ROWS)]
    return ["".join(dot * scale for dot in row) for row in rows for _ in range(scale)]


def render_blocks(word: str, width: int, height: int) -> list[str]:
    """
    Return *word* in half blocks, as large as fits into *width* x *height* cells.

    If it does not fit, or has letters that there are no dots for, it is plain text.
    """
    word = word.upper()
    if not word or not set(word) <= set(_LETTER_DOTS):
        return [word[:width]]
    scale = min(width // len(_render_dots(word, 1)[0]), height * 2 // _DOT_ROWS)
    if scale < 1:
        return [word[:width]]
    rows = _render_dots(word, scale)
    if len(rows) % 2:
        rows.append("." * len(rows[0]))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return ["".join(_HALF_BLOCKS[above + below] for above, below in zip(*pair, strict=True)) for pair in pairs]


_HALF_BLOCKS = {"..": " ", "#.": "▀", ".#": "▄", "##": "█"}
