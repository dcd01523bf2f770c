"""Capital letters of five by five dots, for a word that can be read from two metres away."""

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

_LETTER_DOTS: dict[str, list[str]] = {line[0]: line[2:].split() for line in _LETTER_SHAPES.strip().splitlines()} | {
    " ": ["..."] * _DOT_ROWS
}
"""Each letter as five rows; `#` is a dot."""


def _render_dots(word: str, scale: int) -> list[str]:
    """*word* as rows of dots, each dot *scale* wide and high; what is no letter is a gap."""
    rows = [
        ".".join(_LETTER_DOTS.get(letter, _LETTER_DOTS[" "])[row] for letter in word.upper())
        for row in range(_DOT_ROWS)
    ]
    return ["".join(dot * scale for dot in row) for row in rows for _ in range(scale)]


def render_blocks(word: str, width: int, height: int) -> list[str]:
    """*word* in half blocks, as large as fits into *width* x *height* cells; as plain text where nothing fits."""
    scale = min(width // max(1, len(_render_dots(word, 1)[0])), height * 2 // _DOT_ROWS)
    if scale < 1:
        return [word.upper()[:width]]
    rows = _render_dots(word, scale)
    if len(rows) % 2:
        rows.append("." * len(rows[0]))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return ["".join(_HALF_BLOCKS[above + below] for above, below in zip(*pair, strict=True)) for pair in pairs]


_HALF_BLOCKS = {"..": " ", "#.": "▀", ".#": "▄", "##": "█"}
