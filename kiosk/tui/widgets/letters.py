"""Capital letters of five by five dots, for a word that can be read from two metres away."""

ROWS = 5

SHAPES = """
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

DOTS: dict[str, list[str]] = {line[0]: line[2:].split() for line in SHAPES.strip().splitlines()} | {" ": ["..."] * ROWS}
"""Each letter as five rows; `#` is a dot."""


def dots(word: str, scale: int) -> list[str]:
    """*word* as rows of dots, each dot *scale* wide and high; what is no letter is a gap."""
    rows = [".".join(DOTS.get(letter, DOTS[" "])[row] for letter in word.upper()) for row in range(ROWS)]
    return ["".join(dot * scale for dot in row) for row in rows for _ in range(scale)]


def blocks(word: str, width: int, height: int) -> list[str]:
    """*word* in half blocks, as large as fits into *width* x *height* cells; as plain text where nothing fits."""
    scale = min(width // max(1, len(dots(word, 1)[0])), height * 2 // ROWS)
    if scale < 1:
        return [word.upper()[:width]]
    rows = dots(word, scale)
    if len(rows) % 2:
        rows.append("." * len(rows[0]))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return ["".join(HALVES[above + below] for above, below in zip(*pair, strict=True)) for pair in pairs]


HALVES = {"..": " ", "#.": "▀", ".#": "▄", "##": "█"}
